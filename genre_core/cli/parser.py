"""What can be typed: every command and its options."""

from __future__ import annotations

import argparse
from pathlib import Path

from genre_core import __version__
from genre_core.cli import (
    classify,
    data,
    evaluations,
    evidence,
    explain,
    lessons,
    models,
    notes,
    patterns,
    report,
    runs,
    shortcuts,
    songs,
    train,
    what_if,
)
from genre_core.cli.console import add_engine
from genre_core.data.importers import LAYOUTS
from genre_core.data.importers.prog_folder import S1_LIMITS
from genre_core.explain.saliency import METHODS


def make_parser() -> argparse.ArgumentParser:
    """Build the parser; each command's function stands in its `run`.

    >>> make_parser().parse_args(["models", "--json"]).json
    True
    """
    parser = argparse.ArgumentParser(
        prog="python -m genre_core",
        description="Music-genre networks: classify, explain, train and measure.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_reading(commands)
    _add_making(commands)
    _add_runs(commands)
    for name, run, text, add in (
        ("studies", lessons.studies, "tell what a rebuilt study found", lessons.add_studies),
        ("kernels", explain.kernels, "show a model's learned kernels", explain.add_kernels),
        (
            "patterns",
            patterns.patterns,
            "seek the inputs that excite kernels, or speak for a genre, most",
            patterns.add_patterns,
        ),
        (
            "exciting",
            patterns.exciting,
            "find what in a data set excites each kernel most",
            patterns.add_exciting,
        ),
        (
            "remove-kernels",
            patterns.remove,
            "measure a model with kernels, groups or second layers taken out",
            patterns.add_remove,
        ),
        ("scaling", lessons.scaling, "ask whether a network learns scaling", lessons.add_scaling),
        ("blank-maps", lessons.blank, "show why a heat map can be blank", lessons.add_blank),
        ("song-length", lessons.length, "ask whether length tells prog songs", lessons.add_length),
        ("song-votes", lessons.votes, "compare rules from segments to songs", lessons.add_votes),
        (
            "evaluations",
            evaluations.evaluations,
            "list what models answered on data sets",
            evaluations.add_evaluations,
        ),
        (
            "report",
            report.report,
            "write an evaluation as one HTML file, a table or a playlist",
            report.add_report,
        ),
        ("models", models.models, "list the trained models with their figures", None),
        ("architectures", models.architectures, "list the networks that can be trained", None),
        ("experiments", models.experiments, "list the recipes", None),
    ):
        command = _command(commands, name, run, text)
        if add is not None:
            add(command)
        _json(command)
        if name == "models":
            command.add_argument(
                "--write-table", type=Path, metavar="FILE", help="write the table as Markdown"
            )
    return parser


def _add_reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = _command(
        commands, "classify", classify.classify, "name the genres of covers or songs"
    )
    command.add_argument("sources", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    command.add_argument(
        "--model", action="append", metavar="NAME", help="may be repeated; every model by default"
    )
    command.add_argument(
        "--neighbours",
        type=int,
        default=0,
        metavar="K",
        help="also list the K training covers most like each cover",
    )
    songs.add_classify(command)
    _json(command)

    command = _command(commands, "explain", explain.explain, "show where a network looks")
    command.add_argument("source", type=Path, metavar="FILE")
    command.add_argument("--model", metavar="NAME", help="the first model by default")
    command.add_argument("--method", default="gradcam", help=f"{', '.join(METHODS)}")
    command.add_argument("--stage", help="name of a layer; the default suits most questions")
    command.add_argument("--genre", help="which genre to explain; the likeliest by default")
    command.add_argument("--opacity", type=float, default=0.5, help="of the heat map, 0 to 1")
    command.add_argument(
        "--evidence",
        action="store_true",
        help="test the map: hide and show by it and by maps of no network; shuffle the weights",
    )
    command.add_argument("--out", type=Path, metavar="PNG", help="where the picture is written")
    _json(command)

    command = _command(
        commands, "what-if", what_if.what_if, "change a cover or a song, and see what is said then"
    )
    what_if.add_what_if(command)
    _json(command)


def _add_making(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = _command(commands, "train", train.train, "train a recipe on your data")
    command.add_argument("experiment", metavar="EXPERIMENT", help="a name, or a TOML file")
    _data(command)
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change a setting of the recipe, such as training.batch_size=16 or augment.flip=true "
        "(a TOML value; may be repeated)",
    )
    command.add_argument(
        "--grid",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH=VALUE,VALUE",
        help="train every combination of these values, such as training.learning_rate=.01,.001; "
        "the best on val is kept and tested, once",
    )
    command.add_argument("--epochs", type=int)
    command.add_argument("--repeats", type=int, help="runs with different seeds")
    command.add_argument("--seed", type=int)
    command.add_argument("--folds", type=int, help="of songs, whole artists at a time; 0 for none")
    command.add_argument(
        "--random-folds", action="store_true", help="deal single songs: figures will flatter"
    )
    command.add_argument("--out", type=Path, metavar="FOLDER", help="gets the bundle's folder")
    train.add_estimate(command)
    add_engine(command)
    command.add_argument("--device", default="auto", help="auto, cpu, gpu:N or gpus (all of them)")
    command.add_argument(
        "--precision", default="auto", help="auto, float32 or mixed (float16 on a GPU)"
    )
    command.add_argument(
        "--tensorboard", action="store_true", help="write curves for TensorBoard too"
    )
    command.add_argument(
        "--deterministic", action="store_true", help="the same weights every time, if slower"
    )
    command.add_argument(
        "--background", action="store_true", help="start it and return; `runs` tells how it stands"
    )
    _json(command)

    command = _command(
        commands, "features", songs.features, "compute what a network of songs reads, ahead"
    )
    songs.add_features(command)
    _data(command)
    _json(command)

    command = _command(
        commands, "references", songs.references, "store prog scores of songs people know"
    )
    songs.add_references(command)
    _data(command)
    _json(command)

    command = _command(commands, "duplicates", data.duplicates, "list what is double in data")
    _data(command)
    data.add_duplicates(command)
    _json(command)

    command = _command(
        commands,
        "shortcuts",
        shortcuts.shortcuts,
        "ask how far facts of files alone tell the genres",
    )
    shortcuts.add_shortcuts(command)
    _json(command)

    command = _command(
        commands, "notes", notes.notes, "list what was noted on items, take notes in or out as CSV"
    )
    _data(command)
    notes.add_notes(command)
    _json(command)

    command = _command(
        commands, "correct", notes.correct, "make a data set with the labels that were noted"
    )
    _data(command)
    notes.add_correct(command)
    _json(command)

    for name, run, text in (
        ("evaluate", evaluations.evaluate, "measure a model on any data and keep its answers"),
        ("calibrate", train.calibrate, "fit a model's probabilities to how often it is right"),
        ("neighbours", classify.neighbours, "store a model's view of its training covers"),
        ("evidence", evidence.evidence, "measure what a model's heat maps are worth"),
        ("families", evidence.families, "measure which families of features a model needs"),
    ):
        command = _command(commands, name, run, text)
        command.add_argument("model", metavar="MODEL", help="a name, or a bundle's folder")
        _data(command)
        if name == "evaluate":
            evaluations.add_evaluate(command)
        if name == "evidence":
            evidence.add_evidence(command)
        if name == "families":
            evidence.add_families(command)
        _json(command)

    command = _command(commands, "import", data.import_data, "make a data set of covers or songs")
    command.add_argument("source", type=Path, help="a folder, a table or a zip")
    command.add_argument(
        "--layout",
        default="auto",
        choices=("auto", *LAYOUTS),
        metavar="NAME",
        help="; ".join(f"{name}: {layout.text}" for name, layout in LAYOUTS.items())
        + "; auto, the default: told by what lies there",
    )
    command.add_argument("--images", type=Path, help="folder of what a table lists")
    command.add_argument(
        "--others", type=Path, metavar="FOLDER", help="for prog: covers that are not prog"
    )
    command.add_argument(
        "--limits",
        type=int,
        nargs=2,
        metavar=("PROG", "OTHERS"),
        help="for prog: at most so many of each; study S1 had {} {}".format(*S1_LIMITS.values()),
    )
    command.add_argument("--label", help="for kaggle: the genre of all its covers without one")
    command.add_argument(
        "--subset", choices=("small", "medium", "large"), help="for fma: of a larger folder"
    )
    command.add_argument("--name", help="of the data set; the folder's by default")
    for flag, text in (
        ("--new-splits", "make new splits, by artist, instead of keeping the data's own"),
        ("--cut-val", "take a val part of train where the data's own splits have none"),
        (
            "--merge-spellings",
            "make one genre of those that differ only in case, blanks or Unicode form",
        ),
        ("--replace", "let the data set of another source that has this name go"),
        ("--verify", "decode every song whole too, not covers alone"),
    ):
        command.add_argument(flag, action="store_true", help=text)
    for name, text in (
        ("title", "one line for people"),
        ("citation", "whom to cite"),
        ("licence", "what may be done with the covers"),
    ):
        command.add_argument(f"--{name}", default="", help=f"{text}, for cards")
    command.add_argument("--seed", type=int, default=0, help="of the splits, where they are made")
    command.add_argument(
        "--near-duplicates",
        action="store_true",
        help="find covers or songs that are nearly the same, and keep them in one split",
    )
    command.add_argument(
        "--allow-leaks",
        action="store_true",
        help="insist on splits that share an artist or a file: figures will flatter, and say so",
    )
    command.add_argument(
        "--background", action="store_true", help="start it and return; `runs` tells how it stands"
    )
    _json(command)


def _add_runs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listed = _command(
        commands, "runs", runs.list_all, "list trainings and imports, and how they stand"
    )
    _json(listed)
    for name, run, text in (
        ("stop", runs.stop, "stop a run after its step; what it has learnt is kept"),
        ("resume", runs.resume, "resume a run that was stopped, failed or was interrupted"),
        ("promote", runs.promote, "put the model that a run made to use"),
        ("delete", runs.delete, "delete a run and all its states"),
        ("work", runs.work, "carry a run out here; what `train --background` starts"),
    ):
        command = _command(commands, name, run, text)
        runs.add_options(command)
        if name in ("resume", "work"):
            command.add_argument(
                "--finish", action="store_true", help="keep its best epoch and go no further"
            )
        if name == "resume":
            command.add_argument("--background", action="store_true", help="and return at once")
        _json(command)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: object,
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def _data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data",
        required=True,
        metavar="NAME_OR_FOLDER",
        help="a data set: an imported one's name, or a folder (with labels.csv, or genre folders)",
    )


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON alone")
