"""A batch in micro-batches: the same weights and figures, whatever their number."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from genre_core import architectures
from genre_core.config import CoverInput, Experiment, Task, Training
from genre_core.errors import ParameterError
from genre_core.training import recipe
from genre_core.training.fit import BestRun, fit_experiment
from genre_core.training.micro_batches import in_micro_batches
from genre_core.training.split_data import SplitData
from tests.made_bundles import some_covers

SIZE = 32
N_ITEMS = 45  # five batches of eight and one of five: with parts of two it ends in one of one


def make_network(n_logits: int, *, norm: bool = False) -> keras.Model:
    """Two penalties, of weights and of activity, which a part must not count as a whole batch."""
    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    x = layers.Conv2D(8, 3, strides=2, kernel_regularizer="l2", name="conv_1")(x)
    if norm:
        x = layers.BatchNormalization(name="norm_1")(x)
    x = layers.Activation("tanh", activity_regularizer=keras.regularizers.L2(1e-4))(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(n_logits, name="logits")(x), name="made")


def made_part(n: int, seed: int) -> SplitData:
    covers = some_covers(n, size=SIZE, seed=seed).astype(np.float64)
    genre = (np.arange(n) % 3 == 0).astype(int)
    covers[genre == 1, ..., 0] += 60
    return SplitData(np.clip(covers, 0, 255).astype(np.uint8), genre, np.eye(2)[genre] > 0)


def fitted_in(
    parts: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    head: str = "softmax",
    norm: bool = False,
    **settings: object,
) -> BestRun:
    monkeypatch.setattr(
        architectures,
        "build",
        lambda name, *, n_logits, input_shape: make_network(n_logits, norm=norm),
    )
    made = Experiment(
        name="made",
        title="Made",
        study="ours",
        architecture="made",
        tag="test",
        task=Task(genres=("Blue", "Red"), head=head),
        input=CoverInput(size=SIZE),
        training=Training(epochs=2, batch_size=8, parts=parts, select="last_epoch", **settings),
    )
    return fit_experiment(made, made_part(N_ITEMS, 0), made_part(8, 1), key="a", cache_dir=folder)


def largest_difference(a: BestRun, b: BestRun) -> float:
    pairs = zip(a.network.get_weights(), b.network.get_weights(), strict=True)
    return max(float(np.abs(one - other).max()) for one, other in pairs)


@pytest.mark.parametrize(
    ("parts", "settings"),
    [
        (2, {"head": "softmax", "schedule": "cosine", "class_weights": True}),
        (4, {"head": "binary", "optimizer": "adamw", "weight_decay": 0.1, "schedule": "cosine"}),
        (8, {"head": "multilabel", "optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.01}),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else value["head"],
)
def test_parts_change_nothing(
    parts: int, settings: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def watched(network: keras.Model, size: int) -> keras.Model:
        sizes.append(size)
        return in_micro_batches(network, size)

    monkeypatch.setattr(recipe, "in_micro_batches", watched)
    whole = fitted_in(1, tmp_path, monkeypatch, **settings)
    parted = fitted_in(parts, tmp_path, monkeypatch, **settings)
    assert sizes == [8 // parts]  # a part is a share of the batch
    before = make_network(2 if settings["head"] != "binary" else 1).get_weights()
    moved = [np.abs(a - b).max() for a, b in zip(whole.network.get_weights(), before, strict=True)]
    assert min(moved) > 1e-3  # else equal weights would say nothing
    assert largest_difference(whole, parted) < 1e-5
    figures = ["loss", "accuracy", "val_loss"]
    np.testing.assert_allclose(parted.history[figures], whole.history[figures], atol=1e-5)


def test_a_norm_sees_its_part_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fitted_in(1, tmp_path, monkeypatch, norm=True)
    assert largest_difference(whole, fitted_in(4, tmp_path, monkeypatch, norm=True)) > 1e-3
    kept = {"norm": True, "freeze_norm": True}
    whole = fitted_in(1, tmp_path, monkeypatch, **kept)
    assert largest_difference(whole, fitted_in(4, tmp_path, monkeypatch, **kept)) < 1e-5


def test_parts_of_a_network_whose_first_half_is_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = {"frozen_until": "conv_1", "views": 1}
    whole = fitted_in(1, tmp_path, monkeypatch, **frozen)
    assert largest_difference(whole, fitted_in(4, tmp_path, monkeypatch, **frozen)) < 1e-5


def test_no_more_than_a_part_is_run_at_once() -> None:
    sizes: list[int] = []

    class Watched(layers.Layer):
        def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
            if hasattr(x, "numpy"):  # not while the network is laid out
                sizes.append(len(x))
            return x

    image = keras.Input((4,))
    network = in_micro_batches(keras.Model(image, layers.Dense(1)(Watched()(image))), 3)
    network.compile("sgd", "mse", run_eagerly=True, jit_compile=False)
    network.fit(np.zeros((13, 4)), np.zeros((13, 1)), batch_size=8, epochs=2, verbose=0)
    assert sizes == [3, 3, 2, 3, 2] * 2
    assert int(network.optimizer.iterations) == 4  # one update a batch


def test_parts_are_run_as_in_training() -> None:
    image = keras.Input((4,))
    norm = layers.BatchNormalization()
    network = in_micro_batches(keras.Model(image, norm(image)), 2)
    network.compile("sgd", "mse", jit_compile=False)
    ones = np.ones((8, 4), np.float32)
    network.fit(ones, ones, batch_size=8, verbose=0)
    # Each of four parts has moved the running mean by a hundredth of its way from 0 to 1.
    np.testing.assert_allclose(norm.moving_mean, 1 - 0.99**4, rtol=1e-5)


def test_the_network_shares_its_weights() -> None:
    network = make_network(1)
    parted = in_micro_batches(network, 2)
    parted.compile("sgd", "mse", jit_compile=False)
    covers = some_covers(4, size=SIZE).astype(np.float32)
    parted.fit(covers, np.ones((4, 1)), verbose=0)
    np.testing.assert_array_equal(network.predict_on_batch(covers), parted(covers))
    assert parted.name == network.name


@pytest.mark.parametrize("part_size", [0, -1])
def test_a_part_that_holds_nothing(part_size: int) -> None:
    with pytest.raises(ParameterError, match="Received"):
        in_micro_batches(make_network(1), part_size)
