"""The store of values used last: each made once, and nobody waits for another's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from genre_core.explain.lru_store import LruStore


def test_a_value_is_made_once_and_others_go_on_meanwhile() -> None:
    store: LruStore[str, str] = LruStore(2)
    begun, gate, made = threading.Event(), threading.Event(), []

    def slow() -> str:
        begun.set()
        made.append("slow")
        assert gate.wait(10)
        return "slow"

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(store.get, "a", slow) for _ in range(2)]
        assert begun.wait(10)
        assert pool.submit(store.get, "b", lambda: "quick").result(10) == "quick"
        gate.set()
        assert [one.result(10) for one in asked] == ["slow", "slow"]
    assert made == ["slow"]


def test_after_an_error_the_next_makes_the_value() -> None:
    store: LruStore[str, int] = LruStore(2)
    with pytest.raises(ZeroDivisionError):
        store.get("a", lambda: 1 // 0)
    assert store.get("a", lambda: 1) == 1


def test_what_was_used_last_stays() -> None:
    store: LruStore[str, int] = LruStore(2)
    for key in ("a", "b", "a", "c"):
        store.get(key, lambda: 0)
    assert ("a" in store, "b" in store, "c" in store) == (True, False, True)
