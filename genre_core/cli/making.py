"""Commands that make something: train, evaluate, import."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from genre_core.cli.printing import log, print_json, print_started, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.config import Experiment, changed, load_experiment, read_settings, to_dict
from genre_core.data.importers.prog_folder import LABELS
from genre_core.errors import DatasetError, ParameterError
from genre_core.jobs.importing import import_and_save, import_request, start_import
from genre_core.jobs.measure import measure
from genre_core.jobs.run_control import delete, launch, training_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import find_bundle
from genre_core.runs.run_folder import new_run
from genre_core.runs.table import model_rows

COLUMNS = ("name", "figure", "value", "interval", "majority", "baseline", "baseline_value")
_IMPORT_OPTIONS = (
    "layout",
    "name",
    "title",
    "citation",
    "licence",
    "seed",
    "verify",
    "images",
    "others",
    "label",
    "new_splits",
    "subset",
    "allow_leaks",
    "near_duplicates",
)


def train(options: argparse.Namespace) -> int:
    """Train a recipe and store its bundle."""
    experiment = experiment_of(options)
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
    )
    run = new_run(request)
    if options.background:
        launch(run)
        print_started(run, as_json=options.json)
        return 0
    load_tensorflow()
    try:
        bundle = carry_out(run, echo=log)
    except (ParameterError, DatasetError):
        delete(run)  # Nothing was begun: what is listed shall be worth a look.
        raise
    rows = model_rows((bundle,) if bundle else ())
    if options.json:
        print_json(rows[0] | {"folder": str(bundle.folder) if bundle else "", "run": run.name})
    else:
        print_table(rows, COLUMNS)
        print(f"in {bundle.folder if bundle else run.path}")
    return 0


def experiment_of(options: argparse.Namespace) -> Experiment:
    """Load the recipe that was named, with the settings that were given in place of its own."""
    experiment = load_experiment(options.experiment)
    settings = read_settings(experiment, options.set)
    for name in ("epochs", "repeats", "seed", "folds"):
        if getattr(options, name) is not None:
            settings[f"training.{name}"] = getattr(options, name)
    if options.random_folds:  # single songs are dealt, and not whole groups
        settings["training.fold_groups"] = "none"
    return changed(experiment, settings)


def evaluate(options: argparse.Namespace) -> int:
    """Measure a bundle on the test split and store its figures in it."""
    bundle = find_bundle(options.model)
    load_tensorflow()
    metrics = measure(bundle, options.data, log=log)
    if options.json:
        print_json(metrics)
    else:
        print_table(
            model_rows((bundle,)),
            ("name", "figure", "value", "interval", "majority", "baseline_value"),
        )
    return 0


def import_data(options: argparse.Namespace) -> int:
    """Make a data set of a folder, a table or a zip, in the home folder."""
    # What was not asked for is left out, so that each layout's own defaults hold.
    asked = {key: getattr(options, key) for key in _IMPORT_OPTIONS if getattr(options, key)}
    if options.limits:
        asked["limits"] = dict(zip(LABELS, options.limits, strict=True))
    if options.background:
        print_started(start_import(import_request(options.source, asked)), as_json=options.json)
        return 0
    made = import_and_save(options.source, asked, progress=_progress)
    result, folder = made.result, made.folder
    for problem in result.problems:
        log(f"left out: {problem}")
    counts = {key or "none": n for key, n in result.catalog.splits().items() if n}
    facts = {
        "name": result.catalog.head.name,
        "folder": str(folder),
        "n_items": len(result.catalog),
        "n_problems": len(result.problems),
        "splits": counts,
        "problems": [{"where": each.where, "what": each.what} for each in result.problems],
    }
    if options.json:
        print_json(facts)
    else:
        print_table([facts], ("name", "n_items", "n_problems", "folder"))
    return 1 if result.problems else 0


def _progress(done: int, total: int, text: str) -> None:
    if done == total or done % 500 == 0:
        log(f"{text}: {done} of {total}")


def command_line() -> str:
    """Give the command as it was typed, for a card."""
    # Folders are the user's own: the card keeps their names, not their places.
    words = [Path(word).name if Path(word).is_absolute() else word for word in sys.argv[1:]]
    return shlex.join(["python", "-m", "genre_core", *words])
