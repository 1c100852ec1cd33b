"""How good is it, really: confusions, baselines, intervals, curves; and the studies beside it."""

import pandas as pd
import streamlit as st

from pages.ui import (
    baselines,
    cached,
    cards,
    confounds,
    confusion,
    controls,
    curves,
    dialog,
    frame,
    our_results,
    problems,
    reliability,
    repeats,
    song_results,
    studies,
)
from pages.ui.media import choosing

frame.head(
    "How good is it, really?",
    "Every figure was measured on covers or songs that the network had never seen, and stands "
    "beside baselines: what you get without a network.",
)

# Ask
bundles = cached.records()
pickers = st.container(horizontal=True, gap="medium")
with pickers:
    view = controls.switch("Show", ["One network", "The studies"], key="view")
if view == "The studies":
    with problems.shown("The studies"):
        with pickers:
            study = studies.pick()
        studies.section(study, bundles)
    st.stop()
if not bundles:
    frame.no_models()
    st.stop()
with pickers:
    bundle = choosing.model("result", bundles)
card = bundle.card
with problems.shown(bundle.name):
    metrics, (history, predictions) = cached.metrics_of(bundle), cached.tables_of(bundle)
    if not metrics:
        cards.not_evaluated(bundle)
        st.stop()

    # Answer: one sentence, then the figures it rests on
    st.subheader(problems.plain(card.title), anchor=False)
    st.markdown(cards.verdict(metrics, cards.items(bundle)))
    controls.metrics(cards.headline(metrics))
    dialog.button(bundle, key="card_result")
    dialog.show_if_asked(bundles)

    # How: beside other networks
    our_results.same_task(bundle, bundles)

    # How: which genres are taken for which
    st.subheader("Which genres does it confuse?", anchor=False)
    if metrics.get("confusion"):
        confusion.section(bundle, metrics)
    else:
        st.caption(song_results.NO_MATRIX if card.media == "song" else cards.NO_MATRIX)

    # How: genre by genre
    if metrics.get("per_genre"):
        st.subheader("Genre by genre", anchor=False)
        st.markdown(cards.GENRE_COLUMNS)
        table = pd.DataFrame(metrics["per_genre"]).rename(columns=cards.label)
        shares = dict.fromkeys(
            table.columns.drop(["genre", "support"], errors="ignore"), controls.share("%.2f")
        )
        controls.long_table(table, "Figures and support of each genre", **shares)
        confusion.genre_links(bundle)

    # How: whether its per cent hold
    if metrics.get("calibration"):
        st.subheader("Can its per cent be taken at their word?", anchor=False)
        reliability.section(bundle, metrics)

    # How: beside its baselines
    st.subheader("Baselines: what you get without a network", anchor=False)
    baselines.section(bundle, metrics)

    # How: what is particular to songs
    if card.media == "song":
        song_results.section(bundle, metrics, predictions)

    # How: the other runs of the same recipe
    repeats.section(bundle, metrics)

    # How: what else could explain it
    st.subheader("What else could explain these figures?", anchor=False)
    confounds.section(card, metrics)

    # How: how it learned
    if len(history):
        st.subheader("How it learned", anchor=False)
        curves.section(bundle, history)

frame.in_shell(
    cards.command(bundle),
    "python -m genre_core models --json",
)
frame.onwards(**cards.onwards(bundle), about="What do these words mean?")
