"""The command shortcuts: how far facts of files alone tell the genres."""

from __future__ import annotations

import argparse

import pandas as pd

from genre_core.analysis.shortcuts import LEVEL, MARGIN, ShortcutReport, shortcuts_of
from genre_core.cli.console import log, log_every, print_result
from genre_core.data.importers import find_dataset
from genre_core.errors import Problem
from genre_core.jobs.shortcut_audit import audit_dataset
from genre_core.runs.evaluations import find_evaluation

_SHOWN = ("kind", "auc", "interval", "random_folds", "genre", "genre_auc", "p", "is_named")


def add_shortcuts(command: argparse.ArgumentParser) -> None:
    """Add what is audited, and how much of it is read."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", metavar="NAME_OR_FOLDER", help="a data set, whose files are read")
    what.add_argument(
        "--evaluation", metavar="NAME", help="an evaluation, whose items' facts are there already"
    )
    command.add_argument(
        "--limit",
        type=int,
        default=1_000,
        metavar="N",
        help="read at most so many items of a data set, whole artists drawn at random",
    )


def shortcuts(options: argparse.Namespace) -> int:
    """Tell the genres by each kind of facts alone, and name those that chance does not explain."""
    problems: list[Problem] = []
    if options.evaluation is not None:
        report = shortcuts_of(find_evaluation(options.evaluation))
    else:
        catalog = find_dataset(options.data)
        report, problems = audit_dataset(catalog, limit=options.limit, progress=log_every(100))
    for problem in problems:
        log(f"left out: {problem}")
    rows = [
        {name: _plain(value) for name, value in row.items()}
        for row in report.table.to_dict("records")
    ]
    shown = [row | {"interval": _interval(row)} for row in rows]
    facts = {
        "kinds": rows,
        "named": list(report.named),
        **{name: getattr(report, name) for name in ("n", "n_groups", "n_all")},
        "genres": list(report.genres),
    }
    print_result(options, facts, shown, _SHOWN, last=_last(report))
    return 0


def _last(report: ShortcutReport) -> str:
    named = f"shortcuts: {', '.join(report.named)}" if report.named else "no shortcut is named"
    lone = "" if report.n_groups < report.n else "; no two share an artist that is known"
    return (
        f"{named} (p at most {LEVEL:g}, corrected, and an AUC of at least {0.5 + MARGIN:g}; chance "
        f"is 0.5); {report.n} items in {report.n_groups} groups{lone}"
    )


def _interval(row: dict[str, object]) -> str:
    if row["low"] is None:
        return "none"
    return f"{row['low']:.3f} to {row['high']:.3f}"


def _plain(value: object) -> object:
    if isinstance(value, float):
        return None if pd.isna(value) else round(value, 4)
    return value
