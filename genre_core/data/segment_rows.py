"""Segments of many songs as one array on disk: a training reads a batch of it at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import require
from genre_core.errors import DatasetError


def stack_segments(
    songs: Iterable[Segments], path: Path
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Write every segment of some songs to a file, one after the other.

    Parameters
    ----------
    songs : iterable of Segments
        All of one shape; at least one segment in all.
    path : Path
        Gets the segments. Whoever gives it removes it, after the array.

    Returns
    -------
    inputs : np.ndarray [shape=(n_segments, ...), dtype=float32]
        A memory map of the file, read-only.
    song : np.ndarray [shape=(n_segments,), dtype=int64]
        Place of each segment's song.

    Raises
    ------
    ParameterError
        No segment at all.
    DatasetError
        The disk has no room.

    Examples
    --------
    >>> import tempfile
    >>> songs = [Segments(np.full((n, 4), n, "f4"), np.zeros(n), np.ones(n), None) for n in (1, 2)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     inputs, song = stack_segments(songs, Path(folder, "segments"))
    ...     shape, first = inputs.shape, inputs[:, 0].tolist()
    ...     del inputs
    >>> shape, first, song.tolist()
    ((3, 4), [1.0, 2.0, 2.0], [0, 1, 1])
    """
    counts: list[int] = []
    shape: tuple[int, ...] = ()
    try:
        with path.open("wb") as file:
            for each in songs:
                np.ascontiguousarray(each.inputs, dtype=np.float32).tofile(file)
                counts.append(len(each))
                shape = each.inputs.shape[1:]
    except OSError as error:
        raise DatasetError(
            "The segments of the training songs must fit on the disk.",
            received=str(error),
            cure="Free some space where GENRE_HOME lies, or train on fewer songs.",
        ) from error
    n_segments = sum(counts)
    require(n_segments > 0, "At least one song is needed.", len(counts), "Check the data set.")
    inputs = np.memmap(path, np.float32, mode="r", shape=(n_segments, *shape))
    return inputs, np.repeat(np.arange(len(counts)), counts)
