"""Commands that list what there is: models, architectures, experiments."""

from __future__ import annotations

import argparse

from genre_core.cli.printing import print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.config import list_experiments, load_experiment
from genre_core.data.files import atomic_write
from genre_core.runs.bundle import list_bundles
from genre_core.runs.table import model_rows, models_markdown


def models(options: argparse.Namespace) -> int:
    """List the trained models with their headline figures."""
    bundles = (*list_bundles(media="cover"), *list_bundles(media="song"))
    if options.write_table:
        atomic_write(options.write_table, models_markdown(bundles))
        return 0
    rows = model_rows(bundles)
    if options.json:
        print_json(rows)
    else:
        columns = ("name", "figure", "value", "interval", "majority", "baseline", "baseline_value")
        print_table(rows, columns)
    return 0


def architectures(options: argparse.Namespace) -> int:
    """List every network: name, study, covers or songs, input shape, parameters."""
    load_tensorflow()
    from genre_core.architectures import ARCHITECTURES

    rows = [
        {
            "name": each.name,
            "title": each.title,
            "study": each.study,
            "media": each.media,
            "input_shape": list(each.input_shape),
            "n_logits": each.n_logits,
            "head": each.head,
            "n_parameters": each.n_parameters,
            "source": each.source,
        }
        for each in ARCHITECTURES.values()
    ]
    if options.json:
        print_json(rows)
    else:
        print_table(rows, ("name", "study", "media", "input_shape", "n_parameters"))
    return 0


def experiments(options: argparse.Namespace) -> int:
    """List every recipe that ships."""
    rows = []
    for name in list_experiments():
        each = load_experiment(name)
        rows.append(
            {
                "name": name,
                "title": each.title,
                "study": each.study,
                "architecture": each.architecture,
                "bundle": each.bundle_name,
                "genres": list(each.task.genres),
                "epochs": each.training.epochs,
                "repeats": each.training.repeats,
            }
        )
    if options.json:
        print_json(rows)
    else:
        print_table(rows, ("name", "study", "architecture", "title"))
    return 0
