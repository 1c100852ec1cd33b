"""Results of the shipped networks of songs: folds, false alarms, a teacher, cells of songs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_words import everything

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _own_home(genre_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENRE_DATA", raising=False)


def test_a_head_shows_what_knowing_the_artist_is_worth(open_app: Open) -> None:
    app = open_app("results", result="msd_musicnn.emotify4")
    assert not app.exception
    words = everything(app)
    assert "test songs" in words
    assert "MFCCs alone" in words
    assert "artists apart" in words
    assert "random folds" in words
    assert "The shipped head itself" in words
    assert "covers" not in words.split("How it")[0].split("Which genres does it confuse")[1][:400]


def test_a_cell_of_songs_lists_them_where_their_files_are_not(open_app: Open) -> None:
    app = open_app("results", result="msd_musicnn.emotify4", true="Pop", predicted="Rock")
    assert not app.exception
    assert "taken for Rock" in everything(app)
    assert "hear the songs here" in everything(app)


@pytest.mark.parametrize("name", ["msd_musicnn.tagger", "s5_cnn.soft_prog"])
def test_a_prog_score_shows_its_false_alarms(open_app: Open, name: str) -> None:
    app = open_app("results", result=name)
    assert not app.exception
    words = everything(app)
    assert "called prog" in words
    assert "no confusion matrix" in words
    assert f"genre_core evaluate {name}" not in words  # that command is for covers
    assert "rendered prog against rendered pop and rock" in words
    assert ("rank correlation" in words) == (name == "s5_cnn.soft_prog")


def test_a_card_of_songs_opens(open_app: Open) -> None:
    app = open_app("results", result="msd_musicnn.tagger")
    app.button("card_result").click().run()
    assert not app.exception
    assert "What else could explain these figures" in everything(app)
