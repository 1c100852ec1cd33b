"""Insertion and deletion: whether what a map marks is what the network's answer hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.config import PAD, require
from genre_core.explain.occlusion import edges
from genre_core.explain.plain_inputs import blurred_input, plain_input

SQUARES = 12
"""Squares along each side of a cover that are hidden or shown together."""

SLICES = 16
"""Slices of time of a segment, fewer where it has fewer frames."""

STEPS = 8
"""Steps from nothing to everything, fewer where there are fewer squares."""

EDGES, RANDOM, CENTRE = "edges", "random", "centre"
CONTROLS = (RANDOM, EDGES, CENTRE)
"""Maps that ask no network: chance, where the input changes most, its middle."""

Score = Callable[[NDArray[np.float32]], NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """The parts of an input that are hidden or shown together, counted row by row.

    place [shape=(h, w), dtype=int64]: Which part each place of the input belongs to.
    n: How many there are.
    """

    place: NDArray[np.int64]
    n: int

    def means(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Average a map on the input's axes (h, w) over each part [shape=(n,)].

        >>> squares_of((4, 4, 3), "cover").means(np.eye(4)).tolist()[:5]
        [1.0, 0.0, 0.0, 0.0, 0.0]
        """
        inside = self.place.ravel()
        total = np.bincount(inside, weights=np.asarray(values, np.float64).ravel())
        return np.asarray(total / np.bincount(inside))


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What became of a score while a map's strongest places were shown, or hidden, first.

    shares [shape=(n_steps + 1,)]: Part of the input that was changed, from 0 to 1.
    inserted, deleted [shape=(n_steps + 1,)]: The score in [0, 1] with that part shown in a blurred
        input, and with that part taken out of the whole.
    """

    shares: NDArray[np.float64]
    inserted: NDArray[np.float64]
    deleted: NDArray[np.float64]

    @property
    def insertion(self) -> float:
        """Area below `inserted`, in [0, 1]: the larger, the sooner the marked places suffice."""
        return float(np.trapezoid(self.inserted, self.shares))

    @property
    def deletion(self) -> float:
        """Area below `deleted`, in [0, 1]: the smaller, the more the marked places were needed."""
        return float(np.trapezoid(self.deleted, self.shares))

    @property
    def worth(self) -> float:
        """Insertion less deletion, in [-1, 1]: the larger the better."""
        return self.insertion - self.deletion


def squares_of(shape: tuple[int, ...], kind: str, time_axis: int = 0) -> Squares:
    """Cut an input of this shape into `SQUARES` x `SQUARES` parts, a segment into slices of time.

    Examples
    --------
    >>> squares_of((260, 260, 3), "cover").n, squares_of((43, 128, 1), "spectrogram").n
    (144, 16)
    """
    is_cover = kind == "cover"
    numbers = []
    for axis, length in enumerate(shape[:2]):
        most = SQUARES if is_cover else SLICES if axis == time_axis else 1
        n_cells = min(most, length)
        numbers.append(
            (np.searchsorted(edges(length, n_cells)[1:], np.arange(length), "right"), n_cells)
        )
    (down, n_rows), (across, n_columns) = numbers
    place = down[:, np.newaxis] * n_columns + across
    return Squares(place.astype(np.int64), n_rows * n_columns)


def control_maps(item: NDArray[Any], kind: str, seed: int) -> dict[str, NDArray[np.float64]]:
    """Make the maps of `CONTROLS` on the input's own axes (h, w).

    `edges` is the size of Sobel's gradient, of a cover's luminance or of a segment's values;
    `centre` falls off from the middle as a Gaussian, a quarter of the side wide.

    Examples
    --------
    >>> maps = control_maps(np.zeros((9, 9, 3), np.uint8), "cover", seed=0)
    >>> list(maps), np.unravel_index(maps["centre"].argmax(), (9, 9)) == (4, 4)
    (['random', 'edges', 'centre'], True)
    """
    from scipy.ndimage import sobel  # pages read the names of this module at their first view

    values = item.astype(np.float64)
    if kind == "cover":
        values = values @ np.array([0.299, 0.587, 0.114])
    else:
        values = values.reshape(values.shape[:2])
        there = values != PAD
        values = np.where(there, values, values.mean(where=there) if there.any() else 0.0)
    size = values.shape
    down, across = (np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in size)
    return {
        RANDOM: np.random.default_rng(seed).random(size),
        EDGES: np.hypot(sobel(values, axis=0), sobel(values, axis=1)),
        CENTRE: np.exp(-2 * (down[:, np.newaxis] ** 2 + across**2)),
    }


def try_maps(
    item: NDArray[Any],
    maps: Mapping[str, NDArray[Any]],
    score: Score,
    kind: str,
    *,
    time_axis: int = 0,
    seed: int = 0,
) -> dict[str, Trial]:
    """Show and hide an input by each of several maps, strongest places first.

    Every map is averaged over the same `Squares` before they are ranked, so that a coarse map and a
    fine one are treated alike and no pattern of single pixels can upset the network. Squares of one
    value, such as all of a constant map, come in an order drawn by `seed`, which is that of chance.

    Parameters
    ----------
    item : ndarray [shape=(h, w, ...)]
        A prepared cover or a segment.
    maps : mapping
        Name to map on the input's axes [shape=(h, w)], finite; the larger, the more important.
    score : callable
        Turns inputs [shape=(n, h, w, ...), dtype=float32] into the probability of a genre (n,).
    kind, time_axis
        As in `plain_inputs.plain_input`.

    Returns
    -------
    dict
        A `Trial` for each map.

    Raises
    ------
    ParameterError
        No map, or one of another shape or with values that are not finite.

    Notes
    -----
    **Source**: Petsiuk, Das and Saenko, arXiv 1806.07421. Differences: squares for single pixels
    (as Samek et al., arXiv 1509.06321), the mean colour for grey, `STEPS` steps. Inputs of which
    parts are hidden are none that the network ever saw: an area compares maps of one input and one
    network, and says little alone.

    Examples
    --------
    >>> def brightness_of_the_left(covers):
    ...     return covers[:, :, :6].mean(axis=(1, 2, 3)) / 255
    >>> cover = np.full((12, 12, 3), 255, np.uint8)
    >>> cover[:, 6:] = 0
    >>> left = np.repeat([[1.0] * 6 + [0.0] * 6], 12, axis=0)
    >>> trials = try_maps(cover, {"left": left, "right": -left}, brightness_of_the_left, "cover")
    >>> trials["left"].insertion > trials["right"].insertion
    True
    """
    require(bool(maps), "There must be at least one map.", "none", "Give control_maps.")
    for name, values in maps.items():
        is_map = values.shape == item.shape[:2] and bool(np.isfinite(values).all())
        require(
            is_map,
            f"A map must be finite and of shape {item.shape[:2]}.",
            f"{name!r} of shape {values.shape}",
            "Bring it to the input's axes with Cam.on_input.",
        )
    squares = squares_of(item.shape, kind, time_axis)
    whole = item.astype(np.float32)
    plain = plain_input(item, kind, time_axis=time_axis)
    blurred = blurred_input(item, kind, time_axis=time_axis)
    n_steps = min(STEPS, squares.n)
    counts = np.rint(np.linspace(0, squares.n, n_steps + 1)).astype(np.int64)
    full, without, coarse = np.asarray(score(np.stack([whole, plain, blurred])), np.float64)
    ties = np.random.default_rng(seed).random(squares.n)
    trials = {}
    for name, values in maps.items():
        rank = np.empty(squares.n, np.int64)
        rank[np.lexsort((ties, -squares.means(values)))] = np.arange(squares.n)
        order = rank[squares.place].reshape(*item.shape[:2], *[1] * (item.ndim - 2))
        inner = counts[1:-1]
        shown = np.stack([np.where(order < n, whole, blurred) for n in inner])
        hidden = np.stack([np.where(order < n, plain, whole) for n in inner])
        inserted, deleted = np.asarray(score(shown)), np.asarray(score(hidden))
        trials[name] = Trial(
            counts / squares.n,
            np.concatenate([[coarse], inserted, [full]]).astype(np.float64),
            np.concatenate([[full], deleted, [without]]).astype(np.float64),
        )
    return trials
