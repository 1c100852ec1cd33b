"""Turns at the processor: whoever came first goes first, and long work lets others through."""

from __future__ import annotations

import os
import threading
from collections import deque
from types import TracebackType


class Turns:
    """A lock with one place or a few, given in the order in which they were asked for.

    Python's own locks give no order: who lets go and asks again mostly gets it again. A thread that
    has a turn may take it again.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns, turns:
    ...     turns.let_others_through()
    ...     turns.n_before
    1
    >>> turns.n_before
    0
    >>> two = Turns(places=2)
    >>> with two:
    ...     two.n_before
    0
    """

    def __init__(self, places: int = 1) -> None:
        self._places = places
        self._changed = threading.Condition()
        self._queue: deque[int] = deque()
        self._holders: dict[int, int] = {}  # by thread, how often it has taken its turn

    @property
    def n_before(self) -> int:
        """How many turns, each of all places, a thread that asked now would wait for."""
        with self._changed:
            n = len(self._queue) + len(self._holders) - self._places + 1
        return max(0, -(-n // self._places))

    def let_others_through(self) -> None:
        """Go to the end of the queue: the holder's turn comes again when all others had theirs.

        Whoever has no turn goes straight on.
        """
        me = threading.get_ident()
        with self._changed:
            if self._queue and me in self._holders:
                self._wait(self._holders.pop(me))

    def __enter__(self) -> None:
        """Wait for a turn."""
        me = threading.get_ident()
        with self._changed:
            if me in self._holders:
                self._holders[me] += 1
            else:
                self._wait(1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the turn to the next."""
        me = threading.get_ident()
        with self._changed:
            self._holders[me] -= 1
            if not self._holders[me]:
                del self._holders[me]
                self._changed.notify_all()

    def _wait(self, depth: int) -> None:
        """Wait at the end of the queue and take the turn `depth` times."""
        me = threading.get_ident()
        self._queue.append(me)
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._queue[0] == me and len(self._holders) < self._places)
        self._queue.popleft()
        self._holders[me] = depth
        self._changed.notify_all()


SONG_THREADS = min(2, os.cpu_count() or 1)
"""Threads in which one song is heard."""

READINGS = Turns(places=SONG_THREADS)
"""Held by whatever lets networks hear a song, for one kind of features or a batch of segments: so
that a short song need not wait for the whole of a long one."""
