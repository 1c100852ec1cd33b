"""Predictions frames of made networks, in the form of an evaluation's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

GENRES = ("Pop", "Rock", "Jazz")


def made_predictions(
    n: int, *, seed: int = 0, genres: tuple[str, ...] = GENRES, per_artist: int = 3
) -> pd.DataFrame:
    """Make predictions of `n` items, some two thirds right, with facts that tell nothing."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, len(genres), n)
    logits = rng.normal(size=(n, len(genres)))
    logits[np.arange(n), true] += 1.2
    probs = special.softmax(logits, axis=1)
    artists = [f"artist {k // per_artist}" for k in range(n)]
    columns = {
        "item_id": [f"item {k:05d}" for k in range(n)],
        "title": [f"title {k}" for k in range(n)],
        "artist": artists,
        "album": [f"album {k // 2}" for k in range(n)],
        "year": pd.array(rng.integers(1960, 2000, n), dtype="Int64"),
        "source": rng.choice(["one", "two", "three"], n),
        "group": artists,
        "split": "test",
        "genre_index": true,
        "predicted": probs.argmax(axis=1),
        **{f"prob_{k}": probs[:, k].astype(np.float32) for k in range(len(genres))},
        "fold": rng.integers(0, 5, n),
        "spread": rng.random(n),
        "fact_loudness": rng.normal(-20, 5, n),
        "fact_duration_s": rng.normal(200, 30, n),
    }
    return pd.DataFrame(columns)
