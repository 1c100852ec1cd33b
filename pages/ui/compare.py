"""Several networks on one cover or more: the first ones as cards, the others on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs import bundle as bundle_folders
from genre_core.runs.bundle import Bundle
from pages.ui import agreement, cached, cards, problems
from pages.ui.media import choosing
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    from genre_core.inference.classifier import Prediction

N_LEADERS = 2
"""Networks that answer at once; each costs a first visit a load and two seconds."""


def leading(bundles: Sequence[Bundle]) -> tuple[list[Bundle], list[Bundle]]:
    """Choose the networks that answer unasked, and leave the others.

    Ours before those of the studies, shipped ones before a user's own. Of one list of genres the
    best by macro-F1 comes first and the rest after the others' firsts: two networks for different
    genres say more at a glance than two for the same. Figures of different genres are not compared.

    Returns
    -------
    tuple of list of Bundle
        The `N_LEADERS` first, and the others, both in this order.
    """
    ordered = sorted(bundles, key=_standing)
    groups: dict[frozenset[str], list[Bundle]] = {}
    for bundle in ordered:
        groups.setdefault(frozenset(bundle.card.genres), []).append(bundle)
    ranked = [
        sorted(group, key=lambda each: (*_standing(each), -_figure(each)))
        for group in groups.values()
    ]
    firsts = [group[0] for group in ranked if group[0].card.study == "ours"]
    rest = [bundle for bundle in ordered if bundle not in firsts]
    ordered = [*firsts, *rest]
    return ordered[:N_LEADERS], ordered[N_LEADERS:]


def others(chosen: Choice, bundles: Sequence[Bundle]) -> dict[str, Prediction]:
    """Offer the other networks, and list the answers of those that are chosen.

    Returns
    -------
    dict of str to Prediction
        By the bundle's name; empty where none is asked.
    """
    if not bundles:
        return {}
    picked = choosing.models(
        "more",
        bundles,
        f"Ask more networks ({len(bundles)})",
        placeholder="Choose one or more; each takes some seconds the first time",
    )
    answers = {}
    rows = []
    for bundle in picked:
        with problems.shown(bundle.name):
            answer = cached.predict(chosen, bundle)
            answers[bundle.name] = answer
            rows.append(
                {
                    "network": bundle.card.title,
                    "genre": answer.genre,
                    "probability": float(answer.probs.max()),
                    "how far to trust it": cards.honest_line(bundle),
                    "of": ", ".join(answer.genres),
                }
            )
    if rows:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={"probability": _share("probability")},
            alt="What the other networks answer",
        )
    return answers


def several(mine: Sequence[Choice], bundles: Sequence[Bundle], *, skipped: str = "") -> None:
    """List what the networks asked say of each of a visitor's covers.

    Parameters
    ----------
    mine : sequence of Choice
        The visitor's own.
    bundles : sequence of Bundle
        Those asked on the page.
    skipped : str
        Label of a cover whose error stands on the page already.
    """
    st.subheader(f"Your {len(mine)} covers", anchor=False)
    table = []
    for each in mine:
        if each.label == skipped:
            continue
        with problems.shown(each.file):
            row: dict[str, object] = {"cover": each.label}
            answers = []
            for bundle in bundles:
                answers.append(cached.predict(each, bundle))
                row[f"{bundle.name}: genre"] = answers[-1].genre
                row[f"{bundle.name}: probability"] = float(answers[-1].probs.max())
            row["networks of the same genres"] = agreement.in_short(answers)
            table.append(row)
    frame = pd.DataFrame(table)
    if "networks of the same genres" in frame and not frame["networks of the same genres"].any():
        frame = frame.drop(columns="networks of the same genres")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={f"{bundle.name}: probability": _share("probability") for bundle in bundles},
        alt="The likeliest genre of each of your covers by each network",
    )


def _standing(bundle: Bundle) -> tuple[bool, bool]:
    return bundle.card.study != "ours", bundle.folder.parent != bundle_folders.SHIPPED_DIR


def _figure(bundle: Bundle) -> float:
    try:
        metrics, _, _ = cached.results_of(bundle)
    except GenreError:
        return 0.0  # its page says what is wrong with it
    return cards.entry(metrics.get("values", {}).get("macro_f1", 0.0))["value"] or 0.0


def _share(label: str) -> object:
    return st.column_config.ProgressColumn(label, min_value=0, max_value=1, format="percent")
