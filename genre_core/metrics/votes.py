"""From the scores of a song's segments to a verdict on the song.

Conventions: scores lie in 0 to 1; a segment counts as the genre when its score is *above* the
threshold; where as many segments say one thing as another, the higher mean decides (`majority`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.config import require
from genre_core.errors import ParameterError, describe


@dataclass(frozen=True, slots=True)
class Verdict:
    """Study S5's two judgements of a song, from the same segments.

    Of `n_segments` scored segments `n_above` lie above the threshold; `mean` is the mean of all
    scores.
    """

    n_segments: int
    n_above: int
    mean: float
    threshold: float

    @property
    def share(self) -> float:
        """Share of the segments above the threshold."""
        return self.n_above / self.n_segments

    @property
    def by_majority(self) -> bool:
        """Whether most segments are above the threshold; of an even split, whether the mean is."""
        votes = (self.n_segments - self.n_above, self.n_above)
        return majority(votes, (self.threshold, self.mean)) == 1

    @property
    def by_mean(self) -> bool:
        """Whether the mean score is above the threshold."""
        return self.mean > self.threshold

    @property
    def agrees(self) -> bool:
        """Whether the two judgements are the same."""
        return self.by_majority == self.by_mean

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "n_segments": self.n_segments,
            "n_above": self.n_above,
            "share": round(self.share, 4),
            "mean": round(self.mean, 4),
            "threshold": self.threshold,
            "by_majority": self.by_majority,
            "by_mean": self.by_mean,
        }


def majority(votes: Sequence[float], means: Sequence[float]) -> int:
    """Find the answer of most votes; among those with as many, the one of the higher mean score.

    `votes` and `means` have one number an answer, in one order; of answers equal in both the first
    is taken. The one rule for verdicts on prog, for genres and for reports.

    **Source**: study S5, where prog needs more than half of the segments, so that an even split is
    a no. We let the mean decide: a rule for many genres needs an answer there, and of the real
    songs of the lesson on votes that split evenly it gets more right (`lessons/song_votes.json`).

    Examples
    --------
    >>> majority([3, 4], [0.9, 0.1]), majority([4, 4], [0.4, 0.6])
    (1, 1)
    """
    return max(range(len(votes)), key=lambda k: (votes[k], means[k]))


def judge(scores: ArrayLike, *, threshold: float = 0.5) -> Verdict:
    """Judge a song by the majority of its segments and by their mean score.

    **Source**: study S5, which decides songs from segments by "majority vote" and "mean score".

    Examples
    --------
    >>> verdict = judge([0.9, 0.4, 0.4])
    >>> verdict.by_majority, verdict.by_mean
    (False, True)
    >>> judge([])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A song needs at least one score, each in [0, 1]. \
    Received an array of shape (0,) and dtype float64. Give the scores of its segments.
    """
    values = np.asarray(scores, dtype=np.float64)
    # Not finite compares as False: one test for the range and for NaN.
    if values.ndim != 1 or not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise ParameterError(
            "A song needs at least one score, each in [0, 1].",
            received=describe(values),
            cure="Give the scores of its segments.",
        )
    require(
        0 <= threshold <= 1, "threshold must lie in [0, 1].", threshold, "Give 0.5 where in doubt."
    )
    return Verdict(len(values), int((values > threshold).sum()), float(values.mean()), threshold)


def rank_score(values: ArrayLike, half_at: float) -> NDArray[np.float64]:
    """Stretch small values to [0, 1) without changing their order: v / (v + half_at).

    `half_at`, above 0, is the value that becomes 0.5; values are at least 0, of any shape. A rank
    score: it orders, it is no probability. Raises `ParameterError` for anything else.

    Examples
    --------
    >>> rank_score([0.0, 0.01, 0.03], 0.01).tolist()
    [0.0, 0.5, 0.75]
    """
    require(half_at > 0, "half_at must be > 0.", half_at, "Take a quantile of known songs.")
    array = np.asarray(values, dtype=np.float64)
    require(bool((array >= 0).all()), "values must be >= 0.", array, "Give probabilities.")
    return array / (array + half_at)


def find_half_at(songs: list[NDArray[np.floating[Any]]], *, quantile: float = 0.95) -> float:
    """Find the value that puts a quantile of songs' mean rank scores at 0.5.

    `songs` has a value above 0 of each segment of each song; with a quantile of .95 one known
    negative in twenty lies above 0.5. The mean rank score of every song falls as `half_at` grows,
    so there is one solution, found by halving an interval. The quantile is numpy's (linear between
    two songs).

    Examples
    --------
    >>> songs = [np.array([k / 100]) for k in range(1, 101)]
    >>> round(find_half_at(songs), 2)
    0.95
    """
    require(0 < quantile < 1, "quantile must lie in (0, 1).", quantile, "Give 0.95.")
    highest = max((float(np.max(song)) for song in songs if len(song)), default=0.0)
    require(
        highest > 0 and all(len(song) for song in songs),
        "At least one song is needed, each with segments, and one value above 0.",
        f"{len(songs)} songs",
        "Give known songs without the genre.",
    )

    values = np.concatenate(songs).astype(np.float64)
    require(bool((values >= 0).all()), "values must be >= 0.", values, "Give probabilities.")
    lengths = np.array([len(song) for song in songs])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])

    def level(half_at: float) -> float:
        means = np.add.reduceat(values / (values + half_at), starts) / lengths
        return float(np.quantile(means, quantile))

    low, high = highest * 1e-9, highest * 1e3
    while high > (1 + 1e-12) * low:
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if level(middle) > 0.5 else (low, middle)
    return float(np.sqrt(low * high))


def most_prog(
    scores: ArrayLike, start_s: ArrayLike, end_s: ArrayLike, *, stretch_s: float = 10.0
) -> tuple[float, float, float]:
    """Find the stretch of a song with the highest mean score: its start, its end, and that mean.

    `scores`, `start_s` and `end_s` [shape=(n,)] are the segments', in time. A stretch is as many
    segments one after another as begin within `stretch_s` seconds, at least one, so that one
    segment of a second does not decide; of equal ones the first.

    Examples
    --------
    >>> most_prog([0.1, 0.9, 0.8, 0.2], [0, 5, 10, 15], [5, 10, 15, 20])
    (5.0, 15.0, 0.85)
    """
    values = np.asarray(scores, np.float64)
    starts, ends = np.asarray(start_s, np.float64), np.asarray(end_s, np.float64)
    require(len(values) > 0, "A song needs at least one score.", len(values), "Give its segments.")
    # Rounding of times must not make stretches of one segment less.
    first_after = np.searchsorted(starts, starts + stretch_s - 1e-6)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    counts = first_after - np.arange(len(values))
    # A stretch cut off by the song's end would be shorter, and win by chance.
    whole = counts == counts.max()
    means = np.where(whole, (sums[first_after] - sums[:-1]) / counts, -1.0)
    k = int(np.argmax(means))
    return float(starts[k]), float(ends[first_after[k] - 1]), float(means[k])


def shared_most_prog(
    networks: Sequence[tuple[ArrayLike, ArrayLike, ArrayLike]], *, stretch_s: float = 10.0
) -> tuple[float, float] | None:
    """Find the stretch of a song with the highest mean rank over several networks: start and end.

    Each network gives `scores`, `start_s` and `end_s` of its segments, as in `most_prog`. Scales
    differ, so each network's scores become ranks within the song: at each second that all of them
    heard, the mean of its segments there; of every stretch its mean; its rank among the stretches.
    The stretch of the highest mean rank is taken, of equal ones the first. None where no second was
    heard by all, or one stretch is all there is.

    Examples
    --------
    >>> half = ([0.1, 0.6], [0, 30], [30, 60])
    >>> other = ([0.7, 0.8, 0.9, 0.7], [0, 15, 30, 45], [15, 30, 45, 60])
    >>> shared_most_prog([half, other])
    (30.0, 40.0)
    """
    ends = [np.max(np.asarray(end_s, np.float64)) for _, _, end_s in networks]
    n_seconds = int(min(ends, default=0.0))
    courses = np.array([_by_second(*network, n_seconds) for network in networks])
    width = max(1, round(stretch_s))
    heard = np.isfinite(courses).all(axis=0) if len(networks) else np.zeros(0, np.bool_)
    if not heard.any():
        return None
    first = int(np.argmax(heard))
    courses = courses[:, first : n_seconds - int(np.argmax(heard[::-1]))]
    if courses.shape[1] <= width or not np.isfinite(courses).all():
        return None
    stretches = np.lib.stride_tricks.sliding_window_view(courses, width, axis=1).mean(axis=2)
    ranks = np.array([_ranks(own) for own in stretches])
    best = int(np.argmax(ranks.mean(axis=0).round(9)))
    start_s = float(first + best)
    return start_s, start_s + width


def _by_second(
    scores: ArrayLike, start_s: ArrayLike, end_s: ArrayLike, n_seconds: int
) -> NDArray[np.float64]:
    """Mean score of the segments at the middle of each second; NaN where there is none."""
    middles = np.arange(n_seconds) + 0.5
    first = np.searchsorted(np.asarray(end_s, np.float64), middles, "right")
    after = np.searchsorted(np.asarray(start_s, np.float64), middles, "right")
    sums = np.concatenate([[0.0], np.cumsum(np.asarray(scores, np.float64))])
    counts = after - first
    here = sums[after] - sums[np.minimum(first, after)]
    return np.where(counts > 0, here / np.maximum(counts, 1), np.nan)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the values that lie lower; equal ones count half."""
    ordered, close = np.sort(values.round(9)), values.round(9)
    left, right = np.searchsorted(ordered, close), np.searchsorted(ordered, close, "right")
    return np.asarray((left + right) / (2 * len(values)), np.float64)


def clock_time(seconds: float) -> str:
    """Write a moment as minutes and whole seconds, rounded down as players do.

    >>> clock_time(151.98)
    '2:31'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
