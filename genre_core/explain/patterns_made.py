"""The patterns of a whole layer as they are stored: made, measured beside real items, grouped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.config import CoverInput, SongInput
from genre_core.data.demo import demo_covers, demo_songs
from genre_core.explain import MAPS_LOCK
from genre_core.explain.conv_layer import ConvLayer
from genre_core.explain.exciting import evenly
from genre_core.explain.kernel_weights import strongest_first
from genre_core.explain.kernels import conv_layers
from genre_core.explain.patterns import Climb, Patterns, excite_genres, excite_kernels
from genre_core.explain.patterns_groups import Group, group_patterns
from genre_core.explain.patterns_part import is_padded, part_before
from genre_core.explain.patterns_scale import RANGES, Scale, scale_of
from genre_core.explain.patterns_store import (
    MAX_WORK,
    StoredLayer,
    most_kernels,
    shaded,
    stored_size,
    upright,
)
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.inference.served import Served
from genre_core.runs.card import Card

SEGMENTS_EACH = 3
"""Segments of each built-in song that patterns are compared with."""

MANY_LAYERS = 40
"""A network of more convolutions is one of inverted residuals: most of its layers are of 1 x 1."""

MAX_GENRES = 60
"""Genres of a network that patterns are stored of."""

_AT_ONCE = 8


def has_patterns(card: Card, layers: tuple[ConvLayer, ...]) -> bool:
    """Tell whether a network's kernels have patterns: 2-D convolutions over pixels or bands."""
    spec = card.input
    reads = isinstance(spec, CoverInput) or spec.features in RANGES
    return reads and any(layer.kind != "conv1d" for layer in layers)


def layers_to_make(
    network: keras.Model, scale: Scale, *, max_work: int = MAX_WORK
) -> list[tuple[ConvLayer, NDArray[np.int64]]]:
    """List the two-dimensional convolutions with the kernels that are stored of each.

    Of networks with more than `MANY_LAYERS` the first, every fifth of those larger than 1 x 1, and
    the last: the others are sought kernel by kernel, when asked for.
    """
    layers = [layer for layer in conv_layers(network) if layer.kind != "conv1d"]
    if len(layers) > MANY_LAYERS:
        large = [layer for layer in layers if layer.has_pictures]
        layers = [*(layer for layer in large[::5] if layer is not layers[-1]), layers[-1]]
    shapes = [scale.shape_for(one.sees, is_padded=is_padded(network)) for one in layers]
    upto = _work_up_to(network)
    whole = math.prod(scale.shape)
    most = most_kernels(
        [layer.n_filters for layer in layers],
        [math.prod(stored_size(shape)) for shape in shapes],
        [
            upto[layer.name] * math.prod(shape) // whole
            for layer, shape in zip(layers, shapes, strict=True)
        ],
        max_work=max_work,
    )
    return [(layer, strongest_first(layer.kernels.norms)[:most]) for layer in layers]


def _work_up_to(network: keras.Model) -> dict[str, int]:
    """Count the multiplications up to each convolution, by its name, of one input."""
    upto, work = {}, 0
    for layer in network.layers:
        if hasattr(layer, "kernel") and len(layer.output.shape) == 4:
            work += math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
            upto[layer.name] = work
    return upto


def real_inputs(card: Card) -> NDArray[Any]:
    """Prepare the built-in covers, or some segments of the built-in songs, for a network."""
    spec = card.input
    if isinstance(spec, SongInput):
        songs = [song_segments(decode_clip(song.path, sr=spec.sr), spec) for song in demo_songs()]
        return np.concatenate(
            [song.inputs[evenly(len(song.inputs), SEGMENTS_EACH)] for song in songs]
        )
    return np.stack([prepare_cover(decode_cover(cover.path), spec) for cover in demo_covers()])


