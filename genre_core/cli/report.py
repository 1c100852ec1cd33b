"""The command report: an evaluation as one HTML file, as tables and as a playlist."""

from __future__ import annotations

import argparse
from pathlib import Path

from genre_core.analysis.exports import misclassified_csv, predictions_parquet, selection_m3u
from genre_core.analysis.report_page import report_html
from genre_core.analysis.selection import Selection, describe, select
from genre_core.cli.console import log, print_result
from genre_core.config import require
from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_write, make_folder
from genre_core.data.importers import dataset_of, find_dataset
from genre_core.data.playlists import need_playlist
from genre_core.errors import DatasetError
from genre_core.runs.evaluations import EvaluationRecord, find_evaluation

_FILES = ("out", "csv", "m3u", "parquet")


def add_report(command: argparse.ArgumentParser) -> None:
    """Add what is written where, and of which items."""
    command.add_argument("evaluation", metavar="EVALUATION", help="its name: see `evaluations`")
    command.add_argument(
        "--beside", metavar="OTHER", help="another evaluation of the same items, to compare with"
    )
    for name, text in (
        ("out", "the report, one HTML file that needs no network"),
        ("csv", "wrong items with their probabilities and paths"),
        ("m3u", "songs: a playlist of those selected, the wrong ones by default"),
        ("parquet", "all predictions, with those selected marked"),
    ):
        command.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)
    command.add_argument(
        "--select",
        default="",
        metavar="TEXT",
        help="which items, as the page Errors writes it into its link, such as "
        "true.Rock~predicted.Pop (not for --out, which tells of all)",
    )
    command.add_argument(
        "--data",
        metavar="NAME_OR_FOLDER",
        help="where the data set that was evaluated is; found by itself where it was imported",
    )


def report(options: argparse.Namespace) -> int:
    """Write a report, a table, a playlist: what is asked for."""
    files = {name: getattr(options, name) for name in _FILES if getattr(options, name)}
    require(
        bool(files),
        "report needs a file to write.",
        "none",
        "Give --out FILE.html, --csv FILE, --m3u FILE or --parquet FILE.",
    )
    record = find_evaluation(options.evaluation)
    catalog = _catalog(record, options.data)
    if catalog is None:
        log(f"the data set {record.about['data']['name']} is not here: no covers, notes and paths")
    selection = Selection.from_query(options.select)
    rows = select(record.predictions(), record.genres, selection) if options.select else None
    for path in files.values():
        make_folder(path.absolute().parent)
    if options.out:
        beside = find_evaluation(options.beside) if options.beside else None
        atomic_write(options.out, report_html(record, catalog=catalog, beside=beside))
    if options.csv:
        atomic_write(options.csv, misclassified_csv(record, rows, catalog=catalog))
    if options.parquet:
        atomic_write(options.parquet, predictions_parquet(record, rows))
    if options.m3u:
        _write_playlist(record, catalog, selection, options.m3u)
    facts = {
        "evaluation": record.name,
        **{name: str(path) for name, path in files.items()},
        "selection": ", ".join(describe(selection).values()) or "all",
        "n_selected": record.about["n"] if rows is None else len(rows),
    }
    written = [{"file": str(path), "bytes": path.stat().st_size} for path in files.values()]
    print_result(options, facts, written)
    return 0


def _write_playlist(
    record: EvaluationRecord, catalog: Catalog | None, selection: Selection, out: Path
) -> None:
    if catalog is None:
        raise DatasetError(
            "A playlist needs the songs' data set.",
            received=f"none with the digest of {record.about['data']['name']}",
            cure="Say where it is: --data FOLDER.",
        )
    need_playlist(out)
    if selection == Selection():
        selection = Selection(outcome="wrong")
    rows = select(record.predictions(), record.genres, selection)
    folder = out.absolute().parent.resolve()
    text, problems = selection_m3u(record, rows, catalog, folder=folder)
    for problem in problems:
        log(f"not in the playlist: {problem}")
    atomic_write(out, text)


def _catalog(record: EvaluationRecord, data: str | None) -> Catalog | None:
    digest = str(record.about["data"].get("digest", ""))
    if data is None:
        return dataset_of(digest, str(record.about["data"]["name"]))
    catalog = find_dataset(data)
    require(
        catalog.digest == digest,
        "--data must be the very data set that was evaluated.",
        f"{data} with the digest {catalog.digest[:12]}, not {digest[:12]}",
        "Leave it out for a report without covers and notes.",
    )
    return catalog
