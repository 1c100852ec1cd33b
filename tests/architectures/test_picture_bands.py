"""Statistics of a picture's bands, against NumPy."""

import keras
import numpy as np

from genre_core.architectures import build


def test_it_reads_the_mean_half_the_mean_deviation_and_half_the_mean_step_of_each_row() -> None:
    network = build("picture_bands")
    up = np.cumsum(np.random.default_rng(0).normal(0, 0.1, (2, 149, 76)), axis=2)
    pictures = np.concatenate([up, up[..., ::-1], up[..., :1]], axis=2)  # ends where it began
    means = pictures.mean(axis=2)
    deviation = np.abs(pictures - means[..., np.newaxis]).mean(axis=2)
    step = np.abs(np.diff(pictures, axis=2)).mean(axis=2)
    expected = [(means - 0.46) / 0.12, (deviation / 2 - 0.045) / 0.015, (step / 2 - 0.048) / 0.015]
    bands = keras.Model(network.input, network.get_layer("bands").output)
    found = bands(pictures[..., np.newaxis].astype(np.float32)).numpy()
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-3, atol=1e-3)
