"""musicnn's front end for serving gives what its layers give."""

import keras
import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.inference.tagger_front import served_front


@pytest.mark.parametrize("n_frames", [1, 40, 187])  # the longest kernel has 128
def test_its_answers_are_those_of_the_layers(n_frames: int) -> None:
    network = build("msd_musicnn", n_logits=3, input_shape=(n_frames, 96), features="pool")
    rng = np.random.default_rng(0)
    for layer in network.layers:
        # Factors of either sign, means and variances of their own.
        own = [rng.normal(0, 0.1, weight.shape) for weight in layer.get_weights()]
        if isinstance(layer, keras.layers.BatchNormalization):
            own[0] *= 10
            own[3] = 0.5 + np.abs(own[3])
        layer.set_weights(own)
    sound = rng.uniform(0, 3, (3, n_frames, 96)).astype(np.float32)
    # What the front end gives, frame by frame, and three convolutions of it.
    body = keras.Model(network.input, network.get_layer("middle").output)
    expected = keras.ops.convert_to_numpy(body(sound, training=False))
    given = keras.ops.convert_to_numpy(served_front(body)(sound, training=False))
    assert given.shape == expected.shape
    np.testing.assert_allclose(given, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_any_other_network_is_given_back_itself() -> None:
    network = build("s5_mlp", n_logits=2)
    assert served_front(network) is network
