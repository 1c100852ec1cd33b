"""shortcuts: facts of real files, read or taken from an evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genre_core.__main__ import main
from genre_core.analysis.shortcuts import KINDS, shortcuts_of
from genre_core.jobs import run_control
from genre_core.jobs.shortcut_audit import find_audit
from genre_core.runs.run_folder import list_runs
from tests.made_evaluations import GENRES, made_evaluation, made_predictions
from tests.made_framed_covers import write_framed_covers


def test_a_frame_round_the_covers_of_one_genre_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    capsys.readouterr()
    assert main(["shortcuts", "--data", catalog.head.name, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert "border" in facts["named"]
    assert (facts["n"], facts["genres"]) == (40, ["Blue", "Red"])
    row = {own["kind"]: own for own in facts["kinds"]}["border"]
    assert set(row["facts"].split(", ")) == set(KINDS["cover"]["border"])
    assert row["auc"] > 0.9
    audit = find_audit(catalog.digest)
    assert audit is not None
    assert audit.report.to_dict() == facts


def test_it_can_be_left_to_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(run_control, "launch", started.append)
    catalog = write_framed_covers(tmp_path / "covers")
    assert main(["shortcuts", "--data", catalog.head.name, "--limit", "30", "--background"]) == 0
    (run,) = started
    assert run.name in capsys.readouterr().out
    assert run.request().settings["limit"] == 30
    name = made_evaluation(30).name
    assert main(["shortcuts", "--evaluation", name, "--background"]) != 0
    assert main(["shortcuts", "--data", catalog.head.name, "--limit", "3"]) != 0
    assert "An audit reads 20 items or more" in capsys.readouterr().err
    assert list_runs() == (run,)


def test_an_evaluation_s_facts_are_taken_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    rows = made_predictions(200, media="song")
    rows["fact_loudness"] += 8 * (rows["genre_index"] == 2)
    record = made_evaluation(predictions=rows, media="song")
    report = shortcuts_of(record)
    assert report.named == ("loudness",)
    assert (report.genres, report.table["genre"].iat[0]) == (tuple(sorted(GENRES)), GENRES[2])
    assert main(["shortcuts", "--evaluation", record.name]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("shortcuts: loudness (p at most 0.05, corrected")
    bare = rows.drop(columns=[name for name in rows if name.startswith("fact_")])
    name = made_evaluation(predictions=bare, media="song").name
    assert main(["shortcuts", "--evaluation", name]) != 0
    assert "Measure the facts of the files first." in capsys.readouterr().err
