"""Which covers or passages of a data set excite each kernel of a network most, as a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.data.importers import find_dataset
from genre_core.data.media_files import Each, MediaFile, each_file, use_file
from genre_core.errors import DatasetError, DecodeError, Problem
from genre_core.explain.exciting_store import ExcitingFacts, save_exciting
from genre_core.jobs.kept_parts import Arrays, KeptParts
from genre_core.jobs.run_control import data_place
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.run_folder import Request, RunFolder

if TYPE_CHECKING:
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

LIMIT = 10_000
"""Covers that are read at most, or segments of songs."""

_AT_ONCE = {"cover": 128, "song": 8}  # so many at most are read again after a stop
_VERSION = 1  # Raise it when parts would hold something else.
_LOGGED = 20
_ARRAYS = ("values", "items", "segments", "cells")


def exciting_request(model: str, data: str, *, limit: int = LIMIT, device: str = "auto") -> Request:
    """Write down the question as a run's request.

    Parameters
    ----------
    model : str
        A bundle's name or folder.
    data : str
        What `data.importers.find_dataset` takes.
    limit : int
        So many covers at most are read, drawn at random; of songs so many segments, evenly over
        all of them, at least one of each. At least 1.

    Raises
    ------
    CheckpointError, ParameterError
        No such network, one of which only the record is here, or a limit below 1.
    """
    bundle = find_bundle(model)
    require(
        bundle.has_network,
        "A network whose kernels are asked must be here.",
        f"{bundle.name}, of which only the record is",
        "Train it again.",
    )
    require(limit >= 1, "At least one item is read.", limit, f"Leave it at {LIMIT:,}.")
    settings = {
        "model": str(bundle.folder.absolute()) if Path(model).is_dir() else model,
        "data": data_place(data, "Kernels"),
        "limit": limit,
    }
    return Request("excite", f"{Path(data).name} for kernels of {bundle.name}", settings, device)


def carry_out_exciting(run: RunFolder, progress: Progress, log: Log) -> Bundle:
    """Do what such a run asks for, and keep it at home; a run that is resumed reads on.

    Items are read some at a time, and of each part only the strongest places of every kernel are
    kept: memory does not grow with the data set.

    Raises
    ------
    ParameterError, DatasetError
        A network without two-dimensional convolutions, data of the other medium, or no item that
        can be read.
    """
    from genre_core.explain.exciting import seen_by
    from genre_core.explain.kernels import conv_layers
    from genre_core.explain.top_places import TopPlaces, TopReader, merge
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

    settings = run.request().settings
    bundle, catalog = find_bundle(settings["model"]), find_dataset(settings["data"])
    limit, media = int(settings["limit"]), bundle.card.media
    require(
        (catalog.head.media == "track") == (media == "song"),
        f"The data must hold {media}s.",
        f"{catalog.head.name!r} of {catalog.head.media}s",
        "Name another data set, or another model.",
    )
    reader = SongClassifier if media == "song" else Classifier
    served = reader.load(bundle)
    layers = {one.name: one for one in conv_layers(served.network) if one.kind != "conv1d"}
    require(
        bool(layers),
        "Kernels of two axes are asked.",
        f"{bundle.name}, which has none",
        "Choose a convolutional network.",
    )
    frame = catalog.frame
    if len(frame) > limit:
        frame = frame.iloc[np.sort(np.random.default_rng(0).permutation(len(frame))[:limit])]
    frame = frame.reset_index(drop=True)
    each_has = max(1, limit // max(1, len(frame)))
    log(f"{len(frame):,} of {len(catalog):,} {media}s, {len(layers)} layers")
    top = TopReader(served.network, list(layers))
    key = [_VERSION, bundle.card.model_sha256, catalog.digest, limit, list(layers)]
    parts = KeptParts(run.states, key, _AT_ONCE[media], progress, log)

    def read(some: pd.DataFrame, each: Each) -> Arrays:
        places, inputs, left_out = each_file(
            lambda file: _inputs(file, served, each_has), catalog, some, each
        )
        numbers = some.index.to_numpy()[places].tolist()
        found = top.read(zip(numbers, inputs, strict=True))
        arrays: Arrays = {"left_out": left_out, "n_segments": np.array(sum(map(len, inputs)))}
        for name, own in found.items():
            arrays |= {f"{name}.{field}": getattr(own, field) for field in _ARRAYS}
        return arrays

    found, n_segments, left_out = top.none(), 0, []
    for _, arrays in parts.make("places", frame, read, f"{media}s of {catalog.head.name}"):
        part = {
            name: TopPlaces(*(arrays[f"{name}.{field}"] for field in _ARRAYS)) for name in layers
        }
        found = merge(found, part)
        n_segments += int(arrays["n_segments"])
        left_out += arrays["left_out"].tolist()
    for pair in left_out[:_LOGGED]:
        log(f"left out: {Problem(*pair)}")
    if len(left_out) == len(frame):
        raise DatasetError(
            "At least one item must be readable.",
            received=f"none of {len(frame)}",
            cure="Import the data again.",
        )
    facts = ExcitingFacts(
        model_sha256=bundle.card.model_sha256,
        data={
            "name": catalog.head.name,
            "title": catalog.head.title or catalog.head.name,
            "digest": catalog.digest,
        },
        media=media,
        n_items=len(frame) - len(left_out),
        n_segments=n_segments,
        left_out=len(left_out),
        layers=tuple(layers),
    )
    stored = {
        name: {
            "values": own.values,
            "items": own.items,
            "segments": own.segments,
            "spans": seen_by(served.network, layers[name], own.cells).astype(np.int16),
        }
        for name, own in found.items()
    }
    save_exciting(facts, frame["item_id"].to_numpy().astype(str), stored)
    return bundle


def _inputs(
    file: MediaFile, served: Classifier | SongClassifier, each_has: int
) -> NDArray[Any] | Problem:
    """Read an item as its network does: a cover alone, or some segments of a song, evenly."""
    from genre_core.data.song_inputs import read_song_file
    from genre_core.explain.exciting import MAX_SEGMENTS, evenly
    from genre_core.inference.classifier import Classifier

    if isinstance(served, Classifier):
        cover = use_file(file, served.prepare)
        return cover if isinstance(cover, Problem) else cover[np.newaxis]
    try:
        inputs = read_song_file(file.path, file.checksum, served.spec).inputs
    except (DecodeError, OSError) as error:
        return Problem(file.item_id, str(error))
    return np.array(inputs[evenly(len(inputs), min(each_has, MAX_SEGMENTS))], np.float32)
