"""A song is heard in a thread of its own: what comes is there at once, and an end is told."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.errors import DecodeError
from genre_core.inference import song_reading
from pages.ui.media.choice import Choice
from pages.ui.songs import cached, heard_soon, hearing
from pages.ui.songs.hearing import Hearing

SONG = Choice("a song", "", Path("song.wav"), "0" * 64)


def hear(monkeypatch: pytest.MonkeyPatch, read_song: Any) -> Hearing:
    monkeypatch.setattr(song_reading, "read_song", read_song)
    return Hearing(SONG, [lambda: "a network"])


def test_what_a_network_said_is_there_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Said:
        model = "made.test"

    def read_song(_: Any, classifiers: Any, *, each: Any, progress: Any, **__: Any) -> Any:
        assert classifiers == ["a network"]
        progress(0.25, "mel bands")
        each(Said())
        time.sleep(0.05)
        return "the whole", None

    heard = hear(monkeypatch, read_song)
    assert heard.wait(60)
    assert heard.result() == "the whole"
    assert list(heard.so_far) == ["made.test"]
    assert (heard.share, heard.step) == (0.25, "mel bands")
    assert not heard.has_failed


def test_what_goes_wrong_is_raised_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_song(*_: Any, **__: Any) -> Any:
        raise DecodeError("A song must be sound.", received="none", cure="Give another.")

    heard = hear(monkeypatch, read_song)
    assert heard.wait(60)
    assert heard.has_failed
    with pytest.raises(DecodeError, match="must be sound"):
        heard.result()


def test_a_hearing_that_nobody_looks_at_any_more_ends_and_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_song(*_: Any, progress: Any, **__: Any) -> Any:
        while True:
            time.sleep(0.01)
            progress(0.5, "mel bands")

    monkeypatch.setattr(hearing, "LEFT_ALONE_S", 0.3)
    monkeypatch.setattr(hearing, "LOOK_S", 0.01)
    monkeypatch.setattr(song_reading, "read_song", read_song)
    heard = cached._hearing(SONG, [])
    assert not heard.wait(0.6)  # looked at all the time
    while not heard.has_failed:  # which is no look
        time.sleep(0.01)
    assert heard.was_left_alone
    anew = cached._hearing(SONG, [])
    assert anew is not heard
    assert not anew.has_failed


def test_a_song_is_decoded_once_to_be_heard_and_to_be_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_song(*_: Any, look: Any, **__: Any) -> Any:
        look(Clip(np.ones(44_100, np.float32), 22_050))
        return "the whole", None

    def decode_clip(*_: Any, **__: Any) -> Any:
        raise AssertionError("decoded again")

    monkeypatch.setattr(cached.guarded, "decode_clip", decode_clip)
    heard = hear(monkeypatch, read_song)
    overview, duration_s = cached.looked.__wrapped__(SONG, heard)  # type: ignore[attr-defined]
    assert duration_s == 2
    assert np.max(overview.high) == 1


@pytest.mark.parametrize("why", ["networks are being loaded", "it cannot be decoded"])
def test_who_looks_decodes_where_the_hearing_has_not(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    may_go_on = threading.Event()

    def read_song(*_: Any, **__: Any) -> Any:
        raise DecodeError("A song must be sound.", received="none", cure="Give another.")

    def load() -> None:
        assert "cannot" in why or may_go_on.wait(60)

    monkeypatch.setattr(song_reading, "read_song", read_song)
    monkeypatch.setattr(hearing, "LOADED_S", 60.0 if "cannot" in why else 0.0)
    heard = Hearing(SONG, [load])
    assert heard.looked() is None
    may_go_on.set()
    assert heard.wait(60)


class Heard:
    """A hearing that looks forward: at each look one more thing has happened."""

    def __init__(self, *events: str) -> None:
        self.events, self.n_looks = list(events), 0
        self.so_far: dict[str, SimpleNamespace] = {}

    def wait(self, _: float) -> bool:
        self.n_looks += 1
        event = self.events.pop(0) if self.events else "nothing"
        if event in ("curve", "genres"):
            scores = np.ones(3) if event == "curve" else None
            self.so_far = self.so_far | {str(self.n_looks): SimpleNamespace(scores=scores)}
        return event == "end"


@pytest.mark.parametrize(
    ("events", "n_looks", "n_reruns"),
    [(["genres", "nothing", "curve", "end"], 3, 0), (["genres", "end", "curve"], 2, 1)],
    ids=["a curve has the player drawn", "the end has the page drawn"],
)
def test_only_a_curve_or_the_end_draws_anew(
    monkeypatch: pytest.MonkeyPatch, events: list[str], n_looks: int, n_reruns: int
) -> None:
    reruns: list[int] = []
    monkeypatch.setattr(heard_soon.st, "rerun", lambda: reruns.append(1))
    monkeypatch.setattr(heard_soon.st, "session_state", {heard_soon.PLAYER: {}})
    monkeypatch.setattr(heard_soon, "PATIENCE_S", 60.0)
    heard = Heard(*events)
    heard_soon._wait(heard, 0)  # type: ignore[arg-type]
    assert (heard.n_looks, len(reruns)) == (n_looks, n_reruns)


def test_how_far_it_is_is_told_also_where_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard_soon.st, "session_state", {})
    monkeypatch.setattr(heard_soon, "PATIENCE_S", 0.0)
    heard = Heard()
    heard_soon._wait(heard, 0)  # type: ignore[arg-type]
    assert heard.n_looks == 1
