"""Figures and tables of what a network answered on the items of any data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.evaluation.calibration import calibration_report
from genre_core.evaluation.item_answers import FACT_NAMES, Answers
from genre_core.evaluation.report import (
    Scored,
    gain,
    genre_report,
    item_groups,
    predictions_table,
)
from genre_core.evaluation.songs import segment_report
from genre_core.evaluation.tags import tag_shares
from genre_core.metrics.multilabel import multilabel_roc_auc
from genre_core.metrics.reliability import indicators
from genre_core.runs.card import Card


def measure_answers(
    card: Card,
    frame: pd.DataFrame,
    answers: Answers,
    *,
    learnt: NDArray[np.int64],
    baseline: Scored | None,
    is_seen: NDArray[np.bool_],
    **layout: Any,
) -> dict[str, Any]:
    """Measure answers as they are served, beside the majority and a baseline if there is one.

    Parameters
    ----------
    card : Card
        Of the network; of one that gives tags with those alone that count, see `tags.only_tags`.
    frame : pd.DataFrame
        The items that were answered, with `genre_index`.
    answers : Answers
        A row an item of `frame`.
    learnt : np.ndarray [shape=(m,), dtype=int64]
        Genres of the data set's training part, for the majority and the shares; without any, those
        of the items themselves.
    baseline : Scored or None
        Colours alone, on the same items.
    is_seen : np.ndarray [shape=(n,), dtype=bool]
        Whether the network may have learnt from an item: where some are seen and others not,
        `unseen` has the figures of the others.
    **layout
        As for `report.lay_out`.
    """
    network = _scored(card, frame, answers)
    genres = learnt if len(learnt) else network.true
    metrics = genre_report(
        network, baseline, compared_with="colour", learnt=genres, genres=card.genres, **layout
    )
    if network.ranked is not None:
        hits = indicators(network.true, len(card.genres))
        for k, row in enumerate(metrics["per_genre"]):
            area = multilabel_roc_auc(hits[:, [k]], network.ranked[:, [k]])
            row["roc_auc"] = None if area != area else round(area, 4)
    shares = indicators(genres, len(card.genres)).mean(axis=0)
    metrics["calibration"] = calibration_report(network, shares)
    if is_seen.any() and not is_seen.all():
        others = network.at(~is_seen)
        metrics["unseen"] = {"n": int((~is_seen).sum()), "values": others.figures()}
    if card.media == "song":
        ends = np.searchsorted(answers.owner, answers.place, side="right")
        segments = np.split(answers.segments.astype(np.float64), ends[:-1])
        metrics |= segment_report(network.true, segments)
    return metrics


def measure_neutralised(
    card: Card, items: pd.DataFrame, plain: Answers, neutral: Answers
) -> dict[str, Any]:
    """Measure whether answers hold where items are neutralised, on those that both have.

    Gives n, n_groups, `figure` (the headline), its value as the items are (`plain`) and
    `neutralised`, and `change`, the second minus the first, paired over groups; figures of accuracy
    under `accuracy`. A fall means that the network goes by how files were made, or by something of
    the music that the change takes too.
    """
    rows = np.intersect1d(plain.place, neutral.place)
    before, after = (
        _scored(card, items.iloc[rows], own._replace(probs=own.probs[np.isin(own.place, rows)]))
        for own in (plain, neutral)
    )

    def figures(name: str) -> dict[str, Any]:
        return {
            "plain": before.figure(name),
            "neutralised": after.figure(name),
            "change": gain(after, before, name),
        }

    return {
        "n": len(rows),
        "n_groups": len(np.unique(before.groups)),
        "figure": before.headline,
        **figures(before.headline),
        "accuracy": figures("accuracy"),
    }


def answered_table(
    card: Card, frame: pd.DataFrame, answers: Answers, is_seen: NDArray[np.bool_]
) -> pd.DataFrame:
    """Lay out a row an item: what is known of it, answer, probabilities, logits and facts."""
    logits = answers.logits if answers.logits.shape[1] else None
    if logits is None and card.head == "multilabel":
        logits = np.log(np.maximum(answers.probs, 1e-12))  # by which tags are ranked
    table = predictions_table(frame, _scored(card, frame, answers), logits)
    for place, name in enumerate(("album", "year"), start=3):
        table.insert(place, name, frame[name].to_numpy())
    table["year"] = frame["year"].array
    table["seen"] = is_seen
    for name, column in zip(FACT_NAMES[card.media], answers.facts.T, strict=True):
        if not np.isnan(column).all():
            table[f"fact_{name}"] = column
    return table


def _scored(card: Card, frame: pd.DataFrame, answers: Answers) -> Scored:
    true, groups = frame["genre_index"].to_numpy(), item_groups(frame)
    if card.head == "multilabel":
        scores = card.calibrated(answers.probs)
        return Scored(true, tag_shares(scores), groups, ranked=scores)
    return Scored.served(true, answers.probs, groups, card.head, card.calibration)
