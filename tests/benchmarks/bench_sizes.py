"""What should take a moment at sizes that people have: least processor seconds of some rounds."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assets.make.songs import make_song
from genre_core.analysis.ordering import order_by
from genre_core.analysis.selection import Selection, Slice, select
from genre_core.config import Task
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.data.notes import notes_of
from genre_core.data.notes_csv import import_csv
from genre_core.data.splits import make_splits, merge_groups
from genre_core.image.colour import colour_statistics
from genre_core.metrics.classification import macro_f1, roc_auc
from genre_core.metrics.intervals import bootstrap_interval
from tests.benchmarks.timing import print_rows, row
from tests.made_predictions import GENRES, made_predictions

ROUNDS = 3


def cpu_s(do: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Give the least seconds of a processor of a few rounds: others may use the machine too."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        do()
        seconds.append(time.process_time() - start)
    return min(seconds)


def made_catalog(n: int) -> Catalog:
    """Give `n` made covers of two genres."""
    rows = ({"item_id": f"{k}.jpg", "labels": [("Rock", "Pop")[k % 2]]} for k in range(n))
    head = DatasetHead("made", "Made", "unknown", "unknown", labels=("Pop", "Rock"))
    frame = items_frame(own | {"checksum": f"{k:064x}"} for k, own in enumerate(rows))
    return Catalog(head, Path(), frame)


def _figures() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    y_true, groups = rng.integers(0, 5, 800), rng.integers(0, 266, 800)
    scores = rng.random((800, 5)) + 0.3 * np.eye(5)[y_true]
    y_pred = scores.argmax(axis=1)
    figures = {
        "macro F1": lambda i: macro_f1(y_true[i], y_pred[i]),
        "AUC": lambda i: roc_auc(y_true[i], scores[i]),
    }
    return [
        row(
            f"interval of {name} over 800 items, s",
            cpu_s(lambda figure=figure: bootstrap_interval(figure, groups)),
            at_most=2,
        )
        for name, figure in figures.items()
    ]


def _tables() -> list[dict[str, Any]]:
    large = made_catalog(100_000)
    rng = np.random.default_rng(1)
    artists = rng.integers(0, 40_000, 100_000)
    genres = rng.choice(20, 40_000)[artists]
    checksums = [f"{k:064x}" for k in rng.integers(0, 90_000, 100_000)]
    predictions = made_predictions(10_000)
    wanted = Selection(
        true=("Rock",),
        outcome="wrong",
        text="artist",
        slice=Slice("decade", "1970"),
        confidence=(0.1, 1.0),
        lasso=tuple(predictions["item_id"][:5_000]),
    )

    def look() -> None:
        order_by(predictions, GENRES, "loss", select(predictions, GENRES, wanted))

    task = Task(genres=("Rock", "Pop"))
    return [
        row("task's items of 100,000, s", cpu_s(lambda: large.select(task)), at_most=2),
        row(
            "groups of 100,000 items, s", cpu_s(lambda: merge_groups(artists, checksums)), at_most=5
        ),
        row("splits of 100,000 items, s", cpu_s(lambda: make_splits(genres, artists)), at_most=10),
        row("items of 10,000 selected and ordered, s", cpu_s(look), at_most=0.05),
    ]


def _notes() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = folder
        mine, table = made_catalog(10_000), Path(folder) / "notes.csv"
        lines = (f"{k}.jpg,text {k},1,Rock|Pop,0.25|0.75" for k in range(10_000))
        table.write_text("\n".join(["item_id,text,flag,labels,weights", *lines]), encoding="utf-8")
        come_in = cpu_s(lambda: import_csv(mine, table), rounds=1)
        return [
            row("10,000 notes read from a table, s", come_in, at_most=2),
            row("10,000 notes looked up, s", cpu_s(lambda: notes_of(mine)), at_most=2),
        ]


def measure() -> list[dict[str, Any]]:
    """Figures, tables, notes, a picture's colours, a made song."""
    cover = np.random.default_rng(0).integers(0, 256, (192, 192, 3), dtype=np.uint8)
    colours = cpu_s(lambda: colour_statistics(cover), rounds=15)
    song = cpu_s(lambda: make_song("prog", 1, duration_s=240), rounds=1)
    return [
        *_figures(),
        *_tables(),
        *_notes(),
        row("colours of a cover, ms", 1_000 * colours, at_most=20),
        row("a song of four minutes is made, s", song, at_most=6),
    ]


if __name__ == "__main__":
    raise SystemExit(print_rows(measure()))
