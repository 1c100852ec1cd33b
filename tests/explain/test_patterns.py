"""Activation maximisation: planted detectors are found, dead kernels stay blank, limits hold."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.config import CoverInput, SongInput
from genre_core.errors import ParameterError
from genre_core.explain.patterns import Climb, Patterns, excite_genres, excite_kernels
from genre_core.explain.patterns_made import layer_answers
from genre_core.explain.patterns_part import part_before
from genre_core.explain.patterns_scale import Scale, scale_of

Make = Callable[..., keras.Model]

SONG = scale_of(SongInput(features="mel_128", n_frames=43, hop_frames=43))
COVER = scale_of(CoverInput(size=32))
SHORT = Climb(steps=24)
TONES = (20, 77)


def tone_detectors() -> keras.Model:
    """Kernels over all bands: one for each of `TONES`, one of zeros, one that a bias keeps off."""
    song = keras.Input((43, 128, 1))
    x = layers.Conv2D(4, (1, 128), activation="relu", name="tones")(song)
    network = keras.Model(song, layers.Dense(2, name="logits")(layers.Flatten()(x)))
    weights = np.zeros((1, 128, 1, 4), np.float32)
    weights[:, :, 0, :2] = -1 / 127
    for kernel, band in enumerate(TONES):
        weights[0, band, 0, kernel] = 1
    weights[..., 3] = weights[..., 0]
    network.get_layer("tones").set_weights([weights, np.array([0, 0, 0, -1e4], np.float32)])
    return network


@pytest.fixture(scope="module")
def tones() -> Patterns:
    return excite_kernels(tone_detectors(), "tones", range(4), SONG, climb=SHORT)


def test_a_tone_detectors_pattern_peaks_at_its_frequency(tones: Patterns) -> None:
    for kernel, band in enumerate(TONES):
        picture = tones.pictures[kernel, :, :, 0]
        assert (picture.argmax(axis=1) == band).all()
        others = np.delete(picture, range(band - 3, band + 4), axis=1)
        assert picture[:, band].min() > others.max() + 0.2


def test_a_dead_kernel_is_blank_and_flat(tones: Patterns) -> None:
    assert tones.blank.tolist() == [False, False, True, True]
    for kernel in (2, 3):
        assert np.ptp(tones.pictures[kernel]) == 0


def test_a_genres_pattern_peaks_where_its_logit_reads() -> None:
    song = keras.Input((43, 128, 1))
    x = layers.AveragePooling2D((43, 1), name="over_time")(song)
    network = keras.Model(song, layers.Dense(2, name="logits")(layers.Flatten()(x)))
    weights = np.full((128, 2), -1 / 127, np.float32)
    weights[30, 0] = weights[90, 1] = 1
    network.get_layer("logits").set_weights([weights, np.zeros(2, np.float32)])
    found = excite_genres(network, "softmax", [1, 0], SONG, climb=SHORT)
    assert found.kernels.tolist() == [1, 0]
    assert [int(one.mean(axis=(0, 2)).argmax()) for one in found.pictures] == [90, 30]


def test_the_two_genres_of_a_binary_head_ask_for_opposites() -> None:
    song = keras.Input((43, 128, 1))
    logits = layers.Dense(1, name="logits")(layers.Flatten()(song))
    network = keras.Model(song, logits)
    found = excite_genres(network, "binary", [0, 1], SONG, climb=SHORT)
    logits = [float(network(SONG.inputs(one[np.newaxis]))[0, 0]) for one in found.pictures]
    np.testing.assert_allclose(found.values, [-logits[0], logits[1]], rtol=1e-4)
    assert logits[0] < 0 < logits[1]


@pytest.mark.parametrize("layer", ["stem", "depthwise", "project", "wide"])
def test_a_pattern_excites_far_more_than_noise_and_than_real_items(
    small: Make, noise: Callable[..., np.ndarray], layer: str
) -> None:
    network = small()
    found = excite_kernels(network, layer, range(6), COVER)
    real = np.stack([noise(seed=seed) for seed in range(4)])
    smooth = np.repeat(np.repeat(real[:, ::8, ::8], 8, axis=1), 8, axis=2)
    items = np.concatenate([real, smooth])
    best = layer_answers(network, layer, items)[:, :6].max(axis=0)
    alive = ~found.blank
    assert alive.sum() >= 3
    noise_level = np.abs(found.noise[alive])
    assert (found.values[alive] > found.noise[alive] + 0.2 * noise_level).all()
    assert found.values[alive].mean() > found.noise[alive].mean() + 0.5 * noise_level.mean()
    assert (found.values[alive] > best[alive]).all()


def test_values_are_what_the_network_answers(small: Make) -> None:
    network = small()
    found = excite_kernels(network, "wide", [0, 3, 5], COVER, climb=SHORT)
    inputs = COVER.inputs(found.pictures)
    answers = layer_answers(network, "wide", inputs)
    kept = ~found.blank
    own = answers[np.arange(3), found.kernels]
    np.testing.assert_allclose(found.values[kept], own[kept], rtol=1e-4)


def test_inputs_stay_within_the_range(small: Make) -> None:
    found = excite_kernels(small(), "last", range(6), COVER, climb=Climb(steps=8, rate=1.0))
    assert found.pictures.min() >= 0
    assert found.pictures.max() <= 1
    inputs = COVER.inputs(found.pictures)
    assert inputs.min() >= 0
    assert inputs.max() <= 255


def test_the_same_seed_gives_the_same_whoever_stands_beside(small: Make) -> None:
    network = small()
    one, again, other, beside = (
        excite_kernels(network, "wide", which, COVER, climb=SHORT, seed=seed)
        for which, seed in (([3], 0), ([3], 0), ([3], 1), ([5, 3], 0))
    )
    assert np.array_equal(one.pictures, again.pictures)
    assert np.abs(one.pictures - other.pictures).max() > 0.2
    assert np.corrcoef(one.pictures[0].ravel(), beside.pictures[1].ravel())[0, 1] > 0.99


def test_a_peak_is_one_spot_and_a_mean_a_texture() -> None:
    image = keras.Input((64, 64, 3))
    x = layers.Conv2D(2, 5, activation="relu", padding="same", name="spots")(image)
    network = keras.Model(image, layers.Dense(2, name="logits")(layers.Flatten()(x)))
    scale = scale_of(CoverInput(size=64))
    moved = [
        np.abs(
            excite_kernels(network, "spots", [0], scale, of=of, climb=Climb(spread=0.01)).pictures
            - 0.5
        ).mean()
        for of in ("mean", "peak")
    ]
    assert moved[1] < moved[0] / 4


def test_from_an_item_the_pattern_stays_like_it(
    small: Make, noise: Callable[..., np.ndarray]
) -> None:
    network, cover = small(), noise(seed=5)
    smooth = np.repeat(np.repeat(cover[::8, ::8], 8, axis=0), 8, axis=1)
    climb = Climb(steps=16, rate=0.02)
    found = excite_kernels(network, "wide", [0, 3], COVER, start=smooth, climb=climb)
    start = COVER.pictures(smooth)
    before = layer_answers(network, "wide", smooth[np.newaxis])[0, [0, 3]]
    kept = ~found.blank
    assert kept.any()
    for picture in found.pictures[kept]:
        assert np.corrcoef(picture.ravel(), start.ravel())[0, 1] > 0.7
    assert (found.values > before)[kept].all()


def test_only_the_part_up_to_the_layer_is_run_and_the_network_stays_as_it_was(
    small: Make,
) -> None:
    network = small()
    weights = [weight.copy() for weight in network.get_weights()]
    part = part_before(network, "depthwise", (32, 32, 3))
    names = {layer.name for layer in part.model.layers}
    assert {"stem", "stem_norm", "stem_relu", "depthwise"} <= names
    assert not names & {"depthwise_relu", "project", "wide", "last", "logits"}
    excite_kernels(network, "depthwise", [0], COVER, climb=Climb(steps=2))
    for before, now in zip(weights, network.get_weights(), strict=True):
        assert np.array_equal(before, now)
    assert not any(one is theirs for one in part.model.weights for theirs in network.weights)


def test_before_the_activation_a_kernel_that_is_off_still_shows_the_way() -> None:
    """From noise that leaves its rectifier shut, the pattern opens it."""
    image = keras.Input((32, 32, 3))
    x = layers.Conv2D(1, 3, activation="relu", name="shut")(image)
    network = keras.Model(image, layers.Dense(2, name="logits")(layers.Flatten()(x)))
    weights = np.zeros((3, 3, 3, 1), np.float32)
    weights[1, 1] = 1 / 255
    network.get_layer("shut").set_weights([weights, np.array([-2.9], np.float32)])
    found = excite_kernels(network, "shut", [0], COVER)
    assert found.noise[0] < 1e-3
    assert found.values[0] > 0.05
    assert not found.blank[0]


def test_a_pattern_is_no_larger_than_it_must_be() -> None:
    scale = scale_of(CoverInput(size=260))
    assert scale.shape_for((3, 3)) == (48, 48, 3)
    assert scale.shape_for((40, 40)) == (80, 80, 3)
    assert scale.shape_for((158, 158)) == (158, 158, 3)
    assert scale.shape_for((400, 400)) == (260, 260, 3)
    song = scale_of(SongInput(features="stft_db", n_frames=256, hop_frames=64, hop_length=625))
    assert song.shape_for((4, 4)) == (128, 48, 1)
    assert song.shape_for((41, 41)) == (128, 64, 1)


@pytest.mark.parametrize(
    ("features", "low", "high"), [("mel_128", -80, 40), ("stft_db", -80, 0), ("log_mel_96", 0, 6.8)]
)
def test_bands_lie_between_silence_and_a_full_scale_sine(
    features: str, low: float, high: float
) -> None:
    """The second source: what the features give of a sine as loud as can be."""
    from genre_core.audio.clip import Clip
    from genre_core.audio.features import song_segments

    hop = {"mel_128": 512, "stft_db": 625, "log_mel_96": 256}[features]
    spec = SongInput(features=features, n_frames=40, hop_frames=40, hop_length=hop)
    scale = scale_of(spec)
    assert (float(scale.low.min()), float(scale.high.max())) == (low, pytest.approx(high))
    time_s = np.arange(2 * spec.sr) / spec.sr
    highest = max(
        float(
            song_segments(
                Clip(np.sin(6.283185 * hz * time_s).astype(np.float32), spec.sr), spec
            ).inputs.max()
        )
        for hz in (60, 220, 1000, 3000)
    )
    assert low < highest <= high * 1.02 + (high == 0) * 0.5
    assert highest > low + 0.8 * (high - low)


def test_scaled_features_have_scaled_ends() -> None:
    spec = SongInput(
        features="mel_128", n_frames=9, hop_frames=9, offsets=(-20.0,) * 128, scales=(30.0,) * 128
    )
    scale = scale_of(spec)
    assert float(scale.low.max()) == pytest.approx(-2)
    assert float(scale.high.max()) == pytest.approx(2)
    inputs = np.linspace(-2, 2, 9 * 128).reshape(1, 9, 128, 1).astype(np.float32)
    np.testing.assert_allclose(scale.inputs(scale.pictures(inputs)), inputs, atol=1e-5)


BAD: dict[str, tuple[Callable[[keras.Model], object], str]] = {
    "layer": (lambda n: excite_kernels(n, "nothing", [0], COVER), "convolutions"),
    "kernel": (lambda n: excite_kernels(n, "stem", [8], COVER), "0 to 7"),
    "no kernel": (lambda n: excite_kernels(n, "stem", [], COVER), "0 to 7"),
    "a truth": (lambda n: excite_kernels(n, "stem", [True], COVER), "0 to 7"),
    "of": (lambda n: excite_kernels(n, "stem", [0], COVER, of="sum"), "mean"),
    "start": (
        lambda n: excite_kernels(n, "stem", [0], COVER, start=np.zeros((8, 8, 3), np.uint8)),
        "A start must have the shape",
    ),
    "steps": (lambda n: Climb(steps=0), "steps"),
    "rate": (lambda n: Climb(rate=2.0), "rate"),
    "genre": (lambda n: excite_genres(n, "softmax", [3], COVER), "genre_index"),
    "no genre": (lambda n: excite_genres(n, "softmax", [], COVER), "At least one genre"),
    "input": (
        lambda n: scale_of(SongInput(features="statistics_423", n_frames=9, hop_frames=9)),
        "pixels or of bands",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_a_message(small: Make, what: str) -> None:
    act, rule = BAD[what]
    with pytest.raises(ParameterError, match=rule) as caught:
        act(small())
    assert "Received" in str(caught.value)


def test_it_reaches_more_than_tf_keras_vis_in_as_many_steps(small: Make) -> None:
    with warnings.catch_warnings():
        # tf-keras-vis warns of its own deprecated parts; see genre_core.explain.keras_vis.
        warnings.simplefilter("ignore", DeprecationWarning)
        from tf_keras_vis.activation_maximization import ActivationMaximization
    import tensorflow as tf

    network = small()
    part = part_before(network, "wide", (32, 32, 3))
    tf.random.set_seed(0)
    np.random.seed(0)  # noqa: NPY002 -- theirs has no other seed
    climb = ActivationMaximization(keras.Model(list(part.model.inputs), part.model.outputs))
    made = climb(lambda out: tf.reduce_mean(out[..., 0], axis=(1, 2)), steps=Climb().steps)
    theirs = float(layer_answers(network, "wide", np.asarray(made))[0, 0])
    ours = excite_kernels(network, "wide", [0], COVER)
    assert ours.values[0] > 1.2 * max(theirs, 0.1)


def test_a_scale_is_two_ways() -> None:
    scale = Scale((4, 4, 3), np.float32(0), np.float32(255), (0, 1))
    pictures = np.random.default_rng(0).random((2, 4, 4, 3), np.float32)
    np.testing.assert_allclose(scale.pictures(scale.inputs(pictures)), pictures, atol=1e-6)
