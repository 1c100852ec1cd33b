"""Which segments of some songs excite each kernel of a layer most, and where in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.errors import GenreError
from genre_core.explain import MAPS_LOCK
from genre_core.explain.conv_layer import ConvLayer
from genre_core.explain.kernels import conv_layers, find_layer
from genre_core.explain.map_geometry import cell_centres
from genre_core.explain.peaks import Peaks
from genre_core.explain.stages import find_stage

MAX_SEGMENTS = 300
"""Segments of one song that are read, taken evenly: a song may have thousands of seconds."""

_BATCH = 32


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of a segment that one cell of a kernel's map sees.

    value: What the kernel answered there.
    rows, columns: From and to (not included), on the first and second axis of the network's input.
    picture [shape=(rows, columns), dtype=float32]: What the network reads there.
    """

    song: int
    segment: int
    value: float
    rows: tuple[int, int]
    columns: tuple[int, int]
    picture: NDArray[np.float32]


def layer_peaks(
    network: keras.Model,
    layer: str,
    songs: Sequence[NDArray[np.float32]],
    *,
    progress: Callable[[float], None] | None = None,
) -> Peaks:
    """Find where each kernel of a layer answers most in every segment of some songs.

    Parameters
    ----------
    network : keras.Model
        Flat functional, one input of two axes or two and channels; read, never changed.
    layer : str
        Name of a two-dimensional convolution.
    songs : sequence of np.ndarray [shape=(n, *shape), dtype=float32]
        Segments of each song, as the network reads them; at most `MAX_SEGMENTS` of each are
        taken, evenly. Memory grows with segments times kernels, not with the maps.
    progress : callable, optional
        `progress(share)` after each batch.

    Raises
    ------
    ParameterError
        No song, a song of another shape or without a segment, or no such layer.
    GenreError
        A map that is not finite.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> network = build("s5_cnn")
    >>> songs = [np.zeros((2, 43, 128, 1), np.float32), np.ones((3, 43, 128, 1), np.float32)]
    >>> peaks = layer_peaks(network, "conv_2", songs)
    >>> peaks.values.shape, peaks.songs.tolist()
    ((5, 32), [0, 0, 1, 1, 1])
    """
    shape = tuple(network.inputs[0].shape[1:])
    require(len(songs) > 0, "Patches need at least one song.", len(songs), "Choose a song.")
    for song in songs:
        require(
            song.shape[1:] == shape and len(song) > 0,
            f"A song must have segments of the shape {shape}.",
            song,
            "Prepare it for this network.",
        )
    stage = find_stage(network, layer)
    with MAPS_LOCK:
        read = compile_peaks(network, [stage.output], _BATCH)
    taken = [evenly(len(song), MAX_SEGMENTS) for song in songs]
    n_all, n_done = sum(map(len, taken)), 0
    values, cells = [], []
    for song, which in zip(songs, taken, strict=True):
        for start in range(0, len(which), _BATCH):
            part = song[which[start : start + _BATCH]]
            with MAPS_LOCK:
                [(value, place)] = read(filled(part, _BATCH))
            values.append(value.numpy()[: len(part)])
            cells.append(place.numpy()[: len(part)])
            n_done += len(part)
            if progress is not None:
                progress(n_done / n_all)
    answers = np.concatenate(values)
    if not np.isfinite(answers).all():
        raise GenreError(
            f"The maps of {stage.name} must be finite.",
            received="a value that is not",
            cure="Check that the songs and the network's weights are finite.",
        )
    flat = np.concatenate(cells)
    return Peaks(
        layer=stage.name,
        values=answers,
        cells=np.stack(np.unravel_index(flat, stage.map_size), axis=-1).astype(np.int32),
        songs=np.repeat(np.arange(len(songs)), [len(which) for which in taken]),
        segments=np.concatenate(taken),
    )


