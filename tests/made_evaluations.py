"""Made evaluations for tests: what a network would have answered, drawn at random in no time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.evaluation.report import Scored, item_groups, lay_out
from genre_core.metrics.classification import confusion_matrix, per_genre_table
from genre_core.runs.evaluations import EvaluationRecord, save_evaluation

GENRES = ("Rock", "Pop", "Jazz")
N_SEGMENTS = 8
SEGMENT_S = 3.0
WIDTH = 16
"""Of an embedding."""


def made_predictions(
    n_items: int = 200,
    genres: tuple[str, ...] = GENRES,
    media: str = "cover",
    *,
    seed: int = 0,
    accuracy: float = 0.75,
    n_folds: int = 0,
) -> pd.DataFrame:
    """Draw a row an item, with facts that say nothing of the genre or of being wrong.

    About `accuracy` of the answers are right, whatever genre, artist, source, year or fact.
    """
    rng, k = np.random.default_rng(seed), len(genres)
    genre = rng.integers(0, k, n_items)
    aimed = np.where(
        rng.random(n_items) < accuracy, genre, (genre + rng.integers(1, k, n_items)) % k
    )
    logits = rng.normal(0, 0.5, (n_items, k))
    top = logits.max(axis=1) + rng.gamma(2.0, 0.6, n_items)
    logits[np.arange(n_items), aimed] = top
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    artist = np.char.add("Artist ", rng.integers(0, max(n_items // 3, 1), n_items).astype(str))
    number = [f"{place:06d}" for place in range(n_items)]
    ending = "jpg" if media == "cover" else "mp3"
    table = pd.DataFrame(
        {
            "item_id": [f"{name}.{ending}" for name in number],
            "title": [f"Title {name}" for name in number],
            "artist": artist,
            "album": np.char.add("Album of ", artist),
            "year": pd.array(rng.integers(1960, 2025, n_items), dtype="Int64"),
            "source": rng.choice(["shop", "archive"], n_items),
            "group": artist,
            "split": "test",
            "genre_index": genre,
            "predicted": probs.argmax(axis=1),
        }
    )
    for name, columns in (("prob", probs), ("logit", logits)):
        for place, column in enumerate(columns.T):
            table[f"{name}_{place}"] = column.astype(np.float32)
    if n_folds:
        table["fold"] = rng.integers(0, n_folds, n_items)
    for name, values in _facts(media, n_items, rng).items():
        table[f"fact_{name}"] = values.astype(np.float32)
    return table


def made_embeddings(predictions: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
    """Draw a row an item near the middle of the genre that was answered [shape=(n, 16)]."""
    rng = np.random.default_rng(seed + 1)
    answers = predictions["predicted"].to_numpy()
    middles = rng.normal(0, 3, (int(answers.max()) + 1, WIDTH))
    return (middles[answers] + rng.normal(0, 1, (len(answers), WIDTH))).astype(np.float32)


def made_items(folder: Path, predictions: pd.DataFrame, media: str = "cover") -> Catalog:
    """Store a data set `made` of the items of made predictions: empty files, nobody opens them."""
    folder.mkdir(parents=True)
    rows = []
    for number, (item_id, genre) in enumerate(
        zip(predictions["item_id"], predictions["genre_index"], strict=True)
    ):
        (folder / item_id).touch()
        rows.append(
            {
                "item_id": item_id,
                "path": item_id,
                "checksum": f"{number:064x}",
                "labels": [GENRES[genre]],
                "split": "test",
            }
        )
    kind = "track" if media == "song" else "cover"
    head = DatasetHead("made", "Made", "nobody", "none", kind, tuple(sorted(GENRES)))
    catalog = Catalog(head, folder, items_frame(rows))
    catalog.save(folder)
    return catalog


def made_segments(predictions: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Draw 8 segments a song, whose probabilities scatter about the song's."""
    rng = np.random.default_rng(seed + 2)
    columns = [name for name in predictions if name.startswith("prob_")]
    probs = np.repeat(predictions[columns].to_numpy(), N_SEGMENTS, axis=0)
    probs = probs * rng.uniform(0.5, 1.5, probs.shape)
    probs /= probs.sum(axis=1, keepdims=True)
    start = np.tile(np.arange(N_SEGMENTS) * SEGMENT_S, len(predictions))
    table = pd.DataFrame({"item_id": predictions["item_id"].to_numpy().repeat(N_SEGMENTS)})
    table = table.assign(start_s=start, end_s=start + SEGMENT_S)
    return table.assign(**dict(zip(columns, probs.astype(np.float32).T, strict=True)))


def made_evaluation(
    n_items: int = 200,
    genres: tuple[str, ...] = GENRES,
    media: str = "cover",
    *,
    seed: int = 0,
    model: str = "made.test",
    data: str = "made",
    digest: str = "1" * 64,
    sha256: str = "0" * 64,
    predictions: pd.DataFrame | None = None,
    **about: Any,
) -> EvaluationRecord:
    """Store a made evaluation, of `predictions` where they are given, in this test's home folder.

    `about` replaces fields of its `evaluation.json`. Its intervals are made too: nothing is drawn
    again for them.
    """
    if predictions is None:
        predictions = made_predictions(n_items, genres, media, seed=seed)
    of_songs = media == "song"
    head = {
        "model": {"name": model, "title": "Made", "media": media, "sha256": sha256},
        "data": {"name": data, "title": "Made", "digest": digest, "media": media},
        "split": "test",
        "mapping": {genre: genre for genre in genres},
        "n_left_out": 0,
        "left_out": [],
        "n_seen": 0,
        "made": f"2026-01-01T00:00:{seed % 60:02d}+00:00",
        "command": "a test",
        "versions": {},
    } | about
    head["model"] |= {"genres": list(genres)}
    return save_evaluation(
        head,
        made_metrics(predictions, genres),
        predictions,
        segments=made_segments(predictions, seed=seed) if of_songs else None,
        embeddings=made_embeddings(predictions, seed=seed),
    )


def made_metrics(predictions: pd.DataFrame, genres: tuple[str, ...] = GENRES) -> dict[str, Any]:
    """Measure made answers as `genre_report` lays it out, but for intervals of ± .02."""
    probs = predictions[[f"prob_{k}" for k in range(len(genres))]].to_numpy(np.float64)
    true = predictions["genre_index"].to_numpy()
    scored = Scored(true, probs, item_groups(predictions))
    values = {
        name: {"value": value, "low": value - 0.02, "high": value + 0.02}
        for name, value in scored.values().items()
    }
    return lay_out(
        split_rule="made",
        groups=scored.groups,
        headline=scored.headline,
        values=values,
        baselines={"majority": {"genre": genres[0], "accuracy": {"value": 1 / len(genres)}}},
        confusion=confusion_matrix(true, scored.answers, len(genres)).tolist(),
        per_genre=per_genre_table(true, scored.answers, genres),
    )


def _facts(media: str, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    if media == "cover":
        side = rng.choice([300, 500, 1000], n)
        return {
            "width": side,
            "height": side,
            "n_bytes": side**2 * rng.uniform(0.1, 0.4, n),
            "brightness": rng.uniform(20, 235, n),
            "colourfulness": rng.gamma(4, 10, n),
            "sharpness": rng.normal(3, 0.5, n),
            "border": rng.uniform(0, 60, n),
        }
    return {
        "duration_s": rng.uniform(20, 400, n),
        "loudness": rng.normal(-16, 4, n),
        "bandwidth": rng.uniform(3000, 18000, n),
        "silence": rng.beta(1, 20, n),
    }
