"""Commands on what people noted: notes and correct."""

from __future__ import annotations

import argparse
from pathlib import Path

from genre_core.cli.console import log, print_result
from genre_core.data.importers import find_dataset
from genre_core.data.importers.corrected import corrected_dataset
from genre_core.data.notes import NOTE_COLUMNS, noted_files, notes_of
from genre_core.data.notes_csv import export_csv, import_csv

_SHOWN = ("item_id", "flag", "labels", "weights", "who", "at", "text")


def add_notes(command: argparse.ArgumentParser) -> None:
    """Add the options of `notes`."""
    command.add_argument(
        "--import",
        dest="source",
        type=Path,
        metavar="CSV",
        help=f"note what a table says first (columns: {', '.join(NOTE_COLUMNS)})",
    )
    command.add_argument("--export", type=Path, metavar="CSV", help="write the notes as a table")
    command.add_argument("--who", default="", help="who notes, where the table names nobody")


def add_correct(command: argparse.ArgumentParser) -> None:
    """Add the options of `correct`."""
    command.add_argument(
        "--name", default="", help="of the new data set; NAME_corrected by default"
    )


def notes(options: argparse.Namespace) -> int:
    """List the notes on a data set's items, take some in from a table, or write them to one."""
    catalog = find_dataset(options.data)
    if options.source is not None:
        n_changed = import_csv(catalog, options.source, who=options.who)
        log(f"{n_changed} notes are new or changed")
    if options.export is not None:
        log(f"{export_csv(catalog, options.export)} notes in {options.export}")
    frame = notes_of(catalog)
    gone = len(set(noted_files(catalog.head.name)) - set(frame["checksum"]))
    if gone:
        log(f"{gone} more are on files that are not in {catalog.head.name} any longer")
    rows = frame.to_dict("records")
    last = f"{len(rows)} notes on {len(catalog)} items of {catalog.head.name}"
    print_result(options, rows, rows, _SHOWN, last=last)
    return 0


def correct(options: argparse.Namespace) -> int:
    """Make a data set with the labels that were noted."""
    made = corrected_dataset(find_dataset(options.data), options.name)
    facts = {
        "name": made.head.name,
        "n_items": len(made),
        "digest": made.digest,
        "derived": made.head.derived,
    }
    print_result(options, facts, [facts], ("name", "n_items"), last=made.head.derived)
    return 0
