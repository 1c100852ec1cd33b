"""Reading ahead: the same blocks, the same error, and no thread that goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from genre_core.audio.prefetch import read_ahead


def blocks(n: int, *, fails_at: int | None = None, seen: list[int] | None = None) -> Iterator:
    for k in range(n):
        if k == fails_at:
            raise ValueError("broken here")
        if seen is not None:
            seen.append(k)
        yield np.full(3, k, np.float32)


def reading() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "read ahead"]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_the_same_blocks_in_their_order(n: int) -> None:
    found = [int(block[0]) for block in read_ahead(blocks(n))]
    assert found == list(range(n))
    assert not reading()


def test_an_error_comes_after_the_blocks_before_it() -> None:
    ahead = read_ahead(blocks(9, fails_at=4))
    assert [int(next(ahead)[0]) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="broken here"):
        next(ahead)
    assert not reading()


@pytest.mark.parametrize("taken", [1, 3])
def test_closed_early_nothing_reads_any_more(taken: int) -> None:
    seen: list[int] = []
    ahead = read_ahead(blocks(1000, seen=seen))
    for _ in range(taken):
        next(ahead)
    ahead.close()
    assert not reading()
    n_seen = len(seen)
    time.sleep(0.05)
    assert len(seen) == n_seen < 20


def test_it_runs_ahead_but_not_far() -> None:
    seen: list[int] = []
    ahead = read_ahead(blocks(1000, seen=seen))
    next(ahead)
    deadline = time.monotonic() + 5
    while len(seen) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert 2 <= len(seen) <= 5
    ahead.close()


def test_never_begun_no_thread_starts() -> None:
    read_ahead(blocks(3)).close()
    assert not reading()
