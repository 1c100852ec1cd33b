"""A batch of repeats: its spread, its stuck runs, and bundles that tell of none."""

import numpy as np
import pytest

from genre_core.runs.repeats import repeat_rows, spread, stuck_runs

RUNS = [
    {
        "run": run,
        "most_predicted": genre,
        "most_predicted_share": share,
        "values": {"accuracy": value, "macro_f1": value / 2, "roc_auc": None},
    }
    for run, (genre, share, value) in enumerate(
        [("Rock", 1.0, 0.2), ("Pop", 0.6, 0.5), ("Rock", 0.99, 0.3)]
    )
]


def test_mean_and_range_are_numpys() -> None:
    found = {row["metric"]: row for row in spread(RUNS)}
    assert list(found) == ["accuracy", "macro_f1"]
    for metric, row in found.items():
        values = [run["values"][metric] for run in RUNS]
        assert row["values"] == values
        assert row["mean"] == pytest.approx(np.mean(values))
        assert (row["low"], row["high"]) == (min(values), max(values))


def test_an_undefined_figure_is_left_out_and_no_runs_give_none() -> None:
    broken = [*RUNS[:2], {**RUNS[2], "values": {"accuracy": float("nan"), "macro_f1": 0.1}}]
    assert [row["metric"] for row in spread(broken)] == ["macro_f1"]
    assert spread([]) == []


def test_a_run_is_stuck_from_99_per_cent_on() -> None:
    assert stuck_runs(RUNS) == {"Rock": 2}
    nearly = [{**RUNS[0], "most_predicted_share": 0.9899}]
    assert stuck_runs(nearly) == {}


def test_an_old_bundle_has_no_rows() -> None:
    assert repeat_rows({}) == []
    assert repeat_rows({"repeats": {"rule": "", "rows": RUNS}}) == RUNS
