"""What does the network see in this cover: rankings, heat maps and layers."""

import json

import streamlit as st

from genre_core.image.picture import shape_note
from pages.ui import (
    cached,
    compare,
    controls,
    dialog,
    explained,
    frame,
    nearest,
    problems,
    whatif,
)
from pages.ui.media import choosing, linked
from pages.ui.walk import section as walk

frame.head(
    "What does the network see in this cover?",
    "Choose a cover or drop your own. Networks rank the genres it may belong to; below, see "
    "where in the picture they looked.",
)

bundles = cached.bundles()
if not bundles:
    frame.no_models()
    st.stop()

# Ask
asked = linked.ask(choosing.COVER, bundles)
leaders, more = compare.leading(bundles)
# The simple view is large: narrower at the side, so that the tabs still stand on the first screen.
ask, choose = st.columns([1, 3] if controls.is_simple() else [2, 3], gap="medium")
with ask:
    mine = choosing.upload(choosing.COVER)
with choose:
    others = [] if asked is None else [asked.choice]
    every = [*others, *choosing.offered(choosing.COVER, mine)]
    chosen = choosing.pick(choosing.COVER, every)
    thumbnails = st.container()

if asked is not None and asked.choice == chosen:
    asked.show()

# Answer: the cover, and the first networks' rankings beside it
left, right = st.columns([1, 3] if controls.is_simple() else [1, 2], gap="medium")
readable = False
with left, problems.shown(chosen.file):
    picture, notes = cached.cover_read(chosen)
    st.image(
        picture,
        caption=problems.plain(chosen.note),
        width=cached.shown_width(picture),
        alt=chosen.alt,
    )
    for note in notes:
        st.warning(note, icon=":material/warning:")
    if note := shape_note(picture):
        st.caption(f"This picture is {note}.")
    readable = True
with right, st.grid(2, min_column_width=300):
    places = [st.container(border=True) for _ in leaders]
closer, further = st.container(), st.container()
answers = compare.answers(chosen if readable else None, leaders[:1], places)

# How it got there: the first network's map comes before the others are asked
networks = [*(leaders if answers else leaders[1:]), *more]
if readable and networks:
    views = {
        "What if it were different?": lambda: whatif.section(chosen, networks, answering),
        "Walk through it": lambda: walk.of_cover(chosen, networks),
        "What is it near to?": lambda: nearest.section(chosen, networks),
    }
    looked, *others = closer.tabs(["Where did it look?", *views], key="view", bind="query-params")
    if looked.open:
        with looked:
            explained.section(chosen, networks, answers)
answers |= compare.answers(chosen if readable else None, leaders[1:], places[1:])
with further:
    if readable:
        answers |= compare.others(chosen, more)
    compare.agreement(answers, bundles)
dialog.show_if_asked(bundles)
answering = [bundle for bundle in bundles if bundle.name in answers]

# And what then
if readable and networks:
    for tab, show in zip(others, views.values(), strict=True):
        if tab.open:
            with tab:
                show()

# Several at once
if len(mine) > 1:
    with thumbnails:
        compare.thumbnails(mine, chosen, leaders[0])
    compare.several(mine, answering or leaders, skipped="" if readable else chosen.label)

st.subheader("Gallery", anchor=False)
st.caption(
    "Drawn for this app by a program: no artist, no true genre. "
    "They show how a network reacts to style alone."
)
with problems.shown():
    choosing.gallery(choosing.built_in(choosing.COVER))

# The same elsewhere
frame.in_shell(f"python -m genre_core classify {chosen.shell_path} --json")
report = {"cover": chosen.file, "models": [answer.to_dict() for answer in answers.values()]}
controls.download(
    "Download these answers (JSON)",
    json.dumps(report, indent=2),
    "genres.json",
    "application/json",
    disabled=not answers,
)
frame.onwards(results="How good are these networks, really?", about="How it works")
