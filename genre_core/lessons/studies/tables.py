"""Small tables of counts as a study printed them, one a network, set and rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from genre_core.config import require
from genre_core.lessons.studies.printed import Matrix
from genre_core.metrics import balanced_accuracy, exact_interval
from genre_core.metrics.priors import majority_share

UNITS = ("songs", "windows")
"""What a table may count, each in a table of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Matrix):
    """A confusion matrix that says what it counts, with the accuracy printed beside it.

    network, rows, counts: as a `Matrix` has them; of two genres the first is the one that is looked
        for. Networks whose names begin with the same word were measured on the same songs.
    name: the study's own number of it, or ours; unique in the study
    split: {"train", "val", "test"}: the set that it counts
    unit: {"songs", "windows"}: what it counts. The two are never put into one column.
    rule: how a song's windows made one answer; empty for windows
    printed: the accuracy in per cent, as the study wrote it
    note: what to know before reading it; may be empty
    """

    name: str
    split: Literal["train", "val", "test"]
    unit: Literal["songs", "windows"]
    printed: str
    rule: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        # Not super(): a dataclass with slots is made anew, which leaves super() the old class.
        Matrix.__post_init__(self)
        digits = self.printed.replace(".", "", 1)
        require(
            digits.isdigit() and 0 <= float(self.printed) <= 100,
            f"The printed accuracy of table {self.name} must be a number of per cent.",
            self.printed,
            'Write it as the study does, such as "73.27".',
        )

    @property
    def n(self) -> int:
        """How many it counts."""
        return int(self.by_truth().sum())

    @property
    def n_right(self) -> int:
        """How many of them are right."""
        return int(self.by_truth().trace())

    @property
    def accuracy(self) -> float:
        """Share that is right, from the table's own cells."""
        return self.n_right / self.n

    @property
    def recalls(self) -> tuple[float, ...]:
        """Share of each true genre that is right."""
        counts = self.by_truth()
        return tuple(float(share) for share in counts.diagonal() / counts.sum(axis=1))

    @property
    def holds(self) -> bool:
        """Tell whether the printed accuracy follows from the cells, rounded or cut."""
        digits = len(self.printed.partition(".")[2])
        return abs(100 * self.accuracy - float(self.printed)) < 10.0**-digits

    def to_row(self, genres: Sequence[str]) -> dict[str, Any]:
        """Write the table as one row of words, the same keys for every table of a study."""
        counts = self.by_truth()
        true, predicted = self.answers()
        return {
            "table": self.name,
            "network": self.network,
            "set": self.split,
            "judged by": self.rule or "each by itself",
            "as printed": f"{self.printed} %",
            "recomputed": f"{100 * self.accuracy:.2f} %",
            "the two": "agree" if self.holds else "differ",
            **{
                f"{genre} right": f"{counts[k, k]:,} of {counts[k].sum():,}"
                for k, genre in enumerate(genres)
            },
            "balanced": f"{100 * balanced_accuracy(true, predicted):.2f} %",
            "always the commoner genre": f"{100 * majority_share(counts.sum(axis=1)):.2f} %",
        }

    def to_dots(self, genres: Sequence[str]) -> dict[str, Any]:
        """Give what a picture of the table needs: shares in [0, 1] and the interval of the whole.

        The interval is the exact one of independent songs; windows of one song are not
        independent, so they get none.
        """
        interval = exact_interval(self.n_right, self.n) if self.unit == "songs" else None
        return {
            "name": self.network,
            "rule": self.rule,
            "value": self.accuracy,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "printed": float(self.printed) / 100,
            "recalls": dict(zip(genres, self.recalls, strict=True)),
        }


def check_tables(tables: Sequence[Table]) -> None:
    """Refuse tables of one name, or of one set that count different songs of a genre."""
    names = [table.name for table in tables]
    require(
        len(set(names)) == len(names),
        "Tables of a study must have different names.",
        sorted({name for name in names if names.count(name) > 1}),
        "Rename one of them.",
    )
    # One network's songs of one set are the same whatever the rule: a mistyped cell shows here.
    for table in tables:
        alike = [
            other
            for other in tables
            if (other.network.split()[0], other.split, other.unit)
            == (table.network.split()[0], table.split, table.unit)
        ]
        supports = {tuple(np.sum(other.by_truth(), axis=1).tolist()) for other in alike}
        require(
            len(supports) == 1,
            f"Tables of one network's {table.split} {table.unit} must count each genre alike.",
            f"{sorted(supports)} in {', '.join(other.name for other in alike)}",
            "Correct the cell.",
        )
