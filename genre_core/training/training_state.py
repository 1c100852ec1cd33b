"""State of a training after every epoch, on disk: it can be stopped and resumed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.data.files import atomic_path
from genre_core.errors import JobError, StoppedError

_LISTS = ("weights", "optimizer", "best_weights")
_FACTS_KEY = "told"  # in the file; all that is no array, as JSON
_PLAIN_NAME = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class TrainingState:
    """State of one run of a training after `n_epochs`; arrays are in Keras's order."""

    n_epochs: int
    weights: list[NDArray[Any]]
    optimizer: list[NDArray[Any]]
    rows: list[dict[str, Any]]
    """The history so far, one row an epoch."""
    best_epoch: int
    """Place in `rows` of the chosen epoch."""
    best_weights: list[NDArray[Any]] = field(default_factory=list)
    """Weights of that epoch; empty where the last one is chosen and is yet to come."""
    is_finished: bool = False
    """No epoch will follow: the last one, or an early stop."""


class Watcher(Protocol):
    """Follows a training's progress, and may ask it to stop."""

    def wants_stop(self) -> bool:
        """Tell whether the training shall stop after this step."""

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        """Take note of a step: (fold, run, epoch), steps done and in all, items of the step."""

    def epoch(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        """Take note of the end of an epoch: all rows of this run so far."""

    def several(
        self, over: int, total: int, what: str, at_work: Sequence[tuple[str, int, int]], n: int
    ) -> None:
        """Take note of work in several places at once.

        So many of `what` are over of how many, where each stands that is at work, and `n` items
        since the last time.
        """


class NoWatcher:
    """Watches nothing and stops nothing."""

    def wants_stop(self) -> bool:
        """Never."""
        return False

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        """Nothing."""

    def epoch(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        """Nothing."""

    def several(
        self, over: int, total: int, what: str, at_work: Sequence[tuple[str, int, int]], n: int
    ) -> None:
        """Nothing."""


class StateFolder:
    """States of a training's runs, a file a run and a folder a fold, and who watches them.

    With `finish` a run with an epoch behind it counts as over, and repeats that were not begun are
    left out. `fold` names the fold, for the watcher; empty for the network that is stored.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     states = StateFolder(Path(folder)).of_fold("fold-1")
    ...     states.save(0, TrainingState(2, [np.ones(3)], [], [{"epoch": 1}, {"epoch": 2}], 1))
    ...     states.load(0).n_epochs, states.load(1)
    (2, None)
    """

    def __init__(
        self,
        path: Path,
        *,
        watcher: Watcher | None = None,
        finish: bool = False,
        fold: str = "",
    ) -> None:
        self.path, self.fold, self.finish = path, fold, finish
        self._watcher: Watcher = watcher or NoWatcher()

    def of_fold(self, name: str) -> StateFolder:
        """Return the states of a fold, such as "fold-1"."""
        require(
            _PLAIN_NAME.fullmatch(name) is not None,
            "A fold's name must be small letters, digits and '-'.",
            name,
            "Call it for example 'fold-1'.",
        )
        return StateFolder(self.path / name, watcher=self._watcher, finish=self.finish, fold=name)

    def save(self, run: int, state: TrainingState) -> None:
        """Keep a run's state in place of the one before, and tell the watcher."""
        arrays: dict[str, Any] = {
            f"{name}_{k:05d}": array
            for name in _LISTS
            for k, array in enumerate(getattr(state, name))
        }
        facts = {
            entry.name: getattr(state, entry.name)
            for entry in dataclasses.fields(state)
            if entry.name not in _LISTS
        }
        with atomic_path(self._file(run)) as path, path.open("wb") as file:
            np.savez(file, **(arrays | {_FACTS_KEY: np.array(json.dumps(facts))}))
        self._watcher.epoch(self.fold, run, state.rows)

    def load(self, run: int) -> TrainingState | None:
        """Return a run's state, or None where it has none; `JobError` where it is damaged."""
        path = self._file(run)
        if not path.is_file():
            return None
        with _opened(path) as stored:
            facts = json.loads(str(stored[_FACTS_KEY]))
            lists = {
                name: [stored[key] for key in sorted(stored.files) if key.startswith(f"{name}_")]
                for name in _LISTS
            }
            state = TrainingState(**(facts | lists))
        if self.finish and not state.is_finished:
            best = state.best_weights or state.weights
            state = dataclasses.replace(state, is_finished=True, best_weights=best)
        self._watcher.epoch(self.fold, run, state.rows)
        return state

    def facts(self, run: int) -> dict[str, Any] | None:
        """Read a state without its arrays: n_epochs, rows, best_epoch, is_finished; or None."""
        path = self._file(run)
        if not path.is_file():
            return None
        with _opened(path) as stored:
            facts: dict[str, Any] = json.loads(str(stored[_FACTS_KEY]))
        return facts

    def is_over(self, run: int) -> bool:
        """Tell whether no epoch of a run is left; its history is told to the watcher."""
        facts = self.facts(run)
        if facts is None or not facts["is_finished"]:
            return False
        self._watcher.epoch(self.fold, run, facts["rows"])
        return True

    def step(self, run: int, epoch: int, done: int, total: int, n_items: int) -> None:
        """Tell the watcher of a step; raise `StoppedError` where it wants a stop."""
        self._watcher.step((self.fold, run, epoch), done, total, n_items)
        self.stop_if_wanted()

    def stop_if_wanted(self) -> None:
        """Raise `StoppedError` where the watcher wants a stop."""
        if self._watcher.wants_stop():
            raise StoppedError(
                "A training runs to its end unless somebody stops it.",
                received="a stop; all epochs that were over are kept",
                cure="Resume it to go on.",
            )

    @staticmethod
    def file_name(run: int) -> str:
        """Return the name of a run's file."""
        return f"run-{run}.npz"

    def _file(self, run: int) -> Path:
        return self.path / self.file_name(run)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a state's file; `JobError` where it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            yield stored
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise JobError(
            "The state of a training must be the file that the training wrote.",
            received=f"{path.name}: {error}",
            cure="Start the training again.",
        ) from error
