"""Carry out a run: wait for its device, do the step, and write down how it stands all the while."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import psutil  # type: ignore[import-untyped]
from filelock import FileLock, Timeout

from genre_core.config import Experiment
from genre_core.data.files import atomic_write
from genre_core.errors import GenreError, JobError, StoppedError
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle
from genre_core.runs.run_folder import LIVE_FILE, LOG_FILE, STOP_FILE, RunFolder, Status, runs_dir

_UPDATE_EVERY_S = 1.0
_LOOK_EVERY_S = 0.3
_RATE_OVER_S = 15.0
_SHOWN = 3  # places in words


class RunWorker:
    """Writes a run's status, log and live history, and looks whether it shall stop.

    It is the watcher of a training, see `training.training_state.Watcher`. `echo` takes each line
    of the log too.
    """

    def __init__(self, run: RunFolder, echo: Log | None = None) -> None:
        self._run, self._echo = run, echo
        self._process = psutil.Process()
        self._updated_at = self._looked_at = 0.0
        self._shall_stop = self._is_amid_epoch = False
        self._recent: collections.deque[tuple[float, int]] = collections.deque()
        self._place: tuple[str, int, int] = ("", -1, -1)
        self._count = (-1, -1)  # of steps over and in all, where several are at work
        self._plan = (1, 1, 1)  # fits, repeats and epochs of the whole training
        self._rows: dict[tuple[str, int], Sequence[dict[str, Any]]] = {}
        self._curves: Callable[[str, int, Sequence[dict[str, Any]]], None] | None = None
        self.status = Status(
            "waiting",
            "starting",
            pid=self._process.pid,
            pid_started=self._process.create_time(),
            started=time.time(),
        )
        self.update(state="waiting")

    def plan(self, experiment: Experiment, curves: Path | None, *, n_trials: int = 0) -> None:
        """Say how much there is to do, and where curves for TensorBoard go.

        `n_trials` is the number of a grid's combinations; 0 for a recipe alone.
        """
        training = experiment.training
        self._plan = ((n_trials or training.folds) + 1, training.repeats, training.epochs)
        if curves is not None:
            from genre_core.training.curves import CurveWriter

            self._curves = CurveWriter(curves).write

    def update(self, **changes: Any) -> None:
        """Write the status with these changes, at once."""
        held = self._process.memory_info().rss / 1e6
        self.status = dataclasses.replace(self.status, memory_mb=round(held), **changes)
        self._run.write_status(self.status)
        self._updated_at = time.monotonic()

    def log(self, line: str) -> None:
        """Add a line to the log, which the status says too; between two epochs, stop if asked."""
        self.note(line)
        if not self._is_amid_epoch:
            self.stop_if_wanted()

    def note(self, line: str, *, is_raised: bool = False) -> None:
        """Add a line to the log and nothing else; what is raised too is not echoed twice."""
        stamp = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        with (self._run.path / LOG_FILE).open("a", encoding="utf-8") as file:
            file.write(f"{stamp} {line}\n")
        if self._echo is not None and not is_raised:
            self._echo(line)
        self.update(text=line)

    def progress(self, done: int, total: int, text: str) -> None:
        """Take note of files that were read; raise `StoppedError` where a stop is wanted."""
        if done == total or time.monotonic() - self._updated_at >= _UPDATE_EVERY_S:
            self.update(text=text, done=done, total=total, unit="files")
        self.stop_if_wanted()

    def wants_stop(self) -> bool:
        """Look whether somebody asked for a stop, a few times a second at most."""
        if not self._shall_stop and time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            self._shall_stop = (self._run.path / STOP_FILE).exists()
        return self._shall_stop

    def stop_if_wanted(self) -> None:
        """Raise `StoppedError` where a stop is wanted."""
        if self.wants_stop():
            raise StoppedError(
                "A run goes on to its end unless somebody stops it.",
                received="a stop",
                cure="Resume it to go on.",
            )

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        """Take note of a training's step."""
        now = time.monotonic()
        self._is_amid_epoch = True
        if place != self._place:
            self._place = place
            self._recent.clear()  # validation lies between two epochs
        self._recent.append((now, n_items))
        while now - self._recent[0][0] > _RATE_OVER_S:
            self._recent.popleft()
        if done < total and now - self._updated_at < _UPDATE_EVERY_S:
            return
        span = now - self._recent[0][0]
        n_lately = sum(n for _, n in self._recent) - self._recent[0][1]
        rate = n_lately / span if span > 0 else self.status.items_per_s
        steps_per_s = (len(self._recent) - 1) / span if span > 0 else 0.0
        self.update(
            done=done,
            total=total,
            unit="steps",
            place=self._in_words(place),
            items_per_s=round(rate, 2),
            remaining_s=self._remaining(done, total, steps_per_s),
        )

    def epoch(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        """Take note of the end of an epoch, whose state is kept: write the live history."""
        self._is_amid_epoch = False
        self._rows[fold, run] = rows
        history = [
            {"part": fold, "run": run, **row}  # a fold's name stands in the column `part`
            for (fold, run), rows in self._rows.items()
            for row in rows
        ]
        table = pd.DataFrame(history).round(5)
        atomic_write(self._run.path / LIVE_FILE, table.to_csv(index=False))
        if self._curves is not None:
            self._curves(fold, run, rows)

    def several(
        self, over: int, total: int, what: str, at_work: Sequence[tuple[str, int, int]], n: int
    ) -> None:
        """Take note of work on several machines at once; see `training.training_state.Watcher`."""
        now = time.monotonic()
        self._is_amid_epoch = True  # a stop is asked for by whoever shares the work out
        self._recent.append((now, n))
        while now - self._recent[0][0] > _RATE_OVER_S:
            self._recent.popleft()
        if now - self._updated_at < _UPDATE_EVERY_S and (over, total) == self._count:
            return
        self._count = (over, total)
        span = now - self._recent[0][0]
        n_lately = sum(count for _, count in self._recent) - self._recent[0][1]
        more = f" and {len(at_work) - _SHOWN} more" if len(at_work) > _SHOWN else ""
        self.update(
            done=over,
            total=total,
            unit=what,
            place="; ".join(map(self._in_words, at_work[:_SHOWN])) + more,
            items_per_s=round(n_lately / span, 2) if span > 0 else 0.0,
            remaining_s=0.0,  # it depends on what else the machines do
        )

    def _in_words(self, place: tuple[str, int, int]) -> str:
        fits, repeats, epochs = self._plan
        fold, run, epoch = place
        words = [fold.replace("-", " ") + f" of {fits - 1}" if fold else ""]
        words.append(f"run {run + 1} of {repeats}" if repeats > 1 else "")
        words.append(f"epoch {epoch + 1} of {epochs}")
        return ", ".join(word for word in words if word)

    def _remaining(self, done: int, total: int, steps_per_s: float) -> float:
        """Estimate the seconds to the end if no epoch is spared, validation left out."""
        if steps_per_s <= 0:
            return self.status.remaining_s
        fits, repeats, epochs = self._plan
        fold, run, epoch = self._place
        fit = int(fold.rpartition("-")[2]) - 1 if fold else fits - 1
        left = ((fits - fit) * repeats - run) * epochs - epoch
        return round((left * total - done) / steps_per_s, 1)


def carry_out(run: RunFolder, *, echo: Log | None = None, finish: bool = False) -> Bundle | None:
    """Do what a run asks for, in this process; its status always says how it ended.

    `echo` takes the lines of the log too. With `finish` a training that was stopped keeps its best
    epoch, measures it, and goes no further. Gives the bundle that a training made.

    Raises
    ------
    GenreError
        What went wrong; `StoppedError` where somebody stopped it.
    """
    request = run.request()
    worker = RunWorker(run, echo)
    try:
        bundle = _STEPS[request.kind](run, worker, finish)
    except StoppedError:
        worker.update(state="stopped", text=f"stopped; {_KEPT[request.kind]}")
        raise
    except KeyboardInterrupt:
        worker.update(state="stopped", text=f"stopped from the keyboard; {_KEPT[request.kind]}")
        raise
    except GenreError as error:
        worker.note(str(error), is_raised=True)
        worker.update(state="failed")
        raise
    except BaseException as error:
        cause = _in_one_sentence(error)
        with contextlib.suppress(OSError):  # the disk may be what failed
            worker.note(str(cause), is_raised=True)
        with contextlib.suppress(OSError):
            worker.update(state="failed", text=str(cause))
        raise cause from error
    shutil.rmtree(run.states, ignore_errors=True)  # nothing will be resumed
    result = bundle.name if bundle else worker.status.result
    text = f"{result} is ready"
    if bundle and bundle.folder.parent == run.made and request.settings.get("promote", True):
        text += "; the older one of this name stays until this run is promoted"
    worker.update(state="done", text=text, result=result, remaining_s=0.0)
    return bundle


def _train(run: RunFolder, worker: RunWorker, finish: bool) -> Bundle:
    from genre_core.jobs.training_run import carry_out_training

    return carry_out_training(run, worker, finish)


def _import(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.importing import carry_out_import

    worker.update(state="running", device="")
    worker.update(result=carry_out_import(run, worker.progress, worker.log))


def _evaluate(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.engines import opened
    from genre_core.jobs.evaluating import carry_out_evaluation
    from genre_core.training.devices import on_device

    with contextlib.ExitStack() as held:
        engine, title = held.enter_context(opened(run.request().settings.get("engine")))
        if title:
            worker.update(state="running", device=title)
            record = carry_out_evaluation(
                run, worker.progress, worker.log, engine=engine, watcher=worker
            )
            worker.update(result=record.name)
            return
        chosen = held.enter_context(on_device(run.request().device, "float32"))
        # It shares a processor with a training, as an import does; the memory of a GPU it cannot.
        gpus = [key for key in chosen.keys if key != "cpu"]
        held.enter_context(its_turn(gpus, worker))
        worker.update(state="running", device=chosen.title)
        worker.update(result=carry_out_evaluation(run, worker.progress, worker.log).name)


def _map(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.embedding_maps import carry_out_map

    worker.update(state="running", device="")
    worker.update(result=carry_out_map(run, worker.log))


def _audit(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.shortcut_audit import carry_out_audit

    worker.update(state="running", device="")
    worker.update(result=carry_out_audit(run, worker.progress, worker.log))


def _patterns(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.patterns import carry_out_patterns

    _look_inside(run, worker, carry_out_patterns)


def _remove(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.removing import carry_out_removal

    _look_inside(run, worker, carry_out_removal)


def _excite(run: RunFolder, worker: RunWorker, finish: bool) -> None:
    from genre_core.jobs.exciting import carry_out_exciting

    _look_inside(run, worker, carry_out_exciting)


def _look_inside(
    run: RunFolder, worker: RunWorker, carry_out: Callable[[RunFolder, Progress, Log], Bundle]
) -> None:
    from genre_core.training.devices import on_device

    with contextlib.ExitStack() as held:
        chosen = held.enter_context(on_device(run.request().device, "float32"))
        held.enter_context(its_turn([key for key in chosen.keys if key != "cpu"], worker))
        worker.update(state="running", device=chosen.title)
        worker.update(result=carry_out(run, worker.progress, worker.log).name)


_KEPT = {
    "train": "what it has learnt is kept",
    "import": "what was read need not be read again",
    "evaluate": "what was answered is kept",
    "map": "nothing is kept of a map half made",
    "audit": "what was measured is kept",
    "patterns": "the layers that are done are kept",
    "remove": "what was measured is kept",
    "excite": "what was read is kept",
}
_STEPS: dict[str, Callable[[RunFolder, RunWorker, bool], Any]] = {
    "train": _train,
    "import": _import,
    "evaluate": _evaluate,
    "map": _map,
    "audit": _audit,
    "patterns": _patterns,
    "remove": _remove,
    "excite": _excite,
}


@contextlib.contextmanager
def its_turn(keys: Sequence[str], worker: RunWorker) -> Iterator[None]:
    """Hold devices for as long as this lasts; wait while other runs hold them.

    The system lets go of a lock when its process ends, however it ends.
    """
    with contextlib.ExitStack() as held:
        for key in sorted(keys):
            path = runs_dir() / ".locks" / f"{key}.lock"
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            is_logged = False
            while True:
                try:
                    held.enter_context(lock.acquire(timeout=_UPDATE_EVERY_S))
                    break
                except Timeout:
                    if not is_logged:
                        worker.log(f"waiting for {key}, which another run holds")
                        is_logged = True
                    worker.stop_if_wanted()
        yield


def _in_one_sentence(error: BaseException) -> JobError:
    """Say what went wrong for somebody who does not read tracebacks."""
    rule, cure = "A run must come to its end.", "See the log's last lines."
    received = f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        rule = "The disk of GENRE_HOME must have room for a run."
        received = "a full disk"
        cure = "Free some space and resume: what was kept before is still there."
    elif isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        rule = "A step of the training must fit into memory."
        received = "no memory left"
        cure = "Set a smaller batch_size, or more parts, and start again."
    elif isinstance(error, SystemExit):
        received = f"an exit with {error.code}"
    return JobError(rule, received=received, cure=cure)


def lower_priority() -> None:
    """Give way to the app: a training on the same processor shall not make pages wait."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
