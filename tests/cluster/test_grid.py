"""A grid of settings: every combination trained once, the best on val kept and tested."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.config import changed, read_grid, trials_of, write_grid
from genre_core.errors import JobError, ParameterError, StoppedError
from genre_core.jobs import run_control, train
from genre_core.jobs.fits import covers as cover_fits
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.grid_table import GRID_FILE, GridTable, Trial, read_grid_table
from genre_core.runs.run_folder import STOP_FILE, RunFolder, new_run
from tests.made_training import small_recipe, small_request, weights

pytestmark = pytest.mark.usefixtures("few_resamples", "made_networks")

GRID = {"training.learning_rate": (1e-4, 0.05)}
SHORT = {"epochs": 2}


def carried_out(covers: Path, **settings: object) -> RunFolder:
    request = small_request(covers, training=SHORT, grid=GRID, deterministic=True, **settings)
    run = new_run(request)
    carry_out(run)
    return run


@pytest.mark.parametrize(
    ("words", "received"),
    [
        (["training.learning_rate"], "learning_rate"),
        (["training.learning_rate=0.1,,0.2"], "0.1,,0.2"),
        (["training.learning_rat=0.1"], "learning_rat"),
        (["training.batch_size=8,8"], "8,8"),
        (["training.batch_size=8", "training.batch_size=16"], "16"),
        (["training.repeats=1,2"], "repeats"),
        (["task.genres=['a'],['b']"], "task.genres"),
        (["training.select=val_loss"], "select"),
    ],
)
def test_a_word_that_is_no_grid_is_one_sentence(words: list[str], received: str) -> None:
    with pytest.raises(ParameterError, match="Received") as error:
        read_grid(small_recipe(), words)
    assert received in str(error.value)


@pytest.mark.parametrize(
    ("training", "grid"),
    [
        ({}, {}),
        ({}, {"training.epochs": tuple(range(1, 300))}),
        ({}, {"training.batch_size": (8, 0)}),
        ({"select": "last_epoch"}, {"training.batch_size": (8, 16)}),
        ({}, {"training.seed": (1, 2)}),
    ],
)
def test_a_grid_that_nothing_could_be_chosen_of_is_refused(
    training: dict[str, object], grid: dict[str, tuple[object, ...]]
) -> None:
    with pytest.raises(ParameterError, match="Received"):
        trials_of(small_recipe(**training), grid)


def test_written_as_words_it_is_read_again() -> None:
    grid = {"training.optimizer": ("adam", "sgd"), "training.learning_rate": (0.5, 1e-4)}
    grid["augment.flip"] = (True, False)
    assert read_grid(small_recipe(), write_grid(grid)) == grid
    assert read_grid(small_recipe(), ["training.learning_rate=.5,.01"]) == {
        "training.learning_rate": (0.5, 0.01)
    }


def test_best_on_val_is_kept_and_it_alone_is_tested(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = []
    measure = train.measure
    monkeypatch.setattr(
        train, "measure", lambda bundle, *a, **k: tested.append(bundle) or measure(bundle, *a, **k)
    )
    run = carried_out(covers)
    table = read_grid_table(run.path)
    assert table is not None
    assert [trial.changes for trial in table.trials] == list(trials_of(small_recipe(), GRID))
    assert all(len(trial.values) == 1 for trial in table.trials)
    means = [trial.mean for trial in table.trials]
    assert table.chosen == int(np.argmin(means)) + 1
    assert len(tested) == 1
    bundle = run_control.made_by(run)
    assert bundle is not None
    assert read_grid_table(bundle.folder) == table
    chosen = table.trials[table.chosen - 1].changes
    own = bundle.card.experiment["training"]
    assert {path: own[path.removeprefix("training.")] for path in chosen} == chosen
    # The network is the one that a training of these settings alone gives.
    recipe = changed(small_recipe(**SHORT), chosen)
    settings = {name: getattr(recipe.training, name) for name in ("epochs", "learning_rate")}
    alone = new_run(small_request(covers, training=settings, deterministic=True, promote_it=False))
    carry_out(alone)
    for ours, theirs in zip(weights(run), weights(alone), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    history = run.history()
    assert set(history["part"]) == {"trial-1", "trial-2"}


def test_stopped_between_trainings_it_goes_on_where_it_was(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = []
    fit = cover_fits.fit

    def counted(experiment, catalog, log, states, **own):
        fitted.append((states.fold, own.get("only_run")))
        if len(fitted) == 2:
            (run.path / STOP_FILE).write_text("")
        return fit(experiment, catalog, log, states, **own)

    monkeypatch.setattr(cover_fits, "fit", counted)
    run = new_run(small_request(covers, training={"epochs": 1, "repeats": 2}, grid=GRID))
    with pytest.raises(StoppedError):
        carry_out(run)
    table = read_grid_table(run.path)
    assert table is not None
    assert [len(trial.values) for trial in table.trials] == [1, 0]
    assert table.chosen == 0
    run_control.forget_stop(run)
    carry_out(run)
    assert run.status().state == "done"
    # What was over is fitted no more; what was stopped is begun again.
    own = [fit for fit in fitted if fit[1] is not None]
    assert own == [("trial-1", 0), ("trial-1", 1), ("trial-1", 1), ("trial-2", 0), ("trial-2", 1)]
    table = read_grid_table(run.path)
    assert table is not None
    assert [len(trial.values) for trial in table.trials] == [2, 2]


def test_what_cannot_be_trained_is_left_out_and_named(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = cover_fits.fit

    def diverging(experiment, *own, **more):
        if experiment.training.learning_rate == 0.05:
            raise JobError("Loss must stay finite.", received="nan", cure="Lower the rate.")
        return fit(experiment, *own, **more)

    monkeypatch.setattr(cover_fits, "fit", diverging)
    run = carried_out(covers)
    table = read_grid_table(run.path)
    assert table is not None
    assert ["finite" in trial.error for trial in table.trials] == [False, True]
    assert table.chosen == 1
    monkeypatch.setattr(cover_fits, "fit", lambda *a, **k: diverging(a[0]))
    bad = new_run(small_request(covers, grid={"training.learning_rate": (0.05,)}))
    with pytest.raises(JobError, match="finite"):
        carry_out(bad)


def test_finished_early_the_best_so_far_is_kept(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(small_request(covers, training={"epochs": 1}, grid=GRID))
    tables = []
    write = GridTable.write

    def stopping(table: GridTable, folder: Path) -> None:
        write(table, folder)
        tables.append(table)
        if len(tables) == 2:  # after the first training
            (run.path / STOP_FILE).write_text("")

    monkeypatch.setattr(GridTable, "write", stopping)
    with pytest.raises(StoppedError):
        carry_out(run)
    run_control.forget_stop(run)
    carry_out(run, finish=True)
    table = read_grid_table(run.path)
    assert table is not None
    assert [bool(trial.values) for trial in table.trials] == [True, False]
    assert table.rows()[1]["note"] == "not trained"
    assert table.chosen == 1


def test_a_table_that_is_none_is_none(tmp_path: Path) -> None:
    assert read_grid_table(tmp_path) is None
    (tmp_path / GRID_FILE).write_text(json.dumps({"select": "val_loss"}))
    assert read_grid_table(tmp_path) is None
    table = GridTable("val_macro_f1", (Trial(1, {"augment.flip": True}, (0.5,), (2,)),), 1)
    table.write(tmp_path)
    assert read_grid_table(tmp_path) == table
    assert "flip True was chosen among 1" in table.chosen_text()


def test_a_grid_too_large_is_refused_before_it_is_made() -> None:
    grid = {f"network.made_{k}": tuple(range(1, 60)) for k in range(12)}  # 59 ** 12 combinations
    with pytest.raises(ParameterError, match="1 to 200 combinations"):
        trials_of(small_recipe(), grid)
