"""What else could explain a network's figures, as tables and as a plain warning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.runs.card import Card
from pages.ui import cards, controls
from pages.ui.problems import bullets, plain

if TYPE_CHECKING:
    import pandas as pd

EXPLAINED = (
    "*Neutralised*: the same covers after random changes of size, JPEG quality, border and "
    "sharpness, which hide how a source made its files. *File facts*: a plain model that sees only "
    "such traces, never the picture."
)
"""What the columns of `table` mean."""


def section(card: Card, metrics: Mapping[str, Any]) -> None:
    """Show what the card warns of, the further tests and the sources told apart."""
    st.markdown(
        bullets(card.confounds)
        or "The card names nothing; that does not mean that there is nothing."
    )
    further_tests(card, metrics)
    if metrics.get("extra"):
        st.markdown(notes(metrics))
    for report in metrics.get("extra", ()):
        if report.get("artists"):
            st.markdown(f"**{plain(report['title'])}, artist by artist**")
            controls.table(artists(report), "Mean prog score of each prog artist")
    if metrics.get("same_genre_sources"):
        st.markdown("**Does the network know the source, where the genre is the same?**")
        controls.table(sources(metrics), "Sources told apart by genre")
        st.caption("0.5: it cannot tell the sources apart. Near 1: it could answer by source.")


def further_tests(card: Card, metrics: Mapping[str, Any]) -> None:
    """Show the network beside what knows less, and warn where that does as well."""
    if warning := shortcut(metrics):
        st.warning(warning, icon=":material/warning:")
    if metrics.get("extra"):
        controls.table(table(metrics), "The network beside confounds")
        if card.media == "cover":
            st.caption(EXPLAINED)


def table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """List the reports on confounds: the network beside what knows only colours or files."""
    import pandas as pd

    columns = {
        "network": "this network",
        "teacher": "what it learnt from",
        "prog_teachers": "networks of real prog alone",
        "tagger": "the tagger alone",
        "network_neutralised": "neutralised",
        "colour": "baseline: only colours",
        "gain_over_colour": "better than that by",
        "source_probe": "baseline: only file facts",
        "source_probe_neutralised": "file facts, neutralised",
    }
    rows = []
    for report in metrics["extra"]:
        figure = cards.label(report.get("figure", ""))
        row = {"test": f"{report['title']} ({report['n']:,}, {figure})"}
        row |= {name: cards.written(report[key]) for key, name in columns.items() if key in report}
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def artists(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """List each prog artist of a further test: its songs against all that are not prog."""
    return [
        {
            "artist": plain(artist["artist"]),
            "songs": f"{artist['n']:,}",
            "mean prog score": cards.written(artist["mean_score"]),
            "ROC AUC against all others": cards.written(artist["roc_auc"]),
        }
        for artist in report["artists"]
    ]


def notes(metrics: Mapping[str, Any]) -> str:
    """Write the reports' notes as a list."""
    noted = [report for report in metrics["extra"] if report.get("note")]
    return "\n".join(f"- *{plain(test['title'])}*: {plain(test['note'])}" for test in noted)


def shortcut(metrics: Mapping[str, Any]) -> str:
    """Name the tests in which file facts alone do as well as the network; empty without any.

    Examples
    --------
    >>> test = {"title": "prog against rock", "figure": "roc_auc", "network": {"value": 0.74}}
    >>> shortcut({"extra": [test | {"source_probe": {"value": 0.75}}]}).split(":")[0]
    'Do not trust this figure as it stands'
    >>> shortcut({"extra": [test | {"source_probe": {"value": 0.6}}]})
    ''
    """
    fooled = [
        f"{plain(test['title'])} ({cards.written(test['source_probe'])} against the network's "
        f"{cards.written(test['network'])})"
        for test in metrics.get("extra", [])
        if "source_probe" in test
        and cards.entry(test["source_probe"])["value"] >= cards.entry(test["network"])["value"]
    ]
    if not fooled:
        return ""
    return (
        "Do not trust this figure as it stands: a plain model that sees only how the files were "
        f"made, never the picture, does as well on {'; '.join(fooled)}."
    )


def sources(metrics: Mapping[str, Any]) -> list[dict[str, str]]:
    """List how well the network's embedding names the source where the genre is the same."""
    return [
        {
            "genre": report["label"],
            "sources": " or ".join(report["sources"]),
            "test covers": f"{report['n']:,}",
            "ROC AUC": cards.written(report["roc_auc"]),
        }
        for report in metrics.get("same_genre_sources", [])
    ]
