"""Turns at the processor: whoever came first goes first, and long work lets others through."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A lock that is given in the order in which it was asked for; one thread may take it again.

    Python's own locks give no order: who lets go and asks again mostly gets it again.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns, turns:
    ...     turns.let_others_through()
    ...     turns.n_before
    1
    >>> turns.n_before
    0
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[int] = deque()
        self._depth = 0

    @property
    def n_before(self) -> int:
        """How many a thread that asked now would wait for."""
        with self._changed:
            return len(self._queue)

    def let_others_through(self) -> None:
        """Go to the end of the queue: the holder's turn comes again when all others had theirs.

        Whoever has no turn goes straight on.
        """
        with self._changed:
            if len(self._queue) > 1 and self._queue[0] == threading.get_ident() and self._depth:
                depth, self._depth = self._depth, 0
                self._queue.rotate(-1)
                self._changed.notify_all()
                self._wait()
                self._depth = depth

    def __enter__(self) -> None:
        """Wait for a turn."""
        with self._changed:
            if not self._depth or self._queue[0] != threading.get_ident():
                self._queue.append(threading.get_ident())
                self._wait()
            self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the turn to the next."""
        with self._changed:
            self._depth -= 1
            if not self._depth:
                self._queue.popleft()
                self._changed.notify_all()

    def _wait(self) -> None:
        me = threading.get_ident()
        self._changed.wait_for(lambda: self._queue[0] == me and not self._depth)


READINGS = Turns()
"""Held by whatever lets networks hear a song, for a batch of segments: so that a short song need
not wait for the whole of a long one."""

FEATURES = Turns()
"""Held by whatever computes what networks hear of a song, for one kind of features."""
