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
        # Making a value may ask the same store for another one.
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: _K, make: Callable[[], _V]) -> _V:
        """Return the value of `key`, made once while it is kept, or raise what `make` raises."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._limit:
                self._values.popitem(last=False)
            return self._values[key]

    def clear(self) -> None:
        """Let every value go."""
        with self._lock:
            self._values.clear()
