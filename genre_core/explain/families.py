"""Which families of features speak for a genre, in a network that reads features and no picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import PAD, Head, SongInput
from genre_core.explain import MAPS_LOCK
from genre_core.explain.checks import check_genre, check_item, check_network
from genre_core.explain.feature_families import family_columns
from genre_core.explain.gradcam import logit_of_genre
from genre_core.explain.integrated import integrated_gradients
from genre_core.explain.lru_store import LruStore

_BATCH = 16
_SLICE_S = 1.0
_KEPT: LruStore[int, tuple[keras.Model, Any, Any]] = LruStore(4)


@dataclass(frozen=True, slots=True, eq=False)
class FamilyShares:
    """What each family adds to a genre's logit, against an average song.

    names: The families, in the order of the network's columns.
    values [shape=(n_families,), dtype=float64]: Signed, in units of the logit.
    over_time [shape=(n_slices, n_families)]: The same second by second; None of a network that
        reads one row of statistics a segment.
    start_s [shape=(n_slices,)]: Of each slice, from the segment's start.
    difference: The segment's logit less that of an average song, which `values` sum to.
    gap: How far they are off, as a part of it.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    over_time: NDArray[np.float64] | None
    start_s: NDArray[np.float64]
    difference: float
    gap: float


def family_shares(
    network: keras.Model,
    head: Head,
    segment: NDArray[np.float32],
    spec: SongInput,
    genre_index: int,
) -> FamilyShares:
    """Attribute a genre's logit to the families of features that a segment consists of.

    Integrated gradients from an average song (0 everywhere, since features come standardized by
    those of the training songs) to the segment, summed over the columns of each family.

    Parameters
    ----------
    network : keras.Model
        Reads standardized `frames_205` or `statistics_423`; ends in logits.
    segment : ndarray [shape=spec.shape, dtype=float32]
        One row of `Segments.inputs`; frames of padding count nowhere.

    Raises
    ------
    ParameterError
        Another kind of input, a segment or a genre that does not fit.

    Notes
    -----
    **Source**: Sundararajan, Taly and Yan, arXiv 1703.01365. What families share (loudness is in
    `rms` and in the mel bands) is divided among them as the network happens to use it: a family
    with a small sum may still know as much as one with a large one.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> spec = SongInput(
    ...     features="statistics_423", n_frames=430, hop_frames=215, offsets=(0.0,) * 423,
    ...     scales=(1.0,) * 423,
    ... )
    >>> segment = np.random.default_rng(0).normal(size=423).astype(np.float32)
    >>> shares = family_shares(build("s5_mlp", n_logits=2), "softmax", segment, spec, 1)
    >>> len(shares.names), shares.names[-1], shares.gap < 0.05
    (15, 'course', True)
    """
    check_network(network, head)
    check_item(network, segment)
    index = check_genre(network, head, genre_index)
    names, family = family_columns(spec)
    _, gradient, logits = _KEPT.get(id(network), lambda: (network, *_compile(network, head)))
    average = np.where(segment == np.float32(PAD), segment, np.float32(0))
    with MAPS_LOCK:
        found = integrated_gradients(
            segment,
            average,
            lambda points: gradient(tf.constant(points), tf.constant(index)).numpy(),
            lambda points: logits(tf.constant(points), tf.constant(index)).numpy(),
            batch=_BATCH,
            after_each=MAPS_LOCK.let_others_through,
        )
    by_column = found.values if found.values.ndim == 2 else found.values[np.newaxis]
    by_family = np.stack(
        [by_column[:, family == k].sum(axis=1) for k in range(len(names))], axis=1
    )  # (n_frames or 1, n_families)
    over_time: NDArray[np.float64] | None = None
    start_s: NDArray[np.float64] = np.empty(0)
    if found.values.ndim == 2:
        n_each = max(1, round(_SLICE_S / spec.frame_step_s))
        edges = np.arange(0, len(by_family), n_each)
        over_time = np.add.reduceat(by_family, edges, axis=0)
        start_s = np.asarray(edges * spec.frame_step_s, np.float64)
    return FamilyShares(
        names, by_family.sum(axis=0), over_time, start_s, found.difference, found.gap
    )


def _compile(network: keras.Model, head: Head) -> tuple[Any, Any]:
    shape = (None, *network.inputs[0].shape[1:])
    signature = [tf.TensorSpec(shape, tf.float32), tf.TensorSpec((), tf.int32)]

    @tf.function(input_signature=signature, autograph=False)
    def logits(points: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        return logit_of_genre(network(points, training=False), index, head)

    @tf.function(input_signature=signature, autograph=False)
    def gradient(points: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(points)
            score = tf.reduce_sum(logit_of_genre(network(points, training=False), index, head))
        return tape.gradient(score, points)

    return gradient, logits
