"""The function that evidence asks a network by."""

import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.explain.cam import Cam
from genre_core.explain.evidence import chance_of
from genre_core.explain.passes import RECURRENT_BATCH, Passes
from genre_core.metrics.probabilities import probabilities
from tests.made_bundles import make_network


def test_it_is_the_genre_s_probability_by_the_weights_as_they_are() -> None:
    network = make_network()
    cam = Cam(network, "softmax")
    item = np.random.default_rng(0).integers(0, 256, (1, *cam.shape)).astype(np.float32)
    chance = chance_of(cam, 1)
    first = chance(item)
    expected = probabilities(network(item, training=False).numpy(), "softmax")[:, 1]
    assert first == pytest.approx(expected, abs=1e-6)
    logits = network.get_layer("logits")
    logits.set_weights([-weight for weight in logits.get_weights()])
    assert chance(item) == pytest.approx(1 - first, abs=1e-5)


def test_a_recurrent_network_is_asked_in_larger_batches_and_answers_the_same() -> None:
    network = build("s5_lstm", input_shape=(4, 205))
    items = np.random.default_rng(0).normal(size=(RECURRENT_BATCH + 3, 4, 205)).astype(np.float32)
    passes = Passes(network, "softmax")
    sizes: list[int] = []
    forward = passes._forward
    passes._forward = lambda some: sizes.append(len(some)) or forward(some)
    logits = passes.logits(items)
    assert sizes == [RECURRENT_BATCH, 3]
    alone = np.concatenate([passes.logits(items[place : place + 1]) for place in range(len(items))])
    np.testing.assert_allclose(logits, alone, atol=1e-5)
