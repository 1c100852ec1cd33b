"""Event files hold each epoch once, by the names that TensorBoard groups."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from genre_core.training.curves import CurveWriter

ROWS = [
    {"epoch": 1, "loss": 0.9, "accuracy": 0.5, "val_loss": 0.8, "seconds": 3.0},
    {"epoch": 2, "loss": 0.7, "accuracy": 0.6, "val_loss": 0.75, "seconds": 3.1},
]


def scalars(folder: Path) -> list[tuple[str, int, float]]:
    (path,) = folder.glob("events.out.tfevents.*")
    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    events = [tf.compat.v1.Event.FromString(record) for record in records]
    assert events[0].file_version == "brain.Event:2"
    return [
        (value.tag, event.step, round(value.simple_value, 4))
        for event in events
        for value in event.summary.value
    ]


def test_each_epoch_is_written_once(tmp_path: Path) -> None:
    writer = CurveWriter(tmp_path)
    writer.write("", 0, ROWS[:1])
    writer.write("", 0, ROWS)
    writer.write("fold-2", 1, ROWS[:1])
    assert scalars(tmp_path / "run-0") == [
        ("train/loss", 1, 0.9),
        ("train/accuracy", 1, 0.5),
        ("val/loss", 1, 0.8),
        ("train/loss", 2, 0.7),
        ("train/accuracy", 2, 0.6),
        ("val/loss", 2, 0.75),
    ]
    assert len(scalars(tmp_path / "fold-2-run-1")) == 3


def test_another_attempt_writes_anew(tmp_path: Path) -> None:
    CurveWriter(tmp_path).write("", 0, ROWS)
    CurveWriter(tmp_path).write("", 0, ROWS[:1])
    assert len(scalars(tmp_path / "run-0")) == 3
