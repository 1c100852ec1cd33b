"""What a prog score calls prog though it is not, in words computed from a bundle's figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def called_prog(metrics: Mapping[str, Any], written: Callable[[Any], str]) -> list[str]:
    """Say of each further test how many songs are called prog, beside a constant answer.

    `written` writes a figure with its interval.

    Examples
    --------
    >>> alarms = {"k": 1, "n": 4, "value": 0.25}
    >>> called = {"threshold": 0.5, "sensitivity": alarms | {"k": 2, "value": 0.5},
    ...     "false_alarms": alarms, "balanced_accuracy": {"value": 0.625},
    ...     "balanced_accuracy_of_a_constant": 0.5}
    >>> called_prog({"extra": [{"called_prog": called}, {}]}, lambda one: str(one["value"]))
    ['Rendered songs at 0.5: 2 of 4 prog songs are called prog, sensitivity 0.5, and 1 of 4 \
others, 0.25. Balanced accuracy 0.625, of a constant answer 0.5.']
    """
    sentences = []
    for report in metrics.get("extra", ()):
        if called := report.get("called_prog"):
            found, wrong = called["sensitivity"], called["false_alarms"]
            constant = {"value": called["balanced_accuracy_of_a_constant"]}
            sentences.append(
                f"Rendered songs at {called['threshold']:g}: {found['k']} of {found['n']} prog "
                f"songs are called prog, sensitivity {written(found)}, and {wrong['k']} of "
                f"{wrong['n']} others, {written(wrong)}. Balanced accuracy "
                f"{written(called['balanced_accuracy'])}, of a constant answer {written(constant)}."
            )
    return sentences
