"""Activation maximisation: the input that excites a kernel, or speaks for a genre, most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import Head, require
from genre_core.explain import MAPS_LOCK
from genre_core.explain.checks import check_genre, check_network
from genre_core.explain.gradcam import logit_of_genre
from genre_core.explain.kernels import conv_layers, find_layer
from genre_core.explain.patterns_part import Part, is_padded, part_before, part_of_logits
from genre_core.explain.patterns_scale import Scale

Of = Literal["mean", "peak"]
"""What of a kernel's map is raised.

mean : the mean over its cells, so that the pattern fills the picture as a texture.
peak : the strongest cell, so that one example stands somewhere.
"""

_BYTES = 250_000_000
_MAX_BATCH = 32
_LEAK = 0.1
_RADIUS = 3  # cells on each side that a blur reads
_N_NOISE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """How a pattern is sought, in steps uphill.

    steps: How many; time is proportional to it.
    rate: Length of the first step, in parts of the range of values; it falls to a tenth.
    jitter: Cells by which the input is moved back and forth before each step along free axes, so
        that no pattern hangs on the grid of strides and pools.
    blur: Standard deviation in cells by which each step is smoothed at first; it falls to 0. What
        single pixels could do alone is found last.
    decay: Part by which all values go back to the middle of their range at each step (the norm
        step): what the kernel does not care for ends there.
    spread: Standard deviation of the noise at the start, in parts of the range.
    """

    steps: int = 24
    rate: float = 0.15
    jitter: int = 4
    blur: float = 1.0
    decay: float = 0.02
    spread: float = 0.1

    def __post_init__(self) -> None:
        for name, low, high in (
            ("steps", 1, 1000),
            ("rate", 0.001, 1),
            ("jitter", 0, 64),
            ("blur", 0, 5),
            ("decay", 0, 0.5),
            ("spread", 0, 1),
        ):
            value = getattr(self, name)
            require(
                low <= value <= high,
                f"{name} must lie in [{low}, {high}].",
                value,
                "Leave it out for the default.",
            )


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """What excites some kernels of one layer most, or speaks most for some genres.

    layer: Name of the convolution; of genres that of the layer of logits.
    kernels [shape=(n,), dtype=int64]: Which, from 0; of genres their places among the card's.
    pictures [shape=(n, *shape), dtype=float32]: In 0 to 1 of the range of values; `Scale.inputs`
        turns them into inputs. A blank one is flat.
    values [shape=(n,), dtype=float64]: What the kernel answers to it: `of` its map after the
        activation, or the genre's logit.
    noise [shape=(n,), dtype=float64]: The same for inputs of plain noise over the whole range: the
        mean of 4.
    blank [shape=(n,), dtype=bool]: Nothing that was tried excites it clearly more than noise.
    """

    layer: str
    kernels: NDArray[np.int64]
    pictures: NDArray[np.float32]
    values: NDArray[np.float64]
    noise: NDArray[np.float64]
    blank: NDArray[np.bool_]
    of: Of


def excite_kernels(
    network: keras.Model,
    layer: str,
    kernels: Sequence[int],
    scale: Scale,
    *,
    of: Of = "mean",
    start: NDArray[Any] | None = None,
    climb: Climb | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Patterns:
    """Seek the inputs that excite kernels of a convolution most.

    Parameters
    ----------
    network : keras.Model
        Flat functional; read, never changed. Only its part up to the layer is run.
    layer : str
        Name of a two-dimensional convolution.
    kernels : sequence of int
        Which of its kernels, at least one.
    scale : Scale
        What the network may be given (`patterns_scale.scale_of`).
    of : {"mean", "peak"}
        What of the kernel's map is raised, see `Of`.
    start : ndarray [shape=scale.shape], optional
        A cover or a segment to begin with, in the network's own values; noise if not given. All
        values go back to it, and not to the middle of their range, at each step.
    climb : Climb, optional
        How it is sought.
    seed : int
        Of the noise and the jitter: the same seed gives the same patterns, whichever kernels are
        asked for together, but for the last digits of sums.
    progress : callable, optional
        `progress(share)` now and then; may raise to stop.

    Raises
    ------
    ParameterError
        No such layer or kernel, or a start of another shape.

    Notes
    -----
    **Source**: Erhan et al. (2009), "Visualizing higher-layer features of a deep network"; the
    steps of Yosinski et al. (arXiv 1506.06579: decay, blur) and Mordvintsev et al. (2015: jitter).
    tf-keras-vis 0.8.7 has it as `ActivationMaximization`, which runs on these networks but keeps
    to the range of values only after its last step, takes one global seed, makes one picture at a
    time and is not compiled; `tests/explain/test_patterns.py` compares what both reach.

    Each gradient is scaled to its own root mean square. What is raised is the mean over cells
    of the map before its activation, cells below 0 counting a tenth: a kernel that does not respond
    yet still shows the way, and one that does is not held back by the cells that do not.

    Blank is a kernel whose answer rises above noise by less than 1 % of the largest rise of those
    asked for, or not at all.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> from genre_core.config import SongInput
    >>> from genre_core.explain.patterns_scale import scale_of
    >>> scale = scale_of(SongInput(features="mel_128", n_frames=43, hop_frames=43))
    >>> network = build("s5_cnn")
    >>> found = excite_kernels(network, "conv_1", [0, 5], scale, climb=Climb(steps=4))
    >>> found.pictures.shape, bool((found.values > found.noise).any())
    ((2, 43, 128, 1), True)
    >>> excite_kernels(network, "conv_1", [32], scale)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Kernels of conv_1 are numbers from 0 to 31. Received [32] \