def exciting_patches(
    network: keras.Model,
    peaks: Peaks,
    kernel: int,
    songs: Sequence[NDArray[np.float32]],
    *,
    n: int = 4,
) -> tuple[Patch, ...]:
    """Cut out the `n` patches that excite a kernel most, at most one a segment, strongest first.

    A patch is what the strongest cell of the kernel's map sees of the input: all input cells that
    its value depends on, as far as they lie in the segment. There are fewer than `n` where the
    kernel answers in fewer segments. `songs` are as given to `layer_peaks`, which gave `peaks`.

    Raises `ParameterError`: no such kernel, or `n` below 1.
    """
    n_filters = peaks.values.shape[1]
    require(
        0 <= kernel < n_filters,
        f"kernel must be a number from 0 to {n_filters - 1}.",
        kernel,
        "Choose a kernel of the layer.",
    )
    require(n >= 1, "n must be at least 1.", n, "Ask for 4.")
    answers = peaks.values[:, kernel]
    best = [row for row in np.argsort(-answers, kind="stable")[:n] if answers[row] > 0]
    size = network.inputs[0].shape[1:3]
    patches = []
    layer = find_layer(conv_layers(network), peaks.layer)
    every = seen_by(network, layer, peaks.cells[best, kernel]).tolist()
    for row, ends in zip(best, every, strict=True):
        song, segment = int(peaks.songs[row]), int(peaks.segments[row])
        rows, columns = map(tuple, ends)
        whole = np.asarray(songs[song][segment], np.float32).reshape(size)
        picture = whole[slice(*rows), slice(*columns)].copy()
        patches.append(Patch(song, segment, float(answers[row]), rows, columns, picture))
    return tuple(patches)


def seen_by(
    network: keras.Model, layer: ConvLayer, cells: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """Tell what cells of a layer's map [shape=(..., 2)] see of the network's input.

    Gives, for rows and for columns, from and to (not included) [shape=(..., 2, 2)], as far as they
    lie in the input; the whole axis where the layer is no longer on it.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> network = build("s5_cnn")
    >>> seen_by(network, conv_layers(network)[0], np.array([[0, 0], [20, 5]])).tolist()
    [[[0, 2], [0, 2]], [[19, 22], [4, 7]]]
    """
    centres = cell_centres(network, find_stage(network, layer.name).output)
    spans = np.empty((*cells.shape, 2), np.int64)
    for axis, size in enumerate(network.inputs[0].shape[1:3]):
        sees = layer.sees[axis]
        if sees is None:
            spans[..., axis, :] = 0, size
            continue
        first = np.rint(np.asarray(centres[axis])[cells[..., axis]] - (sees - 1) / 2)
        spans[..., axis, 0] = np.maximum(0, first)
        spans[..., axis, 1] = np.minimum(size, first + sees)
    return spans


def evenly(n: int, limit: int) -> NDArray[np.int64]:
    """Choose at most `limit` of n things, first and last included, evenly.

    Examples
    --------
    >>> evenly(3, 5).tolist(), evenly(9, 3).tolist()
    ([0, 1, 2], [0, 4, 8])
    """
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    return np.linspace(0, n - 1, limit).round().astype(np.int64)


def filled(part: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Repeat the last segment, so that every batch has the size that was compiled."""
    return np.concatenate([part, np.repeat(part[-1:], n - len(part), axis=0)])


def compile_peaks(network: keras.Model, outputs: Sequence[str], batch: int) -> Any:
    """Compile the largest value of each kernel's map, and its cell, of the layers `outputs`.

    Gives a function from inputs [shape=(batch, *shape), dtype=float32] to a pair a layer: values
    (batch, n_filters) and cells counted row by row (batch, n_filters).
    """
    part = keras.Model(network.inputs, [network.get_layer(name).output for name in outputs])

    @tf.function(autograph=False)
    def read(segments: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        pairs = []
        for made in keras.tree.flatten(part([segments], training=False)):
            maps = tf.cast(made, tf.float32)  # (batch, h, w, n_filters)
            flat = tf.reshape(maps, (tf.shape(maps)[0], -1, maps.shape[-1]))
            cells = tf.argmax(flat, axis=1, output_type=tf.int32)
            pairs.append((tf.reduce_max(flat, axis=1), cells))
        return pairs

    return read.get_concrete_function(
        tf.TensorSpec((batch, *network.inputs[0].shape[1:]), tf.float32)
    )