def start_from(card: Card, source: str | Path | bytes) -> NDArray[Any]:
    """Prepare a cover, or the middle segment of a song, to begin a pattern with."""
    spec = card.input
    if isinstance(spec, SongInput):
        segments = song_segments(decode_clip(source, sr=spec.sr), spec).inputs
        return np.array(segments[len(segments) // 2], np.float32)
    return prepare_cover(decode_cover(source), spec)


def make_layer(
    network: keras.Model,
    card: Card,
    layer: ConvLayer,
    kernels: NDArray[np.int64],
    real: NDArray[Any],
    *,
    climb: Climb | None = None,
    progress: Callable[[float], None] | None = None,
) -> StoredLayer:
    """Make the patterns of some kernels of a layer, beside what real items give."""
    scale = scale_of(card.input)
    found = excite_kernels(
        network, layer.name, kernels.tolist(), scale, climb=climb, progress=progress
    )
    answers = layer_answers(network, layer.name, real)[:, kernels].max(axis=0)
    return stored_layer(found, card, layer.n_filters, answers)


def make_genres(
    served: Served,
    real: NDArray[Any],
    *,
    climb: Climb | None = None,
    progress: Callable[[float], None] | None = None,
) -> StoredLayer:
    """Make the pattern of each genre, of the first `MAX_GENRES`."""
    card = served.card
    genres = list(range(min(len(card.genres), MAX_GENRES)))
    found = excite_genres(
        served.network,
        card.head,
        genres,
        scale_of(card.input),
        climb=climb,
        progress=progress,
    )
    logits = served.logits(real)
    if card.head == "binary":
        logits = np.concatenate([-logits, logits], axis=1)
    return stored_layer(found, card, len(card.genres), logits[:, genres].max(axis=0))


def stored_layer(
    found: Patterns, card: Card, n_filters: int, real: NDArray[np.floating]
) -> StoredLayer:
    """Group patterns and bring them into the form in which they are stored."""
    is_song = isinstance(card.input, SongInput)
    groups: tuple[Group, ...] = ()
    pictures = found.pictures
    if pictures.ndim == 3:  # bands without an axis of channels
        pictures = pictures[..., np.newaxis]
    if found.layer != "logits":
        groups = tuple(group_patterns(upright(pictures, card.input), found.blank, is_song=is_song))
    return StoredLayer(
        layer=found.layer,
        n_filters=n_filters,
        kernels=found.kernels,
        pictures=shaded(pictures),
        values=found.values,
        noise=found.noise,
        real=np.asarray(real, np.float64),
        blank=found.blank,
        groups=groups,
    )


def layer_answers(network: keras.Model, layer: str, inputs: NDArray[Any]) -> NDArray[np.float32]:
    """Give the mean of each kernel's map for whole inputs [shape=(n, n_filters)].

    Maps are those after the activation, as `excite_kernels` measures them.
    """
    shape = tuple(network.inputs[0].shape[1:])
    with MAPS_LOCK:
        part = part_before(network, layer, shape)
        read = tf.function(
            lambda some: tf.reduce_mean(part.activate(part.model(some, training=False)), (1, 2)),
            input_signature=[tf.TensorSpec((None, *shape), tf.float32)],
            autograph=False,
        ).get_concrete_function()
    answers = []
    for start in range(0, len(inputs), _AT_ONCE):
        some = tf.constant(inputs[start : start + _AT_ONCE].astype(np.float32))
        with MAPS_LOCK:
            answers.append(read(some).numpy())
    return np.concatenate(answers)


def make_missing(
    served: Served,
    stored: dict[str, StoredLayer],
    *,
    climb: Climb | None = None,
    max_work: int = MAX_WORK,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> Iterator[StoredLayer]:
    """Make what is not stored yet, layer by layer: each is given as soon as it is there.

    `progress(done, total, text)` counts kernels; it may raise to stop.
    """
    network, card = served.network, served.card
    todo = layers_to_make(network, scale_of(card.input), max_work=max_work)
    last = network.layers[-1].name
    sizes = [len(kernels) for _, kernels in todo] + [min(len(card.genres), MAX_GENRES)]
    total = sum(sizes)
    real: NDArray[Any] | None = None

    def teller(place: int, name: str) -> Callable[[float], None]:
        before = sum(sizes[:place])
        return lambda share: progress(before + int(share * sizes[place]), total, name)

    for place, (layer, kernels) in enumerate(todo):
        tell = teller(place, layer.name)
        tell(0.0)
        if layer.name in stored:
            continue
        real = real_inputs(card) if real is None else real
        yield make_layer(network, card, layer, kernels, real, climb=climb, progress=tell)
    if last not in stored:
        tell = teller(len(todo), last)
        tell(0.0)
        real = real_inputs(card) if real is None else real
        yield make_genres(served, real, climb=climb, progress=tell)
    progress(total, total, last)
