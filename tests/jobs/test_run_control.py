"""Runs in processes of their own: started, watched, stopped, killed and taken up again."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from genre_core.data.importers import find_dataset
from genre_core.errors import DatasetError, JobError
from genre_core.jobs import run_control
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import find_bundle
from genre_core.runs.run_folder import RunFolder, Status, find_run, list_runs, new_run
from genre_core.training import fit
from tests.made_forks import fork_runs
from tests.made_training import small_request, weights, write_covers

pytestmark = pytest.mark.usefixtures("few_resamples")

PATIENCE_S = 180
N_KILLS = 2


@pytest.fixture
def covers(tmp_path: Path, genre_home: Path) -> Path:
    return write_covers(tmp_path / "covers")


def wait_for(run: RunFolder, *states: str) -> Status:
    deadline = time.monotonic() + PATIENCE_S
    while (status := run.status()).state not in states:
        assert time.monotonic() < deadline, f"{status}\n{run.log_tail()}"
        time.sleep(0.1)
    return status


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_killed_at_any_moment_it_ends_with_the_weights_of_an_undisturbed_run(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_runs(monkeypatch)
    undisturbed = new_run(small_request(covers, deterministic=True, promote_it=False))
    run_control.launch(undisturbed)
    run = run_control.start(small_request(covers, deterministic=True, promote_it=False))
    rng = np.random.default_rng(7)
    n_killed = 0
    while n_killed < N_KILLS:
        n_epochs = len(run.history())
        status = wait_for(run, "running", "done")
        # Somewhere in the next epoch: while it prepares, learns, measures or writes.
        until(lambda n=n_epochs: len(run.history()) > n or run.status().state == "done")
        time.sleep(float(rng.uniform(0, 0.4)))
        status = run.status()
        if status.state == "done":
            break
        os.kill(status.pid, signal.SIGKILL)
        until(lambda pid=status.pid: not alive(pid))
        assert run.status().state == "interrupted"
        assert "Resume it" in run.status().text
        n_killed += 1
        run_control.resume(run)
    assert n_killed >= 2
    assert wait_for(run, "done", "failed").state == "done", run.log_tail()
    assert wait_for(undisturbed, "done", "failed").state == "done"
    for ours, theirs in zip(weights(run), weights(undisturbed), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    assert len(run.history()) == 4
    figures = run.history().drop(columns="seconds")
    assert figures.equals(undisturbed.history().drop(columns="seconds"))


def alive(pid: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_started_stopped_finished_promoted_and_deleted(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_control.start(small_request(covers, promote_it=False, training={"epochs": 400}))
    assert run.status().state in run_control.ACTIVE
    until(lambda: len(run.history()) >= 2)
    status = run.status()
    assert (status.state, status.unit, status.total) == ("running", "steps", 5)
    assert status.items_per_s > 0
    assert status.remaining_s > 0
    assert status.device
    assert status.memory_mb > 100
    assert status.place.startswith("epoch ")
    with pytest.raises(JobError, match="which is running"):
        run_control.delete(run)
    with pytest.raises(JobError, match="which is running"):
        run_control.resume(run)
    run_control.stop(run, wait_s=PATIENCE_S)
    assert run.status().state == "stopped"
    with pytest.raises(JobError, match="which is stopped"):
        run_control.promote(run)
    fork_runs(monkeypatch)
    run_control.resume(run, finish=True)
    assert wait_for(run, "done", "failed").state == "done", run.log_tail()
    n_epochs = len(run.history())
    assert n_epochs < 400
    best = run.history()["val_loss"].idxmin()
    bundle = run_control.made_by(run)
    assert bundle is not None
    assert bundle.card.provenance["chosen_epoch"] == best + 1
    assert not run.states.exists()
    assert run_control.promote(run).folder == find_bundle("s3_model_5.small").folder
    assert run_control.promote(run).metrics() == bundle.metrics()  # an older one is replaced
    run_control.stop(run)  # asks nothing of a run that is over
    assert run.status().state == "done"
    run_control.delete(run)
    assert run.name not in {each.name for each in list_runs()}
    assert not run.path.exists()
    assert find_bundle("s3_model_5.small").metrics()["n"] > 0


def test_runs_take_their_turn(covers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fork_runs(monkeypatch)
    long = {"epochs": 400}
    first = run_control.start(small_request(covers, title="first", promote_it=False, training=long))
    wait_for(first, "running")
    second = run_control.start(
        small_request(covers, title="second", promote_it=False, training=long)
    )
    until(lambda: "waiting for cpu" in second.log_tail())
    assert second.status().state == "waiting"
    third = run_control.start(small_request(covers, title="third", promote_it=False, training=long))
    run_control.stop(third, wait_s=PATIENCE_S)
    assert third.status().state == "stopped"
    # However the first one ends, its turn is over.
    os.kill(first.status().pid, signal.SIGKILL)
    wait_for(second, "running")
    run_control.stop(second, wait_s=PATIENCE_S)
    assert [each.name for each in list_runs()] == sorted(
        (each.name for each in (first, second, third)), reverse=True
    )


def test_here_in_this_process(covers: Path, genre_home: Path, made_networks: None) -> None:
    run = new_run(small_request(covers, training={"epochs": 2}, tensorboard=True))
    lines: list[str] = []
    bundle = carry_out(run, echo=lines.append)
    assert bundle is not None
    assert bundle.folder.parent == genre_home / "models"
    assert run.status().state == "done"
    assert run.status().result == "s3_model_5.small"
    assert any(line.startswith("epoch 2") for line in lines)
    assert list((run.path / "tensorboard" / "run-0").glob("events.out.tfevents.*"))


@pytest.mark.parametrize(
    ("training", "data", "message"),
    [
        ({"learning_rate": 1e30}, "", "must stay finite"),
        ({}, "gone", "named by its folder"),
        ({"folds": 3}, "", "Folds are for networks of songs"),
    ],
    ids=["NaN", "no data", "folds of covers"],
)
def test_what_goes_wrong_is_one_sentence_in_the_status(
    training: dict[str, object], data: str, message: str, covers: Path, made_networks: None
) -> None:
    run = new_run(small_request(covers.with_name(data) if data else covers, training=training))
    with pytest.raises(Exception, match=message):
        carry_out(run)
    status = run.status()
    assert status.state == "failed"
    assert message in status.text
    assert message in run.log_tail()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "a full disk"),
        (MemoryError(), "no memory left"),
        (ZeroDivisionError("a slip of ours"), "ZeroDivisionError: a slip of ours"),
    ],
    ids=["disk", "memory", "a bug"],
)
def test_errors_of_the_system_are_sentences_too(
    error: Exception, words: str, covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(fit, "fit_once", breaks)
    run = new_run(small_request(covers))
    with pytest.raises(JobError, match=f"Received {words}"):
        carry_out(run)
    assert run.status().state == "failed"
    assert words in run.status().text
    assert words in run.log_tail()


def test_a_bad_file_amid_a_run_is_named_and_nothing_is_lost(covers: Path) -> None:
    run = new_run(small_request(covers, training={"epochs": 1}))
    find_dataset(covers)
    (covers / "03.png").write_bytes(b"not a picture")
    with pytest.raises(DatasetError, match=r"03\.png"):
        carry_out(run)
    assert "03.png" in run.status().text
    assert list_runs() == (run,)


def test_a_run_of_no_name_or_none_at_all(genre_home: Path) -> None:
    for name in ("../../etc", "", "no-such-run", ".locks"):
        with pytest.raises(JobError, match="Received"):
            find_run(name)


def test_a_damaged_request_or_status_is_said(covers: Path) -> None:
    run = new_run(small_request(covers))
    (run.path / "status.json").write_text("{")
    assert run.status().state == "waiting"  # it has just been made
    (run.path / "request.json").write_text(json.dumps({"kind": "train"}))
    with pytest.raises(JobError, match="Received"):
        run.request()


def test_a_process_that_is_another_by_now_is_not_taken_for_the_run_s(covers: Path) -> None:
    run = new_run(small_request(covers))
    mine = psutil.Process()
    alive_now = Status("running", pid=mine.pid, pid_started=mine.create_time(), started=time.time())
    run.write_status(alive_now)
    assert run.status().state == "running"
    run.write_status(dataclasses.replace(alive_now, pid_started=mine.create_time() - 100))
    assert run.status().state == "interrupted"
