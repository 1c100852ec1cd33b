"""notes and correct: in, out, and a data set whose labels are those that were noted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genre_core.__main__ import main
from genre_core.data.catalog import load_catalog
from genre_core.data.importers import find_dataset
from tests.made_bundles import write_dataset


def test_notes_come_in_and_become_a_data_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(write_dataset(tmp_path / "made").root)]
    table = tmp_path / "notes.csv"
    table.write_text("item_id,labels,text\n000.png,Red,red it is\n001.png,,hm\n")
    assert main(["notes", *data, "--import", str(table), "--who", "Ann"]) == 0
    said = capsys.readouterr()
    assert "2 notes are new or changed" in said.err
    assert said.out.splitlines()[-1] == "2 notes on 12 items of made"
    assert main(["notes", *data, "--export", str(tmp_path / "out.csv"), "--json"]) == 0
    first, _ = json.loads(capsys.readouterr().out)
    assert (first["item_id"], first["labels"], first["who"]) == ("000.png", ["Red"], "Ann")
    assert "000.png" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert main(["correct", *data, "--name", "better", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    better = find_dataset("better")
    assert (facts["name"], facts["digest"]) == ("better", better.digest)
    assert facts["derived"] == better.head.derived
    assert better.frame["labels"].tolist()[0] == ["Red"]
    assert load_catalog(tmp_path / "made").frame["labels"].tolist()[0] == ["Blue"]


def test_bad_rows_are_one_plain_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(write_dataset(tmp_path / "made").root)]
    table = tmp_path / "notes.csv"
    table.write_text("item_id,labels\n000.png,Rde\n")
    assert main(["notes", *data, "--import", str(table)]) != 0
    assert "line 2: A label must be one of the data set's." in capsys.readouterr().err
    assert main(["correct", *data]) != 0
    assert "Note new labels first." in capsys.readouterr().err
