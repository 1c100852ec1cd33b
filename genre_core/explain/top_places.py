"""Where in many covers or songs each kernel of a network answers most, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.errors import GenreError
from genre_core.explain import MAPS_LOCK
from genre_core.explain.exciting import compile_peaks, filled
from genre_core.explain.places import Stage
from genre_core.explain.stages import find_stage

N_PLACES = 8
"""Places that are kept of each kernel."""

_BATCH = 8
_NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class TopPlaces:
    """The places where each kernel of a layer answers most, strongest first, one an item at most.

    values [shape=(n_filters, n), dtype=float32]: What it answers there, after the activation; above
        0, and 0 where there is no such place.
    items [shape=(n_filters, n), dtype=int32]: Which cover or song, by its number; -1 for none.
    segments [shape=(n_filters, n), dtype=int32]: Which of its segments; 0 of a cover.
    cells [shape=(n_filters, n, 2), dtype=int16]: Row and column in the layer's map.
    """

    values: NDArray[np.float32]
    items: NDArray[np.int32]
    segments: NDArray[np.int32]
    cells: NDArray[np.int16]

    @classmethod
    def none(cls, n_filters: int, n: int) -> TopPlaces:
        """Begin with no place at all.

        >>> TopPlaces.none(3, 2).items.tolist()
        [[-1, -1], [-1, -1], [-1, -1]]
        """
        shape = (n_filters, n)
        return cls(
            np.zeros(shape, np.float32),
            np.full(shape, _NONE, np.int32),
            np.zeros(shape, np.int32),
            np.zeros((*shape, 2), np.int16),
        )

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Kernels that answer nowhere [shape=(n_filters,)]."""
        return np.asarray(self.items[:, 0] == _NONE)

    def with_those(self, other: TopPlaces) -> TopPlaces:
        """Keep the strongest of both, of equals those of this one; no item may be in both.

        Examples
        --------
        >>> def one(value, item):
        ...     cells = np.zeros((1, 1, 2), np.int16)
        ...     return TopPlaces(np.array([[value]], "f4"), np.array([[item]], "i4"),
        ...                      np.zeros((1, 1), "i4"), cells)
        >>> both = TopPlaces.none(1, 2).with_those(one(1.0, 7)).with_those(one(3.0, 9))
        >>> both.items.tolist(), both.values.tolist()
        ([[9, 7]], [[3.0, 1.0]])
        """
        n = self.values.shape[1]
        values = np.concatenate([self.values, other.values], axis=1)
        best = np.argsort(-values, axis=1, kind="stable")[:, :n]

        def pick(own: NDArray[np.int32], theirs: NDArray[np.int32]) -> NDArray[np.int32]:
            return np.take_along_axis(np.concatenate([own, theirs], axis=1), best, axis=1)

        cells = np.concatenate([self.cells, other.cells], axis=1)
        return TopPlaces(
            np.take_along_axis(values, best, axis=1),
            pick(self.items, other.items),
            pick(self.segments, other.segments),
            np.take_along_axis(cells, best[..., np.newaxis], axis=1),
        )


