"""A matrix of shares as a study printed it, and how many songs its rounded rows must stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genre_core.config import require
from genre_core.errors import ParameterError

DIGITS = 2
"""Significant digits of a printed share."""

MOST_SONGS = 1_000
"""Largest row that is looked for."""

NOT_A_MULTIPLE = 1.5
"""Numbers up to this times the smallest that fits are compared: its multiples fit as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareMatrix:
    """A row-normalised confusion matrix, rounded to two significant digits.

    network: whose answers it shares out
    shares [shape=(n_genres, n_genres)]: as printed, in [0, 1]; rows are the true genre, columns the
        predicted one
    """

    network: str
    shares: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        n = len(self.shares)
        require(
            n >= 2 and all(len(row) == n for row in self.shares),
            "A matrix of shares must be square, two genres or more.",
            [len(row) for row in self.shares],
            "Type the missing cells.",
        )
        for place, row in enumerate(self.shares):
            off = abs(sum(row) - 1)
            require(
                min(row) >= 0 and off <= sum(_half_unit(share) for share in row) + 1e-9,
                f"Row {place + 1} of a matrix of shares must add up to 1 within its rounding.",
                f"{sum(row):.4f}",
                "Correct the cell.",
            )

    def n_songs(self) -> tuple[int, ...]:
        """Infer how many songs each row stands for.

        A share of n songs is k / n with whole k. Taken is the smallest n for which every printed
        share is such a fraction within its rounding; of those little larger, which fit as well,
        the one that fits best. Raises `ParameterError`: a row that no such number fits.

        Examples
        --------
        >>> ShareMatrix(network="made", shares=((0.67, 0.33), (0.25, 0.75))).n_songs()
        (3, 4)
        """
        return tuple(_fitting(row) for row in self.shares)

    def accuracy(self) -> tuple[float, float, float]:
        """Weight the diagonal by the inferred songs.

        Gives the accuracy, and the lowest and the highest that the rounding leaves open.
        """
        songs = np.array(self.n_songs())
        diagonal = np.diag(np.array(self.shares))
        slack = np.array([_half_unit(share) for share in diagonal])
        total = songs.sum()
        return (
            float(songs @ diagonal / total),
            float(np.ceil(songs * (diagonal - slack) - 1e-9).sum() / total),
            float(np.floor(songs * (diagonal + slack) + 1e-9).sum() / total),
        )

    def balanced_accuracy(self) -> float:
        """Mean of the diagonal, which needs no inferred songs."""
        return float(np.diag(np.array(self.shares)).mean())

    def precisions(self) -> tuple[float, ...]:
        """Share of each genre's answers that are right, with rows weighted by inferred songs."""
        answered = np.array(self.n_songs())[:, np.newaxis] * np.array(self.shares)
        predicted = answered.sum(axis=0)
        pairs = zip(np.diag(answered), predicted, strict=True)
        return tuple(float(right / n) if n else 0.0 for right, n in pairs)

    def to_rows(self, genres: Sequence[str]) -> list[dict[str, Any]]:
        """List the genres, in the order of the rows given, the best recognised first.

        Each has ``genre``, ``recall``, ``precision`` in [0, 1], ``most often taken for`` with its
        share, and the inferred ``songs``.
        """
        shares = np.array(self.shares)
        order = np.argsort(-np.diag(shares), kind="stable")
        wrong = shares - np.diag(np.diag(shares))
        songs, precisions = self.n_songs(), self.precisions()
        return [
            {
                "genre": genres[k],
                "recall": float(shares[k, k]),
                "precision": precisions[k],
                "most often taken for": f"{genres[int(wrong[k].argmax())]} "
                f"({100 * wrong[k].max():.2g} %)",
                "songs (inferred)": songs[k],
            }
            for k in order
        ]


def _half_unit(share: float) -> float:
    """Give half of the last printed digit's place."""
    return 0.5 * 10.0 ** (math.floor(math.log10(share)) - DIGITS + 1) if share > 0 else 0.0


def _fitting(row: Sequence[float]) -> int:
    shares = np.array(row)
    slack = np.array([_half_unit(share) for share in row])
    misfits: dict[int, float] = {}
    for n in range(2, MOST_SONGS + 1):
        if misfits and n > NOT_A_MULTIPLE * min(misfits):
            break
        low, high = np.ceil(n * (shares - slack) - 1e-9), np.floor(n * (shares + slack) + 1e-9)
        if (low <= high).all() and low.sum() <= n <= high.sum():
            misfits[n] = float(((np.rint(n * shares) / n - shares) ** 2).sum())
    if not misfits:
        raise ParameterError(
            "A row of shares must fit a whole number of songs.",
            received=f"{row} fits none up to {MOST_SONGS}",
            cure="Correct the cell.",
        )
    return min(misfits, key=misfits.__getitem__)
