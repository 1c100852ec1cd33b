"""The command that computes what a recipe's network reads of the songs of a data set."""

from __future__ import annotations

import argparse

from genre_core.cli.printing import log, print_json, print_table
from genre_core.config import load_experiment, song_input
from genre_core.data.importers import find_dataset

_TELL_EVERY = 25


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    command.add_argument("experiment", metavar="EXPERIMENT", help="a name, or a TOML file")
    command.add_argument(
        "--processes", type=int, metavar="N", help="at once; as many as processors by default"
    )


def features(options: argparse.Namespace) -> int:
    """Compute and keep the features; go on where a stopped run was."""
    from genre_core.data.song_inputs import extract_features

    experiment = load_experiment(options.experiment)
    spec = song_input(experiment.input)
    catalog = find_dataset(options.data)
    sources = experiment.task.sources
    frame = catalog.frame
    frame = frame[frame["source"].isin(sources)] if sources else frame

    def told(done: int, total: int, name: str) -> None:
        if done % _TELL_EVERY == 0 or done == total:
            log(f"{done} of {total}: {name}")

    found = extract_features(
        catalog,
        frame,
        spec,
        clip_s=experiment.task.clip_s,
        n_processes=options.processes,
        progress=told,
    )
    for problem in found.problems:
        log(str(problem))
    facts = {
        "data": catalog.head.name,
        "features": spec.features,
        "n_songs": found.n_songs,
        "n_broken": len(found.problems),
    }
    if options.json:
        broken = [{"path": each.where, "reason": each.what} for each in found.problems]
        print_json(facts | {"broken": broken})
    else:
        print_table([facts], tuple(facts))
    return 1 if found.problems else 0
