"""Songs: what a method marks in a segment is tested on a click, also with shuffled weights."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_songs
from tests.app_words import everything

Open = Callable[..., AppTest]
SHORT = demo_songs()[2].title


@pytest.fixture
def song_home(empty_home: Path, stored: Path) -> Path:
    """Home with a network that scores prog and one that names three genres."""
    for name in ("made.song", "made.genres"):
        shutil.copytree(stored / name, empty_home / "models" / name)
    return empty_home


def test_a_segments_map_is_tested_and_made_again_with_shuffled_weights(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT)
    assert "With all layers shuffled" not in everything(app)
    app.toggle("segment_evidence").set_value(True).run()
    assert not app.exception
    assert "On this segment the places that Grad-CAM marks matter" in everything(app)
    app.toggle("segment_shuffled").set_value(True).run()
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "With all layers shuffled the map of Grad-CAM" in words
    assert "on this segment it" in words
    assert "Rank correlation with the map of the trained network" in words
