"""Loops that numba compiles to machine code, once for this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_F = TypeVar("_F", bound=Callable[..., object])

_ANY_ORDER = {"contract", "reassoc", "nsz", "arcp"}


def compiled(function: _F) -> _F:
    """Compile a loop at its first call, keeping the order of its sums.

    It runs without Python's lock, so that threads share the work. The machine code is kept beside
    the source or in the user's folder of caches; where neither can be written to, every process
    compiles again.
    """
    return _compile(function, set())


def compiled_in_any_order(function: _F) -> _F:
    """Compile as `compiled`, but let sums be taken in any order, many numbers at once.

    Infinity and NaN still count as what they are.
    """
    return _compile(function, _ANY_ORDER)


def _compile(function: _F, fastmath: set[str]) -> _F:
    made: Any
    try:
        made = numba.njit(nogil=True, cache=True, fastmath=fastmath)(function)
    except RuntimeError:  # numba found no folder to keep it in
        made = numba.njit(nogil=True, fastmath=fastmath)(function)
    return made
