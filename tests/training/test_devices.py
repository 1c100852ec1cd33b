"""Where a training computes, and that two copies of a network learn what one does."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.errors import ParameterError
from genre_core.training.devices import on_device, pick
from genre_core.training.fit import fit_experiment
from genre_core.training.split_data import SplitData
from tests.made_bundles import some_covers
from tests.made_forks import said_by
from tests.made_training import small_recipe

SHARED = """
import json, sys
from pathlib import Path
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from genre_core import architectures
from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.jobs.train import train
from genre_core.metrics.intervals import bootstrap_interval, paired_gain
from genre_core.training.devices import sharing
from tests.made_bundles import build_made
from tests.made_training import small_recipe, write_covers

architectures.build = build_made
for function in (bootstrap_interval, paired_gain):
    function.__kwdefaults__["n_resamples"] = 100
covers = write_covers(Path(sys.argv[1]) / "covers")
losses = {}
recipe = small_recipe(epochs=2)
for name, devices in (("one", ()), ("two", ("CPU:0", "CPU:1"))):
    with sharing(1, devices):
        if devices:
            assert tf.distribute.get_strategy().num_replicas_in_sync == 2
        out = Path(sys.argv[1]) / name
        bundle = train(recipe, covers, command="a test", log=lambda _: None, out=out)
    losses[name] = bundle.history()[["loss", "val_loss"]].to_numpy().tolist()
print(json.dumps(losses))
"""


@pytest.mark.parametrize(
    ("device", "n_gpus", "numbers"),
    [
        ("auto", 0, ()),
        ("auto", 3, (0,)),
        ("cpu", 3, ()),
        ("gpu:2", 3, (2,)),
        ("gpus", 3, (0, 1, 2)),
    ],
)
def test_words_pick_gpus(device: str, n_gpus: int, numbers: tuple[int, ...]) -> None:
    assert pick(device, n_gpus) == numbers


@pytest.mark.parametrize("device", ["gpu:0", "gpus", "gpu", "cuda", "", "gpu:-1", "gpu:99999999"])
def test_a_gpu_that_is_not_there_or_no_device(device: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        pick(device, 0)


@pytest.mark.parametrize("precision", ["mixed", "float16"])
def test_precision_that_the_processor_does_not_gain_by(precision: str) -> None:
    with pytest.raises(ParameterError, match="Received"), on_device("cpu", precision):
        pass


def test_the_policy_is_put_back_whatever_happens() -> None:
    keras.mixed_precision.set_dtype_policy("float32")

    def fails() -> None:
        with on_device("cpu") as chosen:
            assert (chosen.title, chosen.keys, chosen.is_mixed) == ("CPU", ("cpu",), False)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fails()
    assert keras.mixed_precision.dtype_policy().name == "float32"


def test_what_was_learnt_in_float16_is_stored_in_float32(
    tmp_path: Path, made_networks: None
) -> None:
    recipe = small_recipe(epochs=1)
    part = SplitData(some_covers(8, 64), np.arange(8) % 2)
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    try:
        trained = build(recipe.architecture, n_logits=2, input_shape=(64, 64, 3))
        fitted = fit_experiment(recipe, part, part, key="made", cache_dir=tmp_path)
        assert keras.mixed_precision.dtype_policy().name == "mixed_float16"
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert {layer.compute_dtype for layer in trained.layers} >= {"float16"}
    assert trained.get_layer("logits").compute_dtype == "float32"
    assert {layer.compute_dtype for layer in fitted.network.layers} == {"float32"}
    assert np.isfinite(fitted.history["loss"]).all()


def test_two_devices_learn_what_one_does(tmp_path: Path) -> None:
    said = said_by(SHARED, str(tmp_path), env={"GENRE_HOME": str(tmp_path / "home")})
    losses = json.loads(said.splitlines()[-1])
    # Sums are taken in another order. (The made network has no dropout: each half would draw it.)
    assert len(losses["one"]) == 2
    for ours, theirs in zip(losses["two"], losses["one"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-3)
