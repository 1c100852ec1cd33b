"""Curves of a training as TensorBoard's event files."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

_VERSION = "brain.Event:2"


class CurveWriter:
    """Write the figures of each epoch once, as scalars named train/... and val/....

    `folder` gets a folder a fold and run, each a line of its own in TensorBoard; what an earlier
    attempt of the same run wrote is written anew. TensorBoard need not be installed: view the files
    with `tensorboard --logdir FOLDER` wherever it is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[tuple[str, int], tf.io.TFRecordWriter] = {}
        self._n_written: dict[tuple[str, int], int] = {}

    def write(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        """Write those rows of a run's whole history so far that were not written before."""
        key = (fold, run)
        writer = self._writers.get(key) or self._open(key)
        for row in rows[self._n_written.get(key, 0) :]:
            values = [
                tf.compat.v1.Summary.Value(tag=_tag(name), simple_value=value)
                for name, value in row.items()
                if isinstance(value, float) and name != "seconds"
            ]
            event = tf.compat.v1.Event(
                wall_time=time.time(),
                step=int(row["epoch"]),
                summary=tf.compat.v1.Summary(value=values),
            )
            writer.write(event.SerializeToString())
        writer.flush()
        self._n_written[key] = len(rows)

    def _open(self, key: tuple[str, int]) -> tf.io.TFRecordWriter:
        fold, run = key
        folder = self._folder / (f"{fold}-run-{run}" if fold else f"run-{run}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        writer = tf.io.TFRecordWriter(str(folder / f"events.out.tfevents.{int(time.time())}"))
        head = tf.compat.v1.Event(wall_time=time.time(), file_version=_VERSION)
        writer.write(head.SerializeToString())
        self._writers[key] = writer
        return writer


def _tag(name: str) -> str:
    return f"val/{name.removeprefix('val_')}" if name.startswith("val_") else f"train/{name}"
