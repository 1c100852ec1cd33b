"""Fitting learns what can be learnt, is repeatable, and chooses on validation."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from genre_core import architectures
from genre_core.architectures import build
from genre_core.architectures.cut import cut_network
from genre_core.config import Augment, CoverInput, Experiment, Task, Training
from genre_core.errors import JobError, ParameterError
from genre_core.metrics.probabilities import probabilities
from genre_core.training import fit
from genre_core.training.fit import fit_experiment
from genre_core.training.frozen import cached_maps
from genre_core.training.split_data import SplitData
from tests.made_bundles import SIZE, make_network, some_covers

pytestmark = pytest.mark.usefixtures("without_xla")

CACHE_KEY = "made"


@pytest.fixture(autouse=True)
def small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every experiment of this file trains the made network."""

    def build_made(name: str, *, n_logits: int, input_shape: tuple[int, ...]) -> keras.Model:
        network = make_network(n_logits, input_shape[0])
        kernels = [
            np.random.default_rng(len(w.shape)).normal(0, 0.2, w.shape) for w in network.weights
        ]
        network.set_weights(kernels)
        return network

    monkeypatch.setattr(architectures, "build", build_made)


def experiment(head: str = "softmax", **training: object) -> Experiment:
    settings = {"epochs": 4, "batch_size": 8, "learning_rate": 5e-3} | training
    return Experiment(
        name="made",
        title="Made",
        study="ours",
        architecture="made",
        tag="test",
        task=Task(genres=("Blue", "Red"), head=head),
        input=CoverInput(size=SIZE),
        training=Training(**settings),
    )


def coloured(n: int, seed: int) -> SplitData:
    """Noise with more blue or more red: learnable in a few steps."""
    covers = some_covers(n, seed=seed).astype(np.float64)
    genre = np.arange(n) % 2
    covers[genre == 0, ..., 2] += 120
    covers[genre == 1, ..., 0] += 120
    return SplitData(np.clip(covers, 0, 255).astype(np.uint8), genre)


def run(made: Experiment, tmp_path: Path) -> fit.BestRun:
    return fit_experiment(
        made, coloured(48, 0), coloured(16, 1), key=CACHE_KEY, cache_dir=tmp_path / "maps"
    )


@pytest.mark.parametrize("head", ["softmax", "binary"])
def test_learns_colours(head: str, tmp_path: Path) -> None:
    fitted = run(experiment(head, epochs=8), tmp_path)
    assert fitted.history["val_accuracy"].max() == 1.0
    assert fitted.history["loss"].iloc[-1] < fitted.history["loss"].iloc[0]
    assert (fitted.history["val_roc_auc"] <= 1).all()


def test_a_teachers_scores_are_learnt_and_have_no_accuracy(tmp_path: Path) -> None:
    def taught(n: int, seed: int) -> SplitData:
        part = coloured(n, seed)
        soft = np.where(part.genre_index == 1, 0.8, 0.2).astype(np.float32)[:, np.newaxis]
        return SplitData(part.inputs, part.genre_index, soft=soft)

    made = experiment("binary", epochs=8)
    train, val = taught(48, 0), taught(16, 1)
    fitted = fit_experiment(made, train, val, key="soft", cache_dir=tmp_path / "maps")
    # A score is never "right": a column of zeros would look like a network that learns nothing.
    assert "accuracy" not in fitted.history
    assert fitted.history["val_accuracy"].max() == 1.0


def test_the_kept_weights_are_the_chosen_epoch_s(tmp_path: Path) -> None:
    fitted = run(experiment(repeats=2, epochs=3), tmp_path)
    history = fitted.history
    assert history.groupby("run")["chosen"].sum().tolist() == [1, 1]
    chosen = history[history["chosen"]]
    assert chosen["val_loss"].min() == history["val_loss"].min()
    val = coloured(16, 1)
    logits = np.asarray(fitted.network(val.inputs.astype(np.float32), training=False))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    value = float(loss(np.eye(2)[val.genre_index], logits))
    assert value == pytest.approx(history["val_loss"].min(), abs=1e-5)
    assert history.loc[history["val_loss"].idxmin(), "run"] == fitted.run


