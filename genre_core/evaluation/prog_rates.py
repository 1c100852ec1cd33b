"""How often songs are called prog at a threshold: those that are, and those that are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.evaluation.report import Figure, Scored, figure_of, item_groups
from genre_core.metrics.intervals import bootstrap_interval, exact_interval
from genre_core.metrics.votes import find_half_at

NON_PROG = "non-prog"

Scores = Sequence[NDArray[np.float64]]
"""Prog score of each segment of each song."""


def is_known_non_prog(labels: Sequence[str]) -> bool:
    """Tell whether a song with these labels is known not to be prog, not even by a share.

    >>> is_known_non_prog(["Pop", "non-prog"]), is_known_non_prog(["non-prog", "prog"])
    (True, False)
    """
    return NON_PROG in labels and "prog" not in labels


def share_over_artists(hits: NDArray[np.bool_], groups: NDArray[np.str_]) -> Figure:
    """Give the share of hits with the 95 % bootstrap interval over artists, for JSON.

    Where all or none are hits, which leaves a bootstrap no width, the interval is the exact one of
    as many artists.

    Examples
    --------
    >>> share_over_artists(np.zeros(30, bool), np.arange(30) // 3)
    {'value': 0.0, 'low': 0.0, 'high': 0.3085}
    """
    if len(hits) and hits.all() | ~hits.any():
        n_groups = len(np.unique(groups))
        return figure_of(exact_interval, n_groups * int(hits[0]), n_groups)
    return figure_of(bootstrap_interval, lambda index: hits[index].mean(), groups)


def rates_by_genre(
    frame: pd.DataFrame, scores: Scores, *, threshold: float
) -> list[dict[str, Any]]:
    """Count, genre by genre, the songs whose mean score lies above a threshold.

    `frame` are songs with labels, the genre first, and artists. Each genre has `genre`, `n`,
    `n_artists`, `mean_score`, `n_known`, how many are known not to be prog, `k` of these above the
    threshold, and `false_alarms`, their share with its interval over artists; None without any.
    """
    means, groups = np.array([song.mean() for song in scores]), item_groups(frame)
    genre = frame["labels"].map(lambda labels: labels[0] if len(labels) else "").to_numpy(object)
    known = frame["labels"].map(is_known_non_prog).to_numpy(bool)
    rows = []
    for name in sorted(set(genre)):
        own = genre == name
        hits, artists = (means > threshold)[own & known], groups[own & known]
        rows.append(
            {
                "genre": name,
                "n": int(own.sum()),
                "n_artists": len(np.unique(groups[own])),
                "mean_score": round(float(means[own].mean()), 4),
                "n_known": len(hits),
                "k": int(hits.sum()),
                "false_alarms": share_over_artists(hits, artists) if len(hits) else None,
            }
        )
    return sorted(rows, key=lambda row: -row["n"])


def called_prog(
    is_prog: NDArray[np.bool_], scores: Scores, groups: NDArray[np.str_], *, threshold: float
) -> dict[str, Any]:
    """Give sensitivity, false alarms and balanced accuracy at a threshold on songs of known kind.

    Songs are called prog by their mean score. Beside them a constant answer, whichever, has a
    balanced accuracy of .5. Intervals are over artists; none where fewer than 5 artists stand
    behind one of the two kinds.
    """
    called = np.array([song.mean() for song in scores]) > threshold
    answers = np.stack([~called, called], axis=1).astype(float)  # (n_songs, 2)
    kinds = {"sensitivity": is_prog, "false_alarms": ~is_prog}
    return {
        "threshold": threshold,
        **{
            name: {"n": int(own.sum()), "k": int(called[own].sum())}
            | share_over_artists(called[own], groups[own])
            for name, own in kinds.items()
        },
        "balanced_accuracy": Scored(is_prog.astype(np.int64), answers, groups).figure(
            "balanced_accuracy"
        ),
        "balanced_accuracy_of_a_constant": 0.5,
    }


def anchor(
    frame: pd.DataFrame,
    scores: Scores,
    half_at: float,
    *,
    quantile: float,
    n_resamples: int = 500,
) -> dict[str, Any]:
    """Give the value that became .5, `half_at`, with its interval over the artists of val.

    `frame` are the songs that it was found on, `scores` the rank scores p / (p + half_at) of their
    segments. Gives the figure, `n`, `n_artists`, and `per_genre`, how many songs of each genre.
    """
    songs = [half_at * song / (1 - song) for song in scores]
    genre = frame["labels"].map(lambda labels: labels[0])

    def found(index: NDArray[np.int64]) -> float:
        return find_half_at([songs[i] for i in index.tolist()], quantile=quantile)

    interval = bootstrap_interval(found, item_groups(frame), n_resamples=n_resamples)
    return {
        "quantile": quantile,
        # Values this small would lose their digits with four decimals.
        **{name: round(getattr(interval, name), 6) for name in ("value", "low", "high")},
        "n": len(frame),
        "n_artists": interval.n_groups,
        "per_genre": {name: int(n) for name, n in genre.value_counts().items()},
    }
