"""Statistics of a picture's bands, against NumPy."""

import keras
import numpy as np

from genre_core.architectures import build


def test_it_reads_the_mean_half_the_mean_deviation_and_half_the_mean_step_of_each_row() -> None:
    network = build("picture_bands", width=3)
    up = np.cumsum(np.random.default_rng(0).normal(0, 0.1, (2, 149, 76)), axis=2)
    pictures = np.concatenate([up, up[..., ::-1], up[..., :1]], axis=2)  # ends where it began
    means = pictures.mean(axis=2)
    deviation = np.abs(pictures - means[..., np.newaxis]).mean(axis=2)
    step = np.abs(np.diff(pictures, axis=2)).mean(axis=2)
    expected = [(means - 0.46) / 0.12, (deviation / 2 - 0.045) / 0.015, (step / 2 - 0.048) / 0.015]
    bands = keras.Model(network.input, network.get_layer("bands").output)
    found = bands(pictures[..., np.newaxis].astype(np.float32)).numpy()
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-3, atol=1e-3)
    kernel, bias = network.get_layer("hidden").get_weights()
    read = keras.Model(network.input, network.get_layer("read").output)
    hidden = read(pictures[..., np.newaxis].astype(np.float32)).numpy()[:, 447:]
    np.testing.assert_allclose(hidden, np.maximum(found @ kernel + bias, 0), rtol=1e-4, atol=1e-4)


def test_its_hidden_layer_is_the_same_in_every_network_and_is_not_fitted() -> None:
    first, second = build("picture_bands", width=5), build("picture_bands", width=5)
    np.testing.assert_array_equal(
        *(n.get_layer("hidden").get_weights()[0] for n in (first, second))
    )
    assert [weights.path for weights in first.trainable_weights] == ["logits/kernel", "logits/bias"]
    assert 0.04 < first.get_layer("hidden").get_weights()[0].std() < 0.055
