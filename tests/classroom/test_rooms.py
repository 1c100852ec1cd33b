"""Rooms of a class: opened, led, bounded, deleted; nicknames; what outlives a killed process."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genre_core.classroom import (
    Question,
    answer,
    delete_room,
    find_room,
    join,
    list_rooms,
    open_room,
    read_results,
    rooms,
    seat,
    step,
)
from genre_core.classroom.quiz_file import QUIZ_FILE, writing
from genre_core.classroom.rooms import is_teacher, version_of
from genre_core.classroom.steps import (
    delete_room_without_key,
    may_step,
    remove_student,
    set_address,
)
from genre_core.classroom.students import MAX_NICKNAME, counts, read_nickname
from genre_core.errors import JobError, ParameterError

GENRES = ("Jazz", "Pop", "Rock")
PROJECT = Path(__file__).resolve().parents[2]


def made_room(n: int = 2, *, truths: bool = True, **options: object) -> tuple[str, str]:
    questions = [
        Question(f"item-{k}", f"Title {k}", k % 3 if truths else None, (k + 1) % 3)
        for k in range(n)
    ]
    return open_room(questions, GENRES, media="cover", network="made.test", **options)  # type: ignore[arg-type]


def take(code: str, key: str, *names: str) -> None:
    for name in names:
        step(code, key, name, seen=find_room(code).version)


def test_a_room_goes_through_its_questions(genre_home: Path) -> None:
    code, key = made_room(title="  Class  8b ")
    room = find_room(f" {code[:2].lower()}-{code[2:]} ")
    assert (room.phase, room.question, room.n_questions, room.title) == ("lobby", 0, 2, "Class 8b")
    assert may_step(room) == ("ask", "end")
    take(code, key, "ask")
    assert may_step(find_room(code)) == ("close", "end")
    take(code, key, "close", "reopen", "close", "reveal", "ask", "close", "reveal")
    room = find_room(code)
    assert (room.phase, room.question, room.n_answered) == ("revealed", 2, 2)
    assert may_step(room) == ("end",)
    take(code, key, "end")
    assert may_step(find_room(code)) == ()
    assert find_room(code).n_answered == 2


def test_two_clicks_on_one_sight_of_the_room_take_one_step(genre_home: Path) -> None:
    code, key = made_room()
    seen = find_room(code).version
    first = step(code, key, "ask", seen=seen)
    assert step(code, key, "ask", seen=seen) == first
    assert (first.phase, first.question) == ("asking", 1)
    assert version_of(code) == seen + 1


def test_only_the_teachers_key_leads(genre_home: Path) -> None:
    code, key = made_room()
    _, other_key = made_room()
    token = join(code, "Ann")
    assert is_teacher(code, key)
    for wrong in ("", "x", token, other_key, f"{key}x", "' OR '1'='1", "ü", "\ud800"):
        assert not is_teacher(code, wrong)
        for act in (
            lambda wrong=wrong: step(code, wrong, "ask", seen=1),
            lambda wrong=wrong: delete_room(code, wrong),
            lambda wrong=wrong: remove_student(code, wrong, 1),
        ):
            with pytest.raises(ParameterError, match=r"Only the room's teacher.*without the room"):
                act()
    assert find_room(code).phase == "lobby"
    assert seat(find_room(code), token) is not None
    # Nothing of a key can be read off the file.
    content = b"".join(path.read_bytes() for path in genre_home.glob(f"{QUIZ_FILE}*"))
    assert key.encode() not in content
    assert token.encode() not in content


def test_an_answer_may_be_changed_until_the_question_is_closed(genre_home: Path) -> None:
    code, key = made_room()
    token = join(code, "Ann")
    with pytest.raises(ParameterError, match="while its question is open"):
        answer(code, token, 1, 0)
    take(code, key, "ask")
    answer(code, token, 1, 0)
    answer(code, token, 1, 2)
    room = find_room(code)
    assert counts(room) == (1, 1)
    [student] = [seat(room, token)]
    assert student is not None
    assert student.answers == {1: 2}
    with pytest.raises(ParameterError, match="while its question is open"):
        answer(code, token, 2, 0)
    take(code, key, "close")
    for question in (1, 2):
        with pytest.raises(ParameterError, match="while its question is open"):
            answer(code, token, question, 0)
    take(code, key, "reveal")
    assert read_results(find_room(code)).answers.tolist() == [[2]]


@pytest.mark.parametrize("genre", [-1, 3, 10**9])
def test_a_genre_that_is_none_is_no_answer(genre_home: Path, genre: int) -> None:
    code, key = made_room()
    token = join(code, "Ann")
    take(code, key, "ask")
    with pytest.raises(ParameterError, match=r"must lie in \[0, 3\)"):
        answer(code, token, 1, genre)
    assert counts(find_room(code)) == (1, 0)


def test_who_is_not_in_the_room_cannot_answer(genre_home: Path) -> None:
    code, key = made_room()
    elsewhere, _ = made_room()
    token = join(elsewhere, "Ann")
    take(code, key, "ask")
    for wrong in (token, "", key, "' OR 1=1 --"):
        assert seat(find_room(code), wrong) is None
        with pytest.raises(ParameterError, match="must be in the room"):
            answer(code, wrong, 1, 0)


@pytest.mark.parametrize(
    "code", ["", "BCDF", "BCDFGH", "AEIOU", "bcdf1", "<b>", "' OR 1=1", "x" * 10**5]
)
def test_what_is_no_code_is_told_so(genre_home: Path, code: str) -> None:
    with pytest.raises(ParameterError, match=r"has 5 letters.*Received") as told:
        find_room(code)
    assert len(str(told.value)) < 200
    with pytest.raises(ParameterError, match="has 5 letters"):
        join(code, "Ann")


def test_a_code_of_no_room_is_told_so_and_makes_no_file(genre_home: Path) -> None:
    for act in (find_room, lambda code: join(code, "Ann")):
        with pytest.raises(ParameterError, match="the code BCDFG, which belongs to none"):
            act("bcdfg")
    assert version_of("BCDFG") == 0
    assert list_rooms() == []
    assert not (genre_home / QUIZ_FILE).exists()
    made_room()
    for act in (find_room, lambda code: join(code, "Ann")):
        with pytest.raises(ParameterError, match="belongs to none"):
            act("bcdfg")


@pytest.mark.parametrize(
    "nickname",
    [
        "",
        "   ",
        "\u200b",
        "x" * 10_000,
        "x" * (MAX_NICKNAME + 1),
        "<b>Ann</b>",
        "=1+1",
        "-Ann",
        "Robert'); DROP TABLE students;--",
        "a\u202eb",
        "a\x00b",
        "{{7*7}}",
        "![x](y)",
        "$x$",
        ":red[x]",
        "\ud800",
        "\ufeff",
        ".",
    ],
)
def test_what_is_no_nickname_is_told_so(genre_home: Path, nickname: str) -> None:
    code, _ = made_room()
    with pytest.raises(ParameterError, match=r"1 to 20 letters.*Received") as told:
        join(code, nickname)
    assert len(str(told.value)) < 300
    assert counts(find_room(code)) == (0, 0)


@pytest.mark.parametrize(
    "nickname",
    [
        "Ann",
        "O'Brien",
        "Zoë",
        "李雷",
        "🎸",
        "👩\u200d🎤 7",
        "👍🏽",
        "DROP TABLE students",
        "अनिल",
        "7",
    ],
)
def test_names_of_all_the_world_are_nicknames(genre_home: Path, nickname: str) -> None:
    code, _ = made_room()
    token = join(code, f" {nickname} ")
    student = seat(find_room(code), token)
    assert student is not None
    assert student.nickname == nickname
    assert len(list_rooms()) == 1


def test_one_nickname_is_one_students(genre_home: Path) -> None:
    code, _ = made_room()
    other, _ = made_room()
    join(code, "Zoë")
    for same in ("Zoë", "zoë", "ZOË ", "Zoe\u0308", "\uff3aoë"):
        with pytest.raises(ParameterError, match="which is taken"):
            join(code, same)
    join(other, "Zoë")
    assert [n for _, n in list_rooms()] == [1, 1]
    assert read_nickname("\uff21nn") == "\uff21nn"


def test_rooms_students_and_questions_are_bounded(
    genre_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_core.classroom.students.MAX_STUDENTS", 2)
    code, key = made_room(max_rooms=2)
    join(code, "Ann")
    join(code, "Bob")
    with pytest.raises(ParameterError, match="at most 2 students"):
        join(code, "Cem")
    remove_student(code, key, 1)
    assert seat(find_room(code), join(code, "Cem")).number == 3  # type: ignore[union-attr]
    made_room(max_rooms=2)
    with pytest.raises(ParameterError, match=r"may be 2 rooms.*GENRE_MAX_ROOMS"):
        made_room(max_rooms=2)
    with pytest.raises(ParameterError, match="may be 0 rooms"):
        made_room(max_rooms=0)
    with pytest.raises(ParameterError, match="1 to 30 questions"):
        made_room(rooms.MAX_QUESTIONS + 1)
    take(code, key, "end")
    with pytest.raises(ParameterError, match="one that is over"):
        join(code, "Dee")


def set_changed(code: str, at: str) -> None:
    with writing() as db:
        db.execute("UPDATE rooms SET changed_at = ? WHERE code = ?", (at, code))


def test_old_rooms_go_when_another_is_opened_and_empty_ones_make_way(genre_home: Path) -> None:
    old, key = made_room()
    token = join(old, "Ann")
    take(old, key, "ask")
    answer(old, token, 1, 0)
    empty, _ = made_room()
    used, _ = made_room()
    join(used, "Bob")
    hours_ago = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 2 * 3600))
    for code in (empty, used):
        set_changed(code, hours_ago)
    made_room()
    assert {room.code for room, _ in list_rooms()} >= {old, empty, used}
    set_changed(old, "2026-01-01T00:00:00.000+00:00")
    new, _ = made_room(max_rooms=3)
    left = {room.code for room, _ in list_rooms()}
    assert new in left
    assert used in left
    assert not left & {old, empty}
    with writing() as db:
        for table in ("questions", "students", "answers"):
            assert old not in {row["room"] for row in db.execute(f"SELECT room FROM {table}")}  # noqa: S608


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"genres": ("Pop",)}, "2 to 12 genres"),
        ({"genres": ("Pop", "Pop", "Rock")}, "each named once"),
        ({"genres": tuple(map(str, range(13)))}, "2 to 12 genres"),
        ({"media": "film"}, "cover or song"),
        ({"title": "x" * 61}, "at most 60"),
        ({"title": "a\u202eb"}, "can be seen"),
        ({"address": "javascript:alert(1)"}, "http:// or https://"),
        ({"address": "http://a b"}, "no blanks"),
        ({"address": "http://a/?x=1"}, "no blanks"),
        ({"questions": [Question("a", "A", 0, 5)]}, r"lie in \[0, 3\)"),
        ({"questions": [Question("a", "A", -1, 0)]}, r"lie in \[0, 3\)"),
        ({"questions": [Question("a", "A", 0, 0), Question("b", "B", None, 0)]}, "or none"),
    ],
)
def test_what_is_no_room_is_told_so(genre_home: Path, change: dict[str, object], said: str) -> None:
    told = {"questions": [Question("a", "A", 0, 1)], "genres": GENRES, "media": "cover"} | change
    with pytest.raises(ParameterError, match=f"{said}.*Received"):
        open_room(**told, network="made.test")  # type: ignore[arg-type]
    assert list_rooms() == []


def test_deleting_leaves_nothing_of_it_and_all_of_others(genre_home: Path) -> None:
    code, key = made_room()
    other, other_key = made_room()
    tokens = [join(code, "Quentin"), join(code, "Bob")]
    kept = join(other, "Quentin2")
    take(code, key, "ask")
    take(other, other_key, "ask")
    answer(code, tokens[0], 1, 1)
    answer(other, kept, 1, 1)
    remove_student(code, key, 1)
    assert seat(find_room(code), tokens[0]) is None
    assert counts(find_room(code)) == (1, 0)
    delete_room(code, key)
    with pytest.raises(ParameterError, match="belongs to none"):
        find_room(code)
    assert counts(find_room(other)) == (1, 1)
    delete_room_without_key(other)
    assert list_rooms() == []
    content = b"".join(path.read_bytes() for path in genre_home.glob(f"{QUIZ_FILE}*"))
    assert b"Quentin" not in content


def test_a_class_that_writes_at_once_loses_nothing(genre_home: Path) -> None:
    code, key = made_room()
    with ThreadPoolExecutor(30) as many:
        tokens = list(many.map(lambda k: join(code, f"S{k}"), range(30)))
        take(code, key, "ask")
        list(many.map(lambda k: answer(code, tokens[k], 1, k % 3), range(30)))
    room = find_room(code)
    assert counts(room) == (30, 30)
    students = [seat(room, token) for token in tokens]
    assert [one and (one.nickname, one.answers) for one in students] == [
        (f"S{k}", {1: k % 3}) for k in range(30)
    ]
    assert sorted(one.number for one in students if one) == list(range(1, 31))


ANSWERING = """
import itertools, sys
from genre_core.classroom import answer
code, token = sys.argv[1:]
for k in itertools.count():
    answer(code, token, 1, k % 3)
    print(k, flush=True)
