"""A store of the values used last that makes each once, also when threads ask together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class LruStore(Generic[_K, _V]):
    """Keep the `limit` values that were used last.

    `functools.lru_cache` does not lock while it makes a value: two sessions of the app that open
    the same stage would both compile it.

    Examples
    --------
    >>> squares = LruStore[int, int](2)
    >>> [squares.get(n, lambda n=n: n * n) for n in (1, 2, 3)]
    [1, 4, 9]
    >>> len(squares), 1 in squares, 3 in squares
    (2, False, True)
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[_K, _V] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[_K, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: _K, make: Callable[[], _V]) -> _V:
        """Return the value of `key`, made once while it is kept, or raise what `make` raises.

        Threads that ask for one key wait for whoever makes its value; other keys' go on.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                value = make()
                with self._lock:
                    self._values[key] = value
                    while len(self._values) > self._limit:
                        self._values.popitem(last=False)
                return value
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def drop(self, key: _K) -> None:
        """Let the value of `key` go, if it is there."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Let every value go."""
        with self._lock:
            self._values.clear()
