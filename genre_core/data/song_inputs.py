"""The songs of a data set as a network's inputs, decoded and cut the same way everywhere."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.segments import Segments
from genre_core.config import SongInput, require
from genre_core.data.catalog import Catalog
from genre_core.data.feature_cache import cached_segments
from genre_core.data.song_pictures import is_picture, picture_segments
from genre_core.errors import DatasetError, GenreError, JobError, Problem
from genre_core.progress import Progress, map_in_order

_N_THREADS = 2  # Each holds a decoded song.
_WAITING = 4  # Songs a process that are handed out before they are asked for.

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

    Only the first `clip_s` seconds of each are read; 0 reads all. Features are kept on disk
    (`data.feature_cache`): a second reading costs hardly anything.

    Raises `DecodeError`: a file that cannot be read any more.
    """

    def look(row: tuple[str, str]) -> Segments:
        checksum, path = row
        return read_song_file(catalog.root / path, checksum, spec, clip_s=clip_s)

    return _in_order(look, frame, progress)


def read_song_file(path: Path, checksum: str, spec: SongInput, *, clip_s: float = 0.0) -> Segments:
    """Compute the inputs of one song of a data set, or take those that are kept.

    Raises `DecodeError`: the file cannot be read.
    """
    if is_picture(path):
        return picture_segments(path, spec)
    return cached_segments(
        song_key(checksum, clip_s), spec, lambda: cut_clip(decode_clip(path, sr=spec.sr), clip_s)
    )


def song_key(checksum: str, clip_s: float) -> str:
    """Name a song in the cache of features: a cut one has features of its own.

    Frames at its end would else see what comes after.
    """
    return hashlib.sha256(f"{checksum}/{clip_s}".encode()).hexdigest() if clip_s else checksum


def stack_segments(
    songs: Iterable[Segments], path: Path
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Write every segment of some songs, all of one shape, to a file, one after the other.

    Returns a read-only memory map of it, and the place of each segment's song. Whoever gives the
    path removes it, after the array. Raises `DatasetError`: the disk has no room.

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

    return _in_order(look, frame, progress)


def cut_clip(clip: Clip, clip_s: float) -> Clip:
    """Keep the first seconds of a clip; 0 keeps all."""
    return replace(clip, y=clip.y[: round(clip_s * clip.sr)]) if clip_s else clip


def _in_order(
    look: Callable[[tuple[str, str]], _T], frame: pd.DataFrame, progress: Progress | None
) -> Iterator[_T]:
    rows = list(zip(frame["checksum"], frame["path"], strict=True))
    for done, value in enumerate(map_in_order(look, rows, n_threads=_N_THREADS), start=1):
        if progress is not None:
            progress(done, len(rows), Path(rows[done - 1][1]).name)
        yield value


@dataclass(frozen=True, slots=True)
class Extracted:
    """Songs whose features are kept now, also from before, and those that could not be read."""

    n_songs: int
    problems: tuple[Problem, ...]


def extract_features(
    catalog: Catalog,
    frame: pd.DataFrame,
    spec: SongInput,
    *,
    clip_s: float = 0.0,
    n_processes: int | None = None,
    progress: Progress | None = None,
) -> Extracted:
    """Compute the features of songs ahead of a training, several at a time.

    Each song is kept as soon as it is done: a run that was stopped goes on where it was, and one
    that is repeated only looks the songs up. `clip_s` must be as the training will ask for it
    (`read_songs`); `n_processes` is the number of processors by default, and 1 computes in this
    process. Raises `JobError`: a process was killed, as the system does where memory is short.
    """
    n_processes = os.cpu_count() or 1 if n_processes is None else n_processes
    require(n_processes >= 1, "n_processes must be at least 1.", n_processes, "Give 1 or more.")
    require(
        catalog.head.media == "track",
        "Features are computed of songs.",
        f"the data set {catalog.head.name} of {catalog.head.media}s",
        "Name a data set of songs.",
    )
    songs = [
        (str(catalog.root / path), checksum)
        for path, checksum in zip(frame["path"], frame["checksum"], strict=True)
    ]
    problems = []
    for done, (name, reason) in enumerate(_extract_each(songs, spec, clip_s, n_processes), start=1):
        if reason:
            problems.append(Problem(name, reason))
        if progress is not None:
            progress(done, len(songs), name)
    return Extracted(len(songs) - len(problems), tuple(problems))


def _extract_each(
    songs: list[tuple[str, str]], spec: SongInput, clip_s: float, n_processes: int
) -> Iterator[tuple[str, str]]:
    """Yield each song's name and what was wrong with it, in their order."""
    if n_processes == 1 or len(songs) < 2:
        for path, checksum in songs:
            yield Path(path).name, _extract(path, checksum, spec, clip_s)
        return
    # Spawned, never forked: TensorFlow may be loaded here.
    pool = ProcessPoolExecutor(
        min(n_processes, len(songs)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_use_one_thread,
    )
    waiting: deque[tuple[str, Future[str]]] = deque()
    try:
        for path, checksum in songs:
            waiting.append((path, pool.submit(_extract, path, checksum, spec, clip_s)))
            if len(waiting) >= _WAITING * n_processes:
                name, future = waiting.popleft()
                yield Path(name).name, future.result()
        while waiting:
            name, future = waiting.popleft()
            yield Path(name).name, future.result()
    except BrokenProcessPool as error:
        raise JobError(
            "Every process that computes features must live until it is done.",
            received=str(error),
            cure="Run it again, it goes on where it was; with fewer processes if memory is short.",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _extract(path: str, checksum: str, spec: SongInput, clip_s: float) -> str:
    try:
        read_song_file(Path(path), checksum, spec, clip_s=clip_s)
    except GenreError as error:
        return str(error)
    return ""


def _use_one_thread() -> None:
    # One song a process: threads inside would only take turns with the other processes.
    threadpool_limits(1)
