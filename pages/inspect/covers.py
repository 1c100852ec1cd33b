"""What does the network see in this cover: rankings, heat maps and layers."""

import json

import pandas as pd
import streamlit as st

from pages.ui import cached, cards, dialog, explained, figures, frame, pickers, problems

frame.head(
    "What does the network see in this cover?",
    "Choose a cover or drop your own. Every network that reads covers ranks its genres; below, "
    "see where in the picture it looked.",
)

bundles = cached.bundles()
if not bundles:
    frame.no_models()
    st.stop()

# Ask
ask, choose = st.columns([2, 3], gap="medium")
with ask:
    mine = pickers.uploads()
choices = [*mine, *pickers.built_in()]
with choose:
    chosen = pickers.cover(choices)

# Answer: the cover, and each network's ranking beside it
left, right = st.columns([1, 2], gap="medium")
readable = False
with left, problems.shown(chosen.file):
    st.image(chosen.picture(), caption=problems.plain(chosen.note), width="stretch", alt=chosen.alt)
    readable = True
answers = {}
with right, st.grid(2, min_column_width=300):
    for bundle in bundles:
        with st.container(border=True):
            st.markdown(f"**{problems.plain(bundle.card.title)}**")
            if readable:
                with problems.shown(chosen.file):
                    answer = cached.predict(chosen, bundle)
                    answers[bundle.name] = answer
                    figures.ranking(answer.genres, answer.probs).show(key=f"ranking_{bundle.name}")
            st.caption(cards.honest_line(bundle))
            st.button(
                "The model's card",
                key=f"card_{bundle.name}",
                icon=":material/badge:",
                on_click=dialog.ask_for,
                args=(bundle.name,),
            )
dialog.show_if_asked(bundles)

# How it got there
if answers:
    explained.section(chosen, bundles, answers)

# Several at once
if len(mine) > 1:
    st.subheader(f"Your {len(mine)} covers", anchor=False)
    table = []
    for each in mine:
        if each.label == chosen.label and not readable:
            continue  # its error stands above
        with problems.shown(each.file):
            row = {"cover": each.label}
            for bundle in bundles:
                answer = cached.predict(each, bundle)
                row[f"{bundle.name}: genre"] = answer.genre
                row[f"{bundle.name}: probability"] = float(answer.probs.max())
            table.append(row)
    shares = [f"{bundle.name}: probability" for bundle in bundles]
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        column_config={
            name: st.column_config.ProgressColumn(
                "probability", min_value=0, max_value=1, format="percent"
            )
            for name in shares
        },
        alt="The likeliest genre of each of your covers by each network",
    )

st.subheader("Gallery", anchor=False)
st.caption(
    "Made for this app by a seeded generator: no artist, no true genre. "
    "They show how a network reacts to style alone."
)
with problems.shown():
    pickers.gallery(pickers.built_in())

# The same elsewhere
st.subheader("The same from the command line", anchor=False)
st.code(f"python -m genre_core classify {chosen.shell_path} --json", language="bash")
st.download_button(
    "Download these answers (JSON)",
    json.dumps(
        {"cover": chosen.file, "models": [answer.to_dict() for answer in answers.values()]},
        indent=2,
    ),
    file_name="genres.json",
    mime="application/json",
    icon=":material/download:",
    on_click="ignore",
    disabled=not answers,
)
frame.onwards(results="How good are these networks, really?", about="How it works")
