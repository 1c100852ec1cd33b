"""What a training keeps after every epoch, so that it can be stopped and taken up again."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
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
_PLAIN_NAME = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where one run of a training stands at the end of an epoch.

    Parameters
    ----------
    n_epochs : int
        Epochs that are over.
    weights, optimizer : list of np.ndarray
        Of the network and of its optimizer, in Keras's order.
    rows : list of dict
        The history so far, one row an epoch.
    best_epoch : int
        Place in `rows` of the epoch that counts.
    best_weights : list of np.ndarray
        Weights of that epoch; empty where the last one counts and is yet to come.
    is_finished : bool
        No epoch will follow: the last one, or an early stop.
    """

    n_epochs: int
    weights: list[NDArray[Any]]
    optimizer: list[NDArray[Any]]
    rows: list[dict[str, Any]]
    best_epoch: int
    best_weights: list[NDArray[Any]] = field(default_factory=list)
    is_finished: bool = False


class Watcher(Protocol):
    """Somebody who looks on while a training runs, and may ask it to stop."""

    def wants_stop(self) -> bool:
        """Tell whether the training shall stop after this step."""

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        """Hear of a step: (part, run, epoch), steps done and in all, items of the step."""

    def epoch(self, part: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        """Hear of the end of an epoch: all rows of this run so far."""


class _Nobody:
    def wants_stop(self) -> bool:
        return False

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        pass

    def epoch(self, part: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        pass


class Ledger:
    """States of a training's runs in a folder, and who looks on.

    A training of several folds has a part for each; a part of several repeats has a run for each.

    Parameters
    ----------
    folder : Path
        Where states are kept; made when the first is written.
    watcher : Watcher, optional
        Hears of steps and epochs.
    ends_now : bool
        Take what has been reached for the end: a run with an epoch behind it is over, repeats
        that were not begun are left out.
    part : str
        Name of the part, for the watcher; empty for the whole.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = Ledger(Path(folder)).part_of("fold-1")
    ...     ledger.save(0, TrainingState(2, [np.ones(3)], [], [{"epoch": 1}, {"epoch": 2}], 1))
    ...     ledger.load(0).n_epochs, ledger.load(1)
    (2, None)
    """

    def __init__(
        self,
        folder: Path,
        *,
        watcher: Watcher | None = None,
        ends_now: bool = False,
        part: str = "",
    ) -> None:
        self.folder, self.part, self.ends_now = folder, part, ends_now
        self._watcher: Watcher = watcher or _Nobody()

    def part_of(self, name: str) -> Ledger:
        """Return the ledger of a part, such as "fold-1"."""
        require(
            _PLAIN_NAME.fullmatch(name) is not None,
            "A part's name must be small letters, digits and '-'.",
            name,
            "Call it for example 'fold-1'.",
        )
        return Ledger(self.folder / name, watcher=self._watcher, ends_now=self.ends_now, part=name)

    def save(self, run: int, state: TrainingState) -> None:
        """Keep a run's state in place of the one before, and tell the watcher."""
        arrays = {
            f"{name}_{k:05d}": each
            for name in _LISTS
            for k, each in enumerate(getattr(state, name))
        }
        told = {
            each.name: getattr(state, each.name)
            for each in dataclasses.fields(state)
            if each.name not in _LISTS
        }
        with atomic_path(self._file(run)) as path, path.open("wb") as file:
            np.savez(file, told=np.array(json.dumps(told)), **arrays)
        self._watcher.epoch(self.part, run, state.rows)

    def load(self, run: int) -> TrainingState | None:
        """Return a run's state, or None where it has none.

        Raises
        ------
        JobError
            The file is damaged.
        """
        path = self._file(run)
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                told = json.loads(str(stored["told"]))
                lists = {
                    name: [
                        stored[key] for key in sorted(stored.files) if key.startswith(f"{name}_")
                    ]
                    for name in _LISTS
                }
            state = TrainingState(**(told | lists))
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise JobError(
                "The state of a training must be the file that the training wrote.",
                received=f"{path.name}: {error}",
                cure="Start the training again.",
            ) from error
        if self.ends_now and not state.is_finished:
            best = state.best_weights or state.weights
            state = dataclasses.replace(state, is_finished=True, best_weights=best)
        self._watcher.epoch(self.part, run, state.rows)
        return state

    def step(self, run: int, epoch: int, done: int, total: int, n_items: int) -> None:
        """Tell the watcher of a step.

        Raises
        ------
        StoppedError
            The watcher wants it to stop.
        """
        self._watcher.step((self.part, run, epoch), done, total, n_items)
        self.stop_if_wanted()

    def stop_if_wanted(self) -> None:
        """Raise `StoppedError` where the watcher wants it."""
        if self._watcher.wants_stop():
            raise StoppedError(
                "A training runs to its end unless somebody stops it.",
                received="a stop; all epochs that were over are kept",
                cure="Resume it to go on.",
            )

    def _file(self, run: int) -> Path:
        return self.folder / f"run-{run}.npz"
