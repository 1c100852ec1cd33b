"""The command that lists what is double in a data set, or measures how well that is found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from genre_core.cli.making import command_line
from genre_core.cli.printing import log, print_json, print_table
from genre_core.data.duplicates import DuplicateReport, find_duplicates
from genre_core.data.files import make_folder
from genre_core.data.importers import TABLE_FILE, find_dataset
from genre_core.lessons.near_duplicates import near_duplicates
from genre_core.lessons.stored import save_lesson

_TELL_EVERY = 1_000


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
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


def duplicates(options: argparse.Namespace) -> int:
    """List duplicates; with `--known` measure the finder and store the result."""
    if options.known is not None:
        return _measure(options)
    report = find_duplicates(
        find_dataset(options.data),
        thorough=options.thorough,
        min_score=options.min_score,
        progress=_tell,
    )
    for problem in report.problems:
        log(str(problem))
    if options.json:
        print_json(report.to_dict())
    else:
        print_table(_rows(report), ("kind", "score", "first", "second"))
        print(
            f"{report.n_pairs('exact')} exact and {report.n_pairs('near')} near pairs of "
            f"{report.n_items} items, in {len(report.groups)} groups; "
            f"{len(report.crossing)} groups stand in more than one split"
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
        progress=_tell,
    )
    path = save_lesson("near_duplicates", result, options.out)
    if options.json:
        print_json(result | {"file": str(path)})
        return 0
    rows = []
    for method in result["methods"]:
        for which in ("at_limit", "shipped"):
            if which in method:
                rows.append({"method": method["name"], "at": which} | _figures(method[which]))
    print_table(rows, tuple(rows[0]))
    print(f"in {path}")
    return 0


def _figures(figures: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {"from score": figures["threshold"]}
    for name in ("recall", "recall_two_files", "falsely", "falsely_looked_at"):
        each = figures[name]
        form = "{value}" if each["low"] is None else "{value:.4f} [{low:.4f}, {high:.4f}]"
        words[name.replace("_", " ")] = form.format(**each)
    return words


def _rows(report: DuplicateReport) -> list[dict[str, Any]]:
    return [
        {"kind": pair.kind, "score": pair.score, "first": pair.first, "second": pair.second}
        for pair in report.pairs
    ]


def _tell(done: int, total: int, text: str) -> None:
    if done % _TELL_EVERY == 0 or done == total:
        log(f"{done} of {total}: {text}")
