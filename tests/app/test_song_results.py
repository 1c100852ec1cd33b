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


def test_a_head_shows_its_folds_its_wrong_songs_and_what_knowing_the_artist_is_worth(
    open_app: Open,
) -> None:
    app = open_app("results", result="msd_musicnn.emotify4")
    assert not app.exception
    words = everything(app)
    assert "test songs" in words
    assert "a model that hears only MFCCs" in words
    assert "artists apart" in words
    assert "random folds" in words
    assert "The shipped network itself" in words
    assert "Its probabilities say more than how common each genre is" in words
    assert "each fold by the others" in words
    assert "Said and come true: " in words
    assert "covers" not in words.split("How it")[0].split("Which genres does it confuse")[1][:400]
    for told in ("Fold by fold", "Folds. accuracy: ", "5 folds of"):
        assert told in words
    assert "See and hear what it got wrong" in words
    # A row of the table leads to its songs
    behind = words.split("The songs behind a row:")[1]
    assert behind.count("only=true.") == 4
    assert "evaluation=msd_musicnn.emotify4" in behind
    assert "true.Classical" in behind


def test_nine_folds_are_dots_with_their_mean(open_app: Open) -> None:
    words = everything(open_app("results", result="msd_musicnn.gtzan10"))
    assert "?network=msd_musicnn.gtzan10" in words  # the link to copy, by its name of today
    for told in ("Fold by fold", "Folds. accuracy: ", "9 folds of"):
        assert told in words


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
    alarms = {"s5_cnn.soft_prog": "scores high without being prog: at 0.5, all 19 Classical songs"}
    assert alarms.get(name, "has the most false alarms: at 0.5, 8 of 19 Classical songs") in words
    if name == "s5_cnn.soft_prog":
        assert "rank correlation with its teachers" in words
        # Rendered songs stand artist by artist.
        (table,) = (each.value for each in app.table if "artist" in each.value)
        assert "King Crimson" in set(table["artist"])
        assert "the same without King Crimson" in words
    else:
        # The highest are listed, and not called false alarms.
        assert "67 test songs" in words
        assert "which is not on this machine" in words
        assert "a false alarm by its mean" not in words
        app.button("card_result").click().run()
        assert not app.exception
        assert "What else could explain these figures" in everything(app)


def test_songs_and_segments_stand_apart(open_app: Open) -> None:
    app = open_app("results", result="s4_b.emotify4")
    assert not app.exception
    words = everything(app)
    assert "Songs, and their segments" in words
    assert "its epoch chosen on val" in words
    (table,) = (each.value for each in app.table if "what is judged" in each.value)
    assert table["how many"].tolist() == ["320", "320", "1,280"]
