"""Rooms that nobody used for long go with all that is in them, also where nobody opens another."""

from __future__ import annotations

from pathlib import Path

from genre_core.classroom import Question, delete_old_rooms, join, list_rooms, open_room
from genre_core.classroom.quiz_file import writing


def made_room() -> str:
    questions = [Question("item", "Title", None, 0)]
    return open_room(questions, ("Jazz", "Pop"), media="cover", network="made.test")[0]


def test_old_rooms_go_where_nobody_opens_another(genre_home: Path) -> None:
    assert delete_old_rooms() == 0
    old, new = made_room(), made_room()
    join(old, "Ann")
    with writing() as db:
        what = "UPDATE rooms SET changed_at = ? WHERE code = ?"
        db.execute(what, ("2026-01-01T00:00:00.000+00:00", old))
    assert delete_old_rooms(100_000) == 0
    assert delete_old_rooms() == 1
    assert [room.code for room, _ in list_rooms()] == [new]
    with writing() as db:
        assert db.execute("SELECT COUNT(*) FROM students").fetchone()[0] == 0
    assert delete_old_rooms() == 0
