"""The command shortcuts: how far facts of files alone tell the genres."""

from __future__ import annotations

import argparse

from genre_core.analysis.shortcuts import LEVEL, MARGIN, ShortcutReport, shortcuts_of
from genre_core.cli.console import print_result
from genre_core.cli.runs import begin
from genre_core.config import require
from genre_core.data.importers import find_dataset
from genre_core.errors import JobError
from genre_core.jobs.shortcut_audit import LIMIT, audit_request, find_audit
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
        default=LIMIT,
        metavar="N",
        help="read at most so many items of a data set, whole artists drawn at random",
    )
    command.add_argument(
        "--background",
        action="store_true",
        help="start it and return; `runs` tells how it stands, the page Data what it found",
    )


def shortcuts(options: argparse.Namespace) -> int:
    """Tell the genres by each kind of facts alone, and name those that chance does not explain."""
    if options.evaluation is not None:
        require(
            not options.background,
            "--background is for a data set, whose files are read.",
            "--evaluation",
            "Leave it out: what an evaluation holds is told at once.",
        )
        report = shortcuts_of(find_evaluation(options.evaluation))
    else:
        catalog = find_dataset(options.data)
        if begin(audit_request(options.data, limit=options.limit), options) is None:
            return 0
        audit = find_audit(catalog.digest)
        if audit is None:
            raise JobError(
                "What an audit found must stay in GENRE_HOME until it is shown.",
                received=f"none of {catalog.head.name}",
                cure="Ask again.",
            )
        report = audit.report
    facts = report.to_dict()
    shown = [row | {"interval": _interval(row)} for row in facts["kinds"]]
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
