"""A training that was stopped goes on as if it never had been."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from genre_core import architectures
from genre_core.config import Augment, CoverInput, Experiment, Task, Training
from genre_core.errors import JobError, ParameterError, StoppedError
from genre_core.training.checkpoint_callback import seed_dropout
from genre_core.training.fit import BestRun, fit_experiment
from genre_core.training.split_data import SplitData
from genre_core.training.training_state import StateFolder, TrainingState
from tests.made_bundles import SIZE, some_covers

pytestmark = pytest.mark.usefixtures("without_xla")

N_ITEMS, N_EPOCHS = 22, 4
STEPS_AN_EPOCH = 3


@pytest.fixture(autouse=True)
def small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every experiment of this file trains a tiny network with dropout and normalization."""

    def build_made(name: str, *, n_logits: int, input_shape: tuple[int, ...]) -> keras.Model:
        cover = keras.Input(input_shape, name="cover")
        x = keras.layers.Rescaling(1 / 255, name="rescale")(cover)
        x = keras.layers.Conv2D(4, 3, strides=2, activation="relu", name="conv")(x)
        x = keras.layers.BatchNormalization(name="norm")(x)
        x = keras.layers.Dropout(0.4, name="drop_1")(x)
        x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
        x = keras.layers.Dense(8, activation="relu", name="dense")(x)
        x = keras.layers.Dropout(0.5, name="drop_2")(x)
        return keras.Model(cover, keras.layers.Dense(n_logits, name="logits")(x))

    monkeypatch.setattr(architectures, "build", build_made)


class StopsAfter:
    """Wants a stop after so many steps, and writes down what it heard."""

    def __init__(self, n_steps: int) -> None:
        self.n_left = n_steps
        self.steps: list[tuple[Any, ...]] = []
        self.epochs: list[tuple[str, int, int]] = []

    def wants_stop(self) -> bool:
        return self.n_left <= 0

    def step(self, place: tuple[str, int, int], done: int, total: int, n_items: int) -> None:
        self.n_left -= 1
        self.steps.append((*place, done, total, n_items))

    def epoch(self, fold: str, run: int, rows: Sequence[dict[str, Any]]) -> None:
        self.epochs.append((fold, run, len(rows)))


def experiment(**training: object) -> Experiment:
    settings = {"epochs": N_EPOCHS, "batch_size": 8, "learning_rate": 5e-3} | training
    return Experiment(
        name="made",
        title="Made",
        study="ours",
        architecture="made",
        tag="test",
        task=Task(genres=("Blue", "Red")),
        input=CoverInput(size=SIZE),
        training=Training(**settings),
        augment=Augment(flip=True, crop=0.8, brightness=0.1),
    )


def run(made: Experiment, folder: Path, states: StateFolder | None) -> BestRun:
    train = SplitData(some_covers(N_ITEMS, seed=0), np.arange(N_ITEMS) % 2)
    val = SplitData(some_covers(8, seed=1), np.arange(8) % 2)
    return fit_experiment(made, train, val, key="made", cache_dir=folder, states=states)


