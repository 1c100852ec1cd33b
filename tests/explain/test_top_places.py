"""Top places of kernels: what is planted is found where it is, and memory stays the same."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.errors import GenreError, ParameterError
from genre_core.explain import top_places
from genre_core.explain.exciting import layer_peaks, seen_by
from genre_core.explain.kernels import conv_layers
from genre_core.explain.top_places import TopReader, merge
from tests.explain.test_exciting import SHAPE, one_layer, songs, two_stages


def numbered(items: list[np.ndarray]) -> list[tuple[int, np.ndarray]]:
    return [(10 + k, item) for k, item in enumerate(items)]


def test_they_are_the_best_of_every_song_by_the_other_way() -> None:
    network, given = two_stages(), songs(3, 1, 12, 9, 2, 5, seed=2)
    top = TopReader(network, ["conv_1", "conv_2"], n=4).read(numbered(given))
    for name in ("conv_1", "conv_2"):
        peaks = layer_peaks(network, name, given)
        for kernel in range(peaks.values.shape[1]):
            best = []
            for song in range(len(given)):
                rows = np.flatnonzero(peaks.songs == song)
                row = rows[peaks.values[rows, kernel].argmax()]
                if peaks.values[row, kernel] > 0:
                    cell = tuple(peaks.cells[row, kernel].tolist())
                    value = float(peaks.values[row, kernel])
                    best.append((value, song + 10, int(peaks.segments[row]), cell))
            best.sort(key=lambda own: -own[0])
            own = top[name]
            there = own.items[kernel] >= 0
            assert there.sum() == min(4, len(best))
            assert own.items[kernel][there].tolist() == [item for _, item, _, _ in best[:4]]
            assert own.segments[kernel][there].tolist() == [place for _, _, place, _ in best[:4]]
            assert [tuple(cell) for cell in own.cells[kernel][there].tolist()] == [
                cell for *_, cell in best[:4]
            ]
            np.testing.assert_allclose(
                own.values[kernel][there], [value for value, *_ in best[:4]], rtol=1e-5
            )


def test_a_planted_pattern_is_found_where_it_was_planted() -> None:
    """A kernel that is the pattern itself, and 40 songs of faint noise; two hold the pattern."""
    network = one_layer(padding="same")
    pattern = np.zeros((3, 5), np.float32)
    pattern[1] = 1
    conv = network.get_layer("conv")
    weights, bias = conv.get_weights()
    weights[..., 0, 2], bias[:] = pattern, 0
    conv.set_weights([weights, bias])
    rng = np.random.default_rng(0)
    given = [0.01 * rng.normal(size=(3, *SHAPE)).astype(np.float32) for _ in range(40)]
    given[17][2, 9:12, 4:9, 0] += 2 * pattern
    given[33][1, 15:18, 8:13, 0] += pattern
    top = TopReader(network, ["conv"], n=3).read(enumerate(given))["conv"]
    assert top.items[2, :2].tolist() == [17, 33]
    assert top.segments[2, :2].tolist() == [2, 1]
    spans = seen_by(network, conv_layers(network)[0], top.cells[2, :2])
    assert spans.tolist() == [[[9, 12], [4, 9]], [[15, 18], [8, 13]]]


def test_a_planted_cover_is_found_too() -> None:
    image = keras.Input((32, 32, 3))
    x = layers.Conv2D(2, 3, activation="relu", padding="same", name="conv")(image)
    network = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    weights = np.zeros((3, 3, 3, 2), np.float32)
    weights[1, 1, 0, 0], weights[1, 1, 2, 1] = 1, 1  # red, blue
    network.get_layer("conv").set_weights([weights, np.zeros(2, np.float32)])
    covers = [np.full((1, 32, 32, 3), 10, np.uint8) for _ in range(20)]
    covers[11][0, 5, 7, 0] = 200
    covers[4][0, 30, 1, 2] = 90
    top = TopReader(network, ["conv"], n=2).read(enumerate(covers))["conv"]
    assert top.items[:, 0].tolist() == [11, 4]
    assert top.cells[:, 0].tolist() == [[5, 7], [30, 1]]
    assert top.values[:, 0].tolist() == [200, 90]


def test_parts_that_are_merged_are_the_whole_and_order_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, given = one_layer(), numbered(songs(*[3] * 11, seed=5))
    whole = TopReader(network, ["conv"], n=3).read(given)["conv"]
    monkeypatch.setattr(top_places, "_BATCH", 5)
    reader = TopReader(network, ["conv"], n=3)
    merged = merge(reader.read(given[:4]), reader.read(given[4:]))["conv"]
    turned = reader.read(reversed(given))["conv"]
    for other in (merged, turned):
        np.testing.assert_array_equal(whole.items, other.items)
        np.testing.assert_array_equal(whole.cells, other.cells)
        np.testing.assert_allclose(whole.values, other.values, rtol=1e-5)


def test_a_silent_kernel_has_no_place() -> None:
    network = one_layer()
    conv = network.get_layer("conv")
    weights, bias = conv.get_weights()
    weights[..., 2], bias[2] = 0.0, -1.0
    conv.set_weights([weights, bias])
    top = TopReader(network, ["conv"], n=2).read(numbered(songs(3, 3)))["conv"]
    assert top.silent.tolist() == [False, False, True, False, False]
    assert top.values[2].tolist() == [0, 0]
    assert TopReader(network, ["conv"], n=2).read([])["conv"].silent.all()


def test_memory_does_not_grow_with_items() -> None:
    reader = TopReader(one_layer(), ["conv"], n=3)

    def stream(n_items: int) -> Iterator[tuple[int, np.ndarray]]:
        for k in range(n_items):
            yield k, np.full((2, *SHAPE), k, np.float32)

    def peak(n_items: int) -> int:
        tracemalloc.start()
        reader.read(stream(n_items))
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    peak(20)  # what is made once
    n_bytes = 380 * 2 * np.prod(SHAPE) * 4  # of the items that are more
    assert peak(400) - peak(20) < 0.1 * n_bytes


@pytest.mark.parametrize(
    "bad",
    [
        lambda: TopReader(one_layer(), []),
        lambda: TopReader(one_layer(), ["cnov"]),
        lambda: TopReader(one_layer(), ["conv"], n=0),
        lambda: TopReader(one_layer(), ["conv"]).read([(0, np.zeros((0, *SHAPE), np.float32))]),
        lambda: TopReader(one_layer(), ["conv"]).read([(0, np.zeros((1, 3, 3, 1), np.float32))]),
    ],
)
def test_bad_input_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        bad()  # type: ignore[operator]


def test_what_is_not_finite_is_refused() -> None:
    given = songs(2)
    given[0][1, 3, 3, 0] = np.nan
    with pytest.raises(GenreError, match="The maps of conv must be finite"):
        TopReader(one_layer(activation=None), ["conv"]).read(numbered(given))
