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


PLANTED = ("source", "cell", "fact", "decade", "cluster", "artist")
"""Where `made_errors` can put errors."""


def made_errors(
    n: int, *, seed: int, per_artist: int = 4, artists_differ: float = 0.5, planted: str = ""
) -> tuple[pd.DataFrame, np.ndarray]:
    """Make answers that are wrong in groups, and more often where that is planted.

    An artist has one genre, source and year, facts that are alike, and a rate of wrong answers of
    its own (`artists_differ`, a deviation in logits). Returns the frame, and which items are
    planted: wrong with odds 4 times as high, of an artist with odds 200 times as high.
    """
    rng = np.random.default_rng(seed)
    n_artists = max(2, n // per_artist)
    artist = np.sort(rng.integers(0, n_artists, n))
    if planted == "artist":
        artist[: 10 * per_artist] = 0  # one with enough items to tell
    true = rng.integers(0, len(GENRES), n_artists)[artist]
    source = rng.choice(["one", "two", "three", "four"], n_artists)[artist]
    year = rng.integers(1960, 2000, n_artists)[artist]
    cluster = (rng.integers(0, 8, n_artists)[artist] + rng.integers(0, 2, n)) % 8
    facts = {
        f"fact_{name}": 0.7 * rng.normal(size=n_artists)[artist] + 0.7 * rng.normal(size=n)
        for name in ("loudness", "bandwidth", "silence", "duration_s")
    }
    is_planted = {
        "": np.zeros(n, bool),
        "source": source == "two",
        "cell": (source == "two") & (true == 1),
        "fact": facts["fact_loudness"] > np.quantile(facts["fact_loudness"], 2 / 3),
        "decade": year // 10 == 197,
        "cluster": cluster == 3,
        "artist": artist == 0,
    }[planted]
    logit = -1 + np.array([-0.4, 0.0, 0.4])[true]  # some genres are harder
    logit = logit + artists_differ * rng.normal(size=n_artists)[artist]
    logit += is_planted * np.log(200 if planted == "artist" else 4)
    wrong = rng.random(n) < special.expit(logit)
    frame = pd.DataFrame(
        {
            "item_id": [f"item {k}" for k in range(n)],
            "artist": [f"artist {k}" for k in artist],
            "group": [f"group {k}" for k in artist],
            "source": source,
            "year": pd.array(year, dtype="Int64"),
            "cluster": cluster,
            "genre_index": true,
            "predicted": (true + wrong * rng.integers(1, len(GENRES), n)) % len(GENRES),
            **facts,
        }
    )
    return frame, is_planted
