"""A training as a run: its fits by an engine, then the network that is kept, tested and stored."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

from genre_core.config import Experiment, from_dict
from genre_core.data.importers import find_dataset
from genre_core.jobs.engines import opened
from genre_core.jobs.fits.alone import fit_ahead
from genre_core.jobs.grid import choose_by_grid
from genre_core.jobs.steps import StepPlace
from genre_core.jobs.train import train
from genre_core.runs.bundle import Bundle, is_taken, put_in_place
from genre_core.runs.grid_table import read_grid_table
from genre_core.runs.run_folder import RunFolder
from genre_core.training.training_state import StateFolder

if TYPE_CHECKING:
    from genre_core.jobs.run_worker import RunWorker


def carry_out_training(run: RunFolder, worker: RunWorker, finish: bool) -> Bundle:
    """Do what a training's run asks for; see `run_worker.carry_out`.

    The local engine does a recipe's fits one after the other where they are needed, those of a grid
    before one of its combinations is chosen. On a cluster all are done ahead: `jobs.train.train`
    then finds their states, as if it were resumed after the last epoch.
    """
    from genre_core.jobs.run_worker import its_turn

    request = run.request()
    settings = request.settings
    experiment = from_dict(Experiment, settings["experiment"])
    grid = settings.get("grid") or {}
    curves = run.path / "tensorboard" if settings.get("tensorboard") else None
    worker.plan(experiment, curves, n_trials=math.prod(map(len, grid.values())) if grid else 0)
    states = StateFolder(run.states, watcher=worker, finish=finish)
    catalog = find_dataset(settings["data"])
    place = StepPlace(run.states, worker, worker.log)
    how = {
        "data": settings["data"],
        "digest": catalog.digest,
        "device": request.device,
        "precision": settings.get("precision", "auto"),
        "deterministic": bool(settings.get("deterministic")),
    }
    with contextlib.ExitStack() as held:
        engine, title = held.enter_context(opened(settings.get("engine")))
        if title:  # elsewhere: no device of this process is needed before all is fitted
            worker.update(state="running", device=title)
            if grid:
                experiment, states = choose_by_grid(
                    experiment, grid, catalog, run, states, engine=engine, place=place, **how
                )
            else:
                fit_ahead(experiment, catalog, states, engine=engine, place=place, **how)
    # From here on this process computes: TensorFlow is loaded now, where it was not.
    from genre_core.training.devices import always_the_same, on_device

    with contextlib.ExitStack() as held:
        if settings.get("deterministic"):
            always_the_same()
        # Devices are chosen before the wait: what TensorFlow sees is settled with its first use.
        chosen = held.enter_context(on_device(request.device, settings.get("precision", "auto")))
        held.enter_context(its_turn(chosen.keys, worker))
        worker.update(state="running", device=title or chosen.title)
        if grid and not title:
            experiment, states = choose_by_grid(
                experiment, grid, catalog, run, states, engine=engine, place=place, **how
            )
        bundle = train(
            experiment,
            settings["data"],
            command=settings.get("command", ""),
            log=worker.log,
            out=run.made,
            states=states,
        )
    if table := read_grid_table(run.path):
        table.write(bundle.folder)
    out = settings.get("out")
    if settings.get("promote", True) and is_taken(bundle.name, out):
        worker.log(f"{bundle.name} is there already and stays: `promote {run.name}` replaces it")
    elif settings.get("promote", True):
        bundle = put_in_place(bundle.folder, out)
        worker.log(f"{bundle.name} can be used")
    return bundle
