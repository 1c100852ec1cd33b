"""Segments on disk: every one, in order, read a row at a time."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.segments import Segments
from genre_core.data.cover_cache import read_rows
from genre_core.data.song_inputs import stack_segments
from genre_core.errors import DatasetError, ParameterError


def song(n: int, value: float) -> Segments:
    # A view with steps of its own, as overlapping segments are.
    inputs = np.broadcast_to(np.float32(value), (n, 3, 2))
    return Segments(inputs, np.arange(n, dtype=float), np.arange(n) + 1.0, None)


def test_rows_come_in_the_order_of_the_songs(tmp_path: Path) -> None:
    inputs, owner = stack_segments([song(2, 0.5), song(0, 9.0), song(3, 1.5)], tmp_path / "rows")
    assert inputs.shape == (5, 3, 2)
    assert owner.tolist() == [0, 0, 2, 2, 2]
    np.testing.assert_array_equal(inputs[:, 0, 0], [0.5, 0.5, 1.5, 1.5, 1.5])
    np.testing.assert_array_equal(read_rows(inputs, np.array([4, 0]))[:, 2, 1], [1.5, 0.5])


def test_no_song_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received 0"):
        stack_segments([], tmp_path / "rows")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    def full():  # type: ignore[no-untyped-def]
        yield song(1, 0.0)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DatasetError, match=r"Received .*No space left"):
        stack_segments(full(), tmp_path / "rows")
