"""Whether a map can be believed, for one input: hidden and shown by it, and by maps of no network.

`hiding` has the measure itself, `shuffled` and `pointing` the other two tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.explain.cam import Cam
from genre_core.explain.checks import check_genre, check_item
from genre_core.explain.hiding import CONTROLS, RANDOM, Score, Trial, control_maps, try_maps
from genre_core.explain.saliency import Saliency
from genre_core.metrics.probabilities import probabilities

N_RANDOM = 5
"""Random maps that chance is the mean of, for one input."""


def try_saliency(
    cam: Cam,
    item: NDArray[Any],
    maps: Mapping[str, Saliency],
    genre_index: int,
    *,
    time_axis: int = 0,
    n_random: int = N_RANDOM,
    seed: int = 0,
) -> dict[str, Trial]:
    """Show and hide one input by each map of it, and by the maps of `CONTROLS`.

    A map that is not located is the same everywhere, so its squares come in an order of chance.

    Parameters
    ----------
    cam : Cam
        Of the network that the maps explain.
    item : ndarray [shape=cam.shape]
        The prepared cover or segment that they are of.
    maps : mapping
        Name to map, such as one a method; none named like a control.
    genre_index : int
        Whose probability is watched, from 0; before any calibration.
    time_axis : {0, 1}
        Which axis of a segment is time.
    n_random : int
        At least 1: `random` is the mean of so many trials.
    seed : int
        Of the random maps, and of the order of squares with one value.

    Raises
    ------
    ParameterError
        Bad input or genre.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> cam = Cam(build("s1_prog_covers"), "binary")
    >>> cover = np.random.default_rng(0).integers(0, 256, (260, 260, 3), dtype=np.uint8)
    >>> trials = try_saliency(cam, cover, {"gradcam": cam.explain(cover, 1)}, 1, n_random=1)
    >>> list(trials), trials["gradcam"].shares.tolist()[:2]
    (['gradcam', 'random', 'edges', 'centre'], [0.0, 0.125])
    """
    check_item(cam.network, item)
    index = check_genre(cam.network, cam.head, genre_index)
    every: dict[str, NDArray[Any]] = {name: cam.on_input(one) for name, one in maps.items()}
    every |= control_maps(item, cam.kind, seed)
    more = {
        f"{RANDOM}-{k}": control_maps(item, cam.kind, seed + k)[RANDOM] for k in range(1, n_random)
    }
    trials = try_maps(
        item, every | more, chance_of(cam, index), cam.kind, time_axis=time_axis, seed=seed
    )
    trials[RANDOM] = _mean([trials[RANDOM], *(trials.pop(name) for name in more)])
    return trials


def chance_of(cam: Cam, genre_index: int) -> Score:
    """Give the function from inputs [shape=(n, *shape), float32] to a genre's probability (n,)."""
    return lambda inputs: probabilities(cam.logits(inputs), cam.head)[:, genre_index]


def beaten(trials: Mapping[str, Trial], name: str) -> list[str]:
    """List the controls that a map of one input is better than, by `Trial.worth`.

    >>> flat, shares = np.full(2, 0.5), np.array([0.0, 1.0])
    >>> good, bad = Trial(shares, flat + 0.5, flat), Trial(shares, flat, flat)
    >>> beaten({"gradcam": good, "random": bad, "edges": good, "centre": bad}, "gradcam")
    ['random', 'centre']
    """
    return [one for one in CONTROLS if trials[name].worth > trials[one].worth]


def _mean(trials: Sequence[Trial]) -> Trial:
    return Trial(
        trials[0].shares,
        np.mean([one.inserted for one in trials], axis=0),
        np.mean([one.deleted for one in trials], axis=0),
    )
