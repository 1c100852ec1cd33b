"""Pointing: whether a map's highest place lies in what a made network was built to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.explain.cam import Cam
from genre_core.explain.hiding import control_maps

SIZE = 64
"""Side of the made covers, in px."""

_SIDE = 16  # of the planted squares
_STRIDE = 4
_DIM, _BRIGHT = 150, 255


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """A made cover with a cause and a distractor.

    cover [shape=(64, 64, 3), dtype=uint8]: Grey noise with a reddish and a bluish square.
    cause [shape=(64, 64), dtype=bool]: Where the reddish one lies.
    """

    cover: NDArray[np.uint8]
    cause: NDArray[np.bool_]


def planted_cover(seed: int) -> Planted:
    """Make a cover with a dim red square, which is the cause, and a glaring blue one, which is not.

    Both are 16 px wide, lie on the grid of 4 px that the network reads, and never touch.

    Examples
    --------
    >>> one = planted_cover(0)
    >>> one.cover.shape, int(one.cause.sum())
    ((64, 64, 3), 256)
    """
    rng = np.random.default_rng(seed)
    cover = np.repeat(rng.integers(90, 130, (SIZE, SIZE, 1)), 3, axis=2).astype(np.uint8)
    n_places = (SIZE - _SIDE) // _STRIDE + 1
    while True:
        corners = rng.integers(0, n_places, (2, 2)) * _STRIDE
        if np.abs(corners[0] - corners[1]).max() >= _SIDE + _STRIDE:
            break
    cause = np.zeros((SIZE, SIZE), bool)
    for (top, left), channel, level in zip(corners, (0, 2), (_DIM, _BRIGHT), strict=True):
        inside = np.s_[top : top + _SIDE, left : left + _SIDE]
        cover[inside] = cover[inside] // (2 if channel == 0 else 4)
        cover[(*inside, channel)] = level
        cause[inside] |= channel == 0
    return Planted(cover, cause)


def red_network() -> keras.Model:
    """Build a network by hand whose first genre's logit is how much red a cover has, by patches.

    Input shape (64, 64, 3), output (2,): red and blue. Patches of 4 x 4 px answer by
    relu(R - (G + B) / 2 - 20) or the same for blue; a logit is 1/10 of its mean over places.

    Examples
    --------
    >>> red = red_network()
    >>> red(np.zeros((1, 64, 64, 3), np.float32)).shape
    TensorShape([1, 2])
    """
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Conv2D(2, _STRIDE, _STRIDE, activation="relu", name="colours")(image)
    x = layers.Conv2D(2, 3, padding="same", activation="relu", name="blobs")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    network = keras.Model(image, layers.Dense(2, name="logits")(x), name="red")
    colours = np.full((_STRIDE, _STRIDE, 3, 2), -0.5, np.float32)
    colours[:, :, 0, 0] = colours[:, :, 2, 1] = 1.0
    network.get_layer("colours").set_weights([colours / _STRIDE**2, np.full(2, -20.0)])
    blobs = np.zeros((3, 3, 2, 2), np.float32)
    blobs[:, :, 0, 0] = blobs[:, :, 1, 1] = 1 / 9
    network.get_layer("blobs").set_weights([blobs, np.zeros(2)])
    network.get_layer("logits").set_weights([np.eye(2) / 10, np.zeros(2)])
    return network


def point(methods: Sequence[str], *, n: int = 100, seed: int = 0) -> dict[str, float]:
    """Count how often a map's highest place lies in the cause, also of maps that ask no network.

    The share of n made covers; a map that locates nothing misses. The maps of `hiding.CONTROLS` are
    counted too: what chance, the strongest edges and the middle find.

    Parameters
    ----------
    methods : sequence of str
        As `Cam.explain` takes them.
    n : int
        Made covers, at least 1.
    seed : int
        Of the covers.

    Notes
    -----
    **Source**: Zhang et al., arXiv 1608.00507 (the pointing game), here with a cause that is known
    by construction. Whoever fails here is wrong; whoever passes is right on a simple network.

    Examples
    --------
    >>> shares = point(["gradcam"], n=10)
    >>> shares["gradcam"] == 1.0 > shares["edges"]
    True
    """
    require(n >= 1, "n must be at least 1.", n, "Use 100.")
    cam = Cam(red_network(), "softmax", "blobs")
    hits: dict[str, list[bool]] = {}
    for place in range(n):
        own = planted_cover(seed + place)
        for method in methods:
            saliency = cam.explain(own.cover, 0, method=method)
            is_hit = saliency.is_located and _hits(cam.on_input(saliency), own.cause)
            hits.setdefault(method, []).append(is_hit)
        for name, values in control_maps(own.cover, cam.kind, seed + place).items():
            hits.setdefault(name, []).append(_hits(values, own.cause))
    return {name: float(np.mean(row)) for name, row in hits.items()}


def _hits(values: NDArray[Any], cause: NDArray[np.bool_]) -> bool:
    return bool(cause.ravel()[int(np.argmax(values))])
