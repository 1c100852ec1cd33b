"""A walk through every network: shapes as Keras has them, and no parameter lost."""

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.architectures import build
from genre_core.errors import ParameterError
from genre_core.explain.activations import draw_activations
from genre_core.explain.walk import KINDS, steps, untrained


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("s1_prog_covers", {}),
        ("s5_cnn", {}),
        ("s5_lstm", {}),
        ("s5_mlp", {}),
        ("efficientnet_lite0", {"input_size": 64}),
        ("msd_musicnn", {}),
        ("msd_vgg", {}),
    ],
)
def test_every_step_is_told_and_no_parameter_is_lost(name: str, options: dict) -> None:
    network = build(name, **options)
    walk = steps(network)
    assert sum(step.n_parameters for step in walk) == network.count_params()
    assert walk[0].kind == "input"
    assert walk[0].shape == tuple(network.input.shape[1:])
    assert walk[-1].shape == tuple(network.output.shape[1:])
    for step in walk:
        assert step.kind in KINDS
        layer = network.get_layer(step.name)
        assert step.shape == tuple(layer.output.shape[1:])
        if step.has_maps:
            assert step.words.startswith(f"{step.shape[-1]:,} kernels") or "a channel" in step.words


def test_what_finishes_a_layers_work_belongs_to_it() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2, name="pool")(x)
    network = keras.Model(image, layers.Dense(2, name="logits")(layers.Flatten(name="row")(x)))
    found = [(step.name, step.words, step.n_parameters) for step in steps(network)[1:]]
    assert found == [
        ("conv", "4 kernels of 3 x 3", 3 * 3 * 3 * 4 + 4 * 4),
        ("pool", "the largest of each 2 x 2", 0),
        ("row", "all maps as one row of numbers", 0),
        ("logits", "2 sums of all before", 3 * 3 * 4 * 2 + 2),
    ]


def test_a_network_in_a_network_is_refused() -> None:
    with pytest.raises(ParameterError, match="walked through"):
        steps(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))


def test_before_training_it_is_the_same_network_with_other_weights() -> None:
    trained = build("s5_cnn")
    fresh, again = untrained(trained), untrained(trained)
    assert [w.shape for w in fresh.get_weights()] == [w.shape for w in trained.get_weights()]
    kernels = [each.get_layer("conv_1").get_weights()[0] for each in (trained, fresh, again)]
    assert not np.array_equal(kernels[0], kernels[1])
    np.testing.assert_array_equal(kernels[1], kernels[2])


def test_a_segments_maps_are_turned_upright() -> None:
    sound = keras.Input((6, 4, 1))  # frames, bands
    kernel = keras.initializers.Constant(1.0)
    x = layers.Conv2D(1, 1, kernel_initializer=kernel, name="conv")(sound)
    network = keras.Model(sound, layers.Dense(1)(layers.Flatten()(x)))
    low_at_the_end = np.zeros((6, 4, 1), np.float32)
    low_at_the_end[5, 0] = 1
    grid = draw_activations(network, low_at_the_end, "conv", layout="time_frequency", cell_px=60)
    height, width, _ = grid.picture.shape
    assert width > height
    brightest = np.unravel_index(grid.picture[..., 0].argmax(), (height, width))
    assert brightest[0] > height / 2  # low tones below
    assert brightest[1] > width / 2  # time to the right
