"""Start runs in processes of their own, stop them, take them up again and put them to use."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from genre_core.config import require
from genre_core.data.files import PART_SUFFIX, atomic_write
from genre_core.data.home import home
from genre_core.errors import JobError
from genre_core.jobs.machine import environment_of_a_run
from genre_core.runs.bundle import Bundle, models_dir, open_bundle
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
    """Start a run in a process of its own, which outlives this one.

    Parameters
    ----------
    request : Request
        What to do.

    Returns
    -------
    RunFolder
        Its status tells how it stands from now on.
    """
    run = new_run(request)
    launch(run)
    return run


def stop(run: RunFolder, *, wait_s: float = 0.0) -> None:
    """Ask a run to stop after its step; what it has learnt is kept.

    Parameters
    ----------
    run : RunFolder
        One that is waiting or running; of another nothing is asked.
    wait_s : float
        How long to wait for it.
    """
    if run.status().state not in ACTIVE:
        return
    atomic_write(run.path / STOP_FILE, "")
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and run.status().state in ACTIVE:
        time.sleep(0.1)


def resume(run: RunFolder, *, finish: bool = False) -> None:
    """Take a run up again where it was.

    Parameters
    ----------
    run : RunFolder
        One that was stopped, has failed or was interrupted.
    finish : bool
        Of a training: keep the best epoch so far, measure it, and go no further.

    Raises
    ------
    JobError
        It is at work, or over.
    """
    make_ready(run)
    launch(run, *(["--finish"] if finish else []))


def make_ready(run: RunFolder) -> None:
    """Forget the last stop of a run that is to be taken up again.

    Raises
    ------
    JobError
        It is at work, or over.
    """
    state = run.status().state
    if state not in RESUMABLE:
        raise JobError(
            "Only a run that was stopped, has failed or was interrupted can be taken up again.",
            received=f"{run.name}, which is {state}",
            cure="Start a new one.",
        )
    (run.path / STOP_FILE).unlink(missing_ok=True)


def delete(run: RunFolder) -> None:
    """Remove a run with all its states; what was promoted stays.

    Raises
    ------
    JobError
        It is at work.
    """
    if run.status().state in ACTIVE:
        raise JobError(
            "A run must be over, or stopped, before it is deleted.",
            received=f"{run.name}, which is {run.status().state}",
            cure="Stop it first.",
        )
    # Out of sight first: a folder that is half removed must not look like a run.
    gone = run.path.with_name(f".{run.name}-{secrets.token_hex(2)}")
    run.path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def made_by(run: RunFolder) -> Bundle | None:
    """Return the bundle that a run made, or None."""
    folders = [path for path in run.made.glob("*") if (path / "card.json").is_file()]
    return open_bundle(folders[0]) if folders else None


def promote(run: RunFolder) -> Bundle:
    """Put what a run made where Covers, Songs, Results and Kernels find it.

    Raises
    ------
    JobError
        It has made nothing yet.
    """
    bundle = made_by(run)
    if bundle is None:
        raise JobError(
            "Only a training that is over has made a model.",
            received=f"{run.name}, which is {run.status().state}",
            cure="Let it end, or resume it with an end now.",
        )
    return copy_in_place(bundle)


def copy_in_place(bundle: Bundle, out: str | Path | None = None) -> Bundle:
    """Copy a bundle to where bundles are found; an older one of its name is replaced.

    Parameters
    ----------
    bundle : Bundle
        Complete.
    out : str or Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.
    """
    parent = Path(out) if out else models_dir()
    parent.mkdir(parents=True, exist_ok=True)
    part = parent / f".{bundle.name}-{secrets.token_hex(4)}{PART_SUFFIX}"
    old = part.with_suffix(".old")
    target = parent / bundle.name
    try:
        shutil.copytree(bundle.folder, part)
        if target.exists():
            target.rename(old)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return open_bundle(target)


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
) -> Request:
    """Write down a training as a run's request.

    Parameters
    ----------
    experiment_settings : dict
        `to_dict` of the recipe as it shall be trained.
    data : str
        What `data.importers.find_dataset` takes; a path becomes absolute, since the run's process
        works elsewhere.
    title : str
        One line for people.
    command : str
        How this is typed, for the card.
    device, precision : str
        See `training.devices.on_device`.
    promote_it : bool
        Whether the finished model can be used at once.
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.
    tensorboard : bool
        Write curves for TensorBoard.
    deterministic : bool
        Take sums in the same order every time: the same weights whenever it is run on the same
        machine, on a GPU at the cost of speed.
    """
    require(bool(data.strip()), "A training needs a data set.", data, "Name one.")
    place = Path(data).expanduser()
    is_path = place.exists() and (len(place.parts) > 1 or not (home() / "datasets" / data).exists())
    return Request(
        "train",
        title,
        {
            "experiment": experiment_settings,
            "data": str(place.absolute()) if is_path else data,
            "command": command,
            "precision": precision,
            "promote": promote_it,
            "out": str(out.absolute()) if out else None,
            "tensorboard": tensorboard,
            "deterministic": deterministic,
        },
        device,
    )


def launch(run: RunFolder, *extra: str) -> None:
    """Start the process that carries a run out, and let go of it.

    Parameters
    ----------
    run : RunFolder
        With its request.
    *extra : str
        Further options of the command `work`.
    """
    # A new session: neither a closed terminal nor the app's end stops it.
    apart: dict[str, object] = {"start_new_session": True}
    if os.name == "nt":
        apart = {
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
            **apart,  # type: ignore[call-overload]
        )
    with contextlib.suppress(psutil.Error):
        # Long before its own first word: one that dies at once is found out at once.
        told = Status(
            "waiting",
            "starting",
            pid=process.pid,
            pid_started=psutil.Process(process.pid).create_time(),
            started=time.time(),
        )
        run.write_status(told)
    with contextlib.suppress(RuntimeError):  # the interpreter is ending
        # Somebody must take note of its end, or it stays in the system's table.
        threading.Thread(target=process.wait, daemon=True).start()
