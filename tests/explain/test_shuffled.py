"""Shuffled weights: a map that asks the network changes, an edge map does not."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.explain import shuffled
from genre_core.explain.cam import Cam
from genre_core.explain.hiding import EDGES
from genre_core.explain.shuffled import cascade


def test_grad_cam_changes_and_edges_are_found_out(small, noise):
    network, covers = small(), np.stack([noise(seed=k) for k in range(4)])
    before = [weight.copy() for weight in network.get_weights()]
    found = cascade(Cam(network, "softmax"), covers, [0, 1, 2, 0], ["gradcam"], n_depths=3)
    assert found.changes("gradcam")
    assert not found.changes(EDGES)
    np.testing.assert_array_equal(found.correlation[EDGES], 1.0)
    assert found.correlation["gradcam"].shape == (4, 4)
    np.testing.assert_array_equal(found.correlation["gradcam"][:, 0], 1.0)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_layers_are_shuffled_from_the_output_and_normalisations_stay(small):
    cam = Cam(small(), "softmax")
    names, changed = [], []
    for _, name, other in shuffled._shuffled(cam, 3, seed=0):
        names.append(name)
        changed.append(
            {
                layer.name
                for layer in other.network.layers
                for old, new in zip(
                    cam.network.get_layer(layer.name).get_weights(),
                    layer.get_weights(),
                    strict=True,
                )
                if (old != new).any()
            }
        )
    assert names == ["logits", "project", "stem"]
    assert changed[0] == {"logits"}
    assert changed[0] < changed[1] < changed[2]
    assert changed[2] == {"logits", "last", "wide", "project", "depthwise", "stem"}


def test_a_shuffled_layer_keeps_its_numbers():
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    found = shuffled._shuffle(values, np.random.default_rng(0))
    assert found.shape == values.shape
    assert (found != values).any()
    np.testing.assert_array_equal(np.sort(found.ravel()), values.ravel())


def test_a_map_that_locates_nothing_any_more_resembles_nothing():
    one = np.arange(4.0)
    assert shuffled._correlation(one, None) == 0
    assert shuffled._correlation(np.ones(4), one) == 0
    assert shuffled._correlation(one, one**3) == pytest.approx(1)
    assert shuffled._correlation(one, -one) == pytest.approx(-1)


@pytest.mark.parametrize(("genres", "methods"), [([0], ["gradcam"]), ([0, 1], [])])
def test_bad_arguments_are_refused(small, noise, genres, methods):
    covers = np.stack([noise(), noise()])
    with pytest.raises(ParameterError, match=r"Received .*2 inputs"):
        cascade(Cam(small(), "softmax"), covers, genres, methods)
