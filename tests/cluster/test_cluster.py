"""The same steps on a Ray cluster of two nodes: one is killed, the results are one machine's.

The fits compute in processes of Ray's own; what the run's folder holds is all that is looked at.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genre_core.errors import JobError, ParameterError, StoppedError
from genre_core.jobs import run_control
from genre_core.jobs.cluster import ClusterEngine
from genre_core.jobs.engines import engine_settings
from genre_core.jobs.fits.alone import fit_steps
from genre_core.jobs.run_worker import carry_out
from genre_core.jobs.steps import Needs, Step, StepPlace
from genre_core.runs.grid_table import read_grid_table
from genre_core.runs.run_folder import LOG_FILE, STOP_FILE, RunFolder, new_run
from genre_core.training.training_state import NoWatcher, StateFolder
from tests.made_cluster import N_TRIES, SKIPPED, Nodes
from tests.made_training import small_recipe, small_request, weights

pytestmark = pytest.mark.usefixtures("few_resamples")

GRID = {"training.learning_rate": (0.01, 0.001, 1e-4)}
PATIENCE_S = 300
PROJECT = Path(__file__).resolve().parents[2]


def asked(covers: Path, nodes: Nodes | None, **settings: object) -> RunFolder:
    engine = {"name": "ray", "address": nodes.address, "memory_gb": 0.1} if nodes else None
    return new_run(
        small_request(covers, engine=engine, deterministic=True, promote_it=False, **settings)
    )


def need_same_results(ours: RunFolder, theirs: RunFolder) -> None:
    for one, other in zip(weights(ours), weights(theirs), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    key = ["part", "run", "epoch"]
    tables = [
        run.history().drop(columns="seconds").sort_values(key).reset_index(drop=True)
        for run in (ours, theirs)
    ]
    pd.testing.assert_frame_equal(*tables, atol=1e-5)
    bundles = [run_control.made_by(run) for run in (ours, theirs)]
    assert bundles[0] is not None
    assert bundles[1] is not None
    assert bundles[0].metrics()["values"] == bundles[1].metrics()["values"]


def until(run: RunFolder, word: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    log = run.path / LOG_FILE
    while not (log.is_file() and word in log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, run.log_tail()
        time.sleep(0.05)


def test_a_grid_that_loses_a_node_ends_with_the_results_of_one_machine(
    covers: Path, two_nodes: Nodes
) -> None:
    run = asked(covers, two_nodes, grid=GRID, training={"epochs": 2})
    other = two_nodes.other_id()

    def kill_while_it_trains() -> None:
        until(run, f"has begun on node {other}")
        two_nodes.kill()

    killer = threading.Thread(target=kill_while_it_trains)
    killer.start()
    carry_out(run)
    killer.join()
    log = (run.path / LOG_FILE).read_text(encoding="utf-8")
    assert "again: its process or machine was lost" in log
    assert run.status().device.startswith("Ray: 2 machines, 2 CPUs")
    alone = asked(covers, None, grid=GRID, training={"epochs": 2})
    carry_out(alone)
    need_same_results(run, alone)
    table, other_table = read_grid_table(run.path), read_grid_table(alone.path)
    assert table is not None
    assert other_table is not None
    assert table.chosen == other_table.chosen
    for trial, same in zip(table.trials, other_table.trials, strict=True):
        assert trial.epochs == same.epochs
        np.testing.assert_allclose(trial.values, same.values, atol=1e-6)


def test_stopped_its_repeats_keep_their_epochs_and_are_finished_by_them(
    covers: Path, two_nodes: Nodes
) -> None:
    run = asked(covers, two_nodes, training={"epochs": 200, "repeats": 2})

    def stop() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while len(set(run.history().get("run", ()))) < 2:  # each repeat has an epoch
            assert time.monotonic() < deadline, run.log_tail()
            time.sleep(0.05)
        (run.path / STOP_FILE).write_text("")

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(StoppedError):
        carry_out(run)
    stopper.join()
    n_epochs = len(run.history())
    assert 2 <= n_epochs < 400
    assert run.status().state == "stopped"
    for repeat in (0, 1):
        assert (run.states / f"run-{repeat}.npz").is_file()
    run_control.forget_stop(run)
    carry_out(run, finish=True)
    assert run.status().state == "done"
    assert len(run.history()) == n_epochs


class Stops(NoWatcher):
    """Wants a stop as soon as a line says that an epoch is over, and says so by an error too."""

    def __init__(self) -> None:
        self.wants, self.n_rows = False, 0

    def wants_stop(self) -> bool:
        return self.wants

    def log(self, line: str) -> None:
        self.wants |= "epoch 1:" in line
        if self.wants:
            raise StoppedError("A run goes on.", received="a stop", cure="Resume it.")

    def epoch(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        self.n_rows = len(rows)


def test_a_stop_while_notes_are_read_loses_none_of_them(
    covers: Path, two_nodes: Nodes, tmp_path: Path
) -> None:
    watcher = Stops()
    place = StepPlace(tmp_path / "states", watcher, watcher.log)
    steps = fit_steps(small_recipe(epochs=200), str(covers))
    with (
        ClusterEngine(two_nodes.address, memory_mb=100) as engine,
        pytest.raises(StoppedError),
    ):
        list(engine.run(steps, place, what="fits"))
    facts = StateFolder(place.folder).facts(0)
    assert facts is not None
    assert 1 <= facts["n_epochs"] == watcher.n_rows < 200


def test_steps_end_by_their_own_error_and_tell_what_they_lack(
    two_nodes: Nodes, tmp_path: Path
) -> None:
    lines: list[str] = []
    place = StepPlace(tmp_path, NoWatcher(), lines.append)
    steps = [
        Step(f"step-{n}", "genre_core.jobs.steps:told", {"n": n}, needs=Needs(1, 0, 10))
        for n in range(5)
    ]
    with ClusterEngine(two_nodes.address) as engine:
        told = {step.name: value for step, value in engine.run(steps, place, what="numbers")}
        assert told == {f"step-{n}": n for n in range(5)}
        assert {f"step-{n}: {n}" for n in range(5)} <= set(lines)
        wrong = Step("wrong", "os:getcwd", {}, needs=Needs(1, 0, 10))
        with pytest.raises(ParameterError, match="function of genre_core"):
            list(engine.run([wrong], place, what="numbers"))
        # An error of another kind is the program's: the log says where, the run ends by it.
        broken = Step("broken", steps[0].does, {}, needs=Needs(1, 0, 10))
        with pytest.raises(JobError, match=r"without an error.*broken: KeyError: 'n'"):
            list(engine.run([broken], place, what="numbers"))
        assert any("broken ended" in line and "in told" in line for line in lines)
        greedy = Step("greedy", steps[0].does, {"n": 0}, needs=Needs(64, 0, 10))
        with pytest.raises(ParameterError, match="64 CPUs"):
            list(engine.run([greedy], place, what="numbers"))


def test_without_ray_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(JobError, match=r"pip install -r requirements-cluster\.txt"):
        engine_settings("ray")
    with pytest.raises(JobError, match="requirements-cluster"), ClusterEngine():
        pass


@pytest.mark.parametrize("address", ["", "ray://10.0.0.1:10001"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        ClusterEngine(address)


def test_no_cluster_at_an_address_is_one_sentence() -> None:
    pytest.importorskip("ray", reason=SKIPPED)
    with pytest.raises(JobError, match="must answer"), ClusterEngine("127.0.0.1:1"):
        pass


def test_of_a_cluster_whose_other_node_does_not_start_nothing_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster_utils = pytest.importorskip("ray.cluster_utils", reason=SKIPPED)
    asked: list[str] = []

    class Failing:
        def add_node(self, **_: object) -> str:
            asked.append("node")
            if len(asked) > 1:
                raise TimeoutError("not in 30 s")
            return "head"

        def _wait_for_node(self, *_: object) -> None:
            asked.append("waited")

        def shutdown(self) -> None:
            asked.append("ended")

    monkeypatch.setattr(cluster_utils, "Cluster", Failing)
    with pytest.raises(TimeoutError):
        Nodes()
    assert asked == ["node", "waited", *["node"] * N_TRIES, "ended"]


def test_the_library_imports_without_ray() -> None:
    code = (
        "import sys; sys.modules['ray'] = None\n"
        "import genre_core.cli.parser, genre_core.jobs.training_run, genre_core.jobs.cluster\n"
        "genre_core.cli.parser.make_parser()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("need", [0, -1, float("nan"), float("inf")])
def test_a_need_that_is_none_is_refused_at_once(need: float) -> None:
    for needs in ({"cpus": need}, {"memory_gb": need}):
        with pytest.raises(ParameterError, match="above 0"):
            engine_settings("ray", **needs)
