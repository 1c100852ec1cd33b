"""Cells of a map lie where the network sees from, and maps are stretched to there."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from genre_core.architectures import build
from genre_core.explain.map_geometry import cell_centres, line_weights, stretch
from genre_core.explain.stages import song_stages
from tests.explain.made_song_networks import deep_network, random_segments


def _seen(network, output):
    """Middles of the input cells that change each cell of a map, found by changing them."""
    part = keras.Model(network.inputs, network.get_layer(output).output)
    shape = tuple(network.inputs[0].shape[1:])
    base = random_segments(1, shape)[0]
    found = []
    for axis in (0, 1):
        changed = np.repeat(base[np.newaxis], shape[axis], axis=0)
        for place in range(shape[axis]):
            changed[(place, *([slice(None)] * axis), place)] += 1
        maps = part([changed]).numpy() - part([base[np.newaxis]]).numpy()
        moved = np.abs(maps).max(axis=(2 - axis, 3)) > 1e-2  # (input cells, map cells)
        found.append([np.flatnonzero(column) for column in moved.T])
    return found


@pytest.mark.parametrize("output", ["first", "halve", "tall", "long", "joined"])
def test_the_middle_of_a_cell_is_the_middle_of_what_it_sees(output):
    network = deep_network(shape=(21, 16, 1))
    # Every relu open, every pool a mean: no part of what a cell sees is blocked.
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            kernel, bias = layer.get_weights()
            layer.set_weights([np.abs(kernel) + 0.1, bias + 1e3])
    checked = 0
    centres = cell_centres(network, output)
    for axis, cells in enumerate(_seen(network, output)):
        assert len(cells) == len(centres[axis])
        n = network.inputs[0].shape[1 + axis]
        for centre, seen in zip(centres[axis], cells, strict=True):
            # Cells at the border see less than their whole kernel; a maximum sees some of it.
            if seen[0] > 0 and seen[-1] < n - 1:
                assert abs(centre - (seen[0] + seen[-1]) / 2) <= 1
                checked += 1
    assert checked >= 2  # of the joined maps most cells reach a border


def test_kernels_strides_pools_and_padding_count():
    song = keras.Input((40, 30, 1))
    x = layers.ZeroPadding2D(((3, 1), (0, 0)))(song)  # place i is -3 + i
    x = layers.Conv2D(1, (7, 4), strides=(2, 1), name="strided")(x)  # -3 + 2 i + 3; i + 1.5
    x = layers.Conv2D(1, (1, 3), dilation_rate=(1, 2), name="dilated")(x)  # i + 1.5 + 2
    x = layers.AveragePooling2D((3, 2), padding="same", name="pooled")(x)
    network = keras.Model(song, x)
    assert cell_centres(network, "strided")[0][:3].tolist() == [0, 2, 4]
    assert cell_centres(network, "strided")[1][:2].tolist() == [1.5, 2.5]
    assert cell_centres(network, "dilated")[1][:2].tolist() == [3.5, 4.5]
    # 19 cells in pools of 3: 21, one cell of padding before.
    down, across = cell_centres(network, "pooled")
    assert down[:2].tolist() == [0, 6]
    assert across[:2].tolist() == [4, 6]


def test_musicnn_s_tall_kernels_stand_at_their_middle():
    network = build("msd_musicnn", n_logits=2)
    for name, bands in (("timbral_1_conv", 38), ("timbral_2_conv", 67)):
        frames, heights = cell_centres(network, name)
        np.testing.assert_array_equal(frames, np.arange(187))
        np.testing.assert_allclose(heights, np.arange(97 - bands) + (bands - 1) / 2)


@pytest.mark.parametrize("name", ["s5_cnn", "s4_b", "msd_musicnn", "msd_vgg"])
def test_every_stage_lies_within_its_input(name):
    network = build(name, n_logits=2)
    shape = network.inputs[0].shape[1:3]
    stages = song_stages(network)
    assert stages
    for stage in stages:
        for centres, n, n_cells in zip(
            cell_centres(network, stage.output), shape, stage.map_size, strict=True
        ):
            assert len(centres) == n_cells
            assert (np.diff(centres) > 0).all()
            assert centres[0] > -0.5
            assert centres[-1] <= n - 0.5  # an even kernel is half a cell off


def test_even_cells_are_stretched_as_pictures_are():
    cells = np.random.default_rng(0).random((6, 5)).astype(np.float32)
    centres = ((np.arange(6) + 0.5) * 4 - 0.5, (np.arange(5) + 0.5) * 3 - 0.5)
    picture = Image.fromarray(cells).resize((15, 24), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(
        stretch(cells[np.newaxis], centres, (24, 15))[0], np.asarray(picture), atol=1e-6
    )


def test_each_place_takes_one_part_in_all():
    weights = line_weights(np.array([2.0, 5.0, 8.5]), 12)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert weights.min() == 0
    assert weights[:3, 0].tolist() == [1, 1, 1]
    assert weights[9:, 2].tolist() == [1, 1, 1]


def test_a_cell_alone_fills_its_axis():
    maps = np.array([[[0.25], [0.75]]], np.float32)
    stretched = stretch(maps, (np.array([0.0, 1.0]), np.array([17.0])), (2, 9))
    np.testing.assert_array_equal(stretched[0], np.repeat(maps[0], 9, axis=1))
