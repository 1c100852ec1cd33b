"""Patches that excite kernels: bad input, the map by hand, and that nothing else is seen."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy import signal

from genre_core.errors import GenreError, ParameterError
from genre_core.explain import exciting
from genre_core.explain.exciting import evenly, exciting_patches, layer_peaks
from genre_core.explain.peaks import Peaks, rank_kernels, told_apart
from tests.explain.made_song_networks import deep_network

SHAPE = (24, 16, 1)


def one_layer(padding: str = "valid", activation: str | None = "relu") -> keras.Model:
    """Five kernels of 3 x 5 on the input itself."""
    keras.utils.set_random_seed(4)
    song = keras.Input(SHAPE)
    x = layers.Conv2D(5, (3, 5), padding=padding, activation=activation, name="conv")(song)
    return keras.Model(song, layers.Dense(2, name="logits")(layers.Flatten()(x)))


def two_stages() -> keras.Model:
    keras.utils.set_random_seed(5)
    song = keras.Input(SHAPE)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv_1")(song)
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="conv_2")(x)
    return keras.Model(song, layers.Dense(2, name="logits")(layers.Flatten()(x)))


def songs(*sizes: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, *SHAPE)).astype(np.float32) for n in sizes]


@pytest.mark.parametrize(
    "bad",
    [
        lambda: layer_peaks(one_layer(), "conv", []),
        lambda: layer_peaks(one_layer(), "conv", [np.zeros((0, *SHAPE), np.float32)]),
        lambda: layer_peaks(one_layer(), "conv", [np.zeros((2, 24, 15, 1), np.float32)]),
        lambda: layer_peaks(one_layer(), "cnov", songs(2)),
        lambda: layer_peaks(one_layer(), "logits", songs(2)),
        lambda: rank_kernels(layer_peaks(one_layer(), "conv", songs(2)), "loudest"),  # type: ignore[arg-type]
        lambda: patches_of(kernel=5),
        lambda: patches_of(kernel=-1),
        lambda: patches_of(n=0),
    ],
)
def test_bad_input_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        bad()  # type: ignore[operator]


def patches_of(kernel: int = 0, n: int = 4) -> object:
    network, given = one_layer(), songs(2)
    return exciting_patches(network, layer_peaks(network, "conv", given), kernel, given, n=n)


def test_a_song_that_is_not_finite_is_refused() -> None:
    given = songs(2)
    given[0][1, 3, 3, 0] = np.nan
    with pytest.raises(GenreError, match="Received"):
        layer_peaks(one_layer(activation=None), "conv", given)


def test_peaks_are_scipys_correlations() -> None:
    network, given = one_layer(), songs(3, 2)
    peaks = layer_peaks(network, "conv", given)
    weights, bias = network.get_layer("conv").get_weights()
    assert peaks.songs.tolist() == [0, 0, 0, 1, 1]
    assert peaks.segments.tolist() == [0, 1, 2, 0, 1]
    every = np.concatenate(given)[..., 0]
    for row, segment in enumerate(every):
        for kernel in range(5):
            answer = signal.correlate2d(segment, weights[:, :, 0, kernel], "valid") + bias[kernel]
            assert peaks.values[row, kernel] == pytest.approx(max(answer.max(), 0), abs=1e-4)
            place = np.unravel_index(answer.argmax(), answer.shape)
            assert tuple(peaks.cells[row, kernel]) == place


def test_a_patch_is_where_the_kernel_stood_and_gives_its_answer() -> None:
    network, given = one_layer(), songs(3, 2)
    peaks = layer_peaks(network, "conv", given)
    weights, bias = network.get_layer("conv").get_weights()
    for kernel in range(5):
        found = exciting_patches(network, peaks, kernel, given, n=3)
        assert len(found) == 3
        assert [each.value for each in found] == sorted((e.value for e in found), reverse=True)
        assert found[0].value == pytest.approx(peaks.values[:, kernel].max())
        for each in found:
            assert each.picture.shape == (3, 5)
            inside = given[each.song][each.segment, slice(*each.rows), slice(*each.columns), 0]
            np.testing.assert_array_equal(each.picture, inside)
            answer = (each.picture * weights[:, :, 0, kernel]).sum() + bias[kernel]
            assert answer == pytest.approx(each.value, abs=1e-4)
        assert len({(each.song, each.segment) for each in found}) == 3


@pytest.mark.parametrize(
    ("network", "layer"),
    [(two_stages(), "conv_1"), (two_stages(), "conv_2"), (deep_network(), "first")],
    ids=["conv_1", "conv_2", "first"],
)
def test_nothing_outside_a_patch_matters_and_something_at_each_edge_does(
    network: keras.Model, layer: str
) -> None:
    given = songs(4, 3, seed=3)
    peaks = layer_peaks(network, layer, given)
    part = keras.Model(network.inputs, network.get_layer(layer).output)
    seen_whole = 0
    for kernel in rank_kernels(peaks)[:4]:
        (best,) = exciting_patches(network, peaks, int(kernel), given, n=1)
        row = np.flatnonzero((peaks.songs == best.song) & (peaks.segments == best.segment))[0]
        cell = (0, *peaks.cells[row, kernel], kernel)
        segment = given[best.song][best.segment]
        outside = np.full(SHAPE, 9.0, np.float32)
        outside[slice(*best.rows), slice(*best.columns)] = segment[
            slice(*best.rows), slice(*best.columns)
        ]
        # All else changed, the answer at that cell is the same. (Padding belongs to the patch's
        # own edges: it never reaches in from outside the segment.)
        answers = part.predict_on_batch(np.stack([segment, outside]))
        assert answers[cell] == pytest.approx(answers[(1, *cell[1:])], rel=1e-4)
        seen_whole += best.picture.size
    assert seen_whole > 0


def test_long_songs_are_read_evenly_and_batches_do_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, given = one_layer(), songs(50, 7)
    whole = layer_peaks(network, "conv", given)
    monkeypatch.setattr(exciting, "MAX_SEGMENTS", 10)
    some = layer_peaks(network, "conv", given)
    assert np.bincount(some.songs).tolist() == [10, 7]
    assert (some.segments[0], some.segments[9]) == (0, 49)
    first = whole.values[whole.songs == 0][evenly(50, 10)]
    np.testing.assert_allclose(some.values[:10], first, rtol=1e-5)
    monkeypatch.setattr(exciting, "_BATCH", 3)
    np.testing.assert_allclose(layer_peaks(network, "conv", given).values, some.values, rtol=1e-4)


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    layer_peaks(one_layer(), "conv", songs(40, 3), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) == 3


def made_peaks(values: np.ndarray, song: list[int]) -> Peaks:
    n, k = values.shape
    return Peaks(
        "conv",
        values.astype(np.float32),
        np.zeros((n, k, 2), np.int32),
        np.array(song),
        np.arange(n),
    )


def test_eta_squared_by_hand_and_at_its_ends() -> None:
    song = [0, 0, 0, 1, 1]
    values = np.array([[1, 1, 2, 0], [1, 2, 2, 0], [1, 3, 2, 0], [5, 2, 2, 0], [5, 2, 2, 0]])
    peaks = made_peaks(values, song)
    assert told_apart(peaks).tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0])
    # Against an analysis of variance written out.
    rng = np.random.default_rng(1)
    drawn = rng.gamma(2.0, size=(30, 3))
    groups = np.repeat([0, 1, 2], [5, 10, 15])
    found = told_apart(made_peaks(drawn, groups.tolist()))
    for k in range(3):
        column = drawn[:, k].astype(np.float32).astype(float)
        within = sum(
            ((column[groups == g] - column[groups == g].mean()) ** 2).sum() for g in range(3)
        )
        total = ((column - column.mean()) ** 2).sum()
        assert found[k] == pytest.approx(1 - within / total)


def test_kernels_are_ranked_and_silent_ones_left_out() -> None:
    song = [0, 0, 1, 1]
    values = np.array([[9, 1, 0, 0], [1, 1, 0, 0], [9, 5, 0, 0], [1, 5, 0, 2]])
    peaks = made_peaks(values, song)
    assert peaks.silent.tolist() == [False, False, True, False]
    assert rank_kernels(peaks, "apart").tolist() == [1, 3, 0]
    assert rank_kernels(peaks, "strongest").tolist() == [0, 1, 3]
    alone = made_peaks(values, [0, 0, 0, 0])
    assert rank_kernels(alone, "apart").tolist() == [0, 1, 3]


def test_a_silent_kernel_has_no_patch() -> None:
    network = one_layer()
    conv = network.get_layer("conv")
    weights, bias = conv.get_weights()
    weights[..., 2], bias[2] = 0.0, -1.0
    conv.set_weights([weights, bias])
    given = songs(3)
    peaks = layer_peaks(network, "conv", given)
    assert peaks.silent.tolist() == [False, False, True, False, False]
    assert exciting_patches(network, peaks, 2, given) == ()
