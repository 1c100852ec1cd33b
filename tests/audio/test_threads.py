"""Threads share work or read ahead in order, with bounded memory, and leave nothing behind."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from genre_core.audio import threads
from genre_core.audio.threads import (
    default_threads,
    map_in_threads,
    one_blas_thread,
    read_ahead,
    side_by_side,
)


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_results_come_in_the_items_order(n_threads):
    def late(k):
        time.sleep(0.002 * (k % 3))
        return 2 * k

    assert list(map_in_threads(late, range(20), n_threads)) == list(range(0, 40, 2))
    assert list(map_in_threads(late, [], n_threads)) == []


@pytest.mark.parametrize("n_threads", [1, 3])
def test_items_are_taken_as_they_are_needed(n_threads):
    taken = []

    def items():
        for k in range(50):
            taken.append(k)
            yield k

    found = map_in_threads(abs, items(), n_threads)
    assert next(found) == 0
    assert len(taken) <= 3 * n_threads
    found.close()
    assert len(taken) <= 3 * n_threads


@pytest.mark.parametrize("n_threads", [1, 2])
def test_an_error_of_the_work_is_raised(n_threads):
    with pytest.raises(ZeroDivisionError):
        list(map_in_threads(lambda k: 1 // k, [2, 1, 0, 1], n_threads))


def test_one_thread_is_the_caller_s():
    assert set(map_in_threads(lambda _: threading.get_ident(), range(4), 1)) == {
        threading.get_ident()
    }
    assert threading.get_ident() not in set(
        map_in_threads(lambda _: threading.get_ident(), range(4), 2)
    )


def test_there_is_a_default(monkeypatch):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 64)
    assert default_threads() == 4
    monkeypatch.setattr(threads.os, "cpu_count", lambda: None)
    assert default_threads() == 1


def test_processes_side_by_side_take_a_thread_each(monkeypatch):
    monkeypatch.setattr(threads.multiprocessing, "parent_process", lambda: object())
    assert default_threads() == 1


def _n_blas():
    np.ones((2, 2)) @ np.ones((2, 2))
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_blas_keeps_to_one_thread_until_the_last_leaves():
    with threadpool_limits(2, user_api="blas"):
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        assert _n_blas() == {1}
        second.__enter__()
        first.__exit__(None, None, None)
        assert _n_blas() == {1}
        second.__exit__(None, None, None)
        assert _n_blas() == {2}


def test_blas_is_restored_after_an_error():
    with threadpool_limits(2, user_api="blas"):
        with pytest.raises(ValueError, match="broken"), one_blas_thread():
            raise ValueError("broken")
        assert _n_blas() == {2}


@pytest.mark.parametrize("n_threads", [1, 2])
def test_two_things_are_done_and_both_errors_count(n_threads: int) -> None:
    done: list[str] = []
    side_by_side(lambda: done.append("a"), lambda: done.append("b"), n_threads)
    assert sorted(done) == ["a", "b"]

    def fails() -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        side_by_side(fails, lambda: done.append("c"), n_threads)
    with pytest.raises(ValueError, match="on purpose"):
        side_by_side(lambda: done.append("d"), fails, n_threads)
    assert "d" in done


def blocks(n: int, *, fails_at: int | None = None, seen: list[int] | None = None) -> Iterator:
    for k in range(n):
        if k == fails_at:
            raise ValueError("broken here")
        if seen is not None:
            seen.append(k)
        yield np.full(3, k, np.float32)


def reading_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "read ahead"]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_the_same_blocks_in_their_order(n: int) -> None:
    assert [int(block[0]) for block in read_ahead(blocks(n))] == list(range(n))
    assert not reading_threads()


def test_an_error_comes_after_the_blocks_before_it() -> None:
    ahead = read_ahead(blocks(9, fails_at=4))
    assert [int(next(ahead)[0]) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="broken here"):
        next(ahead)
    assert not reading_threads()


@pytest.mark.parametrize("taken", [1, 3])
def test_closed_early_nothing_reads_any_more(taken: int) -> None:
    seen: list[int] = []
    ahead = read_ahead(blocks(1000, seen=seen))
    for _ in range(taken):
        next(ahead)
    ahead.close()
    assert not reading_threads()
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
    assert not reading_threads()
