"""A grid that the Training page starts on a Ray cluster of two nodes, to its end and its table."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.jobs import run_control
from genre_core.runs import bundle as bundles
from genre_core.runs.grid_table import read_grid_table
from genre_core.runs.run_folder import LOG_FILE, RunFolder, list_runs
from pages.ui import frame, permission
from tests.app_words import everything
from tests.made_bundles import write_dataset
from tests.made_cluster import Nodes

MAIN = Path(__file__).resolve().parents[2] / "pages" / "main.py"
GRID = "training.learning_rate=.01,.003,.001,.0003\ntraining.batch_size=4,8,12"
PATIENCE_S = 1_500  # as slow as a machine is that does three other groups of tests beside it


def wait_for_end(run: RunFolder) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while run.status().state in run_control.ACTIVE:
        assert time.monotonic() < deadline, run.log_tail()
        time.sleep(0.2)
    return run.status().state


def opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=300)
    app.query_params.update(query)
    return app.switch_page(frame.PAGES["training"].path).run()


@pytest.mark.slow
def test_a_grid_of_twelve_is_started_watched_and_listed_by_the_page(
    genre_home: Path, tmp_path: Path, two_nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "none")
    here = permission.Visit(None, {"Host": "localhost:8501"})
    monkeypatch.setattr(permission, "visitor", lambda: here)
    write_dataset(genre_home / "datasets" / "made", 24)
    changes = ["input.size=64", 'task.genres=["Blue", "Red"]']  # a fit of two seconds
    app = opened(desk="New training", recipe="s3_model_5", data="made", set=changes)
    assert not app.exception
    for label, value in {"Epochs": 1, "Repeats": 1}.items():
        next(box for box in app.number_input if box.label == label).set_value(value)
    next(box for box in app.selectbox if box.label == "Select").set_value("val_loss")
    app.text_area(key="training_grid").set_value(GRID)
    app.checkbox(key="deterministic").check()
    app.checkbox(key="training_ray").check()
    app.run()
    app.text_input(key="training_address").set_value(two_nodes.address).run()
    assert "12 combinations" in everything(app)
    app.button(key="training_start").click().run()
    assert not app.exception
    app.button(key="watch_started").click().run()
    [run] = list_runs()
    assert app.session_state["run"] == run.name
    try:
        assert wait_for_end(run) == "done", run.log_tail()
    finally:
        run_control.stop(run, wait_s=60)
    app = opened(desk="Runs", run=run.name)
    assert not app.exception
    words = everything(app)
    assert "was chosen among 12 combinations" in words
    assert "Ray: 2 machines, 2 CPUs" in run.status().device
    assert (run.status().done, run.status().total) == (12, 12)
    [table] = [own.value for own in app.dataframe if "trial" in own.value.columns]
    assert len(table) == 12
    assert set(zip(table["learning_rate"], table["batch_size"], strict=True)) == {
        (rate, size) for rate in (0.01, 0.003, 0.001, 0.0003) for size in (4, 8, 12)
    }
    stored = read_grid_table(run.path)
    assert stored is not None
    assert np.isfinite([trial.mean for trial in stored.trials]).all()
    # Each was fitted by a step on the cluster, once.
    log = (run.path / LOG_FILE).read_text(encoding="utf-8")
    begun = re.findall(r"(trial-\d+)/run-0 has begun on node [0-9a-f]{8}", log)
    assert sorted(begun) == sorted(f"trial-{k}" for k in range(1, 13))
