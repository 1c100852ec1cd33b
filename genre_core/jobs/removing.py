"""Figures of a network with kernels, groups of kernels or second layers taken out, as a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, SongInput, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_write
from genre_core.data.importers import find_dataset
from genre_core.errors import DatasetError, GenreError, ParameterError
from genre_core.explain.kernel_groups import groups_of_layer
from genre_core.explain.patterns_store import StoredLayer, home_folder, load_patterns
from genre_core.explain.removed_store import VERSION, save_removed
from genre_core.jobs.fits.kinds import need_medium
from genre_core.jobs.run_control import data_place
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.card import Card
from genre_core.runs.run_folder import Request, RunFolder

if TYPE_CHECKING:
    import keras

    from genre_core.evaluation.report import Scored

SPLITS = ("test", "all")
SEGMENTS_EACH = 8
"""Segments of a song that are heard, taken evenly: each variant hears all of them again."""

MAX_ITEMS = 600
"""Items that are asked at most, chosen by chance of a fixed seed: their inputs stay in memory."""

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1")


def removal_request(
    model: str,
    data: str,
    *,
    split: str = "test",
    source: str = "",
    kernels: Mapping[str, Sequence[int]] | None = None,
) -> Request:
    """Write down a measurement with kernels taken out as a run's request.

    Parameters
    ----------
    model : str
        A bundle's name or folder.
    data : str
        What `data.importers.find_dataset` takes.
    split : {"test", "all"}
        The items.
    source : str
        Only items of this source, or of several with commas between; "" for every one.
    kernels : mapping of str to sequence of int, optional
        Kernels of layers that are taken out together, a variant of its own beside the second layers
        of pairs and the groups.

    Raises
    ------
    CheckpointError, ParameterError
        No such network, one of which only the record is here, or one of several tags.
    """
    bundle = find_bundle(model)
    require(split in SPLITS, "split must be 'test' or 'all'.", split, "Use 'test'.")
    require(
        bundle.has_network and bundle.card.head != "multilabel",
        "A network that is measured must be here, and give one answer an item.",
        bundle.name,
        "Choose another.",
    )
    settings = {
        "model": str(bundle.folder.absolute()) if Path(model).is_dir() else model,
        "data": data_place(data, "A measurement"),
        "split": split,
        "source": source,
        "kernels": {layer: [int(k) for k in which] for layer, which in (kernels or {}).items()},
    }
    return Request("remove", f"Kernels of {bundle.name} taken out", settings)


def carry_out_removal(run: RunFolder, progress: Progress, log: Log) -> Bundle:
    """Do what such a run asks for; each variant that is measured is kept in the run."""
    settings = run.request().settings
    bundle, catalog = find_bundle(settings["model"]), find_dataset(settings["data"])
    kept = run.states / "removed.json"
    result = measure_removed(
        bundle,
        catalog,
        split=settings["split"],
        source=settings["source"],
        kernels=settings["kernels"],
        kept=kept,
        progress=progress,
        log=log,
    )
    save_removed(bundle.card, result, home_folder())
    return bundle


def measure_removed(
    bundle: Bundle,
    catalog: Catalog,
    *,
    split: str = "test",
    source: str = "",
    kernels: Mapping[str, Sequence[int]] | None = None,
    kept: Path | None = None,
    progress: Progress = lambda done, total, text: None,
    log: Log = lambda line: None,
) -> dict[str, Any]:
    """Measure a network as it is, and with parts of it taken out, on the same inputs.

    Parts are each second layer of a pair (`patterns_removed.seconds_of_pairs`), passed by; each
    group of each layer whose patterns are stored; and `kernels`, together. Nothing is trained
    again: a fall says that the network as it is uses the part, not that it is needed.

    Gives, for JSON: model, data, split, source, n, n_groups, n_per_genre, segments_each, `whole`
    (figures with intervals over groups), and `rows`: what, layer, group, n_kernels, n_filters,
    figures, gains (paired, over the whole network), n_changed (answers that are others).

    Raises `DatasetError`: no item that can be asked.
    """
    from genre_core.evaluation.report import BOOTSTRAP, item_groups
    from genre_core.inference.checkpoint import load_network

    card, network = bundle.card, load_network(bundle)
    frame, inputs = read_asked(bundle, catalog, split, source, log)
    about = {
        "version": VERSION,
        "model": card.name,
        "data": {"name": catalog.head.name, "digest": catalog.digest},
        "split": split,
        "source": source,
    }
    variants = _variants(network, card, kernels or {})
    key = json.dumps([about, card.model_sha256, [facts for facts, _ in variants]], sort_keys=True)
    rows = _kept_rows(kept, key)
    scored = _scorer(card, frame, inputs)
    whole = scored(network)
    for place, (facts, make) in enumerate(variants):
        text = " ".join(filter(None, (facts["what"], facts["layer"], facts["group"])))
        progress(place, len(variants), text)
        if place < len(rows):
            continue
        rows.append(facts | _figures(scored(make()), whole))
        log(f"{text}: {rows[-1]['figures']['accuracy']['value']}")
        if kept is not None:
            atomic_write(kept, json.dumps({"key": key, "rows": rows}))
    progress(len(variants), len(variants), "figures")
    groups = item_groups(frame)
    genres = frame["genre_index"].to_numpy()
    return about | {
        "n": len(frame),
        "n_groups": len(np.unique(groups)),
        "n_per_genre": np.bincount(genres, minlength=len(card.genres)).tolist(),
        "segments_each": SEGMENTS_EACH if card.media == "song" else None,
        "interval": BOOTSTRAP,
        "whole": {name: whole.figure(name) for name in FIGURES},
        "rows": rows,
    }


def _variants(
    network: keras.Model, card: Card, chosen: Mapping[str, Sequence[int]]
) -> list[tuple[dict[str, Any], Callable[[], keras.Model]]]:
    """List what is taken out: facts, and how the network without it is made."""
    from genre_core.explain.kernels import conv_layers
    from genre_core.explain.patterns_removed import (
        seconds_of_pairs,
        without_kernels,
        without_layer,
    )

    filters = {layer.name: layer.n_filters for layer in conv_layers(network)}
    variants: list[tuple[dict[str, Any], Callable[[], keras.Model]]] = []

    def add(what: str, layer: str, group: str, n: int, make: Callable[[], keras.Model]) -> None:
        facts = {"what": what, "layer": layer, "group": group, "n_kernels": n}
        variants.append((facts | {"n_filters": filters[layer]}, make))

    for layer in seconds_of_pairs(network):
        add("second layer", layer, "", filters[layer], _later(without_layer, network, layer))
    for layer, which in chosen.items():
        named = ", ".join(map(str, which))
        make = _later(without_kernels, network, layer, list(which))
        add("kernels", layer, named, len(which), make)
    for layer, stored in load_patterns(card).items():
        for group, members in _members(card, stored).items():
            make = _later(without_kernels, network, layer, members)
            add("group", layer, group, len(members), make)
    return variants


def _later(make: Callable[..., keras.Model], *arguments: Any) -> Callable[[], keras.Model]:
    return lambda: make(*arguments)


def _members(card: Card, stored: StoredLayer) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for kernel, group in groups_of_layer(card, stored).items():
        members.setdefault(group.name, []).append(kernel)
    return dict(sorted(members.items()))


def read_asked(
    bundle: Bundle, catalog: Catalog, split: str, source: str, log: Log
) -> tuple[pd.DataFrame, list[NDArray[Any]]]:
    """Choose the items whose genre is known, and prepare their inputs."""
    frame = _known(bundle, catalog, split)
    if source:
        frame = frame[frame["source"].isin(source.split(","))]
    if not len(frame):
        raise DatasetError(
            "At least one item must have a genre that the network names.",
            received=f"none in {catalog.head.name!r}" + (f" of source {source!r}" * bool(source)),
            cure="Choose another data set, another source, or every item.",
        )
    if len(frame) > MAX_ITEMS:
        some = np.sort(np.random.default_rng(0).permutation(len(frame))[:MAX_ITEMS])
        frame = frame.iloc[some]
    frame = frame.reset_index(drop=True)
    log(f"reading {len(frame):,} {bundle.card.media}s of {catalog.head.name}")
    inputs, places = [], []
    for place, (checksum, path) in enumerate(zip(frame["checksum"], frame["path"], strict=True)):
        try:
            inputs.append(_inputs(bundle.card, catalog.root / path, checksum))
            places.append(place)
        except GenreError as error:
            log(f"left out: {path}: {error}")
    if not inputs:
        raise DatasetError(
            "At least one item must be readable.",
            received=f"none of {len(frame)}",
            cure="Import the data again.",
        )
    return frame.iloc[places].reset_index(drop=True), inputs


def _known(bundle: Bundle, catalog: Catalog, split: str) -> pd.DataFrame:
    # Measuring loads what pages that only show figures are spared.
    from genre_core.jobs.evaluating import items_of, names_genres

    if names_genres(bundle):
        return items_of(bundle, catalog, split)[1]
    need_medium(from_dict(Experiment, bundle.card.experiment), catalog)
    from genre_core.evaluation.prog_rates import is_known_non_prog

    score = bundle.card.prog_score
    if len(bundle.card.genres) != 2 or score is None:
        raise ParameterError(
            "A network that is measured must name genres, or give a prog score.",
            received=bundle.name,
            cure="Choose another.",
        )
    every = catalog.frame
    every = every[every["split"] == "test"] if split == "test" else every
    is_prog = every["labels"].map(lambda labels: "prog" in labels).to_numpy(bool)
    is_other = every["labels"].map(is_known_non_prog).to_numpy(bool)
    genre = bundle.card.genres.index(score.genre)
    index = np.where(is_prog, genre, 1 - genre)
    return every.assign(genre_index=index)[is_prog != is_other]


def _inputs(card: Card, path: Path, checksum: str) -> NDArray[Any]:
    if isinstance(card.input, SongInput):
        from genre_core.data.song_inputs import read_song_file
        from genre_core.explain.exciting import evenly

        inputs = read_song_file(path, checksum, card.input).inputs
        return np.array(inputs[evenly(len(inputs), SEGMENTS_EACH)], np.float32)
    from genre_core.image.cover import prepare_cover
    from genre_core.image.decode import decode_cover

    return prepare_cover(decode_cover(path), card.input)[np.newaxis]


def _scorer(
    card: Card, frame: pd.DataFrame, inputs: list[NDArray[Any]]
) -> Callable[[keras.Model], Scored]:
    from genre_core.evaluation.report import Scored, item_groups
    from genre_core.inference.forward import Compiled
    from genre_core.metrics.probabilities import probabilities

    stacked = np.concatenate(inputs)
    ends = np.cumsum([len(one) for one in inputs])[:-1]
    true, groups = frame["genre_index"].to_numpy(), item_groups(frame)

    def scored(network: keras.Model) -> Scored:
        logits = Compiled(network, stacked.dtype.name, batch_size=16)(stacked)[0]
        probs = probabilities(logits, card.head)
        means = np.stack([part.mean(axis=0) for part in np.split(probs, ends)])
        return Scored.served(true, means, groups, card.head, card.calibration)

    return scored


def _figures(variant: Scored, whole: Scored) -> dict[str, Any]:
    from genre_core.evaluation.report import gain

    return {
        "figures": {name: variant.figure(name) for name in FIGURES},
        "gains": {name: gain(variant, whole, name) for name in FIGURES},
        "n_changed": int((variant.answers != whole.answers).sum()),
    }


def _kept_rows(kept: Path | None, key: str) -> list[dict[str, Any]]:
    if kept is None or not kept.is_file():
        return []
    stored = json.loads(kept.read_text(encoding="utf-8"))
    return list(stored["rows"]) if stored["key"] == key else []
