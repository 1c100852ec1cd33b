"""The frame of the browser app: `streamlit run app.py`."""

import streamlit as st

from pages.ui import frame, problems, warm_up

st.set_page_config(page_title="Genre Explorer", page_icon=frame.LOGO, layout="wide")
st.logo(frame.LOGO, size="large", link=None)
with problems.shown():
    page = frame.navigation()
    with frame.bar():
        frame.detail()
        warm_up.corner()
    page.run()
