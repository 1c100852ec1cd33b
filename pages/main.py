"""The script that Streamlit runs for every page: the frame, then the page itself."""

from pages import loading

loading.end()

import streamlit as st  # noqa: E402

from pages.ui import frame, problems, warm_up  # noqa: E402
from pages.ui.teaching import presenting  # noqa: E402

st.set_page_config(page_title="Genre Explorer", page_icon=frame.LOGO, layout="wide")
st.logo(frame.LOGO, size="large", link=None)
with problems.shown():
    page = frame.navigation()
    presenting.follow()
    frame.come_back(page)
    with frame.bar():
        frame.detail()
        warm_up.corner()
    presenting.bar(page.url_path)
    page.run()
