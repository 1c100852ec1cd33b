"""A song that networks hear in a thread of its own, so that no click on the page begins it anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, TypeVar

from genre_core.turns import READINGS
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    from genre_core.audio.clip import Clip
    from genre_core.audio.overview import Overview
    from genre_core.runs.answers import SongPrediction, SongReading

_T = TypeVar("_T")

LEFT_ALONE_S = 20.0
"""A hearing that no page has looked at for so long ends: its visitor has gone on."""
LOADED_S = 0.2
"""Networks that are loaded are at hand by then."""
LOOK_S = 1.0
"""Whoever waits looks so often."""


def aside(name: str, work: Callable[[], _T]) -> Future[_T]:
    """Do some work in a thread of its own, which no click ends."""
    end: Future[_T] = Future()

    def run() -> None:
        try:
            end.set_result(work())
        except BaseException as error:  # whoever looks at it next is told
            end.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return end


def has_ended(work: Future[Any], seconds: float) -> bool:
    """Wait for the end of some work for at most so long, and tell whether it has come."""
    return bool(wait((work,), seconds).done)


class LeftAloneError(Exception):
    """Nobody looks at this hearing any more."""


class Hearing:
    """What networks make of a song, as far as they have come.

    share, step: how far that is, in [0, 1] and in words
    so_far: by network, in the order in which they were asked
    """

    def __init__(self, choice: Choice, load: Sequence[Callable[[], Any]]) -> None:
        self.share, self.step = 0.0, "loading the networks"
        self.so_far: dict[str, SongPrediction] = {}
        self._choice, self._load = choice, load
        self._is_reading = threading.Event()
        self._seen: Future[tuple[Overview, float]] = Future()
        self._looked_at = time.monotonic()
        self._end = aside("hearing", self._run)

    def wait(self, seconds: float) -> bool:
        """Wait for the end for at most so long, and tell whether it has come."""
        return self._wait(self._end, seconds)

    def looked(self) -> tuple[Overview, float] | None:
        """Wait for the song's picture and its length in s, which need no network.

        None where networks have to be loaded first, and where it could not be decoded.
        """
        if not self._is_reading.wait(LOADED_S):
            return None
        self._wait(self._seen, float("inf"))
        return None if self._seen.exception() is not None else self._seen.result()

    def _wait(self, work: Future[Any], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while True:
            self._looked_at = time.monotonic()
            rest = until - self._looked_at
            if has_ended(work, max(0.0, min(rest, LOOK_S))):
                return True
            if rest <= 0:
                return False

    def result(self) -> SongReading:
        """Give the whole, once it is there; or raise what ended it."""
        self.wait(float("inf"))
        return self._end.result()

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result."""
        return self._end.done() and self._end.exception() is not None

    @property
    def was_left_alone(self) -> bool:
        """Whether it ended because nobody looked; who asks now needs a new one."""
        return self.has_failed and isinstance(self._end.exception(), LeftAloneError)

    def _run(self) -> SongReading:
        try:
            return self._read()
        finally:
            self._is_reading.set()
            if not self._seen.done():
                self._seen.set_exception(LookupError("It was not decoded."))

    def _read(self) -> SongReading:
        from genre_core.inference.song_reading import read_song

        classifiers = []
        for place, load in enumerate(self._load, 1):
            self.step = f"loading network {place} of {len(self._load)} (the first time only)"
            classifiers.append(load())
        self._is_reading.set()
        reading, _ = read_song(
            self._choice.source,
            classifiers,
            name=self._choice.file,
            look=self._look,
            progress=self._tell,
            each=self._keep,
        )
        return reading

    def _tell(self, share: float, step: str) -> None:
        if time.monotonic() - self._looked_at > LEFT_ALONE_S:
            raise LeftAloneError
        before = READINGS.n_before
        self.share, self.step = share, step + (f" ({before} before you)" if before else "")

    def _look(self, clip: Clip) -> None:
        from genre_core.audio.overview import overview

        self._seen.set_result((overview(clip), clip.duration_s))

    def _keep(self, said: SongPrediction) -> None:
        self.so_far = self.so_far | {said.model: said}
