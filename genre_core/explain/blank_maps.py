"""Three ways to a blank heat map, each with its cure: study S1's zero gradients, shown on purpose.

The study's Grad-CAM was blank at first. It does not say why; these are the three ways that its
network offers. No network here is trained: the fault is built in, so that it can be seen alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from genre_core.architectures import build
from genre_core.config import CoverInput
from genre_core.explain import MAPS_LOCK
from genre_core.explain.saliency import Saliency, make_saliency
from genre_core.image.cover import prepare_cover
from genre_core.image.picture import Picture

SIZE = 96
_SEED = 7


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One Grad-CAM as a textbook writes it: rectify, subtract the minimum, divide by the range.

    what: What was explained, in words.
    seen [shape=(size, size, 3), dtype=uint8]: The cover as the network received it.
    map [shape=(h, w), dtype=float32]: Rectified, not scaled.
    largest_gradient, largest_activation: Absolute, over the stage.
    n_not_a_number: Cells that the textbook's scaling turns into nan: 0 / 0.
    saliency: The same map as this library judges it.
    """

    what: str
    seen: NDArray[np.uint8]
    map: NDArray[np.float32]
    largest_gradient: float
    largest_activation: float
    n_not_a_number: int
    saliency: Saliency


@dataclass(frozen=True, slots=True, eq=False)
class BlankMap:
    """A fault ("saturated", "dead" or "single cell"), what it does and what cures it."""

    name: str
    title: str
    why: str
    cure: str
    blank: Attempt
    cured: Attempt


def blank_maps(picture: Picture) -> tuple[BlankMap, ...]:
    """Show all three on one cover [shape=(height, width, 3), dtype=uint8] of any size.

    **Source**: Selvaraju et al., arXiv 1610.02391, for Grad-CAM; study S1 for the question.

    Examples
    --------
    >>> cover = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    >>> [fault.blank.saliency.is_located for fault in blank_maps(cover)]
    [False, False, False]
    >>> [fault.cured.saliency.is_located for fault in blank_maps(cover)]
    [True, True, True]
    """
    with MAPS_LOCK:
        return tuple(show(picture) for show in (_saturated, _dead, _single_cell))


def _saturated(picture: Picture) -> BlankMap:
    cover = prepare_cover(picture, CoverInput(size=SIZE))
    network = _made_network()
    logit = _logit_of(network, cover)
    # Any cover's logit is put at +40: sigmoid(40) is 1 in float32, its slope p (1 - p) is 0.
    dense = network.get_layer("logits")
    kernel, bias = dense.get_weights()
    dense.set_weights([kernel, bias + (40 - logit)])
    return BlankMap(
        "saturated",
        "A saturated sigmoid",
        "The probability is so close to 1 that float32 holds exactly 1. Its slope p (1 - p) is 0, "
        "and every gradient that passes it is multiplied by 0.",
        "Explain the logit, which no sigmoid flattens. Every network here ends in logits.",
        _attempt(network, cover, "relu_3", "the probability", keras.ops.sigmoid),
        _attempt(network, cover, "relu_3", "the logit"),
    )


def _dead(picture: Picture) -> BlankMap:
    cover = prepare_cover(picture, CoverInput(size=SIZE))
    attempts = []
    for slope in (0.0, 0.1):
        network = _made_network(negative_slope=slope)
        conv = network.get_layer("conv_3")
        kernel, bias = conv.get_weights()
        # As one step too large leaves it: below zero for every cover.
        conv.set_weights([kernel, bias - 50])
        what = "a network of ReLUs" if slope == 0 else "the same with leaky ReLUs"
        attempts.append(_attempt(network, cover, "conv_3", what))
    return BlankMap(
        "dead",
        "Dead ReLUs",
        "A step too large has pushed every filter of the last convolution below 0. A ReLU answers "
        "0 there and lets no gradient back: it can never recover.",
        "A leaky ReLU lets a tenth through. Against the cause: a lower learning rate, or batch "
        "normalization before the ReLU, as the study added later.",
        *attempts,
    )


def _single_cell(picture: Picture) -> BlankMap:
    cover = prepare_cover(picture, CoverInput(size=260))
    keras.utils.set_random_seed(_SEED)
    network = build("s1_prog_covers")
    return BlankMap(
        "single cell",
        "A last map of one cell",
        "Study S1's last convolution leaves a map of 1 x 1. One number has no highest place, and "
        "scaling it by (x - min) / (max - min) divides 0 by 0.",
        "Look at an earlier convolution: the fifth leaves 13 x 13. The default here is the last "
        "one with at least 7 x 7.",
        _attempt(network, cover, "conv_7", "conv_7, the last convolution"),
        _attempt(network, cover, "conv_5", "conv_5, the default here"),
    )


def _made_network(negative_slope: float = 0.0) -> keras.Model:
    """Three small convolutions with fixed random weights; the logit weighs their mean maps."""
    keras.utils.set_random_seed(_SEED)
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    for place in (1, 2, 3):
        x = layers.Conv2D(8, 3, name=f"conv_{place}")(x)
        slope = negative_slope if place == 3 else 0.0
        x = layers.ReLU(negative_slope=slope, name=f"relu_{place}")(x)
        if place < 3:
            x = layers.MaxPooling2D(2, name=f"pool_{place}")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(1, name="logits")(x), name="made")


def _logit_of(network: keras.Model, cover: NDArray[np.uint8]) -> float:
    return float(network(cover[np.newaxis].astype(np.float32), training=False)[0, 0])


def _attempt(
    network: keras.Model,
    cover: NDArray[np.uint8],
    stage: str,
    what: str,
    output: Callable[[Any], Any] | None = None,
) -> Attempt:
    both = keras.Model([network.input], [network.get_layer(stage).output, network.output])
    pixels = tf.constant(cover[np.newaxis], tf.float32)  # (1, size, size, 3)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        maps, logits = both([pixels], training=False)
        score = logits[0, 0] if output is None else output(logits[0, 0])
    gradients = tape.gradient(score, maps, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
    terms = (weights * maps).numpy()[0]  # (h, w, n_filters)
    values = terms.sum(axis=-1)
    if not (values > 0).any() and np.abs(values).max() > 0:
        values = -values  # random weights may speak against: the place is what is shown
    saliency = make_saliency(
        values,
        method="gradcam",
        stage=stage,
        genre_index=1,
        scale=float(np.abs(terms).sum(axis=-1).max()),
    )
    lit = np.maximum(values, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        textbook = (lit - lit.min()) / (lit.max() - lit.min())
    return Attempt(
        what,
        cover,
        lit.astype(np.float32),
        float(np.abs(gradients).max()),
        float(np.abs(maps).max()),
        int(np.isnan(textbook).sum()),
        saliency,
    )
