"""Made patterns of a layer, as they are stored."""

from __future__ import annotations

import numpy as np

from genre_core.explain.patterns_store import StoredLayer


def layer(name: str, n: int, shape: tuple[int, ...], groups: tuple[str, ...]) -> StoredLayer:
    """Make a stored layer of noise in which every built-in item excites all kernels alike."""
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, 256, (n, *shape), np.uint8)
    return StoredLayer(
        layer=name,
        n_filters=n,
        kernels=np.arange(n),
        pictures=pictures,
        values=np.linspace(2, 3, n),
        noise=np.full(n, 0.5),
        real=np.full(n, 1.5),
        blank=np.array([group == "blank" for group in groups] or [False] * n),
        groups=groups,  # type: ignore[arg-type]
    )
