"""What a study printed: figures, networks, epochs, matrices and lists of songs, each checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from genre_core.config import require
from genre_core.lessons.studies.layers import n_parameters
from genre_core.metrics.votes import judge

Split = Literal["train", "val", "test", "unknown"]

PAIR_TOLERANCE = 1e-6
"""How far a printed pair may be off 1: eight digits were printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that a study printed.

    of, metric: the network, or what was measured; for example ``"accuracy"``
    written: as the study gives it: a number, a range or a few words
    split: the covers or songs that it was in truth measured on, whatever that was called
    what: what exactly it is: how it was called, what was chosen on it, what is not told
    value: in [0, 1], where it is one share
    """

    of: str
    metric: str
    written: str
    split: Split
    what: str
    value: float | None = None

    def __post_init__(self) -> None:
        require(
            self.value is None or 0 <= self.value <= 1,
            f"The {self.metric} of {self.of} must lie in [0, 1].",
            self.value,
            "Give a share, not per cent.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One row of a study's table of models.

    name: the study's own name or number of it
    difference: what sets it apart from the others
    result: what the study says came of it, in our words
    layers: in the notation of `studies.layers`; empty where the study leaves it open
    size: side of the input in px; 0 where open or not a square cover
    shape: in place of `size`, as `studies.layers.trace` takes it
    n_outputs: width of the last layer; 0 where open
    runs, epochs: 0 where the study does not say
    """

    name: str
    difference: str
    result: str
    layers: str = ""
    size: int = 0
    shape: tuple[int, ...] = ()
    n_outputs: int = 0
    runs: int = 0
    epochs: int = 0

    @property
    def input(self) -> int | tuple[int, ...]:
        """What goes in, as `studies.layers.trace` takes it."""
        return self.shape or self.size

    @property
    def n_parameters(self) -> int | None:
        """Counted from the layers; None where they are open."""
        return n_parameters(self.layers, self.input, self.n_outputs) if self.layers else None

    @property
    def written_input(self) -> str:
        """The input as tables show it.

        Examples
        --------
        >>> Network(name="B", difference="", result="", shape=(128, 256, 1)).written_input
        '128 x 256 x 1'
        """
        if self.shape:
            return " x ".join(map(str, self.shape))
        return f"{self.size} px" if self.size else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochLog:
    """The epochs that a study printed, first epoch first: one value an epoch in every column."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    val_loss: tuple[float, ...]
    val_accuracy: tuple[float, ...]

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in self.columns}
        require(
            len(lengths) == 1 and min(lengths) > 0,
            "Every column of an epoch log must have one value an epoch.",
            sorted(lengths),
            "Type the missing epochs.",
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in a bundle's history.csv."""
        return ("loss", "accuracy", "val_loss", "val_accuracy")

    def rows(self) -> list[dict[str, float]]:
        """One row an epoch, as history.csv of a bundle has them."""
        return [
            {"run": 0, "epoch": i + 1} | {name: getattr(self, name)[i] for name in self.columns}
            for i in range(len(self.loss))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A confusion matrix as a study printed it.

    network: whose answers it counts
    rows: what the printed rows are
    counts [shape=(n_genres, n_genres)]: as printed
    """

    network: str
    rows: Literal["true", "predicted"]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        n = len(self.counts)
        require(
            n >= 2 and all(len(row) == n for row in self.counts),
            "A confusion matrix must be square, two genres or more.",
            [len(row) for row in self.counts],
            "Type the missing cells.",
        )
        require(
            min(min(row) for row in self.counts) >= 0,
            "A confusion matrix holds counts from 0.",
            min(min(row) for row in self.counts),
            "Correct the cell.",
        )

    def by_truth(self) -> np.ndarray:
        """Turn it our way [shape=(n_genres, n_genres), dtype=int64]: rows = true."""
        counts = np.asarray(self.counts, dtype=np.int64)
        return counts if self.rows == "true" else counts.T

    def answers(self) -> tuple[np.ndarray, np.ndarray]:
        """Unroll it to one true and one predicted genre a cover [shape=(n,), dtype=int64]."""
        counts = self.by_truth()
        true, predicted = np.indices(counts.shape)
        return np.repeat(true.ravel(), counts.ravel()), np.repeat(predicted.ravel(), counts.ravel())


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
