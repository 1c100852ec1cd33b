"""A lesson's result: written whole, one's own before the shipped one, damage said."""

from __future__ import annotations

from pathlib import Path

import pytest

from genre_core.errors import CheckpointError, ParameterError
from genre_core.lessons import stored
from genre_core.lessons.stored import load_lesson, save_lesson

NAME = "scaling_question"
RESULT = {"title": "Sch\u00f6ne \u2192 M\u00e4rchen", "rows": [{"value": 0.25}]}


@pytest.fixture(autouse=True)
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stored, "SHIPPED_LESSONS", tmp_path / "shipped")
    return tmp_path / "shipped"


def test_what_is_saved_is_loaded(genre_home: Path) -> None:
    assert load_lesson(NAME) == {}
    path = save_lesson(NAME, RESULT)
    assert path == genre_home / "lessons" / "scaling_question.json"
    assert load_lesson(NAME) == RESULT
    # Readable as text too, and a text file ends its last line.
    written = path.read_text(encoding="utf-8")
    assert RESULT["title"] in written
    assert written.endswith("}\n")


def test_one_s_own_goes_before_the_shipped_one(nothing_shipped: Path) -> None:
    save_lesson(NAME, {"whose": "shipped"}, nothing_shipped)
    assert load_lesson(NAME) == {"whose": "shipped"}
    save_lesson(NAME, {"whose": "own"})
    assert load_lesson(NAME) == {"whose": "own"}


def test_a_folder_of_one_s_own_choice(tmp_path: Path) -> None:
    path = save_lesson(NAME, RESULT, tmp_path / "new" / "folder")
    assert path.parent == tmp_path / "new" / "folder"
    assert load_lesson(NAME) == {}


@pytest.mark.parametrize("content", [b"[", b"", b"3", b"null", b"\xff\xfe"])
def test_damage_is_said_with_the_command_that_makes_it_anew(content: bytes) -> None:
    path = save_lesson(NAME, RESULT)
    path.write_bytes(content)
    with pytest.raises(
        CheckpointError, match=r"Received scaling_question\.json.* genre_core scaling\."
    ):
        load_lesson(NAME)


def test_each_lesson_names_its_own_command() -> None:
    save_lesson("song_length", RESULT).write_bytes(b"[")
    with pytest.raises(CheckpointError, match=r"song_length\.json.* genre_core song-length\."):
        load_lesson("song_length")


@pytest.mark.parametrize("name", ["", "Scaling_question", "../scaling_question"])
def test_only_known_lessons(name: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received"):
        load_lesson(name)
    with pytest.raises(ParameterError, match="Received"):
        save_lesson(name, RESULT, tmp_path)
