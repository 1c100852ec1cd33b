"""The function that evidence asks a network by: as it was when first asked, read once."""

import numpy as np
import pytest

from genre_core.explain.cam import Cam
from genre_core.explain.evidence import chance_of
from genre_core.explain.keras_vis import NetworkCopy
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
