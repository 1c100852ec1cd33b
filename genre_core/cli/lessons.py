"""Commands of the lessons: the scaling question, blank heat maps and the length of songs."""

from __future__ import annotations

import argparse
from pathlib import Path

from genre_core.cli.making import command_line
from genre_core.cli.printing import log, print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.config import load_experiment
from genre_core.data.demo import demo_covers
from genre_core.data.files import make_folder
from genre_core.image.decode import decode_cover
from genre_core.lessons.scaling import scaling_question
from genre_core.lessons.song_length import song_length
from genre_core.lessons.stored import save_lesson


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
    path = save_lesson("scaling_question", result, options.out)
    if options.json:
        print_json(result | {"file": str(path)})
        return 0
    rows = [
        {
            "trained on covers": row["trained_on"],
            "tested on covers": row["tested_on"],
            "ROC AUC": row["roc_auc"]["value"],
            "interval": f"[{row['roc_auc']['low']:.3f}, {row['roc_auc']['high']:.3f}]",
            "accuracy": row["accuracy"],
        }
        for row in result["rows"]
    ]
    print_table(rows, tuple(rows[0]))
    print(f"in {path}")
    return 0


def blank(options: argparse.Namespace) -> int:
    """Show three ways to a blank heat map, each with its cure."""
    source: Path = options.source or demo_covers()[0].path
    picture = decode_cover(source)
    load_tensorflow()
    from genre_core.explain.blank_maps import blank_maps

    rows = [
        {
            "fault": found.name,
            "explained": attempt.what,
            "largest gradient": attempt.largest_gradient,
            "cells 0 / 0": attempt.n_not_a_number,
            "of": attempt.map.size,
            "located": attempt.saliency.is_located,
            "reason": attempt.saliency.reason,
        }
        for found in blank_maps(picture)
        for attempt in (found.blank, found.cured)
    ]
    if options.json:
        print_json(rows)
    else:
        print_table(rows, tuple(rows[0]))
    return 0


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
    path = save_lesson("song_length", result, options.out)
    if options.json:
        print_json(result | {"file": str(path)})
        return 0
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
    print_table(rows, tuple(rows[0]))
    print(f"majority {result['majority']:.3f}; in {path}")
    return 0
