"""What the steps on other machines tell the run that started them, and what it tells them.

Both ends hold an actor of Ray's that only keeps notes: the run looks into it twice a second, a step
posts as often. Nothing here imports Ray.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from genre_core.data.files import atomic_write

Note = tuple[str, str, Any]
"""Kind, name of the step, and what it tells: "begun", "log", "step", "epoch", "file"; the run's own
is "kept"."""

_POST_EVERY_S = 0.5


class Mailbox:
    """Keeps notes until they are taken, and of each step the file that it kept last.

    Examples
    --------
    >>> mailbox = Mailbox()
    >>> mailbox.post([("kept", "fit", b"as it was")]), mailbox.kept("fit")
    (False, b'as it was')
    >>> mailbox.post([("log", "fit", "epoch 1"), ("file", "fit", b"now")])
    False
    >>> mailbox.take(), mailbox.take(), mailbox.kept("fit")
    ([('log', 'fit', 'epoch 1'), ('file', 'fit', b'now')], [], b'now')
    >>> mailbox.stop()
    >>> mailbox.post([])
    True
    """

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._notes: list[Note] = []
        self._stops = False

    def post(self, notes: list[Note]) -> bool:
        """Take a step's notes; tell whether all steps shall stop."""
        self._files |= {own[1]: own[2] for own in notes if own[0] in ("file", "kept")}
        # Of a step's file only the last counts, however long nobody takes the notes.
        newer = {own[1] for own in notes if own[0] == "file"}
        self._notes = [own for own in self._notes if own[0] != "file" or own[1] not in newer]
        self._notes += [own for own in notes if own[0] != "kept"]
        return self._stops

    def take(self) -> list[Note]:
        """Give the notes since the last time."""
        notes, self._notes = self._notes, []
        return notes

    def kept(self, step: str) -> bytes | None:
        """Give the file that a step kept last: whoever does it again goes on from there."""
        return self._files.get(step)

    def forget(self, step: str) -> None:
        """Let go of a file whose step is over."""
        self._files.pop(step, None)

    def stop(self) -> None:
        """Let every step stop as soon as it looks."""
        self._stops = True


class FarWatcher:
    """Watches one step where it is done, and posts what the run's own watcher shall know.

    `post` sends notes and tells whether a stop is wanted; `kept` is the file that the step keeps.
    """

    def __init__(self, step: str, kept: Path | None, post: Callable[[list[Note]], bool]) -> None:
        self._step, self._kept, self._send = step, kept, post
        self._notes: list[Note] = []
        self._last: tuple[Any, ...] | None = None
        self._n_items = 0
        self._posted_at = 0.0
        self._stops = False

    def log(self, line: str) -> None:
        """Take a line of the log."""
        self._notes.append(("log", self._step, line))
        self._post_in_turn()

    def wants_stop(self) -> bool:
        """Tell whether the run shall stop, as it was said when notes were last posted."""
        self._post_in_turn()
        return self._stops

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        """Take note of a training's step: of those between two posts the last is told."""
        self._n_items += n_items
        self._last = (place, done, total, self._n_items)
        self._post_in_turn()

    def epoch(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        """Take note of an epoch, and post at once what was kept of it."""
        self._notes.append(("epoch", self._step, (fold, run, list(rows))))
        if self._kept is not None and self._kept.is_file():
            self._notes.append(("file", self._step, self._kept.read_bytes()))
        self.post()

    def several(self, over: int, total: int, what: str, at_work: Sequence[Any], n: int) -> None:
        """Nothing: a step is one."""

    def post(self) -> None:
        """Post what is noted."""
        if self._last is not None:
            self._notes.append(("step", self._step, self._last))
            self._last, self._n_items = None, 0
        notes, self._notes = self._notes, []
        self._posted_at = time.monotonic()
        self._stops = self._send(notes)

    def _post_in_turn(self) -> None:
        if time.monotonic() - self._posted_at >= _POST_EVERY_S:
            self.post()


def file_of(folder: Path, keeps: str, content: bytes | None) -> Path | None:
    """Put back the file that a step keeps, if it kept one; None of a step that keeps none."""
    if not keeps:
        return None
    path = folder / keeps
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        atomic_write(path, content)
    return path
