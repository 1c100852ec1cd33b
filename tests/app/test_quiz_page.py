"""Guess first: what teacher, students and the wall see of one room, and what nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.classroom import (
    Question,
    answer,
    find_room,
    join,
    list_rooms,
    open_room,
    read_results,
    step,
)
from pages.ui import permission
from pages.ui.permission import Visit
from tests.app_words import everything

Open = Callable[..., AppTest]
GENRES = ("Jazz", "Pop", "Rock")
TITLES = ("Jah Meridian, painted as reggae", "Loud Enough, painted as rock")


def made_room(*, truths: bool = False) -> tuple[str, str]:
    questions = [
        Question(item, title, 2 if truths else None, network)
        for item, title, network in zip(("reggae-8", "rock-3"), TITLES, (1, 2), strict=True)
    ]
    return open_room(
        questions, GENRES, media="cover", network="made.test", network_title="Made network"
    )


def take(code: str, key: str, *names: str) -> None:
    for name in names:
        step(code, key, name, seen=find_room(code).version)


def press(app: AppTest, label: str) -> AppTest:
    [button] = [one for one in app.button if one.label == label]
    return button.click().run()


def test_a_room_is_opened_and_led_to_its_end(made_home: Path, open_app: Open) -> None:
    app = open_app("quiz")
    assert not app.exception
    app.number_input(key="quiz_n").set_value(2)
    app.text_input(key="quiz_title").set_value("Class <b>8b</b>")
    app = app.button(key="quiz_open").click().run()
    assert not app.exception
    assert not app.error
    [(room, _)] = list_rooms()
    assert (room.n_questions, room.network, room.title) == (2, "made.test", "Class <b>8b</b>")
    assert room.code in app.query_params["room"]
    said = everything(app)
    assert " ".join(room.code) in said
    assert "Nobody knows a true genre of the built-in covers" in said
    token = join(room.code, "Ann")
    for label, phase in (
        ("Start", "asking"),
        ("Close answers", "closed"),
        ("Open it again", "asking"),
        ("Close answers", "closed"),
        ("Ask the network", "revealed"),
        ("Next question", "asking"),
        ("Close answers", "closed"),
        ("Ask the network", "revealed"),
        ("End and show results", "ended"),
    ):
        app = press(app, label)
        assert not app.exception
        room = find_room(room.code)
        assert room.phase == phase
        if phase == "asking":
            answer(room.code, token, room.question, 1)
    assert "Scoreboard" in everything(app)
    assert read_results(room).answers.tolist() == [[1, 1]]
    assert [one.label for one in app.button if one.key and one.key.startswith("quiz_step")] == []


def test_a_reload_loses_nothing_and_the_key_is_needed_for_it(
    made_home: Path, open_app: Open
) -> None:
    code, key = made_room()
    take(code, key, "ask")
    again = open_app("quiz", room=code, key=key)
    assert "Close answers" in [one.label for one in again.button]
    for link in ({}, {"key": "wrong"}, {"key": f"{key}x"}, {"show": "class"}, {"me": key}):
        other = open_app("quiz", room=code, **link)
        assert not other.exception
        labels = {one.label for one in other.button}
        assert not labels & {"Close answers", "End and show results", "Delete the room"}
        assert key not in everything(other)


def test_who_leads_is_told_how_to_come_back_before_leaving(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    app = press(open_app("quiz", room=code, key=key), "Leave")
    assert not app.exception
    assert f"room={code}&key={key}" in everything(app)
    app = press(app, "Stay")
    assert app.query_params["key"] == key
    app = press(press(app, "Leave"), "Leave it")
    assert not app.exception
    assert "key" not in app.query_params
    assert "Join a room" in everything(app)


def test_a_key_is_only_offered_for_a_step_that_it_takes(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    take(code, key, "ask", "close", "reveal", "ask", "close")
    assert "The right arrow key" in everything(open_app("quiz", room=code, key=key))
    take(code, key, "reveal")
    said = everything(open_app("quiz", room=code, key=key))
    assert "End and show results" in said
    assert "The right arrow key" not in said


def test_a_student_joins_answers_changes_and_is_told(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    app = open_app("quiz", room=code.lower())
    assert len(app.text_input) == 1
    app.text_input(key="quiz_nickname").set_value("Zoë 🎸")
    app = press(app, "Join")
    assert not app.error
    assert "You are in" in everything(app)
    take(code, key, "ask")
    app = app.run()
    labels = [one.label for one in app.button]
    assert labels[:3] == list(GENRES)
    app = press(press(app, "Pop"), "Rock")
    assert not app.exception
    assert [one.proto.type for one in app.button[:3]] == ["secondary", "secondary", "primary"]
    # Nothing of the answer is known yet, nor what the cover is called.
    for told in ("Jah Meridian", "reggae", "Made network"):
        assert told not in everything(app).replace("lion", "")
    take(code, key, "close")
    app = app.run()
    assert "You said **Rock**" in everything(app)
    assert not {*GENRES} & {one.label for one in app.button}
    take(code, key, "reveal")
    said = everything(app.run())
    assert "The network said **Pop**" in said
    assert "you and the network differ" in said
    assert "painted as reggae" in said
    take(code, key, "end")
    assert "place 1 of 1, same as the network 0 of 1" in everything(app.run())
    assert read_results(find_room(code)).answers.tolist() == [[2]]


def test_who_was_right_is_told_where_the_genre_is_known(made_home: Path, open_app: Open) -> None:
    code, key = made_room(truths=True)
    tokens = [join(code, "Ann"), join(code, "Bob")]
    take(code, key, "ask")
    answer(code, tokens[0], 1, 2)
    answer(code, tokens[1], 1, 0)
    take(code, key, "close", "reveal")
    right, wrong = (everything(open_app("quiz", room=code, me=token)) for token in tokens)
    assert "**You are right**], the network is not" in right
    assert "You are wrong], so is the network" in wrong
    assert "### It is Rock" in right
    wall = everything(open_app("quiz", room=code, show="class"))
    for told in (
        "The network says Pop",
        "It is wrong: this is labelled **Rock**",
        "Class and truth",
    ):
        assert told in wall
    take(code, key, "end")
    end = open_app("quiz", room=code, show="class")
    said = everything(end)
    assert "Confusion matrix, rows = true. Jazz: 0 % right of 0." in said
    assert "quiz_matrix_class" in said
    assert "quiz_matrix_network" in said
    assert "the network: **0 of 1**" in said


def test_the_wall_shows_no_answers_before_they_are_closed(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    token = join(code, "Ann")
    take(code, key, "ask")
    answer(code, token, 1, 0)
    for link in ({"show": "class"}, {"key": key}):
        said = everything(open_app("quiz", room=code, **link))
        assert "**1 of 1** have answered" in said
        for told in ("Jazz: 1", "The network says", "painted as"):
            assert told not in said
    take(code, key, "close")
    said = everything(open_app("quiz", room=code, show="class"))
    assert "Jazz: 1" in said
    assert "the network" not in said.replace("will the network say", "")


@pytest.mark.parametrize(
    ("nickname", "said"),
    [
        ("<b>Ann</b>", "A nickname has 1 to 20"),
        ("", "A nickname has 1 to 20"),
        ("Robert'); DROP", "A nickname has 1 to 20"),
        ("ann", "which is taken"),
    ],
)
def test_a_bad_nickname_is_told_so_once(
    made_home: Path, open_app: Open, nickname: str, said: str
) -> None:
    code, _ = made_room()
    join(code, "Ann")
    app = open_app("quiz", room=code)
    app.text_input(key="quiz_nickname").set_value(nickname)
    app = press(app, "Join")
    assert said in everything(app)
    assert len(app.error) == 1
    assert not app.run().error
    assert [n for _, n in list_rooms()] == [1]


@pytest.mark.parametrize("code", ["BCDFG", "' OR 1=1", "<b>", "x" * 5_000])
def test_a_bad_code_is_told_so_in_the_link_and_in_the_field(
    made_home: Path, open_app: Open, code: str
) -> None:
    made_room()
    app = open_app("quiz", room=code)
    assert not app.exception
    assert len(app.error) == 1
    assert "room" not in app.query_params
    # What is left is the way in.
    app.text_input(key="quiz_code").set_value(code[:10])
    app.text_input(key="quiz_nickname").set_value("Ann")
    app = press(app, "Join")
    assert not app.exception
    assert len(app.error) == 1


def test_a_student_comes_back_after_a_look_at_another_page(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    token = join(code, "Ann")
    take(code, key, "ask")
    app = open_app("quiz", room=code, me=token)
    app.query_params.clear()
    app = app.run()
    assert "Question 1 of 2" in everything(app)
    app = press(app, "Leave the room")
    assert "Join a room" in everything(app)
    assert "room" not in app.query_params
    app = open_app("quiz", room=code, me=token)
    assert "Question 1 of 2" in everything(app)


def test_a_teacher_takes_a_student_out_and_deletes_the_room(
    made_home: Path, open_app: Open
) -> None:
    code, key = made_room()
    token = join(code, "Ann")
    app = open_app("quiz", room=code, key=key)
    app.selectbox(key="quiz_removed").select(1).run()
    app = press(app, "Take out")
    assert not app.exception
    assert [n for _, n in list_rooms()] == [0]
    assert "Join the room" in everything(open_app("quiz", room=code, me=token))
    app = press(app, "Delete the room")
    app = press(app, "Keep it")
    assert len(list_rooms()) == 1
    app = press(press(app, "Delete the room"), "Delete it")
    assert not app.exception
    assert list_rooms() == []
    assert "Join a room" in everything(app)


def test_who_runs_the_server_tidies_up_without_keys_and_nobody_else(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = made_room()
    monkeypatch.setattr(permission, "visitor", lambda: Visit("192.0.2.7", {}))
    assert code not in everything(open_app("quiz"))
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost"}))
    app = open_app("quiz")
    assert code in everything(app)
    app = press(press(app, "Delete"), "Delete it")
    assert list_rooms() == []


def test_without_rooms_there_is_no_quiz(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRE_MAX_ROOMS", "0")
    app = open_app("quiz")
    assert "switched off on this server" in everything(app)
    assert "quiz_open" not in {one.key for one in app.button}


def test_an_item_that_is_gone_stops_nobody(made_home: Path, open_app: Open) -> None:
    questions = [Question("no such", "Gone", None, 0)]
    code, key = open_room(questions, GENRES, media="cover", network="made.test", data="no_set")
    token = join(code, "Ann")
    take(code, key, "ask")
    for link in ({"key": key}, {"me": token}, {"show": "class"}):
        app = open_app("quiz", room=code, **link)
        assert not app.exception
        assert "not on this machine any more" in everything(app)


def test_the_wall_names_who_is_in_while_they_come(made_home: Path, open_app: Open) -> None:
    code, key = made_room()
    for name in ("Ann", "O'Brien_2", "7"):
        join(code, name)
    assert "Ann · O'Brien_2 · 7" in everything(open_app("quiz", room=code, show="class"))
    take(code, key, "ask")
    assert "Ann" not in everything(open_app("quiz", room=code, show="class"))


def test_several_rooms_keep_apart(made_home: Path, open_app: Open) -> None:
    (first, first_key), (second, second_key) = made_room(), made_room(truths=True)
    ann, bob = join(first, "Ann"), join(second, "Bob")
    take(first, first_key, "ask")
    take(second, second_key, "ask", "close")
    press(open_app("quiz", room=first, me=ann), "Pop")
    assert "Answers are closed" in everything(open_app("quiz", room=second, me=bob))
    # A seat in one room is none in the other, nor is a key.
    assert "Join the room" in everything(open_app("quiz", room=second, me=ann))
    assert "Close answers" not in everything(open_app("quiz", room=first, key=second_key))
    assert find_room(second).phase == "closed"
    take(first, first_key, "close", "reveal")
    assert read_results(find_room(first)).answers.tolist() == [[1]]
    assert read_results(find_room(second)).questions == ()