"""


def test_what_was_answered_outlives_a_killed_process(genre_home: Path) -> None:
    code, key = made_room()
    token = join(code, "Ann")
    take(code, key, "ask")
    command = [sys.executable, "-c", ANSWERING, code, token]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            writer.stdout.readline()
        writer.kill()
        left = [int(line) for line in writer.stdout]
    last = left[-1] if left else 19
    student = seat(find_room(code), token)
    assert student is not None
    # One more may have been written and not yet told.
    assert student.answers[1] in {last % 3, (last + 1) % 3}
    take(code, key, "close", "reveal")
    assert read_results(find_room(code)).answers.tolist() == [[student.answers[1]]]


def test_a_file_that_is_none_is_told_so(genre_home: Path) -> None:
    genre_home.mkdir(parents=True, exist_ok=True)
    (genre_home / QUIZ_FILE).write_text("no database " * 100)
    with pytest.raises(JobError, match=r"Quiz rooms must lie in a file.*no file of quiz rooms"):
        made_room()


def test_the_address_of_the_page_is_the_teachers_to_say(genre_home: Path) -> None:
    code, key = made_room(address="http://a:8501/quiz")
    seen = version_of(code)
    set_address(code, key, " https://b.org/quiz ")
    assert find_room(code).address == "https://b.org/quiz"
    # Pages that show it are drawn anew.
    assert version_of(code) == seen + 1
    with pytest.raises(ParameterError, match="Only the room's teacher"):
        set_address(code, "x", "http://c")
    with pytest.raises(ParameterError, match="begins with http"):
        set_address(code, key, "<b>")
