"""What fitting a recipe gives, whatever its kind, and which settings each kind needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from genre_core.config import Experiment, SongInput, require
from genre_core.data.catalog import Catalog
from genre_core.data.item import SPLITS
from genre_core.errors import ParameterError
from genre_core.progress import Log
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    import keras

    from genre_core.evaluation.report import Evaluation
    from genre_core.training.fit import Fitted
    from genre_core.training.training_state import StateFolder

Kind = Literal["covers", "song labels", "song head", "tagger", "pupil"]
"""A recipe's kind: networks of covers, of songs' labels, a head on songs' features, a tagger with
weights of its own, and a pupil that learns a teacher's prog scores."""

_MEDIA = {True: ("track", "songs"), False: ("cover", "covers")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A fitted network and what its card says of how it came about."""

    network: keras.Model
    """With its weights."""
    experiment: Experiment
    """As given; the input is scaled by the training songs where the recipe asks for it."""
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
    evaluation: Evaluation | None = None
    """Figures that only its making could give, as those of folds; None where the stored network is
    measured."""


FitStep = Callable[[Experiment, Catalog, Log, "StateFolder | None"], Fit]
"""What each file of this folder offers as `fit`."""


def kind_of(experiment: Experiment) -> Kind:
    """Tell which kind of recipe an experiment is, and check the settings that this kind needs.

    Raises `ParameterError`: a setting that the kind cannot have.
    """
    settings, task = experiment.training, experiment.task
    if not isinstance(experiment.input, SongInput):
        require(
            not settings.folds,
            "Folds are for networks of songs: those of covers have a test split.",
            settings.folds,
            "Set folds = 0.",
        )
        return "covers"
    if settings.method == "logistic":
        require(
            settings.folds >= 2,
            "A head is estimated by folds: folds must be at least 2.",
            settings.folds,
            "Set folds = 5.",
        )
        require(
            task.head == "softmax",
            "A head on songs names one genre of several: head must be 'softmax'.",
            task.head,
            "Set head = 'softmax'.",
        )
        return "song head"
    if settings.method == "none":
        require(
            bool(experiment.prog_genre) and experiment.prog_quantile > 0,
            "A tagger needs prog_genre and a prog_quantile above 0.",
            (experiment.prog_genre, experiment.prog_quantile),
            "Set prog_genre to its tag and prog_quantile = 0.95.",
        )
        return "tagger"
    if settings.teacher:
        require(
            task.head == "binary" and experiment.prog_genre == task.genres[1],
            "A network that learns prog scores has a binary head, its second genre being prog.",
            (task.head, experiment.prog_genre),
            "Set head = 'binary', genres = ['non-prog', 'prog'] and prog_genre = 'prog'.",
        )
        return "pupil"
    require(
        task.head != "multilabel",
        "A network of songs learns one genre a song: head must be 'softmax' or 'binary'.",
        task.head,
        "Set head = 'softmax'.",
    )
    return "song labels"


def need_medium(experiment: Experiment, catalog: Catalog) -> None:
    """Raise `ParameterError` where a recipe of covers meets a data set of songs, or the reverse."""
    media, items = _MEDIA[isinstance(experiment.input, SongInput)]
    if catalog.head.media != media:
        raise ParameterError(
            f"{experiment.name} learns from {items}.",
            received=f"{catalog.head.name}, a data set of {catalog.head.media}s",
            cure=f"Choose a data set of {items}, or another recipe.",
        )


def by_split(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the items of train, val and test."""
    return {name: frame[frame["split"] == name] for name in SPLITS}


def chosen_epoch(experiment: Experiment, fitted: Fitted) -> dict[str, Any]:
    """Tell which run and epoch were kept, and what chose them, for a card."""
    select, history = experiment.training.select, fitted.history
    kept = history[history["chosen"] & (history["run"] == fitted.best_run)].iloc[0]
    chosen: dict[str, Any] = {
        "chosen_run": int(kept["run"]),
        "chosen_epoch": int(kept["epoch"]),
        "chosen_by": select,
    }
    if select != "last_epoch":
        chosen["chosen_value"] = round(float(kept[select]), 4)
    return chosen
