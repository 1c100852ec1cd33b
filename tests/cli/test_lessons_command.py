"""The commands of the lessons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genre_core.cli import main


def run_json(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, object]:
    capsys.readouterr()
    code = main([str(word) for word in words] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


def test_blank_maps_are_blank_and_cured(
    capsys: pytest.CaptureFixture[str], genre_home: Path
) -> None:
    code, rows = run_json(capsys, "blank-maps")
    assert code == 0
    assert [row["located"] for row in rows] == [False, True] * 3
    assert all(row["cells 0 / 0"] == (0 if row["located"] else row["of"]) for row in rows)


def test_a_file_that_is_no_picture(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, genre_home: Path
) -> None:
    (tmp_path / "song.txt").write_text("la la")
    assert main(["blank-maps", str(tmp_path / "song.txt")]) == 1
    assert "Received" in capsys.readouterr().err
