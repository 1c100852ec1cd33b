"""What became of a grid's combinations: one row each with its figures on val, beside the run."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from genre_core.config import trial_text
from genre_core.data.files import atomic_write

GRID_FILE = "grid.json"
"""In the folder of the run, and in that of the network that was chosen."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination of a grid.

    number: From 1, in the order of the grid.
    changes: Its settings by path.
    values: The figure that chooses, on val at the chosen epoch, of each repeat that is over.
    epochs: Those epochs, from 1.
    error: Why it could not be trained, as one sentence; empty where it could.
    """

    number: int
    changes: dict[str, Any]
    values: tuple[float, ...] = ()
    epochs: tuple[int, ...] = field(default=())
    error: str = ""

    @property
    def mean(self) -> float | None:
        """Mean of the figure over its repeats; None before the first is over."""
        return math.fsum(self.values) / len(self.values) if self.values else None


@dataclass(frozen=True, slots=True)
class GridTable:
    """All combinations of a grid, and which was chosen.

    select: The figure on val that chooses, such as "val_loss": the least loss, else the highest.
    trials: In their order.
    chosen: Number of the chosen one, 0 while trainings are at work.
    """

    select: str
    trials: tuple[Trial, ...]
    chosen: int = 0

    def best(self) -> Trial | None:
        """Find the combination with the best mean on val, the first among equals.

        >>> trials = (Trial(1, {}, (0.5, 0.7)), Trial(2, {}, (0.4,)), Trial(3, {}, error="NaN"))
        >>> [GridTable(figure, trials).best().number for figure in ("val_loss", "val_roc_auc")]
        [2, 1]
        """
        sign = 1 if self.select == "val_loss" else -1
        done = [trial for trial in self.trials if trial.mean is not None]
        return min(done, key=lambda trial: sign * (trial.mean or 0.0), default=None)

    def rows(self) -> list[dict[str, Any]]:
        """Give one plain row a combination, for tables.

        >>> GridTable("val_loss", (Trial(1, {"training.epochs": 3}, (0.5, 0.7), (2, 3)),)).rows()
        [{'trial': 1, 'epochs': 3, 'val_loss': 0.6, 'of repeats': '0.5000, 0.7000',
          'best epochs': '2, 3', 'chosen': False, 'note': ''}]
        """
        return [
            {
                "trial": trial.number,
                **{path.rpartition(".")[2]: value for path, value in trial.changes.items()},
                self.select: None if trial.mean is None else round(trial.mean, 4),
                "of repeats": ", ".join(f"{value:.4f}" for value in trial.values),
                "best epochs": ", ".join(map(str, trial.epochs)),
                "chosen": trial.number == self.chosen,
                "note": trial.error or ("" if trial.values else "not trained"),
            }
            for trial in self.trials
        ]

    def chosen_text(self) -> str:
        """Say which combination was chosen and by what; empty before."""
        own = next((trial for trial in self.trials if trial.number == self.chosen), None)
        if own is None or own.mean is None:
            return ""
        n_done = sum(bool(trial.values) for trial in self.trials)
        repeats = f", a mean of {len(own.values)} repeats" if len(own.values) > 1 else ""
        return (
            f"{trial_text(own.changes)} was chosen among {n_done} combinations by "
            f"{self.select} {own.mean:.4f}{repeats}; only it was tested"
        )

    def write(self, folder: Path) -> None:
        """Write it into a folder, whole or not at all."""
        atomic_write(folder / GRID_FILE, json.dumps(asdict(self), indent=1) + "\n")


def read_grid_table(folder: Path) -> GridTable | None:
    """Read a folder's table; None where there is none, or none that can be read."""
    try:
        values = json.loads((folder / GRID_FILE).read_text(encoding="utf-8"))
        trials = tuple(_trial(own) for own in values["trials"])
        return GridTable(str(values["select"]), trials, int(values["chosen"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _trial(values: dict[str, Any]) -> Trial:
    lists: dict[str, Sequence[Any]] = {name: tuple(values[name]) for name in ("values", "epochs")}
    return Trial(**(values | lists))
