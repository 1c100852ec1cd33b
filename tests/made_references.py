"""References for tests: scores of songs that nobody played, spread so that places are known."""

from __future__ import annotations

import numpy as np

from genre_core.metrics.references import References
from genre_core.runs.bundle import Bundle
from genre_core.runs.references import StoredReferences, save_references

KINDS = (
    # genre, songs, lowest and highest score, prog, rendered
    ("Rock", 12, 0.1, 0.5, 0, False),
    ("Pop", 12, 0.0, 0.4, 0, False),
    ("Classical", 12, 0.5, 0.9, -1, False),
    ("Jazz", 4, 0.2, 0.3, 0, False),
    ("Progressive Rock", 10, 0.3, 0.8, 1, True),
    ("Rock/Pop", 10, 0.1, 0.6, 0, True),
)


def made_references(kinds: tuple[tuple[str, int, float, float, int, bool], ...] = KINDS):
    """Two songs an artist; scores evenly spread between the ends of each kind."""
    sizes = [n for _, n, *_ in kinds]

    def column(place: int, kind: type) -> np.ndarray:
        return np.repeat(np.array([row[place] for row in kinds], kind), sizes)

    n = sum(sizes)
    return References(
        np.concatenate([np.linspace(low, high, n) for _, n, low, high, *_ in kinds]),
        column(0, np.str_),
        np.arange(n) // 2,
        column(4, np.int64),
        np.zeros(n, bool),
        column(5, np.bool_),
    )


def write_made_references(bundle: Bundle, songs: References | None = None) -> StoredReferences:
    """Store made references beside a bundle."""
    stored = StoredReferences(
        made_references() if songs is None else songs,
        {"name": "made", "title": "Made songs", "digest": "", "is_own": True, "seconds": [15, 60]},
        ({"genre": "Classical", "value": 0.9, "low": 0.8, "high": 0.95},),
        {"value": 0.71, "no_interval": "fewer than 5 artists"},
    )
    save_references(stored, bundle.card.model_sha256, "a test", bundle.folder)
    return stored
