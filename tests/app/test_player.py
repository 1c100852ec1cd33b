"""The player's Python side: lanes checked and packed, addresses kept, selection kept or obeyed."""

from __future__ import annotations

import base64
import doctest
import io
import json
import wave
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.errors import ParameterError
from pages.ui.player import (
    Curves,
    Series,
    Spectrogram,
    Strip,
    Taggram,
    Waveform,
    choice,
    lanes,
    media,
    mount,
    packing,
    song_player,
)
from pages.ui.player.choice import ask, current

STARTS, ENDS = (0, 1, 2), (1, 2, 3)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("L", (8, 4)).save(file, format="PNG")
    return file.getvalue()


def wav(seconds: float = 0.1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(2 * int(8000 * seconds)))
    return file.getvalue()


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=f"<{kind}")


@pytest.mark.parametrize(
    "lane",
    [
        Waveform([0.0, -0.1], [0.1]),
        Waveform([0.2], [0.1]),
        Waveform([-1.2], [0.1]),
        Waveform([], []),
        Waveform(["loud"], [0.1]),
        Spectrogram(b"GIF89a"),
        Spectrogram("http://elsewhere/a.png"),
        Spectrogram(picture(), ticks=[(1.5, "9 kHz")]),
        Series("a", [0.1, 0.2, np.nan], STARTS, ENDS),
        Series("a", [0.1, 0.2, 1.2], STARTS, ENDS),
        Series("a", [-0.1, 0.2, 1.0], STARTS, ENDS),
        Series("a", [0.1, 0.2], STARTS, ENDS),
        Series("a", [0.1, 0.2, 0.3], STARTS, ENDS[:2]),
        Series("a", [0.1, 0.2, 0.3], (2, 1, 0), (3, 2, 1)),
        Series("a", [0.1, 0.2, 0.3], STARTS, STARTS),
        Series("a", [0.1, 0.2, 0.3], (-1, 1, 2), ENDS),
        Curves([]),
        Curves([Series("a", [0.1, 0.2, 0.3], STARTS, ENDS)], threshold=50),
        Taggram(np.zeros((3, 2)), ("a", "b"), STARTS, ENDS),
        Taggram(np.zeros(3), ("a",), STARTS, ENDS),
        Taggram(np.zeros((2, 4)), ("a", "b"), STARTS, ENDS),
        Strip([0.1, 0.2, 3.0], STARTS, ENDS),
        Strip([0.1, 0.2], STARTS, ENDS),
    ],
)
def test_bad_lanes_are_named(lane: Any) -> None:
    with pytest.raises(ParameterError, match="Received"):
        lane.to_plain()


def test_lanes_survive_json_and_keep_their_numbers() -> None:
    values = np.array([0.25, 0.5, 1 + 5e-7])
    lanes = [
        Waveform([-1, -0.5], [0, 1]),
        Spectrogram(picture(), ticks=[(0.5, "1 kHz")]),
        Curves([Series("LSTM", values, STARTS, ENDS, colour="#123456")]),
        Taggram([values, 1 - values.clip(0, 1)], ("a", "b"), STARTS, ENDS, row_px=20),
        Strip(values, STARTS, ENDS),
    ]
    sent = json.loads(json.dumps([lane.to_plain() for lane in lanes]))
    kinds = ["waveform", "spectrogram", "curves", "taggram", "strip"]
    assert [lane["kind"] for lane in sent] == kinds
    waveform, spectrogram, curves, taggram, strip = sent
    np.testing.assert_array_equal(unpacked(waveform["low"], "i1"), [-127, -64])
    np.testing.assert_array_equal(unpacked(waveform["high"], "i1"), [0, 127])
    assert base64.b64decode(spectrogram["picture"].split(",")[1]) == picture()
    assert spectrogram["ticks"] == [[0.5, "1 kHz"]]
    (series,) = curves["series"]
    assert (series["name"], series["colour"], curves["threshold"]) == ("LSTM", "#123456", 0.5)
    np.testing.assert_allclose(unpacked(series["values"], "f4"), [0.25, 0.5, 1], atol=1e-7)
    np.testing.assert_array_equal(unpacked(series["end_s"], "f4"), ENDS)
    np.testing.assert_array_equal(unpacked(taggram["start_s"], "f4"), STARTS)
    # Genre after genre, as JavaScript reads it: [row * n_segments + segment].
    np.testing.assert_array_equal(unpacked(taggram["values"], "u1"), [64, 128, 255, 191, 128, 0])
    assert taggram["height_px"] == 40
    np.testing.assert_array_equal(unpacked(strip["values"], "u1"), [64, 128, 255])


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"fLaC\x00", "audio/flac"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xe3\x18\xc4", "audio/mpeg"),  # MPEG 2.5, at 8 kHz
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\x1aE\xdf\xa3", "audio/webm"),
    ],
)
def test_a_sound_is_known_by_its_first_bytes(head: bytes, mime: str, tmp_path: Path) -> None:
    file = tmp_path / "named.txt"
    file.write_bytes(head + bytes(20))
    assert media.sound_mime(head + bytes(20)) == mime
    assert media.sound_mime(file) == mime


@pytest.mark.parametrize("head", [b"", b"RIFF\x24\x00\x00\x00AVI ", b"<html>", b"\xff\x10"])
def test_what_is_no_sound_is_named(head: bytes) -> None:
    with pytest.raises(ParameterError, match="Received"):
        media.sound_mime(head)


