"""How far to trust the networks of the page Songs: a line for each, those with a curve first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genre_core.runs.bundle import Bundle
from pages.ui import cards, dialog
from pages.ui.songs import verdicts


def section(bundles: Sequence[Bundle]) -> None:
    """Say how good each network is; those that only name genres or tags wait behind a click."""
    scoring = [bundle for bundle in bundles if bundle.card.prog_score is not None]
    naming = [bundle for bundle in bundles if bundle.card.prog_score is None]
    if told := cards.studies_told(bundles):
        st.caption(told)
    _lines(scoring or naming)
    if scoring and naming:
        with st.expander(f"The other networks here, without a prog score: {len(naming)}"):
            _lines(naming)


def _lines(bundles: Sequence[Bundle]) -> None:
    for bundle in bundles:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{verdicts.called(bundle)} · {cards.honest_line(bundle)}")
            dialog.button(bundle)
