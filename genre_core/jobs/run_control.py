"""Start runs in processes of their own, stop and resume them, and put their models to use."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from genre_core.config import require
from genre_core.data.files import atomic_write, make_folder
from genre_core.data.home import home
from genre_core.errors import JobError
from genre_core.jobs.machine import environment_of_a_run
from genre_core.runs.bundle import Bundle, open_bundle, put_in_place
from genre_core.runs.run_folder import (
    LOG_FILE,
    STOP_FILE,
    Request,
    RunFolder,
    State,
    Status,
    new_run,
)

_PROJECT = Path(__file__).resolve().parents[2]

ACTIVE: tuple[State, ...] = ("waiting", "running")
"""States of a run whose process lives."""

RESUMABLE: tuple[State, ...] = ("stopped", "failed", "interrupted")
"""States from which a run can go on."""


def start(request: Request) -> RunFolder:
    """Start what is requested in a process of its own, which outlives this one."""
    run = new_run(request)
    launch(run)
    return run


def stop(run: RunFolder, *, wait_s: float = 0.0) -> None:
    """Ask a waiting or running run to stop after its step, and wait so long for it at most.

    What it has learnt is kept.
    """
    if run.status().state not in ACTIVE:
        return
    atomic_write(run.path / STOP_FILE, "")
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and run.status().state in ACTIVE:
        time.sleep(0.1)


def resume(run: RunFolder, *, finish: bool = False) -> None:
    """Resume a run that was stopped, has failed or was interrupted; else raise `JobError`.

    With `finish` a training keeps its best epoch so far, measures it, and goes no further.
    """
    forget_stop(run)
    launch(run, *(["--finish"] if finish else []))


def forget_stop(run: RunFolder) -> None:
    """Forget the last stop of a run that is to be resumed; `JobError` if it is at work or over."""
    state = run.status().state
    if state not in RESUMABLE:
        raise JobError(
            "Only a run that was stopped, has failed or was interrupted can be resumed.",
            received=f"{run.name}, which is {state}",
            cure="Start a new one.",
        )
    (run.path / STOP_FILE).unlink(missing_ok=True)


def delete(run: RunFolder) -> None:
    """Remove a run with all its states; a promoted model stays. `JobError` if it is at work."""
    if run.status().state in ACTIVE:
        raise JobError(
            "A run must be over, or stopped, before it is deleted.",
            received=f"{run.name}, which is {run.status().state}",
            cure="Stop it first.",
        )
    # Out of sight first: a folder that is half removed must not look like a run.
    hidden = run.path.with_name(f".{run.name}-{secrets.token_hex(2)}")
    run.path.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def made_by(run: RunFolder) -> Bundle | None:
    """Return the bundle that a run has made, or None."""
    folders = [path for path in run.made.glob("*") if (path / "card.json").is_file()]
    return open_bundle(folders[0]) if folders else None


def promote(run: RunFolder) -> Bundle:
    """Put a run's model where all pages find it; `JobError` if it has made none yet."""
    bundle = made_by(run)
    if bundle is None:
        raise JobError(
            "Only a training that is over has made a model.",
            received=f"{run.name}, which is {run.status().state}",
            cure="Let it end, or resume it with an end now.",
        )
    return put_in_place(bundle.folder)


def training_request(
    experiment_settings: dict[str, object],
    data: str,
    *,
    title: str,
    command: str,
    device: str = "auto",
    precision: str = "auto",
    promote_it: bool = True,
    out: Path | None = None,
    tensorboard: bool = False,
    deterministic: bool = False,
    grid: Mapping[str, Sequence[Any]] | None = None,
    engine: Mapping[str, Any] | None = None,
) -> Request:
    """Make a training's request.

    Parameters
    ----------
    experiment_settings : dict
        `to_dict` of the recipe as it shall be trained.
    data : str
        What `data.importers.find_dataset` takes; a path becomes absolute, since the run's process
        works elsewhere.
    title, command : str
        One line for people, and how this is typed, for the card.
    device, precision : str
        See `training.devices.on_device`.
    promote_it : bool
        Whether the finished model can be used at once.
    out : Path, optional
        Folder that gets the bundle's folder, made at once; the home folder's `models` by default.
    tensorboard : bool
        Write curves for TensorBoard.
    deterministic : bool
        Take sums in the same order every time: the same weights whenever it is run on the same
        machine, on a GPU at the cost of speed.
    grid : mapping, optional
        Values by path, see `config.grid`: every combination is trained, the best on val is kept.
    engine : mapping, optional
        Who does its fits, see `jobs.engines.engine_settings`; this machine by default.
    """
    folder = None if out is None else make_folder(out).absolute()
    return Request(
        "train",
        title,
        {
            "experiment": experiment_settings,
            "data": data_place(data, "A training"),
            "command": command,
            "precision": precision,
            "promote": promote_it,
            "out": str(folder) if folder else None,
            "tensorboard": tensorboard,
            "deterministic": deterministic,
            **({"grid": {path: list(values) for path, values in grid.items()}} if grid else {}),
            **({"engine": dict(engine)} if engine else {}),
        },
        device,
    )


def data_place(data: str, what: str) -> str:
    """Name a data set so that a process which works elsewhere finds it: paths become absolute."""
    require(bool(data.strip()), f"{what} needs a data set.", data, "Name one.")
    place = Path(data).expanduser()
    is_path = place.exists() and (len(place.parts) > 1 or not (home() / "datasets" / data).exists())
    return str(place.absolute()) if is_path else data


def launch(run: RunFolder, *extra: str) -> None:
    """Start the process that carries a run out, the command `work` with these extra options."""
    # A new session: neither a closed terminal nor the app's end stops it.
    detached: dict[str, object] = {"start_new_session": True}
    if os.name == "nt":
        detached = {
            "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
            | getattr(subprocess, "DETACHED_PROCESS", 0)
        }
    with (run.path / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "genre_core", "work", run.name, *extra],
            cwd=_PROJECT,
            env=environment_of_a_run() | {"GENRE_HOME": str(home()), "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **detached,  # type: ignore[call-overload]
        )
    with contextlib.suppress(psutil.Error):
        # Long before its own first word: one that dies at once is found out at once.
        status = Status(
            "waiting",
            "starting",
            pid=process.pid,
            pid_started=psutil.Process(process.pid).create_time(),
            started=time.time(),
        )
        run.write_status(status)
    with contextlib.suppress(RuntimeError):  # the interpreter is ending
        # Somebody must take note of its end, or it stays in the system's table.
        threading.Thread(target=process.wait, daemon=True).start()
