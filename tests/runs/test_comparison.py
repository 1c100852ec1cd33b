"""Runs summed up, compared by what differs, and the alarm when training and validation part."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.runs.comparison import (
    as_one_batch,
    best_of_each,
    best_value,
    overfitting_alarm,
    side_by_side,
    summary,
    what_differs,
)
from genre_core.runs.run_folder import LIVE_FILE, Request, RunFolder, Status, new_run


def made_run(title: str, rows: list[dict[str, object]], **training: object) -> RunFolder:
    settings = {
        "experiment": {
            "name": "made",
            "training": {"epochs": 4, "select": "val_loss", "seed": 0} | training,
            "task": {"genres": ["a", "b"]},
        },
        "data": "covers",
        "command": title,
    }
    run = new_run(Request("train", title, settings))
    if rows:
        pd.DataFrame(rows).to_csv(run.path / LIVE_FILE, index=False)
    return run


def rows_of(losses: list[float], *, part: str = "", run: int = 0) -> list[dict[str, object]]:
    return [
        {"part": part, "run": run, "epoch": k + 1, "loss": 1 - k / 10, "val_loss": loss}
        for k, loss in enumerate(losses)
    ]


@pytest.fixture(autouse=True)
def _(genre_home: Path) -> None:
    pass


def test_only_what_differs_is_listed() -> None:
    runs = [
        made_run("one", []),
        made_run("two", [], seed=1),
        made_run("three", [], seed=1, class_weights=True),
    ]
    table = what_differs(runs)
    assert [row["setting"] for row in table] == ["training.seed", "training.class_weights"]
    assert [table[0][run.name] for run in runs] == ["0", "1", "1"]
    assert [table[1][run.name] for run in runs] == ["-", "-", "True"]
    assert what_differs(runs[:1]) == []


def test_a_summary_has_state_best_and_tags() -> None:
    run = made_run("one", rows_of([0.9, 0.6, 0.7]))
    run.write_tags(("baseline",))
    run.write_status(Status("done", "ready", started=time.time() - 90, device="CPU", result="m"))
    row = summary(run)
    assert (row["state"], row["n_epochs"], row["best"], row["tags"]) == (
        "done",
        3,
        0.6,
        ["baseline"],
    )
    assert row["minutes"] == pytest.approx(1.5, abs=0.1)
    fresh = summary(made_run("two", []))
    assert (fresh["best"], fresh["minutes"], fresh["n_epochs"]) == (None, 0.0, 0)


def test_the_best_is_low_of_a_loss_and_high_of_others() -> None:
    history = pd.DataFrame({"loss": [3.0, 2.0], "val_macro_f1": [0.2, 0.1]})
    assert best_value(history, "val_macro_f1") == ("val_macro_f1", 0.2)
    assert best_value(history, "last_epoch") == ("loss", 2.0)
    assert best_value(pd.DataFrame()) == ("loss", None)


def test_folds_are_runs_of_one_batch() -> None:
    rows = rows_of([0.9, 0.5], part="fold-1") + rows_of([0.4], part="fold-2") + rows_of([0.8])
    history = made_run("folds", rows).history()
    assert as_one_batch(history)["run"].tolist() == [0, 0, 1, 2]
    assert best_of_each(history, "val_loss") == [
        {"name": "fold 1", "value": 0.5},
        {"name": "fold 2", "value": 0.4},
        {"name": "run 1", "value": 0.8},
    ]
    assert best_of_each(history, "val_roc_auc") == []


def test_side_by_side_keeps_trainings_apart() -> None:
    first = made_run("one", rows_of([0.9, 0.5]) + rows_of([0.8], run=1))
    both = side_by_side([first, made_run("none", []), made_run("two", rows_of([0.7]))])
    assert both.groupby("of", sort=False)["run"].unique().map(list).tolist() == [[0, 1], [2]]
    assert side_by_side([made_run("none", [])]).empty


@pytest.mark.parametrize(
    ("val", "is_said"),
    [
        ([0.8, 0.7, 0.72, 0.8, 0.9], True),
        ([0.8, 0.7, 0.72, 0.8], False),  # two epochs are too few
        ([0.9, 0.8, 0.7, 0.6, 0.5], False),
        ([0.8, 0.7, 0.71, 0.70, 0.71], False),  # no rise to speak of
        ([0.8, np.nan, 0.9, 0.9, 0.9], False),
    ],
)
def test_the_alarm_needs_a_rise_over_epochs(val: list[float], is_said: bool) -> None:
    history = pd.DataFrame(rows_of(val))
    assert bool(overfitting_alarm(history)) == is_said


def test_no_alarm_where_training_does_not_fall_or_nothing_is_watched() -> None:
    history = pd.DataFrame(rows_of([0.8, 0.7, 0.8, 0.9, 1.0]))
    assert overfitting_alarm(history)
    assert overfitting_alarm(history.assign(loss=1.0)) == ""
    assert overfitting_alarm(history.drop(columns="val_loss")) == ""


def test_the_alarm_looks_at_the_last_fold() -> None:
    rows = rows_of([0.8, 0.7, 0.8, 0.9, 1.0], part="fold-1") + rows_of([0.9], part="fold-2")
    assert overfitting_alarm(pd.DataFrame(rows)) == ""
