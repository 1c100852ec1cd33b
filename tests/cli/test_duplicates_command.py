"""The command duplicates: lists what is double, says when it leaks, measures when asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from genre_core.cli import main
from tests.data.made_doubles import as_catalog, write_covers, write_tunes
from tests.image.made_covers import made_cover


@pytest.fixture
def covers(tmp_path: Path) -> Path:
    folder = tmp_path / "covers"
    as_catalog(folder, write_covers(folder)).save(folder)
    return folder


def test_a_table_and_a_sentence(covers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates", "--data", str(covers)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["kind", "score", "first", "second"]
    assert lines[1].startswith("exact  1.000  0.png")
    assert lines[2].startswith("near")
    assert lines[-1] == (
        "1 exact and 1 near pairs of 11 items, in 2 groups; 1 groups stand in more than one split"
    )


def test_json_alone(covers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates", "--data", str(covers), "--json", "--thorough"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_exact"], result["n_near"], result["n_crossing"]) == (1, 2, 1)
    assert result["crossing"] == [["1.png", "again 1.jpg"]]
    assert result["groups"][0] == ["0.png", "copy of 0.png"]
    assert result["broken"] == []
    assert {pair["kind"] for pair in result["pairs"]} == {"exact", "near"}


def test_songs_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "tunes"
    as_catalog(folder, write_tunes(folder, 5), "track").save(folder)
    assert main(["duplicates", "--data", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_near"] == 2


def test_broken_files_are_told_and_the_exit_code_says_so(
    covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (covers / "3.png").unlink()
    assert main(["duplicates", "--data", str(covers), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["broken"][0]["item_id"] == "3.png"
    assert "3.png: cannot be read" in err


@pytest.mark.parametrize("score", ["2", "-3", "nan"])
def test_a_score_out_of_range(covers: Path, score: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates", "--data", str(covers), "--min-score", score]) == 2
    assert "Received" in capsys.readouterr().err


def test_measured_and_stored(
    tmp_path: Path, genre_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, known = ["path,genre,dup_group"], ["path,dup_group"]
    for seed in range(9):
        Image.fromarray(made_cover(seed)).save(tmp_path / f"{seed}.png")
        rows.append(f"{seed}.png,Rock,d{seed}")
        if seed < 6:
            Image.fromarray(made_cover(seed)).save(tmp_path / f"{seed}.jpg", quality=40)
            known.append(f"{seed}.jpg,d{seed}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    (tmp_path / "known.csv").write_text("\n".join(known))
    asked = ["duplicates", "--data", str(tmp_path), "--known", str(tmp_path / "known.csv")]
    assert main(asked) == 0
    assert "hash and thorough check" in capsys.readouterr().out
    kept = json.loads((genre_home / "lessons" / "near_duplicates.json").read_text())
    assert kept["data"]["n_pairs"] == 6
    assert main([*asked, "--json", "--out", str(tmp_path / "new")]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["file"] == str(tmp_path / "new" / "near_duplicates.json")
    assert Path(shown["file"]).is_file()
