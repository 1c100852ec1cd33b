"""Train your own network: start a training, watch, stop, resume, compare and use it."""

import streamlit as st

from pages.ui import frame, permission, problems
from pages.ui.training import comparing, device_picker, form, live, runs, starter_data

frame.head(
    "Train your own network",
    "Train a network on your covers or songs. The training goes on when you close this page, and "
    "the finished network can be used on every page of the app.",
)
permission.show_why_not()

# Ask
found = runs.newest_first()
view = st.segmented_control(
    "Show",
    ["Runs", "New training", "Compare"],
    default="Runs" if found else "New training",
    required=True,
    key="desk",
    bind="query-params",
)
with problems.shown(view):
    if view == "New training" and not starter_data.is_there_any():
        starter_data.offer()
    elif view == "New training":
        # Answer: what it would be and cost; the run itself is the next view's
        asked = form.training_form(may_start=permission.may_change())
        chosen = device_picker.ask()
        if asked.is_start:
            runs.start(asked, chosen)
        runs.say_what_started()
    elif not found:
        # Nothing was ever trained here: how a training looks
        live.shipped_example()
    elif view == "Compare":
        comparing.section(found)
    else:
        run = runs.pick(found)
        live.section(run.name)
        st.subheader("All runs", anchor=False)
        runs.table(found)

st.subheader("The same from the command line", anchor=False)
st.code(
    "python -m genre_core train RECIPE --data NAME --background\n"
    "python -m genre_core runs\n"
    "python -m genre_core stop RUN        # resume RUN, promote RUN, delete RUN",
    language="bash",
)
frame.onwards(data="What is it trained on?", results="How good is it, really?")
