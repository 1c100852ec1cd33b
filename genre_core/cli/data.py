"""Commands on data sets: import and duplicates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from genre_core.cli.console import command_line, log, log_every, print_result
from genre_core.cli.runs import print_started
from genre_core.data.catalog import TABLE_FILE
from genre_core.data.duplicates import find_duplicates
from genre_core.data.files import make_folder
from genre_core.data.importers import find_dataset
from genre_core.data.importers.prog_folder import LABELS
from genre_core.jobs.importing import import_and_save, import_request, start_import
from genre_core.lessons.near_duplicates import near_duplicates
from genre_core.lessons.stored import save_lesson

_IMPORT_OPTIONS = (
    *("layout", "name", "title", "citation", "licence", "seed", "verify", "images", "others"),
    *("label", "new_splits", "cut_val", "subset", "allow_leaks", "near_duplicates"),
    *("merge_spellings", "replace"),
)


def add_duplicates(command: argparse.ArgumentParser) -> None:
    """Add the options of `duplicates`."""
    command.add_argument(
        "--thorough",
        action="store_true",
        help="of covers, also mirrored and cut ones; about four times as long",
    )
    command.add_argument(
        "--min-score",
        type=float,
        metavar="X",
        help="from which score on two are the same; by default 0.6 for covers, 0.3 for songs",
    )
    command.add_argument(
        "--known",
        type=Path,
        metavar="CSV",
        help=f"measure instead: further covers of known duplicates, with the columns path and "
        f"dup_group, beside the {TABLE_FILE} of the data, which has them too",
    )
    command.add_argument(
        "--looked-at",
        type=Path,
        metavar="CSV",
        help="with --known: pairs that somebody judged (path, other_path, same)",
    )
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="with --known: gets the result as JSON"
    )


def import_data(options: argparse.Namespace) -> int:
    """Make a data set of a folder, a table or a zip, in the home folder."""
    # What was not asked for is left out, so that each layout's own defaults hold.
    settings = {key: getattr(options, key) for key in _IMPORT_OPTIONS if getattr(options, key)}
    if options.limits:
        settings["limits"] = dict(zip(LABELS, options.limits, strict=True))
    if options.background:
        print_started(start_import(import_request(options.source, settings)), as_json=options.json)
        return 0
    made = import_and_save(options.source, settings, progress=log_every(500))
    result, folder = made.result, made.folder
    for problem in result.problems:
        log(f"{'note' if problem.is_note else 'problem'}: {problem}")
    faults = [fault for fault in result.problems if not fault.is_note]
    notes = [fault for fault in result.problems if fault.is_note]
    counts = {key or "none": n for key, n in result.catalog.splits().items() if n}
    facts = {
        "name": result.catalog.head.name,
        "folder": str(folder),
        "n_items": len(result.catalog),
        "n_problems": len(faults),
        "splits": counts,
        "problems": [{"where": fault.where, "what": fault.what} for fault in faults],
        "notes": [{"where": note.where, "what": note.what} for note in notes],
    }
    print_result(options, facts, [facts], ("name", "n_items", "n_problems", "folder"))
    return 1 if faults else 0


def duplicates(options: argparse.Namespace) -> int:
    """List duplicates; with `--known` measure the finder and store the result."""
    if options.known is not None:
        return _measure(options)
    report = find_duplicates(
        find_dataset(options.data),
        thorough=options.thorough,
        min_score=options.min_score,
        progress=log_every(1_000),
    )
    for problem in report.problems:
        log(str(problem))
    columns = ("kind", "score", "first", "second")
    print_result(
        options,
        report.to_dict(),
        [{name: getattr(pair, name) for name in columns} for pair in report.pairs],
        columns,
        last=f"{report.n_pairs('exact')} exact and {report.n_pairs('near')} near pairs of "
        f"{report.n_items} items, in {len(report.groups)} groups; "
        f"{len(report.crossing)} groups stand in more than one split",
    )
    return 1 if report.problems else 0


def _measure(options: argparse.Namespace) -> int:
    if options.out:
        make_folder(options.out)
    root = find_dataset(options.data).root
    result = near_duplicates(
        [root / TABLE_FILE, options.known],
        looked_at=options.looked_at,
        command=command_line(),
        log=log,
        progress=log_every(1_000),
    )
    path = save_lesson("near_duplicates", result, options.out)
    rows = []
    for method in result["methods"]:
        for which in ("at_limit", "shipped"):
            if which in method:
                rows.append({"method": method["name"], "at": which} | _figures(method[which]))
    print_result(options, result | {"file": str(path)}, rows, last=f"in {path}")
    return 0


def _figures(figures: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {"from score": figures["threshold"]}
    for name in ("recall", "recall_two_files", "falsely", "falsely_looked_at"):
        share = figures[name]
        form = "{value}" if share["low"] is None else "{value:.4f} [{low:.4f}, {high:.4f}]"
        words[name.replace("_", " ")] = form.format(**share)
    return words
