"""Sliding, pooling and fields of view: laws first, then SciPy, and a real network's gradient."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from genre_core.errors import ParameterError
from genre_core.lessons.first import PRESETS, brightness, fields, grown, pool, products, slide

RNG = np.random.default_rng(7)
GREY = RNG.integers(0, 256, (9, 12)).astype(float)
KERNEL = [1.0, -2.0, 0.5, 3.0, 0.0, -1.0, 2.0, 2.0, -4.0]


def test_a_map_is_the_sum_of_products_at_every_place() -> None:
    whole = slide(GREY, KERNEL, 2)
    assert whole.shape == (7, 10)
    for row, column in np.ndindex(whole.shape):
        assert whole[row, column] == pytest.approx(products(GREY, KERNEL, row, column).sum() / 2)
    kernel = np.reshape(KERNEL, (3, 3))
    np.testing.assert_allclose(2 * whole, signal.correlate2d(GREY, kernel, mode="valid"))


def test_sliding_is_linear_and_moves_with_the_picture() -> None:
    other = RNG.normal(size=GREY.shape)
    np.testing.assert_allclose(
        slide(2 * GREY + other, KERNEL), 2 * slide(GREY, KERNEL) + slide(other, KERNEL)
    )
    np.testing.assert_allclose(slide(GREY[1:, 2:], KERNEL), slide(GREY, KERNEL)[1:, 2:])


def test_the_ready_made_kernels_do_what_they_are_called() -> None:
    inner = GREY[1:-1, 1:-1]
    np.testing.assert_allclose(slide(GREY, *PRESETS["copy"]), inner)
    flat = np.full((5, 5), 90.0)
    for name, (numbers, divide_by) in PRESETS.items():
        sees_edges = sum(numbers) == 0
        assert sees_edges == ("edge" in name or "then" in name), name
        expected = 0 if sees_edges else 90
        np.testing.assert_allclose(slide(flat, numbers, divide_by), expected)
    step = np.tile([0.0, 0.0, 0.0, 200.0, 200.0, 200.0], (6, 1))
    rising = slide(step, *PRESETS["left to right: dark, then bright"])
    assert rising.max() == rising[0, 1] == 600
    assert slide(step[:, ::-1], *PRESETS["left to right: dark, then bright"]).max() == 0
    assert slide(step.T, *PRESETS["top to bottom: dark, then bright"]).max() == 600
    softer, sharper = (slide(GREY, *PRESETS[name]).std() for name in ("blur", "sharpen"))
    assert softer < inner.std() < sharper


def test_a_map_grows_cell_by_cell_in_reading_order() -> None:
    whole = slide(GREY, KERNEL)
    for n, (row, column) in enumerate(np.ndindex(whole.shape), start=1):
        now = grown(whole, row, column)
        assert int(np.isfinite(now).sum()) == n
        assert now[row, column] == whole[row, column]
    np.testing.assert_array_equal(now, whole)


def test_pooling_keeps_the_largest_and_halves_the_sides() -> None:
    pooled = pool(GREY)
    assert pooled.shape == (4, 6)
    assert pooled[1, 2] == GREY[2:4, 4:6].max()
    assert pool(np.roll(GREY[:8], 2, axis=0))[1:].tolist() == pool(GREY[:8])[:-1].tolist()


def test_grey_cells_keep_the_mean_where_they_divide_the_picture() -> None:
    picture = RNG.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    cells = brightness(picture, 4)
    assert cells.shape == (4, 4)
    assert abs(cells.mean() - picture.mean()) < 0.5
    assert cells[1, 2] == round(picture[3:6, 8:12].mean())
    assert (brightness(np.full((7, 5, 3), 9, dtype=np.uint8), 3) == 9).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: slide(GREY, KERNEL, 0), "divide_by must be a number other than 0"),
        (lambda: slide(GREY, [np.nan] * 9), "nine finite numbers"),
        (lambda: slide(GREY[:2], KERNEL), "at least 3 x 3 grey cells"),
        (lambda: products(GREY, KERNEL, -1, 0), "must lie within the picture"),
        (lambda: brightness(np.zeros((9, 9, 3)), 10), "shorter side"),
        (lambda: fields([(3, 0)]), "at least 1 cell"),
    ],
)
def test_bad_input_is_one_clear_error(call, said: str) -> None:
    with pytest.raises(ParameterError, match=f"(?s){said}.*Received"):
        call()


@pytest.mark.parametrize(
    "layers", [[(3, 1)], [(3, 1), (2, 2), (3, 1), (2, 2)], [(5, 2), (1, 1), (3, 3), (2, 2)]]
)
def test_a_field_of_view_counts_the_pixels_behind_a_cell(layers: list[tuple[int, int]]) -> None:
    def behind(cell: int, n: int) -> set[int]:
        """Walk back from a cell behind `n` layers to the pixels of the picture."""
        if n == 0:
            return {cell}
        kernel, step = layers[n - 1]
        return {p for k in range(kernel) for p in behind(step * cell + k, n - 1)}

    for n, (field, apart) in enumerate(fields(layers), start=1):
        assert max(behind(0, n)) - min(behind(0, n)) + 1 == field
        assert min(behind(1, n)) - min(behind(0, n)) == apart


def test_a_field_of_view_is_what_the_gradient_reaches() -> None:
    import keras
    import tensorflow as tf

    from genre_core.lessons.cover_look import chain

    keras.utils.set_random_seed(3)
    image = keras.Input((41, 41, 1))
    x = keras.layers.Conv2D(2, 3, kernel_initializer="ones")(image)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Conv2D(2, 5, strides=2, kernel_initializer="ones")(x)
    x = keras.layers.Conv2D(1, 3, kernel_initializer="ones", name="last")(x)
    network = keras.Model(image, x)
    seen = fields([(kernel, step) for _, kernel, step in chain(network)])
    given = tf.Variable(RNG.random((1, 41, 41, 1)).astype("float32"))
    with tf.GradientTape() as tape:
        cell = network(given)[0, 2, 2, 0]
    reached = np.flatnonzero(tape.gradient(cell, given).numpy()[0, :, :, 0].any(axis=1))
    # Of each 2 x 2 a pool passes one: the outermost pixels may be the ones that it leaves out.
    assert seen[-1][0] - 2 <= reached[-1] - reached[0] + 1 <= seen[-1][0]
    assert seen[-1] == (20, 4)