(list). Choose some of them.
    """
    _check_of(of)
    conv = find_layer(conv_layers(network), layer)
    which = _checked(kernels, conv.n_filters, f"Kernels of {layer}")
    shape = (
        scale.shape
        if start is not None
        else scale.shape_for(conv.sees, is_padded=is_padded(network))
    )
    with MAPS_LOCK:
        part = part_before(network, layer, shape)

    def responses(before: Any, kernel: Any) -> tuple[Any, Any]:
        own = tf.gather(before, kernel, axis=3, batch_dims=1)  # (batch, h, w)
        answers = part.activate(own)
        if of == "peak":
            return tf.reduce_max(own, axis=(1, 2)), tf.reduce_max(answers, axis=(1, 2))
        return tf.reduce_mean(tf.nn.leaky_relu(own, _LEAK), axis=(1, 2)), tf.reduce_mean(
            answers, axis=(1, 2)
        )

    return _seek(part, responses, which, layer, scale, of, start, climb or Climb(), seed, progress)


def excite_genres(
    network: keras.Model,
    head: Head,
    genres: Sequence[int],
    scale: Scale,
    *,
    start: NDArray[Any] | None = None,
    climb: Climb | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Patterns:
    """Seek the inputs that speak most for genres, by the logit; otherwise as `excite_kernels`.

    Of a binary head the logit itself is raised for genre 1, and its negative for genre 0.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> from genre_core.config import SongInput
    >>> from genre_core.explain.patterns_scale import scale_of
    >>> scale = scale_of(SongInput(features="mel_128", n_frames=43, hop_frames=43))
    >>> network = build("s5_cnn", n_logits=1)
    >>> found = excite_genres(network, "binary", [0, 1], scale, climb=Climb(steps=4))
    >>> found.layer, found.kernels.tolist(), bool((found.values > found.noise).all())
    ('logits', [0, 1], True)
    """
    check_network(network, head)
    which = np.array([check_genre(network, head, genre) for genre in genres], np.int64)
    require(len(which) > 0, "At least one genre must be asked for.", list(genres), "Name one.")
    with MAPS_LOCK:
        part = part_of_logits(network)

    def responses(logits: Any, genre: Any) -> tuple[Any, Any]:
        if head == "binary":
            own = logit_of_genre(logits, genre, head)
        else:
            own = tf.gather(logits, genre, axis=1, batch_dims=1)
        return own, own

    layer = network.layers[-1].name
    return _seek(
        part, responses, which, layer, scale, "mean", start, climb or Climb(), seed, progress
    )


def _seek(
    part: Part,
    responses: Callable[[Any, Any], tuple[Any, Any]],
    which: NDArray[np.int64],
    layer: str,
    scale: Scale,
    of: Of,
    start: NDArray[Any] | None,
    climb: Climb,
    seed: int,
    progress: Callable[[float], None] | None,
) -> Patterns:
    rest, given = np.full(part.shape, 0.5, np.float32), start  # a caller may give anything
    if start is not None:
        require(
            getattr(given, "shape", None) == part.shape,
            f"A start must have the shape {part.shape}.",
            start,
            "Prepare it for this network.",
        )
        rest = scale.pictures(start)
    n_at_once = int(np.clip(_BYTES // (3 * part.n_bytes), 1, min(_MAX_BATCH, len(which))))
    with MAPS_LOCK:
        step, answer = _compiled(part, responses, scale, n_at_once)
    chance = np.random.default_rng(seed)
    shifts = np.zeros((climb.steps, 2), np.int32)
    for axis in scale.free:
        shifts[:, axis] = chance.integers(-climb.jitter, climb.jitter + 1, climb.steps)
    falling = np.linspace(1.0, 0.0, climb.steps)
    pictures, values, noise = [], [], []
    for first in range(0, len(which), n_at_once):
        asked = which[first : first + n_at_once]
        filled = np.resize(asked, n_at_once).astype(np.int32)
        chances = [np.random.default_rng([seed, int(kernel)]) for kernel in filled]
        spread = [climb.spread * own.standard_normal(part.shape, np.float32) for own in chances]
        now = tf.constant(np.clip(rest + np.stack(spread), 0.0, 1.0))
        kernel = tf.constant(filled)
        for number, (shift, left) in enumerate(zip(shifts, falling, strict=True)):
            with MAPS_LOCK:
                now = step(
                    now,
                    kernel,
                    tf.constant(rest),
                    tf.constant(shift),
                    tf.constant(climb.rate * (0.1 + 0.9 * left), tf.float32),
                    tf.constant(max(climb.blur * left, 1e-3), tf.float32),
                    tf.constant(climb.decay, tf.float32),
                )
            if progress is not None and number % 8 == 0:
                progress((first + len(asked) * number / climb.steps) / len(which))
        plain = [
            np.stack([own.random(part.shape, np.float32) for own in chances])
            for _ in range(_N_NOISE)
        ]
        with MAPS_LOCK:
            reached = answer(now, kernel).numpy()
            chance_level = np.mean([answer(tf.constant(one), kernel) for one in plain], axis=0)
        pictures.append(now.numpy()[: len(asked)])
        values.append(reached[: len(asked)])
        noise.append(chance_level[: len(asked)])
    found, reached, by_chance = (np.concatenate(parts) for parts in (pictures, values, noise))
    rise = reached.astype(np.float64) - by_chance
    blank = rise <= max(0.01 * float(rise.max()), 1e-6 * float(np.abs(reached).max()))
    found[blank] = rest
    return Patterns(
        layer, which, found, reached.astype(np.float64), by_chance.astype(np.float64), blank, of
    )


def _compiled(
    part: Part, responses: Callable[[Any, Any], tuple[Any, Any]], scale: Scale, n: int
) -> tuple[Any, Any]:
    low, width = tf.constant(scale.low), tf.constant(scale.high - scale.low)
    free = [axis + 1 for axis in scale.free]

    def run(pictures: tf.Tensor, kernel: tf.Tensor) -> tuple[Any, Any]:
        before = part.model(low + pictures * width, training=False)
        return responses(tf.cast(before, tf.float32), kernel)

    def step(
        pictures: tf.Tensor,
        kernel: tf.Tensor,
        rest: tf.Tensor,
        shift: tf.Tensor,
        rate: tf.Tensor,
        blur: tf.Tensor,
        decay: tf.Tensor,
    ) -> tf.Tensor:
        amounts = [shift[axis - 1] for axis in free]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            raised, _ = run(tf.roll(pictures, amounts, free), kernel)
        slope = tape.gradient(raised, pictures, unconnected_gradients="zero")
        slope = _blurred(slope, blur)
        axes = list(range(1, len(pictures.shape)))
        size = tf.sqrt(tf.reduce_mean(tf.square(slope), axis=axes, keepdims=True))
        moved = pictures + rate * tf.math.divide_no_nan(slope, size)
        return tf.clip_by_value(rest + (1 - decay) * (moved - rest), 0.0, 1.0)

    pictures, number = tf.TensorSpec((n, *part.shape), tf.float32), tf.TensorSpec((), tf.float32)
    kernel = tf.TensorSpec((n,), tf.int32)
    compiled = tf.function(step, autograph=False).get_concrete_function(
        pictures,
        kernel,
        tf.TensorSpec(part.shape, tf.float32),
        tf.TensorSpec((2,), tf.int32),
        number,
        number,
        number,
    )
    answer = tf.function(lambda own, which: run(own, which)[1], autograph=False)
    return compiled, answer.get_concrete_function(pictures, kernel)


def _blurred(values: tf.Tensor, deviation: tf.Tensor) -> tf.Tensor:
    """Smooth along the first two axes by a Gauss of this standard deviation, edges mirrored."""
    places = tf.range(-_RADIUS, _RADIUS + 1)
    weights = tf.exp(-0.5 * tf.square(tf.cast(places, tf.float32) / deviation))
    weights /= tf.reduce_sum(weights)
    for axis in (1, 2):
        n = values.shape[axis]
        reach = min(_RADIUS, n - 1)
        around = [[0, 0]] * len(values.shape)
        around[axis] = [reach, reach]
        padded = tf.pad(values, around, "SYMMETRIC")
        own = weights[_RADIUS - reach : _RADIUS + reach + 1]
        size = list(values.shape)
        starts = [0] * len(size)
        parts = []
        for k in range(2 * reach + 1):
            starts[axis] = k
            parts.append(own[k] * tf.slice(padded, list(starts), size))
        values = tf.add_n(parts)
    return values


def _check_of(of: str) -> None:
    require(of in get_args(Of), "of must be 'mean' or 'peak'.", of, "Use 'mean'.")


def _checked(kernels: Sequence[int], n: int, what: str) -> NDArray[np.int64]:
    asked: list[object] = list(kernels)
    is_right = bool(asked) and all(
        isinstance(k, int | np.integer) and not isinstance(k, bool) and 0 <= k < n for k in asked
    )
    require(is_right, f"{what} are numbers from 0 to {n - 1}.", asked, "Choose some of them.")
    return np.array(asked, np.int64)
