"""Commands of the lessons: studies, scaling, blank-maps, song-length and song-votes."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import Any

from genre_core.cli.console import (
    command_line,
    load_tensorflow,
    log,
    print_json,
    print_result,
    print_table,
)
from genre_core.config import load_experiment, to_dict
from genre_core.data.demo import demo_covers
from genre_core.data.files import make_folder
from genre_core.image.decode import decode_cover
from genre_core.lessons.scaling import scaling_question
from genre_core.lessons.song_length import song_length
from genre_core.lessons.song_votes import song_votes
from genre_core.lessons.stored import save_lesson
from genre_core.lessons.studies import Study, list_studies, load_study
from genre_core.lessons.studies.tables import UNITS

WIDTH = 100


def add_studies(command: argparse.ArgumentParser) -> None:
    """Add the options of `studies`."""
    command.add_argument("study", nargs="?", metavar="STUDY", help="such as S3; all by default")


def add_scaling(command: argparse.ArgumentParser) -> None:
    """Add the options of `scaling`."""
    command.add_argument(
        "experiment", nargs="?", default="s1_scaling_question", help="of two genres"
    )
    command.add_argument("--data", required=True, metavar="NAME_OR_FOLDER")
    command.add_argument("--epochs", type=int)
    command.add_argument(
        "--repeats", type=int, help="runs of each training; the best on val counts"
    )
    command.add_argument("--out", type=Path, metavar="FOLDER", help="gets the result as JSON")


def add_blank(command: argparse.ArgumentParser) -> None:
    """Add the options of `blank-maps`."""
    command.add_argument(
        "source", nargs="?", type=Path, metavar="FILE", help="a cover; a built-in one by default"
    )


def add_length(command: argparse.ArgumentParser) -> None:
    """Add the options of `song-length`."""
    command.add_argument(
        "--data",
        required=True,
        metavar="FOLDER",
        help="with prog_train.csv and prog_test.csv: numbers a song, and people's labels",
    )
    command.add_argument("--repeats", type=int, default=10, help="runs with different seeds")
    command.add_argument("--epochs", type=int, default=50, help="of the network; 50 in study S5")
    command.add_argument("--seed", type=int, default=0, help="of the first run")
    command.add_argument("--out", type=Path, metavar="FOLDER", help="gets the result as JSON")


def add_votes(command: argparse.ArgumentParser) -> None:
    """Add the options of `song-votes`."""
    command.add_argument(
        "--data",
        required=True,
        metavar="FOLDER",
        help="with test_votes_snippets.csv.gz: votes on segments of songs, and people's labels",
    )
    command.add_argument("--repeats", type=int, default=10, help="times that folds are drawn")
    command.add_argument("--seed", type=int, default=0, help="of the first draw")
    command.add_argument("--out", type=Path, metavar="FOLDER", help="gets the result as JSON")


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
    rows = [{"name": one.name, "title": one.title, "slips": len(one.slips)} for one in every]
    print_result(options, [to_dict(study) for study in every], rows)
    return 0


def scaling(options: argparse.Namespace) -> int:
    """Ask whether a network learns how files were scaled, and store the answer."""
    if options.out:
        make_folder(options.out)
    load_tensorflow()
    result = scaling_question(
        load_experiment(options.experiment),
        options.data,
        command=command_line(),
        log=log,
        epochs=options.epochs,
        repeats=options.repeats,
    )
    rows = [
        {
            "trained on covers": row["trained_on"],
            "tested on covers": row["tested_on"],
            "ROC AUC": row["roc_auc"]["value"],
            "interval": _ends(row["roc_auc"]),
            "accuracy": row["accuracy"],
        }
        for row in result["rows"]
    ]
    return _store(options, "scaling_question", result, rows)


def blank(options: argparse.Namespace) -> int:
    """Show three ways to a blank heat map, each with its cure."""
    source: Path = options.source or demo_covers()[0].path
    picture = decode_cover(source)
    load_tensorflow()
    from genre_core.explain.blank_maps import blank_maps

    rows = [
        {
            "fault": fault.name,
            "explained": attempt.what,
            "largest gradient": attempt.largest_gradient,
            "cells 0 / 0": attempt.n_not_a_number,
            "of": attempt.map.size,
            "located": attempt.saliency.is_located,
            "reason": attempt.saliency.reason,
        }
        for fault in blank_maps(picture)
        for attempt in (fault.blank, fault.cured)
    ]
    print_result(options, rows, rows)
    return 0


def _ends(figure: dict[str, Any]) -> str:
    if "no_interval" in figure:
        return f"none: {figure['no_interval']}"
    return f"[{figure['low']:.3f}, {figure['high']:.3f}]"


def length(options: argparse.Namespace) -> int:
    """Ask how much of telling prog from the rest is telling long from short; store the answer."""
    if options.out:
        make_folder(options.out)
    load_tensorflow()
    result = song_length(
        options.data,
        command=command_line(),
        log=log,
        repeats=options.repeats,
        epochs=options.epochs,
        seed=options.seed,
    )
    rows = [
        {
            "columns": f"{row['features']} ({row['n_columns']})",
            "model": row["model"],
            "accuracy": row["accuracy"]["mean"],
            "lowest, highest": "{lowest:.3f}, {highest:.3f}".format(**row["accuracy"]),
            "balanced accuracy": row["balanced_accuracy"]["mean"],
            "ROC AUC": row["roc_auc"]["mean"],
        }
        for row in result["rows"]
    ]
    majority = f"majority {result['majority']:.3f}; "
    return _store(options, "song_length", result, rows, majority)


def votes(options: argparse.Namespace) -> int:
    """Ask which rule makes a song's score of its segments', and how much of it is length."""
    if options.out:
        make_folder(options.out)
    result = song_votes(
        options.data, command=command_line(), log=log, repeats=options.repeats, seed=options.seed
    )
    rows = [
        {
            "rule": row["rule"],
            "ROC AUC": row["roc_auc"]["value"],
            "interval": _ends(row["roc_auc"]),
            "of like length": row["matched_roc_auc"]["value"],
            "like interval": _ends(row["matched_roc_auc"]),
            "balanced accuracy": row["balanced_accuracy"]["value"],
        }
        for row in result["rows"]
    ]
    chosen = "chosen: {rule}, {reason}; ".format(**result["chosen"])
    return _store(options, "song_votes", result, rows, chosen)


def _store(
    options: argparse.Namespace,
    name: str,
    result: dict[str, Any],
    rows: list[dict[str, Any]],
    last: str = "",
) -> int:
    path = save_lesson(name, result, options.out)
    print_result(options, result | {"file": str(path)}, rows, last=f"{last}in {path}")
    return 0


def _print_study(study: Study) -> None:
    _print_block(f"{study.name}: {study.title}", [study.question, study.lesson])
    _print_block("Data", [study.data, f"Split: {study.split}", f"Groups: {study.groups}"])
    print("\nPublished")
    print_table(to_dict(study)["figures"], ("of", "metric", "written", "split", "what"))
    print("\nModels")
    models = [
        {
            "name": network.name,
            "layers": network.layers or "open",
            "parameters": network.n_parameters or "open",
            "result": network.result,
        }
        for network in study.networks
    ]
    print_table(models, ("name", "parameters", "layers", "result"))
    _print_counted(study)
    print("\nRecomputed")
    values = [{"what": one.what, "value": study.written(one.name)} for one in study.recomputed]
    print_table(values, ("value", "what"))
    for slip in study.slips:
        _print_block(f"Slip ({slip.basis}): {slip.claim}", [slip.found, slip.matters])
    _print_block("Ours, apart", [study.apart])
    print(f"\npython -m genre_core train {study.rerun} --data FOLDER")


def _print_counted(study: Study) -> None:
    # Songs and windows are two figures, so two tables.
    for unit in UNITS:
        rows = [table.to_row(study.genres) for table in study.tables_of(unit)]
        if rows:
            print(f"\nTables of {unit}")
            print_table(rows, tuple(rows[0]))
    for matrix in study.shares:
        print(f"\nGenre by genre, network {matrix.network}")
        rows = [
            {key: f"{cell:.3f}" if isinstance(cell, float) else cell for key, cell in row.items()}
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
