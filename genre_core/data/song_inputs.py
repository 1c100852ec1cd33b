"""The songs of a data set as a network's inputs, decoded and cut the same way everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.segments import Segments
from genre_core.config import SongInput, require
from genre_core.data.catalog import Catalog
from genre_core.data.feature_cache import cached_segments
from genre_core.errors import DatasetError
from genre_core.progress import Progress, map_in_order

_N_THREADS = 2  # Each holds a decoded song.

_T = TypeVar("_T")


def read_songs(
    catalog: Catalog,
    frame: pd.DataFrame,
    spec: SongInput,
    *,
    clip_s: float = 0.0,
    progress: Progress | None = None,
) -> Iterator[Segments]:
    """Compute the inputs of each song of a table, in its order, a few in memory at a time.

    Features are kept on disk (`data.feature_cache`): a second reading costs hardly anything.

    Parameters
    ----------
    catalog : Catalog
        Knows where the files are.
    frame : pandas.DataFrame
        Rows of the catalog.
    spec : SongInput
        Features and segments.
    clip_s : float
        Only so many seconds of each song are read; 0 reads all.
    progress : callable, optional
        `progress(done, total, text)`.

    Raises
    ------
    DecodeError
        A file that cannot be read any more.
    """

    def look(row: tuple[str, str]) -> Segments:
        checksum, path = row
        return read_song_file(catalog.root / path, checksum, spec, clip_s=clip_s)

    return _each(look, frame, progress)


def read_song_file(path: Path, checksum: str, spec: SongInput, *, clip_s: float = 0.0) -> Segments:
    """Compute the inputs of one song of a data set, or take those that are kept.

    Raises `DecodeError`: the file cannot be read.
    """
    return cached_segments(
        song_key(checksum, clip_s), spec, lambda: cut_clip(decode_clip(path, sr=spec.sr), clip_s)
    )


def song_key(checksum: str, clip_s: float) -> str:
    """Name a song in the cache of features: a cut one has features of its own.

    Frames at its end would else see what comes after.

    Examples
    --------
    >>> song_key("0" * 64, 0.0) == "0" * 64, song_key("0" * 64, 30.0) == "0" * 64
    (True, False)
    """
    return hashlib.sha256(f"{checksum}/{clip_s}".encode()).hexdigest() if clip_s else checksum


def stack_segments(
    songs: Iterable[Segments], path: Path
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Write every segment of some songs, all of one shape, to a file, one after the other.

    Whoever gives the path removes it, after the array.

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
            for segments in songs:
                np.ascontiguousarray(segments.inputs, dtype=np.float32).tofile(file)
                counts.append(len(segments))
                shape = segments.inputs.shape[1:]
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


def describe_songs(
    catalog: Catalog,
    frame: pd.DataFrame,
    describe: Callable[[Clip], _T],
    *,
    sr: int,
    clip_s: float = 0.0,
    progress: Progress | None = None,
) -> Iterator[_T]:
    """Decode each song of a table at `sr` Hz and describe it, in its order.

    `describe` takes the decoded clip, and may be called in several threads; `clip_s` as for
    `read_songs`.
    """

    def look(row: tuple[str, str]) -> _T:
        return describe(cut_clip(decode_clip(catalog.root / row[1], sr=sr), clip_s))

    return _each(look, frame, progress)


def cut_clip(clip: Clip, clip_s: float) -> Clip:
    """Keep the first seconds of a clip; 0 keeps all.

    Examples
    --------
    >>> cut_clip(Clip(np.zeros(30, np.float32), 10), 2.0)
    Clip(2 s at 10 Hz)
    """
    return Clip(clip.y[: round(clip_s * clip.sr)], clip.sr, clip.notes) if clip_s else clip


def _each(
    look: Callable[[tuple[str, str]], _T], frame: pd.DataFrame, progress: Progress | None
) -> Iterator[_T]:
    rows = list(zip(frame["checksum"], frame["path"], strict=True))
    for done, found in enumerate(map_in_order(look, rows, n_threads=_N_THREADS), start=1):
        if progress is not None:
            progress(done, len(rows), Path(rows[done - 1][1]).name)
        yield found
