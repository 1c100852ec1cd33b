"""Start: one field for covers and songs, what was read already, and the best of each task."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import compare
from tests.app.test_covers_page import jpeg
from tests.app.test_songs_page import wav
from tests.app_words import everything
from tests.made_bundles import write_bundle
from tests.made_results import write_results
from tests.made_song_bundles import write_song_bundle

Open = Callable[..., AppTest]


@pytest.fixture
def home(made_home: Path) -> Path:
    write_song_bundle(made_home / "models")
    return made_home


def test_a_cover_is_read_a_song_plays_and_only_measured_networks_have_figures(
    home: Path, open_app: Open
) -> None:
    app = open_app()
    assert not app.exception
    assert not app.error
    for key in ("start_ranking", "start_player"):
        assert app.get_by_key(key) is not None
    words = everything(app)
    assert "most probably" in words
    assert "Not evaluated yet" not in words


def test_covers_that_are_dropped_are_opened_on_their_page(home: Path, open_app: Open) -> None:
    app = open_app()
    uploader = app.file_uploader("start_upload_0")
    uploader.upload("one.jpg", jpeg(1), "image/jpeg").upload("two.jpg", jpeg(2), "image/jpeg").run()
    assert not app.exception
    words = everything(app)
    assert "What does the network see in this cover?" in words
    assert app.get_by_key("cover").value == "one.jpg"
    # Each is a click away, with its answer on the button; the built-in ones make room.
    assert app.get_by_key("cover").options == ["one\\.jpg", "two\\.jpg"]
    app.button("own_1").click().run()
    assert app.get_by_key("cover").value == "two.jpg"
    # What the gallery below asks for is offered beside them.
    look = next(one for one in app.button if (one.key or "").startswith("look_"))
    look.click().run()
    assert app.get_by_key("cover").value == look.label
    assert len(app.get_by_key("cover").options) == 3
    # What was dropped elsewhere can be taken away here, one by one.
    app.button("covers_dropped_0").click().run()
    assert not app.exception
    assert "one\\.jpg" not in app.get_by_key("cover").options
    assert "two\\.jpg" in app.get_by_key("cover").options


def test_a_song_that_is_dropped_is_opened_on_its_page(home: Path, open_app: Open) -> None:
    app = open_app()
    app.file_uploader("start_upload_0").upload("mine.wav", wav(3), "audio/wav").run()
    assert not app.exception
    assert "How progressive does this song sound" in everything(app)
    # That it is chosen, a browser shows: here a link's parameters stay behind.
    assert "mine\\.wav" in app.get_by_key("song").options


def test_the_best_of_each_task_is_ours_and_stands_beside_a_baseline(empty_home: Path) -> None:
    models = empty_home / "models"
    best = write_results(write_bundle(models, name="a.ours", genres=("Jazz", "Pop")))
    study = write_results(write_bundle(models, name="b.study", genres=("x", "y"), study="S3"))
    bare = write_bundle(models, name="c.bare", genres=("u", "v"))
    assert compare.best_of_each_task((bare, study, best)) == [best]
