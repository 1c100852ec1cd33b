"""Folds and repeats of a network of songs on two nodes: made there, with one machine's results."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genre_core.config import Experiment, to_dict
from genre_core.data.catalog import Catalog
from genre_core.errors import JobError
from genre_core.inference.checkpoint import load_network
from genre_core.jobs import run_control, training_run
from genre_core.jobs.fits.alone import fits_of
from genre_core.jobs.run_control import training_request
from genre_core.jobs.run_worker import carry_out
from genre_core.jobs.steps import Step, StepPlace
from genre_core.runs.bundle import Bundle
from genre_core.runs.run_folder import LOG_FILE, RunFolder, new_run
from genre_core.training.training_state import StateFolder, TrainingState
from tests.made_cluster import Nodes
from tests.made_songs_set import STATISTICS, song_experiment
from tests.made_training import small_request

pytestmark = pytest.mark.usefixtures("few_resamples", "kept_features")

Fit = tuple[str, int]
BEGUN = re.compile(r"(fold-\d/run-\d) has begun on node ([0-9a-f]{8}), process (\d+)")
OF_FOLDS = {(f"fold-{fold}", run) for fold in (1, 2) for run in (0, 1)}
OF_ALL_SONGS = {("", 0), ("", 1)}


@pytest.fixture
def fitted_here(monkeypatch: pytest.MonkeyPatch) -> set[Fit]:
    """Fits of which this process has trained an epoch; those of the nodes are other processes."""
    fits: set[Fit] = set()
    save = StateFolder.save

    def noted(states: StateFolder, run: int, state: TrainingState) -> None:
        fits.add((states.fold, run))
        save(states, run, state)

    monkeypatch.setattr(StateFolder, "save", noted)
    return fits


def recipe(fold_groups: str = "none") -> Experiment:
    training = {"epochs": 2, "batch_size": 16, "folds": 2, "repeats": 2, "fold_groups": fold_groups}
    return song_experiment(spec=STATISTICS, architecture="s5_mlp", training=training)


def request(song_set: Catalog, nodes: Nodes | None) -> RunFolder:
    engine = {"name": "ray", "address": nodes.address, "memory_gb": 0.1} if nodes else None
    return new_run(
        training_request(
            to_dict(recipe()),
            str(song_set.root),
            title="folds",
            command="a test",
            engine=engine,
            deterministic=True,
            promote_it=False,
        )
    )


def made(run: RunFolder) -> Bundle:
    carry_out(run)
    bundle = run_control.made_by(run)
    assert bundle is not None, run.log_tail()
    return bundle


def test_folds_and_repeats_are_fitted_on_the_nodes_as_one_machine_does(
    song_set: Catalog, two_nodes: Nodes, fitted_here: set[Fit]
) -> None:
    run = request(song_set, two_nodes)
    shared = made(run)
    # Here the last fit alone was made: how long it trains on all songs, the folds tell.
    assert fitted_here == OF_ALL_SONGS
    begun = BEGUN.findall((run.path / LOG_FILE).read_text(encoding="utf-8"))
    assert sorted(name for name, _, _ in begun) == sorted(f"{f}/run-{r}" for f, r in OF_FOLDS)
    # A process that has loaded TensorFlow takes the next fit too.
    assert len({process for _, _, process in begun}) < len(begun)
    fitted_here.clear()
    alone = made(request(song_set, None))
    assert fitted_here == OF_FOLDS | OF_ALL_SONGS
    for one, other in zip(
        load_network(shared).get_weights(), load_network(alone).get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)
    pd.testing.assert_frame_equal(shared.predictions(), alone.predictions(), atol=1e-6)
    assert shared.metrics()["split"] == "folds"
    assert shared.metrics()["values"] == alone.metrics()["values"]


def test_fits_that_need_not_wait_are_all_but_the_last_of_folds_of_single_songs() -> None:
    assert set(fits_of(recipe())) == OF_FOLDS
    assert set(fits_of(recipe(fold_groups="group"))) == OF_FOLDS | OF_ALL_SONGS


class Idle:
    """Says of each step that it is done, and does none."""

    def run(
        self, steps: list[Step], place: StepPlace, *, what: str
    ) -> Iterator[tuple[Step, object]]:
        yield from ((step, "") for step in steps)


@pytest.mark.parametrize("grid", [None, {"training.learning_rate": (0.01, 0.001)}])
def test_a_fit_that_is_said_to_be_done_but_left_nothing_ends_the_run(
    covers: Path,
    monkeypatch: pytest.MonkeyPatch,
    fitted_here: set[Fit],
    grid: dict[str, Any] | None,
) -> None:
    idle = contextlib.nullcontext((Idle(), "idle"))
    monkeypatch.setattr(training_run, "opened", lambda _: idle)
    run = new_run(small_request(covers, training={"repeats": 2}, grid=grid))
    with pytest.raises(JobError, match=r"must have kept its state.*Received no state"):
        carry_out(run)
    assert not fitted_here