def test_seeded(tmp_path: Path) -> None:
    made = dataclasses.replace(experiment(epochs=2), augment=Augment(flip=True, contrast=0.2))
    first, again = run(made, tmp_path), run(made, tmp_path)
    for a, b in zip(first.network.get_weights(), again.network.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_patience_stops(tmp_path: Path) -> None:
    # So small a rate that float32 validation loss stops moving at once.
    fitted = run(experiment(epochs=12, patience=2, learning_rate=1e-12), tmp_path)
    assert len(fitted.history) < 12


def test_frozen_part_keeps_its_weights(tmp_path: Path) -> None:
    made = experiment(frozen_until="pool_1", views=2, epochs=3)
    before = architectures.build("made", n_logits=2, input_shape=(SIZE, SIZE, 3))
    fitted = run(dataclasses.replace(made, augment=Augment(flip=True)), tmp_path)
    for name, is_frozen in (("conv_1", True), ("conv_3", False)):
        same = np.array_equal(
            before.get_layer(name).get_weights()[0], fitted.network.get_layer(name).get_weights()[0]
        )
        assert same is is_frozen
    assert len(list((tmp_path / "maps").glob("maps-*.npy"))) == 2


def test_the_last_epoch_counts_and_the_first_run_is_kept(tmp_path: Path) -> None:
    seen: list[tuple[int, list[np.ndarray]]] = []
    made = experiment(select="last_epoch", repeats=2, epochs=2)
    fitted = fit_experiment(
        made,
        coloured(48, 0),
        coloured(16, 1),
        key=CACHE_KEY,
        cache_dir=tmp_path,
        after_run=lambda run, network: seen.append((run, network.get_weights())),
    )
    assert fitted.run == 0
    assert fitted.history.loc[fitted.history["chosen"], "epoch"].tolist() == [2, 2]
    assert "val_balanced_accuracy" in fitted.history
    assert [run for run, _ in seen] == [0, 1]
    for kept, first in zip(fitted.network.get_weights(), seen[0][1], strict=True):
        np.testing.assert_array_equal(kept, first)
    assert any((a != b).any() for a, b in zip(seen[0][1], seen[1][1], strict=True))


def test_without_a_validation_part_nothing_is_chosen(tmp_path: Path) -> None:
    shared = {"key": CACHE_KEY, "cache_dir": tmp_path}
    made = experiment(select="last_epoch", train_on="train+val", epochs=2)
    fitted = fit_experiment(made, coloured(48, 0), None, **shared)
    assert set(fitted.history) == {"run", "epoch", "accuracy", "loss", "seconds", "chosen"}
    with pytest.raises(ParameterError, match="last_epoch"):
        fit_experiment(experiment(), coloured(48, 0), None, **shared)


def test_several_genres_are_learnt_each_by_itself(tmp_path: Path) -> None:
    train, val = (
        SplitData(p.inputs, p.genre_index, np.eye(2)[p.genre_index] > 0)
        for p in (coloured(48, 0), coloured(16, 1))
    )
    made = experiment("multilabel", epochs=8)
    fitted = fit_experiment(made, train, val, key=CACHE_KEY, cache_dir=tmp_path)
    assert fitted.history["val_roc_auc"].max() == 1.0
    assert {"val_top_hit", "val_macro_f1"} <= set(fitted.history)
    with pytest.raises(ParameterError, match="every genre of each cover"):
        fit_experiment(made, coloured(8, 0), val, key=CACHE_KEY, cache_dir=tmp_path)
    weighted = experiment("multilabel", class_weights=True)
    with pytest.raises(ParameterError, match="class_weights"):
        fit_experiment(weighted, train, val, key=CACHE_KEY, cache_dir=tmp_path)


def test_a_loss_that_is_not_finite_says_so(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="learning rate"):
        run(experiment(optimizer="sgd", learning_rate=1e30), tmp_path)


def test_weight_decay_needs_its_optimizer(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="adamw"):
        run(experiment(weight_decay=0.1), tmp_path)


@pytest.mark.parametrize(("seed", "repeats"), [(-1, 1), (2**32, 1), (2**32 - 1, 2)])
def test_every_run_s_seed_must_be_one(seed: int, repeats: int, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received"):
        run(experiment(seed=seed, repeats=repeats), tmp_path)


def test_two_parts_are_the_whole() -> None:
    network = build("s1_prog_covers", input_size=260)
    frozen, tail = cut_network(network, "pool_5")
    covers = some_covers(2, size=260).astype(np.float32)
    whole = np.asarray(network(covers, training=False))
    np.testing.assert_allclose(np.asarray(tail(frozen(covers))), whole, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layer", ["nowhere", "block_01_expand"])
def test_a_cut_that_cannot_be(layer: str) -> None:
    network = build("efficientnet_lite0", input_size=64)
    if layer == "block_01_expand":
        layer = "block_02_expand"  # the shortcut of block 2 runs past it
    with pytest.raises(ParameterError, match="Received"):
        cut_network(network, layer)


def test_cached_maps_are_found_again(tmp_path: Path) -> None:
    frozen, _ = cut_network(make_network(), "pool_1")
    covers = some_covers(5)
    seen: list[int] = []
    ask = {"n_views": 2, "seed": 0, "key": "a", "folder": tmp_path}
    augment = Augment(flip=True, crop=0.5)
    maps = cached_maps(frozen, covers, augment, **ask, progress=lambda d, t, _: seen.append(d))
    assert maps.shape == (2, 5, 32, 32, 8)
    expected = np.asarray(frozen(covers.astype(np.float32)))
    np.testing.assert_allclose(maps[0], expected, rtol=2e-3, atol=2e-3)  # half precision
    assert not np.array_equal(maps[0], maps[1])
    n_calls = len(seen)
    again = cached_maps(frozen, covers, augment, **ask, progress=lambda d, t, _: seen.append(d))
    assert len(seen) == n_calls > 0
    np.testing.assert_array_equal(again, maps)
    other = cached_maps(frozen, covers, augment, **(ask | {"key": "b"}))
    assert len(list(tmp_path.glob("maps-*.npy"))) == 2
    np.testing.assert_array_equal(other, maps)


def test_shares_of_0_and_1_are_whole_labels(tmp_path: Path) -> None:
    def shared(n: int, seed: int) -> SplitData:
        part = coloured(n, seed)
        return dataclasses.replace(part, shares=np.eye(2)[part.genre_index])

    made = experiment("binary", epochs=1)
    whole = run(made, tmp_path)
    soft = fit_experiment(made, shared(48, 0), shared(16, 1), key=CACHE_KEY, cache_dir=tmp_path)
    assert soft.history.drop(columns="seconds").equals(whole.history.drop(columns="seconds"))
    for a, b in zip(soft.network.get_weights(), whole.network.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_shares_draw_the_probabilities_to_themselves(tmp_path: Path) -> None:
    def shared(n: int, seed: int) -> SplitData:
        part = coloured(n, seed)
        return dataclasses.replace(
            part, shares=np.array([[0.7, 0.3], [0.3, 0.7]])[part.genre_index]
        )

    made = experiment(epochs=30)
    train = shared(48, 0)
    fitted = fit_experiment(made, train, shared(16, 1), key=CACHE_KEY, cache_dir=tmp_path)
    logits = np.asarray(fitted.network(train.inputs.astype(np.float32), training=False))
    red = probabilities(logits, "softmax")[:, 1]
    means = [red[train.genre_index == k].mean() for k in (0, 1)]
    np.testing.assert_allclose(means, [0.3, 0.7], atol=0.08)
    assert fitted.history["val_accuracy"].max() == 1.0