class TopReader:
    """Asks every kernel of some layers of one network about covers or segments.

    Parameters
    ----------
    network : keras.Model
        Flat functional, one input; read, never changed.
    layers : sequence of str
        Names of two-dimensional convolutions, at least one.
    n : int
        Places that are kept of each kernel.

    Raises
    ------
    ParameterError
        No layer, one that is no such convolution, or `n` below 1.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> reader = TopReader(build("s5_cnn"), ["conv_2"], n=2)
    >>> songs = [(k, np.full((3, 43, 128, 1), k, np.float32)) for k in range(4)]
    >>> top = reader.read(songs)["conv_2"]
    >>> top.values.shape, bool((top.items < 4).all())
    ((32, 2), True)
    """

    def __init__(self, network: keras.Model, layers: Sequence[str], *, n: int = N_PLACES) -> None:
        require(len(layers) > 0, "At least one layer is asked.", len(layers), "Name one.")
        require(n >= 1, "n must be at least 1.", n, f"Use {N_PLACES}.")
        self._shape = tuple(network.inputs[0].shape[1:])
        self._stages = [find_stage(network, layer) for layer in layers]
        self._n = n
        with MAPS_LOCK:
            self._read = compile_peaks(network, [one.output for one in self._stages], _BATCH)

    def none(self) -> dict[str, TopPlaces]:
        """Begin with no place in any layer."""
        return {one.name: TopPlaces.none(one.n_filters, self._n) for one in self._stages}

    def read(self, items: Iterable[tuple[int, NDArray[np.generic]]]) -> dict[str, TopPlaces]:
        """Find the places in these items, by layer.

        Parameters
        ----------
        items : iterable of (int, ndarray [shape=(n_segments, *shape)])
            An item's number, each once, and its segments as the network reads them, at least one;
            of a cover it alone. They are taken one after the other: memory does not grow with their
            number, nor with that of their segments.

        Raises
        ------
        ParameterError
            An item of another shape or without a segment.
        GenreError
            A map that is not finite.
        """
        top = self.none()
        for some in self._handfuls(items):
            for name, found in self._peaks(some).items():
                top[name] = top[name].with_those(found)
        return top

    def _handfuls(
        self, items: Iterable[tuple[int, NDArray[np.generic]]]
    ) -> Iterator[list[tuple[int, NDArray[np.generic]]]]:
        """Give some items at once, as many as fill a batch; covers would else be asked singly."""
        some: list[tuple[int, NDArray[np.generic]]] = []
        for number, segments in items:
            require(
                segments.shape[1:] == self._shape and len(segments) > 0,
                f"An item must have segments of the shape {self._shape}.",
                segments,
                "Prepare it for this network.",
            )
            some.append((number, segments))
            if sum(len(own) for _, own in some) >= _BATCH:
                yield some
                some = []
        if some:
            yield some

    def _peaks(self, some: list[tuple[int, NDArray[np.generic]]]) -> dict[str, TopPlaces]:
        """Find where each kernel answers most in each of some items, as places of `n_items`."""
        numbers = np.array([number for number, _ in some], np.int32)
        best = {one.name: _Best(len(some), one.n_filters) for one in self._stages}
        owners = np.repeat(np.arange(len(some)), [len(own) for _, own in some])
        within = np.concatenate([np.arange(len(own)) for _, own in some])
        for first in range(0, len(owners), _BATCH):
            rows = slice(first, first + _BATCH)
            pairs = zip(owners[rows], within[rows], strict=True)
            inputs = np.stack([some[owner][1][k] for owner, k in pairs]).astype(np.float32)
            with MAPS_LOCK:
                found = self._read(filled(inputs, _BATCH))
                MAPS_LOCK.let_others_through()
            for one, (every, cells) in zip(self._stages, found, strict=True):
                values = np.asarray(every)[: len(inputs)]
                if not np.isfinite(values).all():
                    raise GenreError(
                        f"The maps of {one.name} must be finite.",
                        received="a value that is not",
                        cure="Check that the items and the network's weights are finite.",
                    )
                best[one.name].take(owners[rows], within[rows], values, np.asarray(cells))
        return {one.name: best[one.name].places(numbers, one) for one in self._stages}


class _Best:
    """The strongest answer of each kernel in each of some items, segment after segment."""

    def __init__(self, n_items: int, n_filters: int) -> None:
        self._values = np.full((n_items, n_filters), -np.inf, np.float32)
        self._segments = np.zeros((n_items, n_filters), np.int32)
        self._cells = np.zeros((n_items, n_filters), np.int32)

    def take(
        self,
        owners: NDArray[np.int64],
        segments: NDArray[np.int64],
        values: NDArray[np.float32],
        cells: NDArray[np.int32],
    ) -> None:
        for owner, segment, value, cell in zip(owners, segments, values, cells, strict=False):
            is_more = value > self._values[owner]
            self._values[owner, is_more] = value[is_more]
            self._segments[owner, is_more] = segment
            self._cells[owner, is_more] = cell[is_more]

    def places(self, numbers: NDArray[np.int32], stage: Stage) -> TopPlaces:
        cells = np.stack(np.unravel_index(self._cells.T, stage.map_size), axis=-1)
        # What is not above 0 never gets past the places of `none`, which all begin with.
        return TopPlaces(
            self._values.T,
            np.broadcast_to(numbers, self._values.T.shape),
            self._segments.T,
            cells.astype(np.int16),
        )


def merge(one: Mapping[str, TopPlaces], other: Mapping[str, TopPlaces]) -> dict[str, TopPlaces]:
    """Keep the strongest of both, layer by layer; no item may be in both."""
    return {name: places.with_those(other[name]) for name, places in one.items()}
