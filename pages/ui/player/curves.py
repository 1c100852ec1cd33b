"""The lane of curves: scores of several networks over time on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from genre_core.errors import ParameterError, describe
from pages.ui.player import packing


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One named curve: a score in [0, 1] for each segment.

    Parameters
    ----------
    name : str
    values : array [shape=(n,)]
        In [0, 1].
    start_s, end_s : array [shape=(n,)]
        Segments in order of time; they may overlap.
    colour : str, optional
    """

    name: str
    values: npt.ArrayLike
    start_s: npt.ArrayLike
    end_s: npt.ArrayLike
    colour: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads.

        Raises
        ------
        ParameterError
            A score outside [0, 1], or times that do not fit.
        """
        values = packing.shares(self.values, f"values of {self.name!r}")
        starts, ends = packing.spans(self.start_s, self.end_s, len(values), repr(self.name))
        return {
            "name": self.name,
            "values": packing.packed(values, "f4"),
            "start_s": packing.packed(starts, "f4"),
            "end_s": packing.packed(ends, "f4"),
            "colour": self.colour,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Several curves of scores with one scale, a threshold and a legend.

    Parameters
    ----------
    series : sequence of Series
        At least one.
    threshold : float, optional
        Drawn as a line; in [0, 1].
    label : str
    height_px : int
    """

    series: Sequence[Series]
    threshold: float | None = 0.5
    label: str = "Scores"
    height_px: int = 110

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads.

        Raises
        ------
        ParameterError
            No series, or a threshold outside [0, 1].
        """
        if not self.series:
            raise ParameterError(
                "series of a lane of curves must have at least one.",
                received=describe(self.series),
                cure="Leave the lane out.",
            )
        if self.threshold is not None:
            packing.shares([self.threshold], "threshold of a lane of curves")
        series = [each.to_plain() for each in self.series]
        return {
            "kind": "curves",
            "series": series,
            "threshold": self.threshold,
            "label": self.label,
            "height_px": self.height_px,
        }
