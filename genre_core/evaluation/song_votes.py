"""Judge songs from their segments in the two ways of study S5, segments and songs apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.metrics.classification import accuracy, balanced_accuracy
from genre_core.metrics.probabilities import predicted


def by_majority(probs: NDArray[np.float64]) -> int:
    """Return the genre that most segments of a song have first.

    Parameters
    ----------
    probs : np.ndarray [shape=(n_segments, n_genres)]
        At least one segment.

    Returns
    -------
    int
        Among genres with as many segments, the one of the higher mean probability.

    Notes
    -----
    **Source**: study S5, where prog needs more than half of the segments: of two genres that tie,
    its rule takes non-prog, ours the likelier.

    Examples
    --------
    >>> by_majority(np.array([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0]]))
    0
    >>> by_majority(np.array([[0.6, 0.4], [0.0, 1.0]]))
    1
    """
    votes = np.bincount(predicted(probs), minlength=probs.shape[1])
    # A mean is at most 1: it decides between equal counts only.
    return int(np.argmax(votes + 0.5 * probs.mean(axis=0)))


def segment_report(
    genre: NDArray[np.int64], said: Sequence[NDArray[np.float64]]
) -> dict[str, dict[str, Any]]:
    """Give the figures of single segments and of songs judged by majority.

    Parameters
    ----------
    genre : np.ndarray [shape=(n_songs,), dtype=int64]
        True genres.
    said : sequence of np.ndarray [shape=(n_segments, n_genres)]
        Probabilities of each song's segments.

    Returns
    -------
    dict
        `segments` and `by_majority`, each with n, accuracy and balanced_accuracy. Segments of one
        song resemble each other: no interval is given for them.

    Examples
    --------
    >>> said = [np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), np.array([[0.4, 0.6]])]
    >>> report = segment_report(np.array([0, 1]), said)
    >>> report["segments"]["accuracy"], report["by_majority"]["accuracy"]
    (0.75, 1.0)
    """
    of_segments = np.repeat(genre, [len(each) for each in said])
    answers = {
        "segments": (of_segments, predicted(np.concatenate(said))),
        "by_majority": (genre, np.array([by_majority(each) for each in said])),
    }
    return {
        name: {
            "n": len(true),
            "accuracy": round(accuracy(true, chosen), 4),
            "balanced_accuracy": round(balanced_accuracy(true, chosen), 4),
        }
        for name, (true, chosen) in answers.items()
    }
