"""What two shipped networks make of one cover, for the first lessons: stored, read, added up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.config import require
from genre_core.data.demo import ASSETS_DIR
from genre_core.data.files import atomic_path
from genre_core.explain.prepared import network_key
from genre_core.runs.card import Card

FOLDER = ASSETS_DIR / "lessons"
COMMAND = "python -m assets.make.lessons"

STACK = "s3_model_5.gaid5_weighted"
"""The network whose layers are looked at: kernels and pooling by turns, as the lesson teaches."""

HEAD = "efficientnet_lite2.gaid5"
"""The network whose answer is added up: the best one for genres of covers that is shipped."""

SQUARES = 4
"""Squares a side that are hidden in turn."""

Maps = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """A layer of the stack.

    name: of its convolution
    field_px: what one cell sees of the network's picture, a side
    picture_px: that picture's side
    n_maps: how many maps there are
    maps [shape=(h, w, k), dtype=float32]: the strongest, each scaled to 0 to 1
    """

    name: str
    field_px: int
    picture_px: int
    n_maps: int
    maps: Maps


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One number that a genre's score is added up of.

    average, weight: their product is what it adds
    map [shape=(h, w), dtype=float32]: what was averaged, scaled to 0 to 1
    """

    average: float
    weight: float
    map: Maps

    @property
    def adds(self) -> float:
        """What it adds to the score."""
        return self.average * self.weight


@dataclass(frozen=True, slots=True, eq=False)
class CoverLook:
    """What the lessons show of a cover.

    depths: of `STACK`, from the picture on
    genres, logits [shape=(n_genres,)]: what `HEAD` says
    parts: of each genre the parts that add or take most, the largest first
    starts [shape=(n_genres,)]: what each score begins with (the bias)
    n_numbers: how many numbers each score is added up of
    hidden [shape=(SQUARES ** 2, n_genres)]: logits with each square hidden, row by row
    """

    depths: tuple[Depth, ...]
    genres: tuple[str, ...]
    logits: NDArray[np.float64]
    parts: tuple[tuple[Part, ...], ...]
    starts: NDArray[np.float64]
    n_numbers: int
    hidden: NDArray[np.float64]

    def rest(self, genre_index: int) -> float:
        """Add up what is not shown as a part."""
        shown = sum(part.adds for part in self.parts[genre_index])
        return float(self.logits[genre_index] - self.starts[genre_index] - shown)


def shares(scores: ArrayLike) -> NDArray[np.float64]:
    """Turn scores into shares that add up to 1: e to the power of each, divided by their sum.

    Parameters
    ----------
    scores : array_like [shape=(..., n)]
        Any finite numbers.

    Returns
    -------
    ndarray [shape=(..., n), dtype=float64], 0 to 1

    Notes
    -----
    The same as `metrics.probabilities` for a head "softmax", whatever comes before the last axis.

    Examples
    --------
    >>> shares([0.0, np.log(3)])
    array([0.25, 0.75])
    """
    values = np.asarray(scores, dtype=np.float64)
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def square_means(heat: ArrayLike, n: int = SQUARES) -> NDArray[np.float64]:
    """Average a heat map over `n` x `n` squares, row by row.

    Parameters
    ----------
    heat : array_like [shape=(height, width)]
        At least `n` cells a side.

    Returns
    -------
    ndarray [shape=(n * n,), dtype=float64]

    Examples
    --------
    >>> square_means([[0, 2], [4, 6]], 2)
    array([0., 2., 4., 6.])
    >>> square_means([[1]], 2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A map must have at least 2 cells a side. \
Received an array of shape (1, 1) and dtype float64. Use fewer squares.
    """
    values = np.asarray(heat, dtype=np.float64)
    require(
        values.ndim == 2 and min(values.shape) >= n,
        f"A map must have at least {n} cells a side.",
        values,
        "Use fewer squares.",
    )
    return np.array(
        [part.mean() for row in np.array_split(values, n) for part in np.array_split(row, n, 1)]
    )


def box_of(square: int, n: int = SQUARES) -> tuple[float, float, float, float]:
    """Return a square's left, top, right and bottom, as parts of the cover's sides.

    >>> box_of(5)
    (0.25, 0.25, 0.5, 0.5)
    """
    row, column = divmod(square, n)
    return column / n, row / n, (column + 1) / n, (row + 1) / n


def save_look(checksum: str, look: CoverLook, stack: Card, head: Card) -> Path:
    """Store a look under a cover's SHA-256; maps as bytes, a 255th is less than a screen shows."""
    arrays: dict[str, Any] = {
        "logits": look.logits.astype(np.float32),
        "starts": look.starts.astype(np.float32),
        "hidden": look.hidden.astype(np.float32),
    }
    for k, depth in enumerate(look.depths):
        arrays[f"depth_{k}"] = _bytes(depth.maps)
    for k, parts in enumerate(look.parts):
        for place, part in enumerate(parts):
            arrays[f"part_{k}_{place}"] = _bytes(part.map)
    facts = {
        "networks": [network_key(stack), network_key(head)],
        "depths": [[one.name, one.field_px, one.picture_px, one.n_maps] for one in look.depths],
        "genres": look.genres,
        "parts": [[[part.average, part.weight] for part in parts] for parts in look.parts],
        "n_numbers": look.n_numbers,
    }
    path = path_of(checksum)
    with atomic_path(path) as part_file:
        np.savez_compressed(part_file, facts=np.array(json.dumps(facts)), **arrays)
    return path


def load_look(checksum: str, stack: Card, head: Card) -> CoverLook | None:
    """Read what is stored of a cover; None where nothing is, or other networks said it."""
    path = path_of(checksum)
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        facts = json.loads(str(stored["facts"]))
        if facts["networks"] != [network_key(stack), network_key(head)]:
            return None
        return CoverLook(
            depths=tuple(
                Depth(name, field, px, n, _unit(stored[f"depth_{k}"]))
                for k, (name, field, px, n) in enumerate(facts["depths"])
            ),
            genres=tuple(facts["genres"]),
            logits=stored["logits"].astype(np.float64),
            parts=tuple(
                tuple(
                    Part(average, weight, _unit(stored[f"part_{k}_{place}"]))
                    for place, (average, weight) in enumerate(parts)
                )
                for k, parts in enumerate(facts["parts"])
            ),
            starts=stored["starts"].astype(np.float64),
            n_numbers=facts["n_numbers"],
            hidden=stored["hidden"].astype(np.float64),
        )


def path_of(checksum: str) -> Path:
    """Return where the look into a cover lies."""
    return FOLDER / f"{checksum[:16]}.npz"


def _bytes(maps: Maps) -> NDArray[np.uint8]:
    return np.rint(255 * maps).astype(np.uint8)


def _unit(maps: NDArray[np.uint8]) -> Maps:
    return (maps / np.float32(255)).astype(np.float32)
