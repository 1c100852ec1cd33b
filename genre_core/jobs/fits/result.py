"""What fitting a recipe gives, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from genre_core.config import Experiment
from genre_core.data.catalog import Catalog
from genre_core.data.item import SPLITS
from genre_core.metrics.calibration import Calibration
from genre_core.progress import Log
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    import keras

    from genre_core.evaluation.report import Evaluation
    from genre_core.training.fit import BestRun
    from genre_core.training.training_state import StateFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class FitResult:
    """A fitted network and what its card says of how it came about."""

    network: keras.Model
    """With its weights."""
    experiment: Experiment
    """As given, with what was chosen for it: how training songs scale the input, whether a head on
    covers weighs genres."""
    splits: dict[str, pd.DataFrame]
    """Items of train, val and test."""
    split_rule: str
    """What keeps them apart, for people."""
    chosen: dict[str, Any]
    """How the run and its epoch (or its settings) were chosen."""
    n_runs: int = 1
    """Runs that it was chosen from."""
    history: pd.DataFrame | None = None
    """One row a run and epoch, where epochs were run."""
    repeats: dict[str, Any] | None = None
    """Figures of each run of several, see `evaluation.repeats`."""
    prog_score: ProgScore | None = None
    """How a network of songs tells prog."""
    calibration: Calibration | None = None
    """How its probabilities come to hold, where this was fitted with it."""
    evaluation: Evaluation | None = None
    """Figures that only its making could give, as those of folds; None where the stored network is
    measured."""


FitStep = Callable[[Experiment, Catalog, Log, "StateFolder | None"], FitResult]
"""What each file of this folder offers as `fit`."""


def by_split(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the items of train, val and test."""
    return {name: frame[frame["split"] == name] for name in SPLITS}


def label_score(experiment: Experiment) -> ProgScore | None:
    """Tell how a network that learnt labels tells prog; None where its recipe names no genre."""
    if not experiment.prog_genre:
        return None
    rule = "The network's own probability, learnt from the songs' labels."
    return ProgScore(genre=experiment.prog_genre, rule=rule)


def chosen_epoch(experiment: Experiment, best: BestRun) -> dict[str, Any]:
    """Tell which run and epoch were kept, and what chose them, for a card."""
    select, history = experiment.training.select, best.history
    kept = history[history["chosen"] & (history["run"] == best.run)].iloc[0]
    chosen: dict[str, Any] = {
        "chosen_run": int(kept["run"]),
        "chosen_epoch": int(kept["epoch"]),
        "chosen_by": select,
    }
    if select != "last_epoch":
        chosen["chosen_value"] = round(float(kept[select]), 4)
    return chosen
