"""What a prog score calls prog though it is not, in words computed from a bundle's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genre_core.metrics.references import MIN_SONGS


def alarms_by_genre(metrics: Mapping[str, Any]) -> str:
    """Say which genre's songs are called prog most often, of those known not to be.

    Genres with fewer than `MIN_SONGS` such songs are left out; empty without any that is wrong.

    Examples
    --------
    >>> rows = [{"genre": "Classical", "n_known": 19, "k": 19}, {"genre": "Pop", "n_known": 18,
    ...         "k": 7}, {"genre": "Jazz", "n_known": 1, "k": 1}]
    >>> alarms_by_genre({"by_genre": rows, "false_alarms": {"threshold": 0.5}})
    'Classical scores high without being prog: at 0.5, all 19 Classical songs known not to be prog \
are called prog (Pop: 7 of 18).'
    >>> alarms_by_genre({})
    ''
    """
    rows = [row for row in metrics.get("by_genre", ()) if row["n_known"] >= MIN_SONGS]
    rows.sort(key=lambda row: -row["k"] / row["n_known"])
    if not rows or not rows[0]["k"]:
        return ""
    first, *others = rows
    genre, k, n = first["genre"], first["k"], first["n_known"]
    words = "scores high without being prog" if 2 * k >= n else "has the most false alarms"
    counted = f"all {n}" if k == n else f"{k} of {n}"
    rest = ", ".join(f"{row['genre']}: {row['k']} of {row['n_known']}" for row in others)
    return (
        f"{genre} {words}: at {metrics['false_alarms']['threshold']:g}, {counted} {genre} songs "
        f"known not to be prog are called prog{f' ({rest})' if rest else ''}."
    )
