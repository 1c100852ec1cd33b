"""Several networks on one cover or more: the first ones as cards, the others on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs import bundle as bundle_folders
from genre_core.runs.bundle import Bundle
from pages.ui import agreement, cached, cards, controls, problems
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
    """
    ordered = sorted(bundles, key=_standing)
    groups: dict[frozenset[str], list[Bundle]] = {}
    for bundle in ordered:
        groups.setdefault(frozenset(bundle.card.genres), []).append(bundle)
    ranked = [
        sorted(group, key=lambda bundle: (*_standing(bundle), -_figure(bundle)))
        for group in groups.values()
    ]
    firsts = [group[0] for group in ranked if group[0].card.study == "ours"]
    rest = [bundle for bundle in ordered if bundle not in firsts]
    ordered = [*firsts, *rest]
    return ordered[:N_LEADERS], ordered[N_LEADERS:]


def others(chosen: Choice, bundles: Sequence[Bundle]) -> dict[str, Prediction]:
    """Offer the other networks, list the answers of those chosen and return them by name."""
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
        share = controls.share("percent")
        controls.long_table(rows, "What the other networks answer", probability=share)
    return answers


def several(mine: Sequence[Choice], bundles: Sequence[Bundle], *, skipped: str = "") -> None:
    """List what the networks on the page say of each of a visitor's covers.

    `skipped` is the label of a cover whose error stands on the page already.
    """
    st.subheader(f"Your {len(mine)} covers", anchor=False)
    table = []
    for choice in mine:
        if choice.label == skipped:
            continue
        with problems.shown(choice.file):
            row: dict[str, object] = {"cover": choice.label}
            answers = []
            for bundle in bundles:
                answers.append(cached.predict(choice, bundle))
                row[f"{bundle.name}: genre"] = answers[-1].genre
                row[f"{bundle.name}: probability"] = float(answers[-1].probs.max())
            row["networks of the same genres"] = agreement.in_short(answers)
            table.append(row)
    frame = pd.DataFrame(table)
    if "networks of the same genres" in frame and not frame["networks of the same genres"].any():
        frame = frame.drop(columns="networks of the same genres")
    share = controls.share("percent", label="probability")
    shares = {f"{bundle.name}: probability": share for bundle in bundles}
    alt = "The likeliest genre of each of your covers by each network"
    controls.long_table(frame, alt, **shares)


def _standing(bundle: Bundle) -> tuple[bool, bool]:
    return bundle.card.study != "ours", bundle.folder.parent != bundle_folders.SHIPPED_DIR


def _figure(bundle: Bundle) -> float:
    try:
        metrics, _, _ = cached.results_of(bundle)
    except GenreError:
        return 0.0  # its page says what is wrong with it
    return cards.entry(metrics.get("values", {}).get("macro_f1", 0.0))["value"] or 0.0
