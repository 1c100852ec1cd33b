"""Patterns of every layer of a network as a run: each layer is kept as soon as it is made."""

from __future__ import annotations

from pathlib import Path

from genre_core.config import require
from genre_core.explain.patterns_store import home_folder, load_patterns, read_file, save_patterns
from genre_core.explain.patterns_store import path_of as patterns_path
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.run_folder import Request, RunFolder


def patterns_request(model: str, *, device: str = "auto") -> Request:
    """Write down the patterns of a network's layers as a run's request.

    Raises `CheckpointError`: no such network, `ParameterError`: only its record is here.
    """
    bundle = find_bundle(model)
    require(
        bundle.has_network,
        "A network whose patterns are sought must be here.",
        f"{bundle.name}, of which only the record is",
        "Train it again.",
    )
    named = str(bundle.folder.absolute()) if Path(model).is_dir() else model
    return Request("patterns", f"Patterns of {bundle.name}", {"model": named}, device)


def carry_out_patterns(run: RunFolder, progress: Progress, log: Log) -> Bundle:
    """Make what is not stored of a network yet; a run that was stopped goes on where it was."""
    from genre_core.explain.kernels import conv_layers
    from genre_core.explain.patterns_made import has_patterns, make_missing
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

    bundle = find_bundle(run.request().settings["model"])
    card = bundle.card
    reader = SongClassifier if card.media == "song" else Classifier
    served = reader.load(bundle)
    require(
        has_patterns(card, conv_layers(served.network)),
        "Patterns need two-dimensional convolutions over covers or spectrograms.",
        bundle.name,
        "Choose a convolutional network.",
    )
    folder = home_folder()
    made = read_file(patterns_path(card, folder))
    for layer in make_missing(served, load_patterns(card), progress=progress):
        made[layer.layer] = layer
        save_patterns(card, folder, made.values())
        log(f"{layer.layer}: {len(layer.kernels)} patterns, {int(layer.blank.sum())} blank")
    return bundle
