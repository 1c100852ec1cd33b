"""Commands that measure networks on data: evaluate and evaluations."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from genre_core.cli.console import (
    add_engine,
    command_line,
    engine_of,
    load_tensorflow,
    log,
    print_json,
    print_result,
)
from genre_core.cli.runs import begin
from genre_core.config import require
from genre_core.errors import GenreError
from genre_core.jobs.evaluating import SPLITS, evaluation_request
from genre_core.jobs.measure import measure
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.evaluations import (
    EvaluationRecord,
    delete_evaluation,
    find_evaluation,
    list_evaluations,
)
from genre_core.runs.table import model_row

COLUMNS = ("name", "data", "n", "figure", "value", "interval", "majority", "baseline_value")
_LISTED = ("name", "split", "n", "n_seen", "figure", "value", "made")


def add_evaluate(command: argparse.ArgumentParser) -> None:
    """Add which items are asked, what their labels mean, and where figures alone go."""
    command.add_argument(
        "--split", choices=SPLITS, help="the test split, as by default, or every item"
    )
    command.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="LABEL=GENRE",
        help="what a label means, where its name does not say it; LABEL= for none, '*=GENRE' for "
        "all others (may be repeated)",
    )
    command.add_argument(
        "--neutralise",
        type=int,
        default=0,
        metavar="N",
        help="also ask N items once more with how their files were made hidden (covers scaled, "
        "coded, trimmed; songs trimmed, narrowed, levelled, coded): do the answers hold?",
    )
    command.add_argument(
        "--background", action="store_true", help="start it and return; `runs` tells how it stands"
    )
    add_engine(command)
    command.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="measure as a training does, with all its further tests, and write metrics.json and "
        "predictions.parquet here",
    )


def evaluate(options: argparse.Namespace) -> int:
    """Evaluate a network on a data set and keep what it answered."""
    bundle = find_bundle(options.model)
    is_chosen = bool(options.split or options.map or options.background or options.neutralise)
    is_chosen = is_chosen or options.engine != "local"
    require(
        options.out is None or not is_chosen,
        "--out measures as a training does: on the test split, by the recipe's rules.",
        "--split, --map, --neutralise, --background or --engine",
        "Leave these out, or --out.",
    )
    if options.out is not None:
        load_tensorflow()
        metrics = measure(bundle, options.data, log=log, out=options.out)
        print_result(options, metrics, [_row(bundle, metrics)], COLUMNS)
        return 0
    request = evaluation_request(
        options.model,
        options.data,
        split=options.split or SPLITS[0],
        mapping=_by_hand(options.map),
        neutralise=options.neutralise,
        command=command_line(),
        engine=engine_of(options),
    )
    begun = begin(request, options)
    if begun is None:
        return 0
    run, _ = begun
    record = find_evaluation(run.status().result)
    metrics = record.metrics()
    facts = {"evaluation": record.name, "folder": str(record.folder), "run": run.name}
    about = {name: record.about[name] for name in ("mapping", "n_seen", "n_left_out")}
    row = _row(bundle, metrics)
    print_result(options, metrics | facts | about, [row], COLUMNS, last=f"in {record.folder}")
    return 0


def evaluations(options: argparse.Namespace) -> int:
    """List every evaluation, or delete one."""
    if options.delete:
        delete_evaluation(options.delete)
        if options.json:
            print_json({"deleted": options.delete})
        else:
            print(f"deleted {options.delete}")
        return 0
    rows = [_facts(record) for record in list_evaluations()]
    print_result(options, rows, rows, _LISTED)
    return 0


def add_evaluations(command: argparse.ArgumentParser) -> None:
    """Add which one goes."""
    command.add_argument("--delete", metavar="NAME", help="delete this one instead")


def _row(bundle: Bundle, metrics: dict[str, Any]) -> dict[str, Any]:
    return model_row(bundle, metrics) | {"data": metrics["data"]["name"], "n": metrics["n"]}


def _facts(record: EvaluationRecord) -> dict[str, Any]:
    about = record.about
    facts = {name: about[name] for name in ("split", "n", "n_seen", "n_left_out", "made")}
    try:
        metrics = record.metrics()
        figure = metrics["headline"]
        value = metrics["values"][figure]["value"]
    except (GenreError, KeyError):
        figure, value = "", None
    return {
        "name": record.name,
        "model": about["model"]["name"],
        "data": about["data"]["name"],
        "media": record.media,
        **facts,
        "figure": figure,
        "value": value,
        "is_stored": record.is_stored,
        "folder": str(record.folder),
    }


def _by_hand(words: list[str]) -> dict[str, str]:
    for word in words:
        require("=" in word, "What a label means is written LABEL=GENRE.", word, "Add the =.")
    pairs = (word.rpartition("=") for word in words)
    return {label.strip(): genre.strip() for label, _, genre in pairs}