def differ(one: BestRun, other: BestRun) -> float:
    pairs = zip(one.network.get_weights(), other.network.get_weights(), strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


RECIPES = {
    "sgd, cosine, two repeats, parts, the last epoch": {
        "optimizer": "sgd",
        "schedule": "cosine",
        "repeats": 2,
        "parts": 2,
        "select": "last_epoch",
        "epochs": 2,
    },
    "adamw, patience": {"optimizer": "adamw", "weight_decay": 0.1, "patience": 2, "epochs": 3},
}


@pytest.mark.parametrize("settings", RECIPES.values(), ids=RECIPES.keys())
def test_a_stopped_training_ends_with_the_same_weights(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    made = experiment(**settings)
    undisturbed = run(made, tmp_path / "maps", None)
    n_stops = 0
    rng = np.random.default_rng(len(settings))
    for _ in range(20):  # between two stops one epoch is over
        states = StateFolder(tmp_path / "kept", watcher=StopsAfter(int(rng.integers(4, 7))))
        try:
            taken_up = run(made, tmp_path / "maps", states)
            break
        except StoppedError:
            n_stops += 1
    assert n_stops >= 2
    assert differ(taken_up, undisturbed) < 1e-6
    figures = [column for column in undisturbed.history if column != "seconds"]
    assert taken_up.history[figures].round(5).equals(undisturbed.history[figures].round(5))
    assert taken_up.run == undisturbed.run


def test_at_most_the_epoch_that_was_stopped_is_repeated(tmp_path: Path) -> None:
    first = StopsAfter(2 * STEPS_AN_EPOCH + 1)
    with pytest.raises(StoppedError, match="Received a stop"):
        run(experiment(), tmp_path, StateFolder(tmp_path / "kept", watcher=first))
    assert first.steps[-1] == ("", 0, 2, 1, STEPS_AN_EPOCH, 8)
    second = StopsAfter(10**9)
    run(experiment(), tmp_path, StateFolder(tmp_path / "kept", watcher=second))
    assert [step[2] for step in second.steps] == [2] * STEPS_AN_EPOCH + [3] * STEPS_AN_EPOCH
    assert [step[-1] for step in second.steps[:STEPS_AN_EPOCH]] == [8, 8, 6]
    # A third time nothing is left to do.
    third = StopsAfter(10**9)
    run(experiment(), tmp_path, StateFolder(tmp_path / "kept", watcher=third))
    assert third.steps == []


def test_an_end_now_keeps_the_best_epoch_and_leaves_repeats_out(tmp_path: Path) -> None:
    made = experiment(repeats=3)
    stopped = StateFolder(tmp_path / "kept", watcher=StopsAfter(3 * STEPS_AN_EPOCH + 1))
    with pytest.raises(StoppedError):
        run(made, tmp_path, stopped)
    watcher = StopsAfter(10**9)
    ended = run(made, tmp_path, StateFolder(tmp_path / "kept", watcher=watcher, finish=True))
    assert watcher.steps == []
    assert ended.history["run"].tolist() == [0] * 3
    best = ended.history["val_loss"].idxmin()
    assert ended.history["chosen"].tolist() == [k == best for k in range(3)]
    kept = StateFolder(tmp_path / "kept").load(0)
    assert kept is not None
    for ours, theirs in zip(ended.network.get_weights(), kept.best_weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_best_epoch_of_an_end_now_may_lie_behind(tmp_path: Path) -> None:
    state = TrainingState(
        2,
        [np.zeros(3)],
        [],
        [{"epoch": 1, "val_loss": 0.4}, {"epoch": 2, "val_loss": 0.6}],
        0,
        best_weights=[np.ones(3)],
    )
    StateFolder(tmp_path).save(0, state)
    ended = StateFolder(tmp_path, finish=True).load(0)
    assert ended is not None
    assert ended.is_finished
    np.testing.assert_array_equal(ended.best_weights[0], np.ones(3))


def test_dropout_draws_by_seed_epoch_and_layer() -> None:
    cover = keras.Input((64,))
    first = keras.layers.Dropout(0.5)(cover)
    second = keras.layers.Dropout(0.5)(cover)
    network = keras.Model(cover, [first, second])

    def drawn(seed: int, epoch: int) -> list[np.ndarray]:
        seed_dropout(network, seed, epoch)
        return [np.asarray(each) for each in network(np.ones((1, 64)), training=True)]

    one, same = drawn(0, 3), drawn(0, 3)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one[0], one[1])
    assert not np.array_equal(one[0], drawn(0, 4)[0])
    assert not np.array_equal(one[0], drawn(1, 3)[0])


def test_folds_have_folders_and_names_of_their_own(tmp_path: Path) -> None:
    watcher = StopsAfter(10**9)
    states = StateFolder(tmp_path / "kept", watcher=watcher)
    state = TrainingState(1, [np.ones((2, 3))], [np.array(7)], [{"epoch": 1, "loss": 0.5}], 0)
    states.of_fold("fold-2").save(1, state)
    assert states.load(1) is None
    found = states.of_fold("fold-2").load(1)
    assert found is not None
    for mine, theirs in zip(dataclasses.astuple(found), dataclasses.astuple(state), strict=True):
        np.testing.assert_equal(mine, theirs)
    assert watcher.epochs == [("fold-2", 1, 1)] * 2
    with pytest.raises(ParameterError, match="Received"):
        states.of_fold("../elsewhere")


def test_a_training_that_an_older_version_stopped_is_resumed(tmp_path: Path) -> None:
    """The files are those of version 0.1.0, which stopped it in epoch 3 and let a copy end."""
    shutil.copytree(Path(__file__).with_name("stopped_training"), tmp_path / "kept")
    made = experiment(optimizer="adamw", weight_decay=0.1, schedule="cosine", parts=2)
    watcher = StopsAfter(10**9)
    resumed = run(made, tmp_path, StateFolder(tmp_path / "kept", watcher=watcher))
    assert {step[2] for step in watcher.steps} == {2, 3}
    with np.load(tmp_path / "kept" / "weights_at_the_end.npz") as stored:
        weights = [stored[name] for name in stored.files]
    assert len(weights) == len(resumed.network.get_weights()) > 0
    for ours, theirs in zip(resumed.network.get_weights(), weights, strict=True):
        # Two epochs of sums in another order, where the processor is another one.
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY"], ids=["empty", "zip", "npy"])
def test_a_damaged_state_is_said_to_be_one(content: bytes, tmp_path: Path) -> None:
    tmp_path.joinpath("run-0.npz").write_bytes(content)
    with pytest.raises(JobError, match=r"Received run-0\.npz"):
        StateFolder(tmp_path).load(0)


def test_a_cut_state_is_said_to_be_one(tmp_path: Path) -> None:
    StateFolder(tmp_path).save(0, TrainingState(1, [np.ones(500)], [], [{"epoch": 1}], 0))
    whole = tmp_path.joinpath("run-0.npz").read_bytes()
    tmp_path.joinpath("run-0.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JobError, match=r"Received run-0\.npz"):
        StateFolder(tmp_path).load(0)
