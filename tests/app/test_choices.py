"""What a visitor chooses from: names of files are shown as they are, built-in links stay."""

from __future__ import annotations

import io

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.image.decode import COVER_SUFFIXES
from pages.ui import cached
from pages.ui.media import choosing
from pages.ui.media.choice import own
from pages.ui.media.choosing import COVER, SONG, built_in, shown_labels


@pytest.mark.parametrize("name", ["*bold*.mp3", "[x](http:y).png", ":red[a] $b$ `c` <b>.wav"])
def test_a_files_name_is_no_markup(name: str) -> None:
    shown = shown_labels([own(name, b"x")])[name]
    assert shown.replace("\\", "") == name
    assert all(f"\\{sign}" in shown for sign in set(name) & set("*[]()$`<>:"))


@pytest.mark.parametrize("medium", [COVER, SONG])
def test_links_to_what_is_built_in_stay(medium) -> None:
    choices = built_in(medium)
    assert choices
    assert shown_labels(choices) == {choice.label: choice.label for choice in choices}


def page_with_a_song(names: list[str]) -> None:
    """What a page does; AppTest runs it by itself."""
    from pages.ui.media import choosing
    from pages.ui.media.choice import own

    choosing.pick(choosing.SONG, [own(name, name.encode()) for name in names])


def test_the_link_has_a_file_by_its_name_and_leads_back_to_it() -> None:
    names = ["a.wav", "b_*.wav"]
    app = AppTest.from_function(page_with_a_song, kwargs={"names": names}, default_timeout=60).run()
    assert "song" not in app.query_params
    app.button_group("song").set_value("b_*.wav").run()
    assert app.query_params["song"] == "b_*.wav"  # without the marks against Markdown
    del app.query_params["song"]  # one step back
    assert app.run().button_group("song").value == "a.wav"
    app.query_params["song"] = "b_*.wav"
    assert app.run().button_group("song").value == "b_*.wav"
    app.query_params["song"] = "gone.wav"
    assert app.run().button_group("song").value == "a.wav"


def test_a_link_that_names_the_default_is_left_as_it_is() -> None:
    # Taken out, the word would be a step of its own, and Back would not leave the page.
    names = ["a.wav", "b.wav"]
    app = AppTest.from_function(page_with_a_song, kwargs={"names": names}, default_timeout=60)
    app.query_params["song"] = "a.wav"
    app.run()
    assert app.query_params["song"] == "a.wav"
    app.button_group("song").set_value("b.wav").run()
    assert app.query_params["song"] == "b.wav"
    app.button_group("song").set_value("a.wav").run()
    assert "song" not in app.query_params


def test_uploads_take_what_the_library_reads() -> None:
    assert (COVER.suffixes, SONG.suffixes) == (COVER_SUFFIXES, SONG_SUFFIXES)


def test_recordings_are_numbered_and_the_microphone_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(choosing.st, "session_state", state)
    for content, label in ((b"a", "Recording 1"), (b"b", "Recording 2"), (b"a", "Recording 1")):
        state[choosing.RECORD_KEY] = io.BytesIO(content)
        choosing._choose_recorded()
        assert state[SONG.name] == label
        assert state["song_recorder"] is False


def test_a_gallery_shows_built_in_covers_as_they_are() -> None:
    for choice in built_in(COVER):
        quick, whole = cached.gallery_picture(choice), cached.small_picture(choice)
        assert quick.shape == whole.shape
        assert np.abs(quick.astype(float) - whole).mean() < 5  # of 255
