"""Activations: the filters of a stage, sorted, counted and drawn."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.errors import GenreError, ParameterError
from genre_core.explain import activations
from genre_core.explain.activations import (
    FLAT_GREY,
    GAP,
    activation_grid,
    count_blank,
    draw_activations,
)


def _scaled_filters(factors: list[float], size: int = 32) -> keras.Model:
    """Filter k gives the cover's mean colour times factors[k], rectified."""
    image = keras.Input((size, size, 3))
    x = layers.Conv2D(len(factors), 1, use_bias=False, activation="relu", name="conv")(image)
    network = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    kernel = np.tile(np.array(factors, dtype=np.float32) / 3, (1, 1, 3, 1))
    network.get_layer("conv").set_weights([kernel])
    return network


def test_the_maps_are_those_of_a_plain_sub_model_in_inference(small, noise):
    network, cover = small(), noise()
    expected = keras.Model(list(network.inputs), network.get_layer("stem_relu").output)(
        [cover[np.newaxis].astype(np.float32)], training=False
    ).numpy()[0]
    found = activations._read(network, cover, "stem")
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32


def test_filters_come_by_falling_mean_and_ties_keep_their_order(noise):
    network, cover = _scaled_filters([1, 3, -1, 2, 3]), noise()
    grid = draw_activations(network, cover, "conv")
    assert grid.filters == (1, 4, 3, 0, 2)
    assert list(grid.means) == sorted(grid.means, reverse=True)
    grey = float(cover.mean())
    np.testing.assert_allclose(grid.means[:2], [3 * grey, 3 * grey], rtol=1e-5)
    plain = draw_activations(network, cover, "conv", sort=False, limit=3)
    assert plain.filters == (0, 1, 2)


def test_blank_filters_are_counted_among_all_not_among_those_drawn(noise):
    grid = draw_activations(_scaled_filters([1, -1, -2, 0, 2]), noise(), "conv", limit=2)
    assert (grid.n_filters, grid.n_blank, len(grid.filters)) == (5, 3, 2)
    assert grid.stage == "conv"


def test_a_small_value_anywhere_is_not_blank():
    maps = np.zeros((3, 3, 2), dtype=np.float32)
    maps[2, 2, 0] = -1e-30
    assert count_blank(maps) == 1


def test_each_filter_is_scaled_to_its_own_range_and_a_constant_one_never():
    maps = np.zeros((2, 2, 3), dtype=np.float32)
    maps[..., 0] = [[0, 1], [2, 4]]
    maps[..., 2] = -7
    grid = activation_grid(maps, cell_px=8)
    assert grid.shape == (19, 19, 3)
    assert grid.dtype == np.uint8
    first = grid[:8, :8, 0]
    assert [first[0, 0], first[0, 7], first[7, 0], first[7, 7]] == [0, 64, 128, 255]
    assert (grid[:8, 11:19] == 0).all()
    assert (grid[11:19, :8] == FLAT_GREY).all()
    assert (grid[:, 8:11] == GAP).all()
    assert (grid[11:19, 11:19] == GAP).all()


def test_a_map_that_is_not_square_keeps_its_aspect():
    assert activation_grid(np.ones((4, 8, 1), dtype=np.float32), cell_px=64).shape == (32, 64, 3)


def test_the_readers_are_bounded_and_see_changed_weights(small, noise):
    for seed in range(activations.MAX_READERS + 2):
        draw_activations(small(seed=seed), noise(), "stem")
    assert len(activations._READERS) == activations.MAX_READERS
    network = _scaled_filters([1.0, 2.0])
    before = activations._read(network, noise(), "conv")
    network.set_weights([2 * w for w in network.get_weights()])
    np.testing.assert_allclose(activations._read(network, noise(), "conv"), 2 * before, rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "received"),
    [
        (lambda n, c: draw_activations(n, c, "stem", limit=0), "0"),
        (lambda n, c: draw_activations(n, c, "flatten"), "'flatten'"),
        (lambda n, c: draw_activations(n, c[:5], "stem"), r"\(5, 32, 3\)"),
        (lambda n, c: draw_activations(n, c, "stem", cell_px=4), "4"),
        (lambda n, c: activation_grid(np.zeros((4, 4), dtype=np.float32)), r"\(4, 4\)"),
        (lambda n, c: activation_grid(np.zeros((4, 4, 0), dtype=np.float32)), r"\(4, 4, 0\)"),
    ],
)
def test_bad_input_is_refused(small, noise, call, received):
    with pytest.raises(ParameterError, match=f"Received .*{received}"):
        call(small(), noise())


def test_maps_that_are_not_finite_are_an_error(noise):
    with pytest.raises(GenreError, match="Received"):
        draw_activations(_scaled_filters([np.nan]), noise(), "conv")
