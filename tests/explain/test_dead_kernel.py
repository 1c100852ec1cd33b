"""A dead kernel is blank by every view of it: weights, maps, pattern, group, places, taken out."""

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.config import SongInput
from genre_core.explain.activations import draw_activations
from genre_core.explain.exciting import exciting_patches, layer_peaks
from genre_core.explain.kernels import conv_layers
from genre_core.explain.patterns import Climb, excite_kernels
from genre_core.explain.patterns_groups import group_patterns
from genre_core.explain.patterns_removed import without_kernels
from genre_core.explain.patterns_scale import scale_of
from genre_core.explain.top_places import TopReader

DEAD, N = 2, 4
SHAPE = (43, 128, 1)
IS_DEAD = [kernel == DEAD for kernel in range(N)]


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(3)
    song = keras.Input(SHAPE)
    x = layers.Conv2D(N, 5, strides=3, activation="relu", name="conv")(song)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    made = keras.Model(song, layers.Dense(2, name="logits")(x))
    weights, biases = made.get_layer("conv").get_weights()
    weights[..., DEAD], biases[DEAD] = 0.0, -1.0
    made.get_layer("conv").set_weights([weights, biases])
    return made


@pytest.fixture(scope="module")
def segments() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, *SHAPE)).astype(np.float32)


def test_its_weights_and_maps_are_blank(network: keras.Model, segments: np.ndarray) -> None:
    [conv] = conv_layers(network)
    assert conv.kernels.blank.tolist() == IS_DEAD
    grid = draw_activations(network, segments[0], "conv")
    assert (grid.n_blank, grid.filters[-1], grid.means[-1]) == (1, DEAD, 0.0)


def test_its_pattern_is_flat_and_its_group_blank(network: keras.Model) -> None:
    scale = scale_of(SongInput(features="mel_128", n_frames=SHAPE[0], hop_frames=SHAPE[0]))
    found = excite_kernels(network, "conv", range(N), scale, climb=Climb(steps=8))
    assert found.blank.tolist() == IS_DEAD
    assert np.ptp(found.pictures[DEAD]) == 0
    groups = group_patterns(found.pictures[..., 0], found.blank.tolist(), is_song=True)
    assert [group == "blank" for group in groups] == IS_DEAD


def test_nothing_excites_it_and_nothing_is_lost_without_it(
    network: keras.Model, segments: np.ndarray
) -> None:
    peaks = layer_peaks(network, "conv", [segments])
    assert peaks.silent.tolist() == IS_DEAD
    assert exciting_patches(network, peaks, DEAD, [segments]) == ()
    top = TopReader(network, ["conv"], n=2).read(enumerate([segments]))["conv"]
    assert top.silent.tolist() == IS_DEAD
    expected = network(segments, training=False).numpy()
    found = without_kernels(network, "conv", [DEAD])(segments, training=False).numpy()
    np.testing.assert_array_equal(found, expected)
    other = without_kernels(network, "conv", [DEAD + 1])(segments, training=False).numpy()
    assert np.abs(other - expected).max() > 1e-4
