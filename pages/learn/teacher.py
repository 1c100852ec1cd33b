"""For teachers: what to show in 20 or 45 minutes, what is asked, and how the server is set."""

import streamlit as st

from pages.ui import controls, frame
from pages.ui.teaching import section
from pages.ui.teaching.paths import PATHS

frame.head(
    "For teachers",
    "A lesson of 20 or of 45 minutes: what to show, what to say, and what students usually ask.",
)

# Ask
minutes = controls.switch("Minutes", list(PATHS), key="minutes")

# Answer
section.path(minutes)

# How
st.subheader("Before the class comes", anchor=False)
section.before()
st.subheader("This server", anchor=False)
section.server()

frame.onwards(
    quiz="Open a room", first="First lessons, to work through alone", about="Look up a word"
)
