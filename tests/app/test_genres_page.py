"""Genres: songs side by side, kernels beside patches, and what is not there."""

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from genre_core.data.catalog import Catalog
from genre_core.data.demo import demo_songs
from genre_core.runs.bundle import open_bundle
from pages.ui import board
from tests.app_words import everything
from tests.made_results import with_card

Open = Callable[..., AppTest]
SHORT, OTHER = demo_songs()[2].title, demo_songs()[1].title


class Named(NamedTuple):
    name: str
    content: bytes

    def getvalue(self) -> bytes:
        return self.content


def wav(seconds: float = 4.0) -> bytes:
    file = io.BytesIO()
    y = 0.2 * np.random.default_rng(0).normal(size=round(seconds * 22_050))
    soundfile.write(file, np.clip(y, -1, 1), 22_050, format="WAV")
    return file.getvalue()


@pytest.fixture
def song_home(empty_home: Path, stored: Path) -> Path:
    shutil.copytree(stored / "made.song", empty_home / "models" / "made.song")
    return empty_home


def test_without_networks_it_says_what_to_do(made_home: Path, open_app: Open) -> None:
    app = open_app("genres")
    assert not app.exception
    assert "no trained network here" in everything(app)


def test_the_first_visit_shows_every_built_in_song_and_kernels(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("genres")
    assert not app.exception
    assert not app.error
    words = everything(app).replace("\\", "")
    for place, song in enumerate(demo_songs()):
        assert f"Spectrogram of In the style of {song.style}: {song.title}, " in words
        assert app.get_by_key(f"board_{place}") is not None
    assert "kernels of conv_2 respond somewhere" in words
    assert "patches that excite it most" in words
    assert "tells the songs apart by" in words
    assert "What study S5 (prog rock from audio) saw" in [each.label for each in app.expander]


def test_a_layer_and_an_order_can_be_chosen(song_home: Path, open_app: Open) -> None:
    app = open_app(
        "genres", board_songs=SHORT, board_layer="conv_1", board_order="answer most strongly"
    )
    assert not app.exception
    words = everything(app).replace("\\", "")
    assert "of the 4 kernels of conv_1" in words
    assert f"{OTHER}, " not in words
    # Of one song nothing is told apart.
    assert "tells the songs apart by" not in words
    assert not app.get("audio")
    kernel = re.search(r"\*\*Kernel (\d+)\*\*", words)[1]
    app.session_state[f"board_hear_conv_1_{kernel}"] = True  # as a click opens it
    app.run()
    heard = [each.proto for each in app.get("audio")]
    assert 0 < len(heard) <= board.PATCHES
    assert all(one.end_time - one.start_time >= 1 for one in heard)


def test_own_songs_stand_beside_the_built_in_ones(song_home: Path, open_app: Open) -> None:
    app = open_app("genres", board_songs=[SHORT, "of somebody else.wav"])
    app.file_uploader("board_upload").upload("mine.wav", wav(), "audio/wav").run()
    assert not app.exception
    assert "Spectrogram of mine.wav" in everything(app)
    # What was dropped on Songs stands here too, a file that is in both fields once.
    app.session_state["songs_kept"] = [Named("mine.wav", wav()), Named("other.wav", wav(3.0))]
    app.run()
    assert not app.exception
    assert everything(app).count("Spectrogram of mine.wav") == 1
    assert "Spectrogram of other.wav" in everything(app)
    # They are picked like any other, and can be left out.
    app.button_group("board_songs").set_value([SHORT, "other.wav"]).run()
    assert "Spectrogram of mine.wav" not in everything(app)
    assert "Spectrogram of other.wav" in everything(app)


@pytest.mark.parametrize("content", [b"", b"no song", wav()[:30]])
def test_what_is_no_song_is_a_message(song_home: Path, open_app: Open, content: bytes) -> None:
    app = open_app("genres", board_songs=SHORT)
    app.file_uploader("board_upload").upload("bad.wav", content, "audio/wav").run()
    assert not app.exception
    assert "Received" in app.error[0].value


def test_without_a_song_it_asks_for_one(song_home: Path, open_app: Open) -> None:
    app = open_app("genres", board_songs=SHORT)
    app.button_group("board_songs").set_value([]).run()
    assert not app.exception
    assert "Choose a song" in app.info[0].value


def test_songs_of_a_data_set_that_is_here_are_offered(
    song_home: Path, open_app: Open, song_set: Catalog
) -> None:
    shutil.copytree(song_set.root, song_home / "datasets" / "made_songs")
    bundle = open_bundle(song_home / "models" / "made.song")
    with_card(bundle, data={**bundle.card.data, "name": "made_songs", "digest": song_set.digest})
    app = open_app("genres", board_songs=SHORT)
    assert not app.exception
    picker = app.multiselect("board_items_made_songs")
    assert len(picker.options) == 24
    assert picker.options[0].startswith("Beats, non-prog: ")
    picker.set_value(["Tones-2.ogg"]).run()
    assert not app.exception
    assert re.search(r"Spectrogram of [^\"]*Tones[^\"]*: Title 18", everything(app))
