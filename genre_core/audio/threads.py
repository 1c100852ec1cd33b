"""Threads of a song: blocks read ahead and work shared, in order and with bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from genre_core.audio.clip import Samples

_MOST_THREADS = 4  # Beyond it a song's blocks wait for memory more than for arithmetic.
_BLOCKS_AHEAD = 2

_T = TypeVar("_T")
_R = TypeVar("_R")


def default_threads() -> int:
    """Return how many threads share a song: one a core, at most 4.

    Only one in a process that others run beside, each with a song of its own.
    """
    if multiprocessing.parent_process() is not None:
        return 1
    return min(_MOST_THREADS, os.cpu_count() or 1)


def map_in_threads(work: Callable[[_T], _R], items: Iterable[_T], n_threads: int) -> Iterator[_R]:
    """Call `work` on every item in a few threads and yield what it gives, in the items' order.

    Items are taken as they are needed, in the caller's thread, and no more than three a thread lie
    ready or done: neither a song's blocks nor their results are ever all in memory.

    Examples
    --------
    >>> list(map_in_threads(abs, range(-3, 2), n_threads=2))
    [3, 2, 1, 0, 1]
    """
    if n_threads == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(n_threads, thread_name_prefix="song") as pool:
        waiting: deque[Future[_R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 3 * n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def begun(items: Iterator[_T]) -> Iterator[_T]:
    """Let an iterator make its first item now, in a thread, while the caller does something else.

    Examples
    --------
    >>> list(begun(iter("abc"))), list(begun(iter("")))
    (['a', 'b', 'c'], [])
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="song")
    first = pool.submit(lambda: list(islice(items, 1)))
    pool.shutdown(wait=False)  # its thread ends with the item

    def rest() -> Iterator[_T]:
        yield from first.result()
        yield from items

    return rest()


def read_ahead(blocks: Iterator[Samples]) -> Generator[Samples, None, None]:
    """Yield the blocks of an iterator that runs ahead in a thread of its own.

    Decoders leave Python's lock, so that decoding and resampling take turns no more: an MP3 takes
    a seventh less time (measured by `make bench`).
    What `blocks` raises is raised here. Closed before its end it waits until the thread has
    stopped: after that nothing reads any more, and the file may be closed.
    """
    waiting: queue.Queue[tuple[Samples | None, BaseException | None]] = queue.Queue(_BLOCKS_AHEAD)
    is_over = threading.Event()

    def read() -> None:
        failure: BaseException | None = None
        try:
            # The settings of the caller's thread do not hold here: floats may be anything.
            with np.errstate(over="ignore", invalid="ignore"):
                for block in blocks:
                    waiting.put((block, None))
                    if is_over.is_set():
                        return
        except BaseException as error:
            failure = error
        waiting.put((None, failure))

    thread = threading.Thread(target=read, name="read ahead", daemon=True)
    thread.start()
    try:
        while True:
            block, failure = waiting.get()
            if failure is not None:
                raise failure
            if block is None:
                return
            yield block
    finally:
        is_over.set()
        while thread.is_alive():
            # Make room, should it wait to put a block.
            while not waiting.empty():
                waiting.get_nowait()
            thread.join(0.01)


def side_by_side(first: Callable[[], object], second: Callable[[], object], n_threads: int) -> None:
    """Do two things at the same time, or with one thread one after the other.

    Both are over when it returns; what the first raises goes before what the second does.

    Examples
    --------
    >>> done = []
    >>> side_by_side(lambda: done.append("a"), lambda: done.append("b"), n_threads=1)
    >>> done
    ['a', 'b']
    """
    if n_threads == 1:
        first()
        second()
        return
    with ThreadPoolExecutor(1, thread_name_prefix="song") as pool:
        other = pool.submit(first)
        try:
            second()
        finally:
            other.result()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep products of matrices to the thread that asks for them, for as long as this lasts.

    Threads of our own share the blocks; the library's threads under each of them would only wait
    for one another. The setting is the process's: the first to come in changes it, the last to
    leave restores it.
    """
    global _n_inside, _before
    with _lock:
        if _n_inside == 0:
            _before = _blas().limit(limits=1, user_api="blas")
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                _before.restore_original_limits()


_lock = threading.Lock()
_n_inside = 0
_before: Any = None


@cache
def _blas() -> Any:
    return ThreadpoolController()  # Looks at every loaded library: some milliseconds.
