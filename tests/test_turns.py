"""Turns: first come, first served, and long work lets others through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from genre_core.turns import Turns


def queue_up(turns: Turns, n: int, work: Callable[[int], None]) -> list[threading.Thread]:
    """Let threads ask for a turn one after the other, behind the caller who has it."""
    threads = [threading.Thread(target=work, args=(k,)) for k in range(n)]
    for k, thread in enumerate(threads):
        thread.start()
        end = time.monotonic() + 10
        while turns.n_before < k + 2:
            assert time.monotonic() < end
            time.sleep(0.001)
    return threads


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    turns, order = Turns(), []

    def work(name: int) -> None:
        with turns:
            order.append(name)

    with turns:
        threads = queue_up(turns, 5, work)
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]
    assert turns.n_before == 0


def test_long_work_lets_through_all_who_wait_and_goes_on_alone() -> None:
    turns, seen = Turns(), []

    def short(name: int) -> None:
        with turns, turns:  # again by the same thread
            seen.append(name)

    with turns:
        threads = queue_up(turns, 3, short)
        seen.append("slice 1")
        turns.let_others_through()
        assert seen == ["slice 1", 0, 1, 2]
        turns.let_others_through()  # nobody waits: it goes straight on
        assert turns.n_before == 1
    for thread in threads:
        thread.join(10)


def test_whoever_has_no_turn_lets_nobody_through() -> None:
    turns, over = Turns(), threading.Event()

    def work(_name: int) -> None:
        turns.let_others_through()
        with turns:
            over.set()

    with turns:
        [thread, _] = queue_up(turns, 2, work)
        turns_of_others = threading.Thread(target=turns.let_others_through)
        turns_of_others.start()
        turns_of_others.join(10)
        assert not turns_of_others.is_alive()
        assert not over.is_set()
    thread.join(10)


def test_an_error_gives_the_turn_away() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="odd"), turns:
        raise ValueError("odd")
    assert turns.n_before == 0
    other = threading.Thread(target=turns.__enter__)
    other.start()
    other.join(10)
    assert not other.is_alive()
