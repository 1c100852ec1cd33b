"""For teachers: paths whose links lead where they say, shown stop by stop; read-only servers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.classroom import Question, find_room, open_room, step
from genre_core.data.demo import demo_covers, demo_songs
from genre_core.lessons.first import COURSES, load_course
from genre_core.runs.bundle import list_bundles
from pages.ui import frame, keys, permission
from pages.ui.permission import Visit
from pages.ui.teaching import presenting
from pages.ui.teaching.paths import PATHS, Stop
from tests.app_words import everything

Open = Callable[..., AppTest]
STOPS = [
    (name, number, stop) for name, stops in PATHS.items() for number, stop in enumerate(stops, 1)
]


def press(app: AppTest, label: str) -> AppTest:
    [button] = [one for one in app.button if one.label == label]
    return button.click().run()


@pytest.mark.parametrize("name", list(PATHS))
def test_a_path_takes_as_long_as_it_says(name: str) -> None:
    assert sum(stop.minutes for stop in PATHS[name]) == int(name)


@pytest.mark.parametrize(("name", "number", "stop"), STOPS, ids=lambda one: str(one)[:20])
def test_every_link_of_a_path_names_what_there_is(name: str, number: int, stop: Stop) -> None:
    assert stop.page in frame.PAGES
    known = {
        "cover": {cover.title for cover in demo_covers()},
        "song": {song.title for song in demo_songs()},
        "network": {bundle.name for bundle in list_bundles(need_network=True)},
        "course": set(COURSES),
        "step": {"1"},
    }
    if "course" in stop.query:
        steps = load_course(stop.query["course"]).steps
        known["step"] = {str(k + 1) for k in range(len(steps))}
        assert steps[int(stop.query["step"]) - 1].title == stop.title
    for parameter, value in stop.query.items():
        assert value in known[parameter]
    assert presenting.read(f"{name}.{number}") == presenting.Present(name, number - 1)
    assert stop.show
    assert stop.say
    assert all(question.endswith("?") and answer for question, answer in stop.asked)


def test_no_stop_is_a_note_for_experts() -> None:
    assert "lessons" not in {stop.page for *_, stop in STOPS}


@pytest.mark.parametrize(
    "text", ["", "20", "20.", "20.0", "20.6", "30.1", "20.-1", "20.²", "20.1x"]
)
def test_what_is_no_stop_shows_no_path(text: str) -> None:
    assert presenting.read(text) is None


def test_the_page_lists_every_stop_with_notes_and_answers(made_home: Path, open_app: Open) -> None:
    for name, stops in PATHS.items():
        app = open_app("teacher", minutes=name)
        assert not app.exception
        said = everything(app)
        for stop in stops:
            for text in (stop.title, stop.say, *(question for question, _ in stop.asked)):
                assert text in said
        assert len(app.get("page_link")) >= len(stops)


def test_a_path_is_shown_stop_by_stop_and_back(made_home: Path, open_app: Open) -> None:
    app = press(open_app("teacher"), "Show it to the class (5 stops)")
    assert not app.exception
    titles = [stop.title for stop in PATHS["20"]]
    assert app.button_group("detail").value == "Simple"
    for number, title in enumerate(titles[:3], 1):
        assert f"**{number} of 5** {title}" in everything(app)
        app = press(app, "Next") if number < 3 else app
        assert not app.exception
    app = app.button(key="presenting_back").click().run()
    assert f"**2 of 5** {titles[1]}" in everything(app)
    assert "Join a room" in everything(app)
    # It goes with the visitor to any page, until it is ended.
    app.switch_page(frame.PAGES["about"].path)
    assert "**2 of 5**" in everything(app.run())
    app = app.button(key="presenting_end").click().run()
    assert "of 5**" not in everything(app)


def test_a_reload_at_a_stop_knows_the_path(made_home: Path, open_app: Open) -> None:
    app = open_app("quiz", path="20.2", detail="Simple")
    assert "**2 of 5**" in everything(app)
    first = open_app("start", path="20.1")
    assert first.button(key="presenting_back").disabled
    last = open_app("results", path="20.5")
    assert last.button(key="presenting_next").disabled
    assert "of 5**" not in everything(open_app("about", path="20.77"))


def made_room() -> tuple[str, str]:
    question = Question("reggae-8", "Jah Meridian, painted as reggae", None, 0)
    return open_room([question], ("Jazz", "Pop"), media="cover", network="made.test")


def test_a_reload_at_another_stop_still_leads_the_room(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    led = {"room": code, "key": key}
    app = press(open_app("quiz", path="20.2", **led), "Next")
    assert not app.exception
    # A reload: nothing is left but the link.
    link = dict(app.query_params)
    assert link.items() >= led.items()
    assert key not in everything(open_app("first", **link)), "links to copy have no key"
    app = open_app("first", **link).button(key="presenting_back").click().run()
    assert not app.exception
    assert "Start" in [one.label for one in app.button]
    app = open_app("first", **link)
    # So it does by the menu, which takes nothing along.
    app.switch_page(frame.PAGES["quiz"].path)
    app.query_params.clear()
    assert "Start" in [one.label for one in app.run().button]
    app = open_app("first", **link).button(key="presenting_end").click().run()
    assert "key" not in app.query_params


def test_keys_lead_the_room_and_after_its_end_the_path(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, key = made_room()
    heard: list[str] = []
    monkeypatch.setattr(keys, "listen", lambda place, on_key, *, key: heard.append(key))
    link = {"path": "20.2", "room": code, "key": key}
    open_app("quiz", **link)
    assert heard == ["quiz_keys"]
    step(code, key, "end", seen=find_room(code).version)
    heard.clear()
    open_app("quiz", **link)
    assert heard == ["presenting_keys"]


def test_notes_are_not_markup_that_breaks(made_home: Path, open_app: Open) -> None:
    said = everything(open_app("covers", path="20.4"))
    assert "**Show.**" in said
    assert "*“Does it read the words on the cover?”*" in said


def test_it_says_how_the_server_is_set(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost"}))
    said = everything(open_app("teacher"))
    assert "you may" in said
    assert "covers up to 20 MB, songs up to 200 MB" in said
    monkeypatch.setenv(permission.SETTING, "nobody")
    monkeypatch.setenv("GENRE_UPLOADS", "off")
    monkeypatch.setenv("GENRE_MAX_ROOMS", "3")
    said = everything(open_app("teacher"))
    assert "you may not: Imports and trainings are switched off on this server." in said
    assert "at most 3 at once" in said


@pytest.mark.parametrize("page", ["covers", "songs", "data", "training", "errors", "quiz", "first"])
def test_a_server_that_is_only_looked_at_has_nothing_to_send_or_start(
    made_home: Path, stored: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    shutil.copytree(stored / "made.song", made_home / "models" / "made.song")
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost"}))
    monkeypatch.setenv(permission.SETTING, "nobody")
    monkeypatch.setenv("GENRE_UPLOADS", "off")
    app = open_app(page)
    assert not app.exception
    assert [*app.get("file_uploader"), *app.get("audio_input")] == []
    labels = {one.label for one in app.button if not one.disabled}
    assert not labels & {"Start the import", "Start the training", "Delete this data set"}
