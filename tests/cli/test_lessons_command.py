"""The commands of the lessons."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.cli import lessons, main

pytestmark = pytest.mark.usefixtures("few_resamples", "small_mlp", "few_trees")


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


def write_lengths(folder: Path) -> Path:
    folder.mkdir()
    for seed, name in enumerate(("prog_train.csv", "prog_test.csv")):
        draw = np.random.default_rng(seed)
        prog = np.arange(30) % 2
        columns = {
            "Duration": draw.uniform(100, 200, 30) * (1 + prog),
            "Mean": draw.normal(size=30),
        }
        pd.DataFrame({"prog": prog, **columns}).to_csv(folder / name, index=False)
    return folder


def test_song_length_stores_what_it_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, genre_home: Path
) -> None:
    data = write_lengths(tmp_path / "made")
    words = ("song-length", "--data", data, "--repeats", 1, "--epochs", 2, "--out", tmp_path / "x")
    code, result = run_json(capsys, *words)
    assert code == 0
    assert Path(result.pop("file")) == tmp_path / "x" / "song_length.json"
    assert json.loads((tmp_path / "x" / "song_length.json").read_text()) == result
    assert (result["repeats"], result["epochs"], result["seed"]) == (1, 2, 0)
    assert len(result["rows"]) == 9
    assert str(tmp_path) not in json.dumps(result)  # Where somebody keeps files is their own.


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ((), 1, "no prog_train.csv"),
        (("--repeats", "0"), 2, "repeats must be at least 1"),
    ],
)
def test_song_length_refuses_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    genre_home: Path,
    more: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert main(["song-length", "--data", str(tmp_path), *more]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_song_votes_stores_what_it_says_and_refuses_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    genre_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = functools.partial(lessons.song_votes, n_resamples=100)
    monkeypatch.setattr(lessons, "song_votes", quick)
    rows = [(k, n, (k % 2 + n % 3) / 3, k % 2) for k in range(40) for n in range(3 + k % 5)]
    frame = pd.DataFrame(rows, columns=["name", "snippet", "p", "y"])
    frame.to_csv(tmp_path / "test_votes_snippets.csv.gz", index=False)
    words = ["song-votes", "--data", str(tmp_path), "--repeats", "1", "--out", str(tmp_path / "x")]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    path = Path(result.pop("file"))
    assert path == tmp_path / "x" / "song_votes.json"
    assert json.loads(path.read_text()) == result
    assert main(["song-votes", "--data", str(tmp_path / "x")]) == 1
    assert "no test_votes_snippets.csv.gz" in capsys.readouterr().err
