"""A batch of repeats as one result: how its runs spread, and which of them are stuck."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

STUCK_SHARE = 0.99
"""A run that gives one genre to so many of the test covers has learnt nothing but that genre."""

REPEATED = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc")


def repeat_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the runs of a bundle's batch, from its metrics.json; empty where it has none.

    Each has run, seed, epoch, n_predicted_genres, most_predicted, most_predicted_share, values.
    """
    return [dict(row) for row in metrics.get("repeats", {}).get("rows", ())]


def spread(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give metric, values (one a run), mean, low and high of each figure over the runs.

    A figure that a run lacks or that is not defined there is left out.

    Examples
    --------
    >>> runs = [{"values": {"accuracy": 0.2, "roc_auc": None}}, {"values": {"accuracy": 0.4}}]
    >>> [(row["metric"], round(row["mean"], 3), row["high"]) for row in spread(runs)]
    [('accuracy', 0.3, 0.4)]
    """
    spreads = []
    for metric in REPEATED:
        values = [row["values"].get(metric) for row in rows]
        if not values or any(value is None or math.isnan(value) for value in values):
            continue
        mean = math.fsum(values) / len(values)
        spreads.append(
            {
                "metric": metric,
                "values": values,
                "mean": mean,
                "low": min(values),
                "high": max(values),
            }
        )
    return spreads


def stuck_runs(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count the runs that answer one genre for (nearly) every cover, by that genre.

    Examples
    --------
    >>> runs = [{"most_predicted": "Rock", "most_predicted_share": share} for share in (1.0, 0.4)]
    >>> stuck_runs(runs)
    {'Rock': 1}
    """
    stuck: dict[str, int] = {}
    for row in rows:
        if row.get("most_predicted_share", 0.0) >= STUCK_SHARE:
            genre = str(row["most_predicted"])
            stuck[genre] = stuck.get(genre, 0) + 1
    return stuck
