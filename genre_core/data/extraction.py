"""Features of a whole data set, computed in processes and kept for whoever asks next."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.config import SongInput, require
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import read_song_file
from genre_core.errors import GenreError, JobError, Problem
from genre_core.progress import Progress

_WAITING = 4  # Songs a process that are handed out before they are asked for.


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
    (`song_inputs.read_songs`); `n_processes` is the number of processors by default, and 1 computes
    in this process.

    Raises
    ------
    ParameterError
        No process, or a data set of covers.
    JobError
        A process was killed, as the system does where memory is short.
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
    for done, (name, reason) in enumerate(_each(songs, spec, clip_s, n_processes), start=1):
        if reason:
            problems.append(Problem(name, reason))
        if progress is not None:
            progress(done, len(songs), name)
    return Extracted(len(songs) - len(problems), tuple(problems))


def _each(
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
