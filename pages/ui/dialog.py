"""The whole card of a bundle, one click away on every page that shows its answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genre_core.runs.bundle import Bundle
from genre_core.runs.prog_alarms import alarms_by_genre
from pages.ui import cached, cards, confounds, controls
from pages.ui.problems import bullets, plain

_ASKED = "card_asked_for"


def button(bundle: Bundle, *, key: str = "") -> None:
    """Offer a bundle's card; a page that does so calls `show_if_asked` below its buttons."""
    st.button(
        "The model's card",
        key=key or f"card_{bundle.name}",
        icon=":material/badge:",
        on_click=_ask_for,
        args=(bundle.name,),
    )


def show_if_asked(bundles: Sequence[Bundle]) -> None:
    """Open the card that a button asked for, once."""
    name = st.session_state.pop(_ASKED, None)
    for bundle in bundles:
        if bundle.name == name:
            _show_card(bundle)


def _ask_for(name: str) -> None:
    st.session_state[_ASKED] = name


@st.dialog("The model's card", width="large")
def _show_card(bundle: Bundle) -> None:
    """Tell what it was trained on, how good it is, what could fool it and whose it is."""
    import pandas as pd

    card = bundle.card
    metrics = cached.metrics_of(bundle)
    st.subheader(plain(card.title), anchor=False)
    st.markdown(plain(card.description))
    if metrics:
        metric = cards.main_metric(metrics)
        rows = cards.compared(metrics, metric)
        table = pd.DataFrame(
            {"": [r["name"] for r in rows], cards.label(metric): [cards.written(r) for r in rows]}
        )
        groups = f" in {metrics['n_groups']:,} groups" if "n_groups" in metrics else ""
        st.markdown(
            f"**How good it is** on {metrics['n']:,} {cards.items(bundle)} of the split "
            f"*{plain(metrics['split'])}*{groups} "
            f"({metrics['n_runs']} run{'s' if metrics['n_runs'] != 1 else ''}); "
            f"intervals: {plain(metrics.get('interval', '95 % bootstrap over groups'))}."
        )
        controls.table(table, "The network beside its baselines")
        gain = cards.gain_of(metrics)
        if gain["value"] is not None:
            over = cards.label(cards.rival(metrics))
            st.markdown(f"Gain over {over}, paired: **{cards.written(gain)}**.")
        if alarms := alarms_by_genre(metrics):
            st.markdown(f"**{plain(alarms)}**")
    if card.confounds:
        st.markdown("**What else could explain these figures**")
        st.markdown(bullets(card.confounds))
    confounds.further_tests(card, metrics)
    st.markdown("**Trained on**")
    data = card.data
    st.markdown(
        f"{plain(data.get('name', 'unknown'))}: {data.get('n_train', 0):,} train, "
        f"{data.get('n_val', 0):,} validation, {data.get('n_test', 0):,} test "
        f"{cards.items(bundle)}. "
        f"Split: {plain(str(data.get('split_rule', 'unknown')).rstrip('.'))}. Licence of the data: "
        f"{plain(data.get('licence', 'unknown'))}."
    )
    st.markdown("**Network and licences**")
    st.markdown(
        f"`{card.architecture}`, {card.n_parameters:,} parameters, input "
        f"{' x '.join(map(str, card.input.shape))}. "
        + " ".join(
            f"Made with {plain(source.get('name', 'weights'))} "
            f"({plain(source.get('licence', 'licence unknown'))}"
            f"{', ' + plain(source['owner']) if source.get('owner') else ''})."
            for source in card.sources
        )
    )
    st.markdown("**How it was made**")
    made = card.provenance
    versions = ", ".join(f"{k} {v}" for k, v in dict(made.get("versions", {})).items())
    st.caption(
        f"Seed {plain(made.get('seed', '?'))}, {plain(made.get('n_runs', '?'))} run(s), "
        f"{plain(made.get('created', ''))}. {plain(versions)}"
    )
    controls.command(str(made.get("command", "")))
