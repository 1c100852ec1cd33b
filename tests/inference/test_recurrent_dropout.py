"""A recurrent network is served without recurrent dropout: the same answers."""

from __future__ import annotations

import keras
import numpy as np

from genre_core.architectures import build
from genre_core.config import PAD, SongInput
from genre_core.inference.forward import without_recurrent_dropout
from genre_core.inference.songs import SongClassifier
from tests.made_songs_set import song_card

SPEC = SongInput(features="frames_205", n_frames=30, hop_frames=15)


def lstm() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build("s5_lstm", n_logits=3, input_shape=SPEC.shape)


def batch() -> np.ndarray:
    inputs = np.random.default_rng(0).normal(size=(4, *SPEC.shape)).astype(np.float32)
    inputs[1, 7:] = PAD
    inputs[2, 1:] = PAD
    return inputs


def test_answers_are_those_of_the_faithful_network() -> None:
    faithful, inputs = lstm(), batch()
    wanted = faithful.predict(inputs, verbose=0)
    assert np.ptp(wanted, axis=0).min() > 1e-3  # the segments differ
    served = SongClassifier(faithful, song_card("s5_lstm.made", SPEC))
    assert [layer.recurrent_dropout for layer in served.network.layers if "lstm" in layer.name] == [
        0.0,
        0.0,
    ]
    np.testing.assert_allclose(served.logits(inputs), wanted, atol=1e-5)


def test_the_faithful_network_stays_as_it_is() -> None:
    faithful = lstm()
    served = without_recurrent_dropout(faithful)
    assert served is not faithful
    assert [layer.name for layer in served.layers] == [layer.name for layer in faithful.layers]
    assert faithful.get_layer("lstm_1").recurrent_dropout == 0.35


def test_another_network_is_left_alone() -> None:
    network = build("s5_mlp", n_logits=2)
    assert without_recurrent_dropout(network) is network
