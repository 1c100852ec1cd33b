"""Commands of the training desk: list runs, stop, resume, delete and promote them."""

from __future__ import annotations

import argparse
import dataclasses
import time
from typing import Any

from genre_core.cli.printing import log, print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.jobs import desk
from genre_core.jobs.work import be_polite, carry_out
from genre_core.runs.run_folder import RunFolder, find_run, list_runs

COLUMNS = ("name", "state", "place", "loss", "val_loss", "minutes", "text")
_WAIT_S = 60.0


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what names a run."""
    command.add_argument("name", metavar="RUN", help="its name, as `runs` lists it")


def runs(options: argparse.Namespace) -> int:
    """List every run, the newest first."""
    rows = [_row(run) for run in list_runs()]
    if options.json:
        print_json(rows)
    else:
        print_table(rows, COLUMNS)
    return 0


def work(options: argparse.Namespace) -> int:
    """Carry a run out in this process; what `train --background` and the app start."""
    run = find_run(options.name)
    be_polite()
    if run.request().kind == "train":
        load_tensorflow()
    carry_out(run, ends_now=options.finish)
    return 0


def stop(options: argparse.Namespace) -> int:
    """Ask a run to stop, and wait for it."""
    run = find_run(options.name)
    desk.stop(run, wait_s=_WAIT_S)
    return _tell(run, options)


def resume(options: argparse.Namespace) -> int:
    """Take a run up again, here or in the background."""
    run = find_run(options.name)
    if options.background:
        desk.resume(run, finish=options.finish)
        time.sleep(0.5)
        return _tell(run, options)
    desk.make_ready(run)
    load_tensorflow()
    carry_out(run, echo=log, ends_now=options.finish)
    return _tell(run, options)


def delete(options: argparse.Namespace) -> int:
    """Delete a run and all its states; a promoted model stays."""
    run = find_run(options.name)
    desk.delete(run)
    if options.json:
        print_json({"deleted": run.name})
    else:
        print(f"deleted {run.name}")
    return 0


def promote(options: argparse.Namespace) -> int:
    """Put the model that a run made to use."""
    bundle = desk.promote(find_run(options.name))
    if options.json:
        print_json({"name": bundle.name, "folder": str(bundle.folder)})
    else:
        print(f"{bundle.name} in {bundle.folder}")
    return 0


def _tell(run: RunFolder, options: argparse.Namespace) -> int:
    row = _row(run)
    if options.json:
        print_json(row)
    else:
        print_table([row], COLUMNS)
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
