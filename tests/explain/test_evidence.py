"""The function that evidence asks a network by: as it was when first asked, read once."""

import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.explain.cam import Cam
from genre_core.explain.evidence import chance_of
from genre_core.explain.keras_vis import RECURRENT_BATCH, NetworkCopy
from genre_core.metrics.probabilities import probabilities
from tests.made_bundles import make_network


def test_weights_are_read_once_and_anew_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    network = make_network()
    cam = Cam(network, "softmax")
    item = np.random.default_rng(0).integers(0, 256, (1, *cam.shape)).astype(np.float32)
    read: list[int] = []
    refresh = NetworkCopy.refresh

    def counted(copy: NetworkCopy, served: object) -> None:
        read.append(1)
        refresh(copy, served)  # type: ignore[arg-type]

    monkeypatch.setattr(NetworkCopy, "refresh", counted)
    cam.logits(item)  # the copy is there
    read.clear()
    chance = chance_of(cam, 1)
    first = chance(item)
    assert first == pytest.approx(probabilities(cam.logits(item), "softmax")[:, 1])
    read.clear()
    assert chance(item) == pytest.approx(first)
    assert not read
    logits = network.get_layer("logits")
    logits.set_weights([-weight for weight in logits.get_weights()])
    assert chance_of(cam, 1)(item) == pytest.approx(1 - first, abs=1e-5)
    assert len(read) == 1


def test_a_recurrent_network_is_asked_in_larger_batches_and_answers_the_same() -> None:
    network = build("s5_lstm", input_shape=(4, 205))
    items = np.random.default_rng(0).normal(size=(RECURRENT_BATCH + 3, 4, 205)).astype(np.float32)
    copy = NetworkCopy(network, "softmax")
    copy.refresh(network)
    sizes: list[int] = []
    forward = copy._forward
    copy._forward = lambda some: sizes.append(len(some)) or forward(some)
    logits = copy.logits(items)
    assert sizes == [RECURRENT_BATCH, 3]
    alone = np.concatenate([copy.logits(items[place : place + 1]) for place in range(len(items))])
    np.testing.assert_allclose(logits, alone, atol=1e-5)
