"""Turns: first come, first served, and long work lets others through."""

from __future__ import annotations

import threading
import time

import pytest

from genre_core.explain.turns import Turns


def until(holds) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    turns, order, threads = Turns(), [], []

    def work(name: int) -> None:
        with turns:
            order.append(name)

    with turns:
        for name in range(5):
            threads.append(threading.Thread(target=work, args=(name,)))
            threads[-1].start()
            until(lambda n=name: turns.n_before == n + 2)
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]
    assert turns.n_before == 0


def test_long_work_lets_through_all_who_wait_and_goes_on_alone() -> None:
    turns, seen, threads = Turns(), [], []

    def short(name: int) -> None:
        with turns, turns:  # again by the same thread
            seen.append(name)

    with turns:
        for name in range(3):
            threads.append(threading.Thread(target=short, args=(name,)))
            threads[-1].start()
            until(lambda n=name: turns.n_before == n + 2)
        seen.append("slice 1")
        turns.let_others_through()
        assert seen == ["slice 1", 0, 1, 2]
        turns.let_others_through()  # nobody waits: it goes straight on
        assert turns.n_before == 1
    for thread in threads:
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
