"""Data sets and evaluations of any length for tests and benchmarks, written a piece at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, Catalog, DatasetHead
from genre_core.data.item import ITEM_COLUMNS, items_frame
from genre_core.runs.bundle import PREDICTIONS_FILE
from genre_core.runs.evaluations import EvaluationRecord, find_evaluation
from tests.made_evaluations import made_evaluation, made_predictions

GENRES = ("Classical", "Folk", "Jazz", "Pop", "Rock")
NAME = "large"
_AT_ONCE = 20_000


def write_made_index(folder: Path, n: int, *, name: str = NAME, is_checked: bool = True) -> str:
    """Write the index of `n` made songs whose files do not exist; an artist has 20.

    One artist of 50 has songs in train and in test. Returns the digest that its head notes, which
    takes two thirds of the time; with `is_checked` False another stands there, and who reads the
    index whole is told that it is damaged.
    """
    head = DatasetHead(name, "Made and large", "nobody", "none", "track", GENRES)
    root = folder / "files"
    Catalog(head, root, _items(0, 1)).save(folder)
    digest = hashlib.sha256()
    schema = pq.read_schema(folder / CATALOG_FILE)
    with pq.ParquetWriter(folder / CATALOG_FILE, schema) as writer:
        for start in range(0, n, _AT_ONCE):
            part = _items(start, min(n, start + _AT_ONCE))
            writer.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False))
            for line in _lines(part) if is_checked else ():
                digest.update(line)
    lines = (folder / HEAD_FILE).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("digest = ")]
    text = "\n".join([*kept, f'digest = "{digest.hexdigest()}"', ""])
    (folder / HEAD_FILE).write_text(text, encoding="utf-8")
    return digest.hexdigest()


def _lines(part: pd.DataFrame) -> Iterator[bytes]:
    """What `Catalog.digest` is of; items are written in the order of their names."""
    columns = [
        [None if pd.isna(year) else int(year) for year in part[name]]
        if name == "year"
        else part[name].tolist()
        for name in ITEM_COLUMNS
    ]
    for row in zip(*columns, strict=True):
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _items(start: int, end: int) -> pd.DataFrame:
    rows = []
    for k in range(start, end):
        artist = k // 20
        split = ("train", "train", "train", "val", "test")[artist % 5]
        if artist % 50 == 0 and k % 2:
            split = "test"
        file = f"{artist:06}/{k:07}.mp3"
        rows.append(
            {
                "item_id": file,
                "path": file,
                "checksum": f"{k:064x}",
                "labels": [GENRES[artist % len(GENRES)]],
                "title": f"Song {k}",
                "artist": f"Artist {artist}",
                "album": f"Album {k // 10}",
                "year": 1960 + k % 60,
                "source": ("shop", "archive")[k % 2],
                "group": f"artist {artist}",
                "split": split,
            }
        )
    return items_frame(rows)


def write_made_evaluation(
    n: int, *, model: str = "made.large", digest: str = "1" * 64
) -> EvaluationRecord:
    """Store a made evaluation of `n` songs in the home folder, its answers drawn 20,000 at a time.

    It has no segments and no embeddings, and its figures are those of its first 200 songs.
    """
    record = made_evaluation(200, GENRES, "song", model=model, data=NAME, digest=digest, mapping={})
    file = record.folder / PREDICTIONS_FILE
    schema = pq.read_schema(file)
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, n, _AT_ONCE):
            size = min(_AT_ONCE, n - start)
            part = made_predictions(size, GENRES, "song", seed=start)
            part["item_id"] = [f"{k // 20:06}/{k:07}.mp3" for k in range(start, start + size)]
            writer.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False))
    for other in ("segments.parquet", "embeddings.npy"):
        (record.folder / other).unlink()
    about = record.folder / "evaluation.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"n": n}), encoding="utf-8")
    assert np.isclose(pq.read_metadata(file).num_rows, n)
    return find_evaluation(record.name)
