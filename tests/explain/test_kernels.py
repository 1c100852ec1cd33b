"""Kernels: read as Keras stores them, measured, counted, ordered and laid side by side."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from keras import layers

from genre_core.errors import ParameterError
from genre_core.explain.kernel_pictures import (
    OUTLINE,
    draw_grid,
    grid_columns,
    grid_places,
    lay_out,
)
from genre_core.explain.kernel_weights import (
    BLANK_FLOOR,
    BLANK_SHARE,
    colour_kernels,
    measure_kernels,
    over_inputs,
    strongest_first,
    strongest_inputs,
)
from genre_core.explain.kernels import conv_layers, find_layer

weights_of_any_shape = arrays(
    np.float32,
    array_shapes(min_dims=4, max_dims=4, max_side=5),
    elements=st.floats(-9, 9, width=32),
)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@given(weights_of_any_shape)
def test_norms_are_numpys_and_their_order_is_a_permutation(weights: np.ndarray) -> None:
    kernels = measure_kernels(weights)
    flat = weights.reshape(len(weights), -1).astype(np.float64)
    np.testing.assert_allclose(kernels.norms, np.linalg.norm(flat, axis=1), rtol=1e-9)
    order = strongest_first(kernels.norms)
    assert sorted(order.tolist()) == list(range(len(weights)))
    assert (np.diff(kernels.norms[order]) <= 0).all()


def test_equal_norms_keep_their_order() -> None:
    assert strongest_first(np.array([2.0, 3.0, 2.0, 2.0])).tolist() == [1, 0, 2, 3]


@pytest.mark.parametrize("zeroed", [(), (0,), (1, 4, 6), tuple(range(7))])
def test_blank_kernels_are_those_set_to_zero(zeroed: tuple[int, ...]) -> None:
    weights = noise(7, 3, 3, 4)
    weights[list(zeroed)] = 0
    kernels = measure_kernels(weights)
    assert np.flatnonzero(kernels.blank).tolist() == list(zeroed)
    assert kernels.n_blank == len(zeroed)


def test_blank_is_a_share_of_the_largest_norm_and_an_absolute_floor() -> None:
    weights = np.zeros((3, 1, 1, 1), np.float32)
    weights[:, 0, 0, 0] = (10.0, -11 * BLANK_SHARE, 9 * BLANK_SHARE)
    assert measure_kernels(weights).blank.tolist() == [False, False, True]
    assert measure_kernels(weights * 1e-3).blank.tolist() == [False, False, True]
    # A layer that has faded as a whole has no strong kernel to be compared with.
    faded = measure_kernels(np.full((3, 1, 1, 1), 0.9 * BLANK_FLOOR, np.float32))
    assert faded.n_blank == 3
    assert faded.threshold == BLANK_FLOOR


@given(weights_of_any_shape)
def test_the_slices_of_a_kernel_hold_all_of_it(weights: np.ndarray) -> None:
    norms = measure_kernels(weights).norms
    rss = over_inputs(weights, "rss").astype(np.float64)
    np.testing.assert_allclose(np.sqrt((rss**2).sum(axis=(1, 2))), norms, rtol=1e-5, atol=1e-12)
    channels = [over_inputs(weights, k) for k in range(weights.shape[-1])]
    np.testing.assert_allclose(over_inputs(weights, "mean"), np.mean(channels, axis=0), atol=1e-5)
    strongest = np.linalg.norm(over_inputs(weights, "strongest"), axis=(1, 2))
    np.testing.assert_allclose(
        strongest, np.linalg.norm(channels, axis=(2, 3)).max(axis=0), rtol=1e-5
    )
    which = strongest_inputs(weights)
    for kernel, channel in enumerate(which):
        assert np.array_equal(over_inputs(weights)[kernel], channels[channel][kernel])


def test_colours_turn_with_the_sign_and_grey_is_nothing() -> None:
    weights = noise(4, 3, 3, 3)
    colours, turned = colour_kernels(weights), colour_kernels(-weights)
    np.testing.assert_array_equal(colours.astype(int) - 128, 128 - turned.astype(int))
    assert abs(colours.astype(int) - 128).max() == 127
    assert (colour_kernels(np.zeros((1, 2, 2, 3), np.float32)) == 128).all()


@pytest.mark.parametrize(
    ("n", "height", "width", "columns"), [(1, 3, 3, 1), (7, 3, 5, 3), (6, 1, 4, 6), (5, 9, 8, 2)]
)
def test_each_kernel_lies_at_its_place_and_nothing_else_does(
    n: int, height: int, width: int, columns: int
) -> None:
    pictures = noise(n, height, width)
    grid = lay_out(pictures, columns)
    for picture, (row, column) in zip(
        pictures, grid_places(n, height, width, columns), strict=True
    ):
        np.testing.assert_array_equal(grid[row : row + height, column : column + width], picture)
    assert np.isfinite(grid).sum() == pictures.size
    # No kernel touches another: a gap follows each but the last, to the right and below.
    for row, column in grid_places(n, height, width, columns):
        assert np.isnan(grid[row : row + height, column + width : column + width + 1]).all()
        assert np.isnan(grid[row + height : row + height + 1, column : column + width]).all()


@pytest.mark.parametrize("n", [1, 2, 31, 64, 256])
@pytest.mark.parametrize("size", [(3, 3), (86, 7), (1, 9)])
def test_a_grid_is_as_wide_as_asked_where_there_are_enough_kernels(
    n: int, size: tuple[int, int]
) -> None:
    columns = grid_columns(n, *size)
    assert 1 <= columns <= n
    if n == 256:
        rows, cols = lay_out(np.zeros((n, *size), np.float32), columns).shape
        assert cols / rows == pytest.approx(1.6, rel=0.35)


def test_the_drawn_picture_outlines_the_blank_kernels_alone() -> None:
    pictures = noise(6, 3, 3)
    for blank in (np.zeros(6, bool), np.arange(6) == 4):
        drawn = draw_grid(pictures, blank, cell_px=8)
        outlined = (drawn == OUTLINE).all(axis=-1)
        assert bool(outlined.any()) is bool(blank.any())
    # Kernel 4 of 6, three a row: the second of the second row.
    rows, columns = np.nonzero(outlined)
    assert rows.min() == 4 * 8 + 4 - 2
    assert columns.min() == 4 * 8 + 4 - 2


def test_one_colour_range_is_centred_at_zero() -> None:
    picture = np.array([[[1.0, 0.0, -0.5]]], np.float32)
    drawn = draw_grid(picture, np.array([False]), cell_px=4)[4, 4::4].astype(int)
    assert drawn[0].tolist() == [194, 87, 26]
    assert drawn[1].tolist() == [244, 241, 235]
    halfway = np.mean([(47, 120, 196), (244, 241, 235)], axis=0)
    np.testing.assert_allclose(drawn[2], halfway, atol=1)


def _network() -> keras.Model:
    """Every kind of convolution, a shortcut and a pool; all weights positive."""
    image = keras.Input((40, 36, 3), name="image")
    x = layers.Conv2D(4, (3, 5), name="plain")(image)
    x = layers.MaxPooling2D(2, name="pool")(x)
    y = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="depthwise")(x)
    y = layers.Conv2D(4, 1, name="pointwise")(y)
    x = layers.Add(name="shortcut")([x, y])
    x = layers.ZeroPadding2D(1, name="pad")(x)
    x = layers.Conv2D(5, 3, dilation_rate=2, name="dilated")(x)
    x = layers.Conv2D(2, (2, 3), strides=(3, 1), name="strided")(x)
    network = keras.Model(image, x)
    network.set_weights([np.abs(w) + 0.1 for w in network.get_weights()])
    return network


def test_every_kind_of_convolution_is_read_in_order() -> None:
    found = conv_layers(_network())
    assert [(each.name, each.kind, each.kernels.weights.shape) for each in found] == [
        ("plain", "conv", (4, 3, 5, 3)),
        ("depthwise", "depthwise", (8, 3, 3, 1)),
        ("pointwise", "pointwise", (4, 1, 1, 8)),
        ("dilated", "conv", (5, 3, 3, 4)),
        ("strided", "conv", (2, 2, 3, 5)),
    ]
    assert [each.n_parameters for each in found] == [184, 80, 36, 185, 62]
    assert [each.has_pictures for each in found] == [True, True, False, True, True]


@pytest.mark.parametrize("name", ["plain", "depthwise", "pointwise", "dilated", "strided"])
def test_what_a_cell_sees_is_where_its_gradient_is(name: str) -> None:
    # The second source: TensorFlow's own gradient of one cell with respect to the input.
    import tensorflow as tf

    network = _network()
    layer = next(each for each in conv_layers(network) if each.name == name)
    part = keras.Model(network.input, network.get_layer(name).output)
    # Averages in place of maxima would need another network: over many images any cell may win.
    images = tf.Variable(noise(60, 40, 36, 3))
    _, rows, columns, _ = part.output.shape
    with tf.GradientTape() as tape:
        cells = tf.reduce_sum(part(images)[:, rows // 2, columns // 2])
    reached = np.any(np.asarray(tape.gradient(cells, images)) != 0, axis=(0, 3))
    extents = tuple(int(np.ptp(np.flatnonzero(reached.any(axis=1 - axis)))) + 1 for axis in (0, 1))
    assert extents == layer.sees


def test_steps_are_the_strides_before_a_layer_and_its_dilation() -> None:
    assert [each.step for each in conv_layers(_network())] == [
        (1, 1),
        (2, 2),
        (2, 2),
        (4, 4),
        (2, 2),
    ]


def test_a_depthwise_kernel_stands_at_the_map_that_it_makes() -> None:
    image = keras.Input((5, 5, 2))
    network = keras.Model(
        image, layers.DepthwiseConv2D(3, depth_multiplier=3, use_bias=False, name="d")(image)
    )
    picture = noise(1, 5, 5, 2)
    maps = np.asarray(network(picture))[0]  # (3, 3, 6)
    (layer,) = conv_layers(network)
    for kernel in range(6):
        expected = (picture[0, :3, :3, kernel // 3] * layer.kernels.weights[kernel, ..., 0]).sum()
        assert maps[0, 0, kernel] == pytest.approx(expected, rel=1e-4)


def test_a_convolution_over_time_has_width_1_and_no_second_axis() -> None:
    frames = keras.Input((50, 96))
    x = layers.Conv1D(7, 5, strides=2, name="first")(frames)
    x = layers.MaxPooling1D(3)(x)
    x = layers.Conv1D(3, 4, name="second")(x)
    first, second = conv_layers(keras.Model(frames, layers.LSTM(2)(x)))
    assert (first.kind, first.size, first.n_inputs, first.n_filters) == ("conv1d", (5, 1), 96, 7)
    assert (first.step, first.sees) == ((1, None), (5, None))
    assert (second.step, second.sees) == ((6, None), (27, None))


def test_a_reshape_keeps_the_axes_whose_length_it_keeps() -> None:
    frames = keras.Input((50, 96))
    x = layers.Reshape((50, 96, 1))(frames)
    x = layers.Conv2D(4, (7, 96), name="tall")(x)
    x = layers.Reshape((44, 4))(x)
    x = layers.Conv1D(3, 3, name="over_time")(x)
    tall, over_time = conv_layers(keras.Model(frames, layers.GlobalMaxPooling1D()(x)))
    assert (tall.step, tall.sees) == ((1, 1), (7, 96))
    assert (over_time.step, over_time.sees) == ((1, None), (9, None))


def test_plain_arithmetic_and_masks_between_layers_are_passed() -> None:
    frames = keras.Input((50, 8))
    x = layers.Conv1D(3, 5, name="after")(frames * 2.0)
    (after,) = conv_layers(keras.Model(frames, layers.Flatten()(x)))
    assert after.step == (1, None)
    # An LSTM behind a mask reads a second tensor, which no layer made.
    masked = layers.LSTM(6)(layers.Masking()(frames))
    assert conv_layers(keras.Model(frames, masked)) == ()


def test_reading_changes_nothing_and_is_a_copy() -> None:
    network = _network()
    before = [w.copy() for w in network.get_weights()]
    for layer in conv_layers(network):
        layer.kernels.weights[:] = 0
    assert all(np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True))


def test_a_network_without_convolutions_has_no_layers() -> None:
    frames = keras.Input((20, 205))
    assert conv_layers(keras.Model(frames, layers.LSTM(4)(frames))) == ()


def test_a_layer_is_found_by_name_and_the_first_by_none() -> None:
    found = conv_layers(_network())
    assert find_layer(found) is found[0]
    assert find_layer(found, "dilated").name == "dilated"


@pytest.mark.parametrize(
    "call",
    [
        lambda: measure_kernels(noise(3, 3)),
        lambda: measure_kernels(noise(0, 3, 3, 1)),
        lambda: measure_kernels(np.full((1, 3, 3, 1), np.nan, np.float32)),
        lambda: over_inputs(noise(2, 3, 3, 4), "median"),
        lambda: over_inputs(noise(2, 3, 3, 4), 4),
        lambda: over_inputs(noise(2, 3, 3, 4), -1),
        lambda: over_inputs(noise(2, 3, 3, 4), True),
        lambda: colour_kernels(noise(2, 3, 3, 4)),
        lambda: lay_out(noise(3, 3), 2),
        lambda: lay_out(noise(3, 3, 3), 0),
        lambda: draw_grid(noise(3, 3), np.zeros(3, bool)),
        lambda: draw_grid(noise(3, 3, 3), np.zeros(3, bool), cell_px=2),
        lambda: conv_layers(keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3)])),
        lambda: find_layer(()),
        lambda: find_layer(conv_layers(_network()), "plane"),
        lambda: find_layer(conv_layers(_network()), "zzz"),
    ],
)
def test_bad_input(call) -> None:
    with pytest.raises(ParameterError, match="Received"):
        call()
