"""What a study listed song by song: scores of one song's segments, and songs it got wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from genre_core.config import require
from genre_core.metrics.votes import judge

PAIR_TOLERANCE = 1e-6
"""How far a printed pair may be off 1: eight digits were printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCurve:
    """The printed scores of one song's segments, first segment first.

    song: its title
    network: whose scores they are
    pairs [shape=(n_segments, 2)]: as printed: score against, score for; they add up to 1
    step_s, segment_s: from one segment's start to the next, and their length, in seconds
    note: what the study heard in it, in our words
    """

    song: str
    network: str
    pairs: tuple[tuple[float, ...], ...]
    step_s: float
    segment_s: float
    note: str

    def __post_init__(self) -> None:
        require(
            bool(self.pairs) and all(len(pair) == 2 for pair in self.pairs),
            "Every segment needs a pair of scores.",
            [len(pair) for pair in self.pairs],
            "Type both scores.",
        )
        off = max(abs(sum(pair) - 1) for pair in self.pairs)
        require(
            off <= PAIR_TOLERANCE,
            "The two scores of a segment must add up to 1.",
            f"a pair that is off by {off:.2g}",
            "Correct the cell.",
        )

    @property
    def scores(self) -> tuple[float, ...]:
        """Score for, one a segment."""
        return tuple(pair[1] for pair in self.pairs)

    def thirds(self) -> tuple[tuple[float, ...], ...]:
        """Cut the scores into three parts as equal as can be."""
        return tuple(tuple(float(x) for x in part) for part in np.array_split(self.scores, 3))

    def to_rows(self) -> list[dict[str, Any]]:
        """One row a segment: start_s, end_s, score."""
        return [
            {"start_s": k * self.step_s, "end_s": k * self.step_s + self.segment_s, "score": score}
            for k, score in enumerate(self.scores)
        ]

    def verdict(self) -> str:
        """Judge the song by both rules, in words."""
        song = judge(np.array(self.scores))
        by = {True: "prog", False: "not prog"}
        return (
            f"{song.n_above} of {song.n_segments} segments are above a half, so by majority vote "
            f"it is {by[song.by_majority]}; their mean is {song.mean:.3f}, so by mean score it is "
            f"{by[song.by_mean]}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses:
    """Songs of one genre that a study lists as taken for another: files as printed, no ending."""

    table: str
    genre: str
    taken_for: str
    songs: tuple[str, ...]
