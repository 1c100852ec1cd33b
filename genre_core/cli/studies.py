"""What the rebuilt studies published, and what recomputing it gives."""

from __future__ import annotations

import argparse
import textwrap

from genre_core.cli.printing import print_json, print_table
from genre_core.config import to_dict
from genre_core.lessons.studies import Study, list_studies, load_study
from genre_core.lessons.studies.tables import UNITS

WIDTH = 100


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    command.add_argument("study", nargs="?", metavar="STUDY", help="such as S3; all by default")


def studies(options: argparse.Namespace) -> int:
    """List the studies, or tell one of them whole."""
    if options.study is not None:
        study = load_study(options.study.upper())
        if options.json:
            print_json(to_dict(study))
        else:
            _print_study(study)
        return 0
    every = [load_study(name) for name in list_studies()]
    if options.json:
        print_json([to_dict(study) for study in every])
    else:
        rows = [
            {"name": each.name, "title": each.title, "slips": len(each.slips)} for each in every
        ]
        print_table(rows, ("name", "title", "slips"))
    return 0


def _print_study(study: Study) -> None:
    _print_block(f"{study.name}: {study.title}", [study.question, study.lesson])
    _print_block("Data", [study.data, f"Split: {study.split}", f"Groups: {study.groups}"])
    print("\nPublished")
    print_table(to_dict(study)["figures"], ("of", "metric", "written", "split", "what"))
    print("\nModels")
    models = [
        {
            "name": each.name,
            "layers": each.layers or "open",
            "parameters": each.n_parameters or "open",
            "result": each.result,
        }
        for each in study.networks
    ]
    print_table(models, ("name", "parameters", "layers", "result"))
    _print_counted(study)
    print("\nRecomputed")
    values = [{"what": each.what, "value": study.written(each.name)} for each in study.recomputed]
    print_table(values, ("value", "what"))
    for slip in study.slips:
        _print_block(f"Slip ({slip.basis}): {slip.claim}", [slip.found, slip.matters])
    _print_block("Ours, apart", [study.apart])
    print(f"\npython -m genre_core train {study.rerun} --data FOLDER")


def _print_counted(study: Study) -> None:
    # Songs and windows are two figures, so two tables.
    for unit in UNITS:
        rows = [each.to_row(study.genres) for each in study.tables_of(unit)]
        if rows:
            print(f"\nTables of {unit}")
            print_table(rows, tuple(rows[0]))
    for matrix in study.shares:
        print(f"\nGenre by genre, network {matrix.network}")
        rows = [
            {name: f"{each:.3f}" if isinstance(each, float) else each for name, each in row.items()}
            for row in matrix.to_rows(study.genres)
        ]
        print_table(rows, tuple(rows[0]))
    for song in study.songs:
        _print_block(f"{song.song}, segment by segment: {song.network}", [song.verdict()])
        rows = [{name: f"{value:.3f}" for name, value in row.items()} for row in song.to_rows()]
        print_table(rows, tuple(rows[0]))
    for misses in study.misses:
        head = f"{misses.genre} taken for {misses.taken_for}: {len(misses.songs)} songs"
        _print_block(f"{head}, {misses.table}", list(misses.songs))


def _print_block(head: str, texts: list[str]) -> None:
    print("\n" + "\n".join(textwrap.wrap(head, WIDTH)))
    for text in texts:
        print(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  "))
