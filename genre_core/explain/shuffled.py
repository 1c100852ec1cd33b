"""Randomisation of weights: whether a map changes when what the network has learnt is destroyed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.explain.cam import Cam
from genre_core.explain.checks import check_items
from genre_core.explain.hiding import EDGES, control_maps, squares_of

DEPTHS = 5
"""How often maps are made again, from one shuffled layer to all of them."""

LEVEL = 0.5
"""A map that correlates more than this with the one before, all weights shuffled, hardly asks the
network."""


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """How much maps resemble those of the trained network as its layers are shuffled.

    layers [shape=(n_depths + 1,)]: Shuffled layers, counted from the output; 0 first.
    names: The last of them that was shuffled, by depth; "" for none.
    correlation: By method, and for `edges`, which asks no network: each input's rank correlation
        with the map before [shape=(n, n_depths + 1)]; 1 first.
    """

    layers: NDArray[np.int64]
    names: tuple[str, ...]
    correlation: dict[str, NDArray[np.float64]]

    def changes(self, method: str) -> bool:
        """Tell whether a method's maps change: at most `LEVEL` with all layers shuffled."""
        return bool(self.correlation[method][:, -1].mean() <= LEVEL)


def cascade(
    cam: Cam,
    items: NDArray[Any],
    genres: Sequence[int],
    methods: Sequence[str],
    *,
    stage: str | None = None,
    time_axis: int = 0,
    n_depths: int = DEPTHS,
    seed: int = 0,
) -> Cascade:
    """Shuffle a network's layers one after the other from its output, and compare maps.

    Within a layer the numbers of its kernel, and those of its bias, change places: so the answer is
    destroyed and the size of the weights is not. Normalisations stay. Maps are averaged over
    `hiding.squares_of` and compared by Spearman's rank correlation; a map that locates nothing any
    more counts as 0.

    Parameters
    ----------
    cam : Cam
        Of the trained network, which is not changed: another of the same layers is.
    items : ndarray [shape=(n, *cam.shape)]
        Prepared covers or segments, n >= 1.
    genres : sequence of int
        Which genre is explained of each (n,), from 0.
    methods : sequence of str
        As `Cam.explain` takes them.
    n_depths : int
        At least 1: so often maps are made again, after 1 layer first and after all of them last;
        where it is 1 after all of them alone.

    Raises
    ------
    ParameterError
        No input, no method, or bad ones.

    Notes
    -----
    **Source**: Adebayo et al., arXiv 1810.03292 (cascading randomisation). Differences: weights
    are shuffled and not drawn anew; squares for pixels; some depths for every layer.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> cam = Cam(build("s1_prog_covers"), "binary")
    >>> cover = np.random.default_rng(0).integers(0, 256, (1, 260, 260, 3), dtype=np.uint8)
    >>> found = cascade(cam, cover, [1], ["gradcam"], n_depths=2)
    >>> found.layers.tolist(), found.names[1], found.correlation["edges"].tolist()
    ([0, 1, 9], 'logits', [[1.0, 1.0, 1.0]])
    """
    check_items(cam.network, items)
    require(
        len(items) == len(genres) >= 1 and bool(methods),
        "Inputs, a genre for each, and methods must be given.",
        f"{len(items)} inputs, {len(genres)} genres, {len(methods)} methods",
        "Give at least one of each.",
    )
    require(n_depths >= 1, "n_depths must be at least 1.", n_depths, f"Use {DEPTHS}.")
    squares = squares_of(cam.shape, cam.kind, time_axis)

    def maps(own: Cam) -> dict[str, list[NDArray[np.float64] | None]]:
        rows: dict[str, list[NDArray[np.float64] | None]] = {}
        for method in methods:
            rows[method] = []
            for item, genre in zip(items, genres, strict=True):
                one = own.explain(item, genre, method=method, stage=stage, time_axis=time_axis)
                known = squares.means(own.on_input(one)) if one.is_located else None
                rows[method].append(known)
        rows[EDGES] = [squares.means(control_maps(item, own.kind, seed)[EDGES]) for item in items]
        return rows

    before = maps(cam)
    rows = {name: [[1.0] * len(items)] for name in before}
    names, counts = [""], [0]
    for n_layers, name, other in _shuffled(cam, n_depths, seed):
        for method, after in maps(other).items():
            pairs = zip(before[method], after, strict=True)
            rows[method].append([_correlation(*pair) for pair in pairs])
        names.append(name)
        counts.append(n_layers)
    correlation = {name: np.array(row).T for name, row in rows.items()}  # (n, n_depths + 1)
    return Cascade(np.array(counts, np.int64), tuple(names), correlation)


def _shuffled(cam: Cam, n_depths: int, seed: int) -> Iterator[tuple[int, str, Cam]]:
    """Give, depth by depth, how many layers are shuffled, the last one's name, and the network."""
    network = keras.models.clone_model(cam.network)
    network.set_weights(cam.network.get_weights())
    other = Cam(network, cam.head, None if cam.stage is None else cam.stage.name, seed=cam.seed)
    learnt = [layer for layer in reversed(network.layers) if _has_kernel(layer)]
    first = 1 if n_depths > 1 else len(learnt)
    depths = np.unique(np.rint(np.linspace(first, len(learnt), n_depths)).astype(int))
    rng, done = np.random.default_rng(seed), 0
    for depth in depths:
        for layer in learnt[done:depth]:
            layer.set_weights([_shuffle(values, rng) for values in layer.get_weights()])
        done = int(depth)
        yield done, learnt[done - 1].name, other


def _has_kernel(layer: keras.Layer) -> bool:
    return any(len(weight.shape) >= 2 for weight in layer.weights)


def _shuffle(values: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.permutation(values.ravel()).reshape(values.shape)


def _correlation(before: NDArray[np.float64] | None, after: NDArray[np.float64] | None) -> float:
    """Compute Spearman's rank correlation; 0 where either locates nothing."""
    from scipy import stats  # half a second, which no page waits for that does not ask

    if before is None or after is None or min(np.ptp(before), np.ptp(after)) == 0:
        return 0.0
    return float(stats.spearmanr(before, after).statistic)
