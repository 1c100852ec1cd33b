"""What an import is asked for beside what its layout takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from genre_core.data.importers.memory import ScanMemory


@dataclass(frozen=True, slots=True)
class Asked:
    """Wishes that hold for every layout.

    Parameters
    ----------
    allow_leaks : bool
        Take splits that share a group or a file; the data set is marked by it for good.
    memory : ScanMemory, optional
        What was read before; without it every file is read.
    """

    allow_leaks: bool = False
    memory: ScanMemory | None = None


_ASKED: ContextVar[Asked | None] = ContextVar("asked", default=None)


def asked() -> Asked:
    """Return what the import at hand is asked for; nothing outside of `asking`."""
    return _ASKED.get() or Asked()


@contextlib.contextmanager
def asking(wishes: Asked) -> Iterator[None]:
    """Hold wishes for the imports in this block, in this thread.

    Examples
    --------
    >>> with asking(Asked(allow_leaks=True)):
    ...     asked().allow_leaks
    True
    >>> asked().allow_leaks
    False
    """
    token = _ASKED.set(wishes)
    try:
        yield
    finally:
        _ASKED.reset(token)
