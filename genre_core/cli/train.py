"""Commands that fit networks: train, train --estimate and calibrate."""

from __future__ import annotations

import argparse
from pathlib import Path

from genre_core.cli.console import (
    command_line,
    engine_of,
    load_tensorflow,
    log,
    print_json,
    print_result,
    print_table,
)
from genre_core.cli.models import COLUMNS
from genre_core.cli.runs import begin
from genre_core.config import (
    Experiment,
    changed,
    load_experiment,
    read_grid,
    read_settings,
    require,
    to_dict,
    trials_of,
)
from genre_core.jobs.calibrate import calibrate as calibrate_bundle
from genre_core.jobs.estimate import MAX_S, MEASURE_STEPS, Estimate, duration, estimate
from genre_core.jobs.run_control import training_request
from genre_core.runs.bundle import find_bundle, free_tag, is_taken
from genre_core.runs.grid_table import read_grid_table
from genre_core.runs.table import model_rows


def add_estimate(command: argparse.ArgumentParser) -> None:
    """Let `train --estimate` estimate a training instead of starting it."""
    command.add_argument(
        "--estimate",
        dest="run",
        action="store_const",
        const=print_estimate,
        help="tell parameters, memory, disk and time, and train nothing",
    )
    command.add_argument(
        "--measure-for",
        type=float,
        default=MAX_S,
        metavar="SECONDS",
        help="of --estimate: about how long steps are timed; 0 times none",
    )


def train(options: argparse.Namespace) -> int:
    """Train a recipe and store its bundle."""
    experiment = _experiment_of(options)
    grid = read_grid(experiment, options.grid)
    if grid:
        trials_of(experiment, grid)
    _say_if_taken(experiment.bundle_name, options.out)
    request = training_request(
        to_dict(experiment),
        options.data,
        title=f"{experiment.name} on {Path(options.data).name}",
        command=command_line(),
        device=options.device,
        precision=options.precision,
        out=options.out,
        tensorboard=options.tensorboard,
        deterministic=options.deterministic,
        grid=grid,
        engine=engine_of(options),
    )
    begun = begin(request, options)
    if begun is None:
        return 0
    run, bundle = begun
    rows = model_rows((bundle,) if bundle else ())
    table = read_grid_table(run.path) if grid else None
    if options.json:
        facts = {"folder": str(bundle.folder) if bundle else "", "run": run.name}
        print_json(rows[0] | facts | ({"grid": table.rows()} if table else {}))
    else:
        if table:
            print_table(table.rows(), tuple(table.rows()[0]))
            print(f"{table.chosen_text()}\n")
        print_table(rows, COLUMNS)
        print(f"in {bundle.folder if bundle else run.path}")
    return 0


def print_estimate(options: argparse.Namespace) -> int:
    """Estimate a training and print it."""
    experiment = _experiment_of(options)
    load_tensorflow()
    seconds = options.measure_for
    cost = estimate(
        experiment,
        options.data,
        measure_steps=0 if seconds == 0 else MEASURE_STEPS,
        max_s=seconds or MAX_S,
    )
    print_result(options, cost.to_plain(), _cost_rows(cost), last="\n".join(cost.unknown))
    return 0


def calibrate(options: argparse.Namespace) -> int:
    """Calibrate a bundle on the data set that it was trained on, and report on test anew."""
    find_bundle(options.model)
    load_tensorflow()
    bundle = calibrate_bundle(options.model, options.data, log=log)
    fitted, report = bundle.card.calibration, bundle.metrics()["calibration"]
    facts = {"name": bundle.name, "temperature": fitted.temperature if fitted else None}
    figures = ("log_loss", "log_loss_of_shares", "ece", "ece_by_chance")
    row = facts | {name: report[name] for name in figures}
    row["log_loss"] = report["log_loss"]["value"]
    print_result(options, facts | {"calibration": report}, [row])
    return 0


def _say_if_taken(name: str, out: Path | None) -> None:
    """Propose a fresh tag where a model of this name is there: it is never replaced unasked."""
    if not is_taken(name, out):
        return
    other = f"--set tag={free_tag(name, out)}"
    require(
        out is None,
        "A training replaces no model in the folder that it shall write to.",
        f"{out}, which holds {name}",
        f"Give another folder, or another name by {other}.",
    )
    log(
        f"{name} is there already and stays: the new one waits in its run until you `promote` it; "
        f"{other} keeps both"
    )


def _experiment_of(options: argparse.Namespace) -> Experiment:
    """Load the recipe that was named, with the settings that were given in place of its own."""
    experiment = load_experiment(options.experiment)
    settings = read_settings(experiment, options.set)
    for name in ("epochs", "repeats", "seed", "folds"):
        if getattr(options, name) is not None:
            settings[f"training.{name}"] = getattr(options, name)
    if options.random_folds:  # single songs are dealt, and not whole groups
        settings["training.fold_groups"] = "none"
    return changed(experiment, settings)


def _cost_rows(cost: Estimate) -> list[dict[str, str]]:
    n_train = "not known" if cost.n_train is None else f"{cost.n_train:,}"
    rows = {
        "result": cost.bundle,
        "device": cost.device,
        "parameters": f"{cost.n_parameters:,}, trained {cost.n_trainable:,}",
        "memory of a step": f"{cost.memory_bytes / 1e9:.2f} GB",
        **{f"disk, {what}": f"{n / 1e6:,.0f} MB" for what, n in cost.disk_bytes.items()},
        f"{cost.items} to learn from": n_train,
        "fits": str(cost.n_fits),
        "steps an epoch": str(cost.steps_per_epoch or "not known"),
        "a step": f"{duration(cost.step_s)} ({cost.n_measured} measured)",
        "before the first": duration(cost.prepare_s),
        "an epoch": duration(cost.epoch_s),
        "in all": duration(cost.total_s),
    }
    if cost.prepare_s is None:
        del rows["before the first"]
    return [{"what": what, "how much": value} for what, value in rows.items()]
