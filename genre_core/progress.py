"""How long work tells of itself, and how it shares its items among threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Log = Callable[[str], None]
"""Takes one line at a time."""

Progress = Callable[[int, int, str], None]
"""Called as `progress(done, total, text)` from the calling thread."""

_BATCH = 256
_In = TypeVar("_In")
_Out = TypeVar("_Out")


def map_in_order(
    function: Callable[[_In], _Out], values: Sequence[_In], *, n_threads: int | None = None
) -> Generator[_Out, None, None]:
    """Apply a function with threads, in order, with at most 256 results waiting.

    Parameters
    ----------
    function : callable
        Should spend its time outside the interpreter's lock (reading, hashing, decoding).
    values : sequence
        Its arguments.
    n_threads : int, optional
        Default: the number of processors, at most 8.

    Examples
    --------
    >>> list(map_in_order(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    n_threads = n_threads or min(8, os.cpu_count() or 1)
    with ThreadPoolExecutor(n_threads) as pool:
        for start in range(0, len(values), _BATCH):
            yield from pool.map(function, values[start : start + _BATCH])
