"""Commands that list what there is: models, architectures and experiments."""

from __future__ import annotations

import argparse

from genre_core.cli.console import load_tensorflow, print_result
from genre_core.config import list_experiments, load_experiment
from genre_core.data.files import atomic_write
from genre_core.runs.bundle import list_bundles
from genre_core.runs.table import model_rows, models_markdown

COLUMNS = ("name", "figure", "value", "interval", "majority", "baseline", "baseline_value")
"""Of a model's headline figures."""


def models(options: argparse.Namespace) -> int:
    """List the trained models with their headline figures."""
    bundles = (*list_bundles(media="cover"), *list_bundles(media="song"))
    if options.write_table:
        atomic_write(options.write_table, models_markdown(bundles))
        return 0
    rows = model_rows(bundles)
    print_result(options, rows, rows, COLUMNS)
    return 0


def architectures(options: argparse.Namespace) -> int:
    """List every network: name, study, covers or songs, input shape, parameters."""
    load_tensorflow()
    from genre_core.architectures import ARCHITECTURES

    names = ("name", "title", "study", "media", "input_shape", "n_logits", "head", "n_parameters")
    rows = [
        {name: getattr(network, name) for name in (*names, "source")}
        for network in ARCHITECTURES.values()
    ]
    print_result(options, rows, rows, ("name", "study", "media", "input_shape", "n_parameters"))
    return 0


def experiments(options: argparse.Namespace) -> int:
    """List every recipe that ships."""
    rows = []
    for name in list_experiments():
        recipe = load_experiment(name)
        rows.append(
            {
                "name": name,
                "title": recipe.title,
                "study": recipe.study,
                "architecture": recipe.architecture,
                "bundle": recipe.bundle_name,
                "genres": list(recipe.task.genres),
                "epochs": recipe.training.epochs,
                "repeats": recipe.training.repeats,
            }
        )
    print_result(options, rows, rows, ("name", "study", "architecture", "title"))
    return 0
