"""Layers of shipped networks without TensorFlow: as Keras has them, or none, or a message."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.errors import CheckpointError
from genre_core.explain import kernels_store
from genre_core.explain.kernels import conv_layers
from genre_core.explain.kernels_store import layers_path, load_layers, save_layers
from genre_core.explain.prepared import shipped
from genre_core.inference.checkpoint import load_network
from genre_core.runs.bundle import Bundle
from tests.made_bundles import SIZE, write_bundle


def mixed_network() -> keras.Model:
    """Kinds of layers that alternate, so that numbers in the file are not those of the graph."""
    keras.utils.set_random_seed(3)
    image = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(4, 3, strides=2, name="stem")(image)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="deep_1")(x)
    x = layers.Conv2D(4, 1, name="mix_1")(x)
    x = layers.DepthwiseConv2D(5, name="deep_2")(x)
    x = layers.Conv2D(4, 1, name="mix_2")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(2, name="logits")(x))


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    monkeypatch.setattr(kernels_store, "SHIPPED", tmp_path / "patterns")
    made = write_bundle(tmp_path / "models", network=mixed_network())
    save_layers(made.card, conv_layers(load_network(made)))
    return made


def same(bundle: Bundle) -> int:
    """Compare what is stored with what Keras gives; count the layers."""
    stored, fresh = load_layers(bundle), conv_layers(load_network(bundle))
    assert stored is not None
    assert [one.to_dict() for one in stored] == [one.to_dict() for one in fresh]
    for one, other in zip(stored, fresh, strict=True):
        np.testing.assert_array_equal(one.kernels.weights, other.kernels.weights)
        np.testing.assert_array_equal(one.kernels.norms, other.kernels.norms)
        np.testing.assert_array_equal(one.kernels.blank, other.kernels.blank)
    return len(fresh)


def test_what_is_stored_is_what_keras_has(bundle: Bundle) -> None:
    assert same(bundle) == 5


@pytest.mark.parametrize(
    ("name", "n"), [("efficientnet_lite2.gaid5", 64), ("msd_musicnn.tagger", 8), ("s5_lstm", 0)]
)
def test_of_shipped_networks_too(name: str, n: int) -> None:
    every = (*shipped("cover"), *shipped("song"))
    [bundle] = [one for one in every if one.name.startswith(name)]
    assert same(bundle) == n


def test_every_shipped_network_is_described() -> None:
    every = (*shipped("cover"), *shipped("song"))
    assert len(every) > 10
    missing = [one.name for one in every if not layers_path(one.card).is_file()]
    assert missing == [], "Run: python -m assets.make.patterns"
    wanted = {layers_path(one.card) for one in every}
    assert set(kernels_store.SHIPPED.glob("*.layers.json")) == wanted


def test_of_another_network_there_is_none(bundle: Bundle, tmp_path: Path) -> None:
    own = write_bundle(tmp_path / "others", name="made.other")
    assert load_layers(own) is None
    bundle.model_path.write_bytes(own.model_path.read_bytes())  # not that of the card
    assert load_layers(bundle) is None


def test_a_description_that_does_not_fit_is_a_message(bundle: Bundle) -> None:
    path = layers_path(bundle.card)
    rows = json.loads(path.read_text())
    other_name, fewer = [dict(row) for row in rows], [dict(row) for row in rows]
    other_name[0]["layer"], fewer[1]["kernels"] = "stme", 7
    for text in ("", "{}", "[1]", json.dumps(other_name), json.dumps(fewer)):
        path.write_text(text)
        with pytest.raises(CheckpointError, match=r"assets\.make\.patterns"):
            load_layers(bundle)
