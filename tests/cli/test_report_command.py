"""report: files of an evaluation, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from genre_core.__main__ import main
from tests.made_bundles import write_dataset
from tests.made_evaluations import made_evaluation, made_predictions


def test_all_files_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = write_dataset(tmp_path / "data")
    rows = made_predictions(12, media="song", accuracy=0.4)
    rows["item_id"] = catalog.frame["item_id"].to_numpy()
    name = made_evaluation(predictions=rows, media="song", digest=catalog.digest).name
    files = {kind: tmp_path / "new" / f"file.{kind}" for kind in ("out", "csv", "m3u", "parquet")}
    words = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    data = ["--data", str(catalog.root)]
    assert main(["report", name, *words, *data, "--select", "true.Rock", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    n_rock = int((rows["genre_index"] == 0).sum())
    assert (facts["selection"], facts["n_selected"]) == ("true: Rock", n_rock)
    assert files["out"].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert pd.read_parquet(files["parquet"])["selected"].sum() == n_rock
    assert len(files["m3u"].read_text().splitlines()) == 1 + 2 * n_rock
    assert set(pd.read_csv(files["csv"])["true"]) <= {"Rock"}
    files["m3u"].write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    assert main(["report", name, "--m3u", str(files["m3u"]), *data]) == 2
    assert "must be a new file or a playlist" in capsys.readouterr().err
    assert files["m3u"].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give --out FILE.html"),
        (["--m3u", "a.m3u"], "Say where it is: --data FOLDER."),
        (["--out", "a.html", "--data", "DATA"], "must be the very data set"),
    ],
)
def test_what_is_missing_is_said(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(write_dataset(tmp_path / "other").root)
    name = made_evaluation(media="song").name
    assert main(["report", name, *(root if word == "DATA" else word for word in words)]) != 0
    assert said in capsys.readouterr().err
