"""Train your own network: start a training, watch, stop, resume, compare and use it."""

import streamlit as st

from pages.ui import controls, frame, permission, problems
from pages.ui.training import comparing, device_picker, form, live, runs, starter_data
from pages.ui.training.words import NEW, VIEW_KEY

frame.head(
    "Train your own network",
    "Train a network on your covers or songs. The training goes on when you close this page, and "
    "the finished network can be used on every page of the app.",
)
permission.show_why_not()

# Ask
known = runs.newest_first()
view = controls.switch(
    "Show",
    ["Runs", NEW, "Compare"],
    default="Runs" if known else NEW,
    key=VIEW_KEY,
)
with problems.shown(view):
    if view == NEW and not starter_data.is_there_any():
        starter_data.offer()
    elif view == NEW:
        # Answer: what it would be and cost; the run itself is the next view's
        plan = form.training_form(may_start=permission.may_change())
        if not plan.data:
            starter_data.offer_for_a_first_try()
        device = device_picker.ask()
        if plan.is_start:
            runs.start(plan, device)
        runs.say_what_started()
    elif not known:
        # Nothing was ever trained here: how a training looks
        live.shipped_example()
    elif view == "Compare":
        comparing.section(known)
    else:
        run = runs.pick(known)
        live.section(run.name)
        st.subheader("All runs", anchor=False)
        runs.table(known)

frame.in_shell(
    "python -m genre_core train RECIPE --data NAME --background",
    "python -m genre_core runs",
    "python -m genre_core stop RUN        # resume RUN, promote RUN, delete RUN",
)
frame.onwards(data="What is it trained on?", results="How good is it, really?")
