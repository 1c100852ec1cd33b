"""Commands on runs: runs, stop, resume, promote, delete and work."""

from __future__ import annotations

import argparse
import dataclasses
import time
from typing import Any

from genre_core.cli.console import load_tensorflow, log, print_json, print_result
from genre_core.errors import DatasetError, ParameterError
from genre_core.jobs import run_control
from genre_core.jobs.run_worker import carry_out, lower_priority
from genre_core.runs.run_folder import Request, RunFolder, find_run, list_runs, new_run

COLUMNS = ("name", "state", "place", "loss", "val_loss", "minutes", "text")
_WAIT_S = 60.0


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what names a run."""
    command.add_argument("name", metavar="RUN", help="its name, as `runs` lists it")


def list_all(options: argparse.Namespace) -> int:
    """List every run, the newest first."""
    rows = [_row(run) for run in list_runs()]
    print_result(options, rows, rows, COLUMNS)
    return 0


def work(options: argparse.Namespace) -> int:
    """Carry a run out in this process; what `train --background` and the app start."""
    run = find_run(options.name)
    lower_priority()
    _load_what_it_needs(run)
    carry_out(run, finish=options.finish)
    return 0


def stop(options: argparse.Namespace) -> int:
    """Ask a run to stop, and wait for it."""
    run = find_run(options.name)
    run_control.stop(run, wait_s=_WAIT_S)
    return _print_run(run, options)


def resume(options: argparse.Namespace) -> int:
    """Resume a run, here or in the background."""
    run = find_run(options.name)
    if options.background:
        run_control.resume(run, finish=options.finish)
        time.sleep(0.5)
        return _print_run(run, options)
    run_control.forget_stop(run)
    _load_what_it_needs(run)
    carry_out(run, echo=log, finish=options.finish)
    return _print_run(run, options)


def delete(options: argparse.Namespace) -> int:
    """Delete a run and all its states; a promoted model stays."""
    run = find_run(options.name)
    run_control.delete(run)
    if options.json:
        print_json({"deleted": run.name})
    else:
        print(f"deleted {run.name}")
    return 0


def promote(options: argparse.Namespace) -> int:
    """Put the model that a run made to use."""
    bundle = run_control.promote(find_run(options.name))
    if options.json:
        print_json({"name": bundle.name, "folder": str(bundle.folder)})
    else:
        print(f"{bundle.name} in {bundle.folder}")
    return 0


def begin(request: Request, options: argparse.Namespace) -> tuple[RunFolder, Any] | None:
    """Carry out what is requested here, and give its run and what that made.

    With `options.background` it is only started and named: None.
    """
    run = new_run(request)
    if options.background:
        run_control.launch(run)
        print_started(run, as_json=options.json)
        return None
    _load_what_it_needs(run)
    try:
        return run, carry_out(run, echo=log)
    except (ParameterError, DatasetError):
        run_control.delete(run)  # Nothing was begun: what is listed shall be worth a look.
        raise


def _load_what_it_needs(run: RunFolder) -> None:
    request = run.request()
    # Where others compute, TensorFlow is loaded when all that they do is there.
    if request.kind in ("train", "evaluate") and not request.settings.get("engine"):
        load_tensorflow()


def print_started(run: RunFolder, *, as_json: bool) -> None:
    """Name a run that was started in the background."""
    if as_json:
        print_json({"run": run.name, "folder": str(run.path)})
    else:
        print(f"{run.name} is on its way: see `python -m genre_core runs`")


def _print_run(run: RunFolder, options: argparse.Namespace) -> int:
    row = _row(run)
    print_result(options, row, [row], COLUMNS)
    return 0


def _row(run: RunFolder) -> dict[str, Any]:
    status, history = run.status(), run.history()
    last = {} if history.empty else history.iloc[-1].to_dict()
    figures = {
        name: None if (value := last.get(name)) is None or value != value else float(value)
        for name in ("loss", "val_loss")
    }
    minutes = (status.updated - status.started) / 60 if status.started else 0.0
    return (
        {"name": run.name}
        | dataclasses.asdict(status)
        | figures
        | {"minutes": round(minutes, 1), "tags": list(run.tags())}
    )
