"""`evaluate` keeps what a network answered on any data, and `evaluations` lists it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from genre_core.cli import main
from genre_core.data.catalog import Catalog
from genre_core.jobs import run_control
from genre_core.runs import bundle as bundles
from genre_core.runs.evaluations import evaluations_dir, find_evaluation
from genre_core.runs.run_folder import RunFolder, list_runs
from tests.made_bundles import write_bundle, write_dataset
from tests.made_evaluations import made_evaluation

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture
def covers(tmp_path: Path, genre_home: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    write_bundle(genre_home / "models")
    return write_dataset(tmp_path / "covers", 36)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_covers_are_evaluated_listed_and_deleted(
    covers: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "evaluate", "made.test", "--data", covers.root)
    assert code == 0
    header, row, last = out.splitlines()
    assert header.split()[:4] == ["name", "data", "n", "figure"]
    assert row.split()[:3] == ["made.test", "made", "6"]
    assert last == f"in {evaluations_dir() / 'made.test@made'}"
    assert "made.test on made: 6 covers" in err

    words = ("--split", "all", "--map", "Red=Blue", "--map", "Blue=", "--map", "*=Red", "--json")
    words += ("--neutralise", "5")
    code, out, _ = run(capsys, "evaluate", "made.test", "--data", covers.root, *words)
    assert code == 0
    found = json.loads(out)
    assert found["evaluation"] == "made.test@made@all"
    assert found["mapping"] == {"Red": "Blue", "*": "Red"}
    assert found["n"] == 18  # what is named for nothing is no other
    record = find_evaluation("made.test@made@all")
    assert record.metrics()["values"] == found["values"]
    assert found["neutralised"]["n"] == 5

    made_evaluation(9, model="made.gone", data="elsewhere")
    code, out, _ = run(capsys, "evaluations", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert set(rows) == {"made.test@made", "made.test@made@all", "made.gone@elsewhere"}
    assert rows["made.test@made@all"]["value"] == found["values"]["roc_auc"]["value"]
    code, out, _ = run(capsys, "evaluations", "--delete", "made.test@made@all")
    assert (code, out) == (0, "deleted made.test@made@all\n")
    assert len(run(capsys, "evaluations")[1].splitlines()) == 3
    code, _, err = run(capsys, "evaluations", "--delete", "made.test@mad")
    assert code == 1
    assert "Did you mean 'made.test@made'" in err


def test_figures_alone_go_where_they_are_told(
    covers: Catalog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, _ = run(
        capsys, "evaluate", "made.test", "--data", covers.root, "--out", tmp_path / "out"
    )
    assert code == 0
    assert len(pd.read_parquet(tmp_path / "out" / "predictions.parquet")) == 6
    assert not evaluations_dir().exists()


def test_in_the_background(
    covers: Catalog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[RunFolder] = []
    monkeypatch.setattr(run_control, "launch", launched.append)
    code, out, _ = run(capsys, "evaluate", "made.test", "--data", covers.root, "--background")
    assert code == 0
    assert launched[0].name in out
    assert launched[0].request().settings["data"] == str(covers.root)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--map", "Red"), "LABEL=GENRE"),
        (("--map", "Red=Rde"), "Did you mean 'Red'"),
        (("--split", "all", "--out", "OUT"), "as a training does"),
    ],
)
def test_wrong_calls_leave_nothing_behind(
    covers: Catalog, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "evaluate", "made.test", "--data", covers.root, *words)
    assert code == 2
    assert said in err
    assert list_runs() == ()