@pytest.mark.parametrize("is_file", [False, True])
def test_without_a_server_the_content_is_the_address(
    is_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media.runtime, "exists", lambda: False)
    content: bytes | Path = wav()
    if is_file:
        content = tmp_path / "a.wav"
        content.write_bytes(wav())
    address = media.address(content, "audio/wav", "here")
    assert address.startswith("data:audio/wav;base64,")
    assert base64.b64decode(address.split(",")[1]) == wav()


def test_the_first_run_selects_what_the_page_asks_for() -> None:
    assert current(ask(None, None, "a", 4), None) == 4
    assert current(ask(None, None, "a", None), None) is None


def test_a_click_stands_while_the_page_asks_for_nothing_new() -> None:
    asked, click = ask(None, None, "a", None), {"index": 7, "asked": 0}
    for _ in range(3):
        asked = ask(asked, click, "a", None)
        assert current(asked, click) == 7
        assert asked.count == 0  # the message stays the same: nothing is sent again


def test_a_link_that_follows_the_click_asks_for_nothing_new() -> None:
    asked, click = ask(None, None, "a", 5), {"index": 7, "asked": 0}
    asked = ask(asked, click, "a", 5)  # the run of the click: the link is still the old one
    assert (current(asked, click), asked.count) == (7, 0)
    asked = ask(asked, click, "a", 7)
    assert (current(asked, click), asked.count) == (7, 0)


@pytest.mark.parametrize("wanted", [2, None])
def test_a_page_may_choose_anew_and_the_visitor_after_it(wanted: int | None) -> None:
    asked, click = ask(None, None, "a", 5), {"index": 7, "asked": 0}
    asked = ask(asked, click, "a", wanted)
    assert (current(asked, click), asked.count) == (wanted, 1)
    later = {"index": 8, "asked": 1}
    assert current(ask(asked, later, "a", wanted), later) == 8


def test_the_same_segment_may_be_asked_for_again_after_another() -> None:
    asked, click = ask(None, None, "a", 5), {"index": 7, "asked": 0}
    asked = ask(asked, click, "a", None)
    later = {"index": 7, "asked": asked.count}
    again = ask(asked, later, "a", 5)
    assert (current(again, later), again.count) == (5, asked.count + 1)


def test_another_song_forgets_the_click() -> None:
    asked, click = ask(None, None, "a", None), {"index": 7, "asked": 0}
    other = ask(asked, click, "b", None)
    assert current(other, click) is None


def page(selected, song_s, n_segments) -> None:  # type: ignore[no-untyped-def]
    import numpy as np
    import streamlit as st

    from pages.ui.player import Curves, Series, Spectrogram, song_player
    from tests.app.test_player import picture, wav

    starts = np.arange(n_segments)
    curve = Series("a", starts / 9, starts, starts + 1)
    lanes = [Spectrogram(picture()), Curves([curve])] if n_segments else []
    moment = ("Loudest 0:04", 4.5)
    told = song_player(wav(song_s), lanes, duration_s=9, key="p", selected=selected, moment=moment)
    st.text(f"told {told}")


def run(app: AppTest, *args: Any) -> tuple[str, dict[str, Any]]:
    app.args = args
    app.run()
    assert not app.exception, app.exception[0].value
    return app.text[0].value, json.loads(app.get("bidi_component")[0].proto.json)[0]


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page, default_timeout=60)


def test_big_files_are_fetched_and_a_rerun_sends_the_same(app: AppTest) -> None:
    told, sent = run(app, 4, 0.1, 9)
    assert told == "told 4"
    assert sent["moment"] == {"label": "Loudest 0:04", "start_s": 4.5}
    assert sent["audio"].startswith("/mock/media/")
    assert sent["audio"].endswith(".wav")
    assert sent["lanes"][0]["picture"].startswith("/mock/media/")
    # Without segments of its own the player takes those of the curves.
    assert sent["start_s"] == sent["lanes"][1]["series"][0]["start_s"]
    assert run(app, 4, 0.1, 9) == (told, sent)
    again, other = run(app, 6, 0.1, 9)
    assert (again, other["asked"]) == ("told 6", {"index": 6, "count": 1})
    assert other["lanes"] == sent["lanes"]
    # Among other segments an index means nothing.
    assert run(app, 6, 0.1, 8)[1]["asked"] == {"index": 6, "count": 2}
    assert run(app, None, 0.2, 8)[1]["audio"] != sent["audio"]


def test_a_player_without_lanes_has_nothing_to_select(app: AppTest) -> None:
    told, sent = run(app, None, 0.1, 0)
    assert (told, sent["lanes"], sent["start_s"]) == ("told None", [], "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration_s": 0},
        {"duration_s": 1e6},
        {"selected": 3},
        {"selected": -1},
        {"moment": ("later", 3.5)},
        {"segments": [(2, 1)]},
        {"segments": [(0, np.nan)]},
        {"audio": b"no sound"},
    ],
)
def test_bad_calls_are_named(wrong: dict[str, Any]) -> None:
    right = {"audio": wav(), "duration_s": 3, "segments": [(0, 1), (1, 2), (2, 3)]}
    arguments = right | wrong
    with pytest.raises(ParameterError, match="Received"):
        song_player(arguments.pop("audio"), [], key="never", **arguments)


@pytest.mark.parametrize("module", [choice, lanes, media, mount, packing])
def test_examples_in_the_docstrings_run(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
