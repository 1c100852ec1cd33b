"""Figures that the first lessons' texts name, read off what networks said and stored results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genre_core.config import require
from genre_core.lessons.first.look import SQUARES, CoverLook, shares, square_means

SAME = 2
"""A change of at most so many points, whole per cent, counts as none."""


def depth_facts(look: CoverLook) -> dict[str, str]:
    """Write what one cell of the first and of the last layer sees, and how large their maps are."""
    first, last = look.depths[0], look.depths[-1]
    return {
        "first_field": str(first.field_px),
        "last_field": str(last.field_px),
        "first_map": str(first.maps.shape[0]),
        "last_map": str(last.maps.shape[0]),
        "n_layers": str(len(look.depths)),
    }


def score_facts(look: CoverLook) -> dict[str, str]:
    """Write the genres that the network knows."""
    return {"genres": f"{', '.join(look.genres[:-1])} and {look.genres[-1]}"}


def hidden_facts(look: CoverLook, heat: ArrayLike) -> tuple[dict[str, str], int, int]:
    """Tell what hiding the hottest square changes, and which square's hiding changes most.

    Both are decided from whole per cents, which are what a reader sees.

    Parameters
    ----------
    look : CoverLook
        With the answers to each hidden square.
    heat : array_like [shape=(h, w)]
        A heat map for the network's answer.

    Returns
    -------
    facts; the place of the right choice: 0 it falls, 1 it stays within `SAME`, 2 it rises; and the
    hottest square, row by row
    """
    answer = int(np.argmax(look.logits))
    before = float(shares(look.logits)[answer])
    after = shares(look.hidden)[:, answer]
    points = [round(100 * float(share)) - round(100 * before) for share in after]
    hot, change = (place := int(np.argmax(square_means(heat)))), points[place]
    # Of equal changes the hottest square's counts: no other then changes the answer more.
    most = max(range(len(points)), key=lambda k: (abs(points[k]), k == hot, abs(after[k] - before)))
    n = abs(change)
    moved = f"{n} point{'s' * (n > 1)} {'less' if change < 0 else 'more'}" if n else "no change"
    row, column = divmod(hot, SQUARES)
    most_row, most_column = divmod(most, SQUARES)
    other = (
        f"Hiding another square, in row {most_row + 1}, column {most_column + 1}, changes it most: "
        f"to {per_cent(float(after[most]))}. The hottest square need not be the most important one."
    )
    facts = {
        "answer": look.genres[answer],
        "before": per_cent(before),
        "after": per_cent(float(after[hot])),
        "moved": moved,
        "row": str(row + 1),
        "column": str(column + 1),
        "other": other if most != hot else "Hiding any other square changes it no more than that.",
    }
    return facts, 1 if n <= SAME else 0 if change < 0 else 2, hot


def majority_facts(metrics: Mapping[str, Any], genre_index: int = 1) -> dict[str, str]:
    """Write a network's accuracy beside the majority line, and how many of a genre it found.

    Parameters
    ----------
    metrics : mapping
        A model's figures: `values`, `baselines`, `confusion` (rows are true), `per_genre`.
    genre_index : int
        The rare genre.

    Examples
    --------
    >>> majority_facts({
    ...     "values": {"accuracy": {"value": 0.9}, "balanced_accuracy": {"value": 0.5}},
    ...     "baselines": {"majority": {"genre": "other", "accuracy": {"value": 0.9}}},
    ...     "confusion": [[9, 0], [1, 0]],
    ... })["found"]
    '0'
    """
    majority = metrics["baselines"]["majority"]
    row = metrics["confusion"][genre_index]
    return {
        "network_accuracy": per_cent(metrics["values"]["accuracy"]["value"]),
        "balanced": per_cent(metrics["values"]["balanced_accuracy"]["value"]),
        "line": per_cent(majority["accuracy"]["value"]),
        "line_answer": str(majority["genre"]),
        "found": f"{row[genre_index]:,}",
        "n_prog": f"{sum(row):,}",
    }


def found_shares(confusion: ArrayLike) -> np.ndarray:
    """Say what part of each genre's items is found [shape=(n,)], of a matrix with true rows.

    A genre without items is an error, as 0 of 0 is no share.

    >>> found_shares([[3, 1], [4, 0]])
    array([0.75, 0.  ])
    """
    counts = np.asarray(confusion, dtype=np.float64)
    sums = counts.sum(axis=1)
    require(
        bool((sums > 0).all()),
        "Every genre needs at least one item.",
        confusion,
        "Leave out genres without items.",
    )
    return np.asarray(counts.diagonal() / sums)


def accuracy_at(recalls: ArrayLike, shares_of: ArrayLike) -> float:
    """Say how often a network is right where genres are as common as `shares_of`.

    sum_k share_k * recall_k: what it finds of a genre does not depend on how common that is.

    Parameters
    ----------
    recalls : array_like [shape=(n,)]
        Part of each genre's items that it finds, 0 to 1.
    shares_of : array_like [shape=(n,)]
        How common each genre is; at least 0, with the sum 1.

    Returns
    -------
    float, 0 to 1

    Examples
    --------
    >>> accuracy_at([1.0, 0.0], [0.97, 0.03])
    0.97
    >>> accuracy_at([1.0, 0.0], [0.97, 0.3])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Shares must be at least 0 and add up to 1. \
Received [0.97, 0.3] (list). Divide them by their sum.
    """
    parts = np.asarray(shares_of, dtype=np.float64)
    require(
        bool((parts >= 0).all()) and abs(parts.sum() - 1) < 1e-9,
        "Shares must be at least 0 and add up to 1.",
        shares_of,
        "Divide them by their sum.",
    )
    return float(parts @ np.asarray(recalls, dtype=np.float64))


def per_cent(share: float) -> str:
    """Write a share as whole per cent.

    >>> per_cent(0.226)
    '23 %'
    """
    return f"{100 * share:.0f} %"
