"""Kernels taken out: zeros where they answered, nothing else; layers passed by."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.architectures import build
from genre_core.errors import ParameterError
from genre_core.explain.patterns_removed import seconds_of_pairs, without_kernels, without_layer

Make = Callable[..., keras.Model]


def noise(n: int = 3, size: int = 32) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (n, size, size, 3)).astype(np.float32)


def answers(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    return np.asarray(network(inputs, training=False))


@pytest.mark.parametrize("layer", ["stem", "depthwise", "project", "wide", "last"])
def test_a_kernel_taken_out_answers_zero_and_the_others_as_before(small: Make, layer: str) -> None:
    """The second source: the network's own map with a column set to 0."""
    network = small()
    changed = without_kernels(network, layer, [1, 4])
    after = {"stem": "stem_relu", "depthwise": "depthwise_relu"}.get(layer, layer)
    inside = keras.Model(network.inputs[0], network.get_layer(after).output)
    maps = np.array(inside(noise()))
    maps[..., [1, 4]] = 0
    readers = {"stem": "depthwise", "depthwise": "project", "wide": "last", "last": "flatten"}
    if layer in readers and layer != "stem":  # of the stem a shortcut reads too
        own = changed.get_layer(readers[layer])
        given = keras.Model(changed.inputs[0], own.input)(noise())
        np.testing.assert_allclose(np.asarray(given), maps, rtol=1e-5, atol=1e-5)
    assert not np.allclose(answers(changed, noise()), answers(network, noise()))


def test_without_any_the_answers_are_the_same_and_the_network_is_left_alone(small: Make) -> None:
    network = small()
    before = answers(network, noise())
    np.testing.assert_allclose(answers(without_kernels(network, "wide", []), noise()), before)
    without_kernels(network, "wide", range(12))
    np.testing.assert_array_equal(answers(network, noise()), before)


def test_a_dead_kernel_can_be_taken_out_without_any_change(small: Make) -> None:
    network = small()
    weights, biases = network.get_layer("wide").get_weights()
    weights[..., 3], biases[3], biases[7] = 0, 0, -1e5
    network.get_layer("wide").set_weights([weights, biases])
    before = answers(network, noise())
    np.testing.assert_array_equal(
        answers(without_kernels(network, "wide", [3, 7]), noise()), before
    )
    assert not np.allclose(answers(without_kernels(network, "wide", [0, 1, 2]), noise()), before)


def test_a_layer_passed_by_hands_on_what_it_is_given() -> None:
    network = build("s5_cnn")
    assert seconds_of_pairs(network) == ("conv_2", "conv_4", "conv_6")
    inputs = np.random.default_rng(0).uniform(-80, 40, (2, 43, 128, 1)).astype(np.float32)
    changed = without_layer(network, "conv_4")
    conv_3 = keras.Model(network.inputs[0], network.get_layer("conv_3").output)(inputs)
    rest = network.get_layer("pool_2").output
    after = keras.Model(network.get_layer("pool_2").input, network.outputs[0])(conv_3)
    assert rest is not None
    np.testing.assert_allclose(answers(changed, inputs), np.asarray(after), rtol=1e-4, atol=1e-5)
    assert changed.count_params() == network.count_params() - 36_928


def test_normalization_and_activation_go_with_their_layer() -> None:
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(image)
    x = layers.Conv2D(4, 3, padding="same", name="second")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(max_value=0.1, name="relu")(x)
    network = keras.Model(
        image, layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D(name="pool")(x))
    )
    assert seconds_of_pairs(network) == ("second",)
    changed = without_layer(network, "second")
    first = keras.Model(network.inputs[0], network.get_layer("first").output)(noise(size=16))
    pooled = np.asarray(first).mean(axis=(1, 2))
    weights, biases = network.get_layer("logits").get_weights()
    np.testing.assert_allclose(
        answers(changed, noise(size=16)), pooled @ weights + biases, rtol=1e-3, atol=1e-3
    )


def test_a_shortcut_or_another_number_of_kernels_makes_no_pair(small: Make) -> None:
    assert seconds_of_pairs(small()) == ()
    assert seconds_of_pairs(build("s3_model_1", n_logits=2)) == ()


@pytest.mark.parametrize(
    ("act", "rule"),
    [
        (lambda n: without_kernels(n, "wide", [12]), "0 to 11"),
        (lambda n: without_kernels(n, "wide", [-1]), "0 to 11"),
        (lambda n: without_kernels(n, "nothing", [0]), "convolutions"),
        (lambda n: without_layer(n, "wide"), "keeps the shape"),
        (lambda n: without_layer(n, "nothing"), "convolutions"),
    ],
)
def test_bad_input_is_a_message(small: Make, act: Callable, rule: str) -> None:
    with pytest.raises(ParameterError, match=rule) as caught:
        act(small())
    assert "Received" in str(caught.value)
