"""Families of features: their shares sum to the logit, and find the one that a network reads."""

import keras
import numpy as np
import pytest
from keras import layers

from genre_core.audio.frame_names import FAMILIES
from genre_core.config import PAD, SongInput
from genre_core.errors import ParameterError
from genre_core.explain.families import family_shares
from genre_core.explain.feature_families import COURSE

N_FRAMES = 86
FRAMES = SongInput(
    features="frames_205", n_frames=N_FRAMES, hop_frames=N_FRAMES, offsets=(0.0,) * 205,
    scales=(1.0,) * 205,
)  # fmt: skip
STATISTICS = SongInput(
    features="statistics_423", n_frames=N_FRAMES, hop_frames=N_FRAMES, offsets=(0.0,) * 423,
    scales=(1.0,) * 423,
)  # fmt: skip


def reads(weights: np.ndarray) -> keras.Model:
    """A network whose logit is the sum over frames of weights times squared features."""
    item = keras.Input((*((N_FRAMES,) if len(weights) == 205 else ()), len(weights)))
    x = layers.Multiply()([item, item])
    x = layers.GlobalAveragePooling1D()(x) if len(weights) == 205 else x
    out = layers.Dense(1, use_bias=False, name="logits")
    network = keras.Model(item, out(x))
    out.set_weights([weights[:, np.newaxis]])
    return network


def start_of(family: str) -> int:
    names = list(FAMILIES)
    return sum(FAMILIES[name] for name in names[: names.index(family)])


def test_the_family_that_a_network_reads_is_found_and_all_sum_to_the_logit() -> None:
    weights = np.zeros(205)
    weights[start_of("spectral_contrast") + 2] = 1
    weights[start_of("rms")] = -0.5
    segment = np.random.default_rng(0).normal(size=(N_FRAMES, 205)).astype(np.float32)
    network = reads(weights)
    shares = family_shares(network, "binary", segment, FRAMES, 1)
    logit = float(network.predict(segment[np.newaxis], verbose=0)[0, 0])
    assert shares.difference == pytest.approx(logit, rel=1e-4)
    assert shares.values.sum() == pytest.approx(logit, rel=0.05)
    told = dict(zip(shares.names, shares.values, strict=True))
    assert told["spectral_contrast"] > 0 > told["rms"]
    assert all(abs(told[name]) < 1e-9 for name in set(told) - {"spectral_contrast", "rms"})


def test_it_is_told_second_by_second_and_padding_counts_nowhere() -> None:
    weights = np.zeros(205)
    weights[start_of("tonnetz")] = 1
    segment = np.zeros((N_FRAMES, 205), np.float32)
    segment[:43, start_of("tonnetz")] = 2  # the first second
    segment[60:] = PAD
    shares = family_shares(reads(weights), "binary", segment, FRAMES, 1)
    assert shares.over_time is not None
    assert shares.over_time.shape == (2, len(FAMILIES))
    assert shares.start_s.tolist() == pytest.approx([0.0, 43 * 512 / 22_050])
    np.testing.assert_allclose(shares.over_time.sum(axis=0), shares.values)
    place = shares.names.index("tonnetz")
    assert shares.over_time[0, place] == pytest.approx(shares.values[place])
    assert shares.over_time[1].tolist() == [0.0] * len(FAMILIES)


def test_of_statistics_mean_and_variance_of_a_family_count_together() -> None:
    weights = np.zeros(423)
    weights[[start_of("mfcc"), 205 + start_of("mfcc") + 1]] = 1
    weights[-1] = 3
    segment = np.ones(423, np.float32)
    shares = family_shares(reads(weights), "binary", segment, STATISTICS, 1)
    told = dict(zip(shares.names, shares.values, strict=True))
    assert told["mfcc"] == pytest.approx(2, rel=0.01)
    assert told[COURSE] == pytest.approx(3, rel=0.01)
    assert shares.over_time is None


def test_the_other_genre_of_two_has_the_opposite_shares() -> None:
    weights = np.zeros(423)
    weights[0] = 1
    segment = np.ones(423, np.float32)
    one, other = (
        family_shares(reads(weights), "binary", segment, STATISTICS, k).values for k in (1, 0)
    )
    np.testing.assert_allclose(one, -other)


def test_what_has_no_families_is_refused() -> None:
    plain = SongInput(features="statistics_423", n_frames=9, hop_frames=9)
    with pytest.raises(ParameterError, match="come standardized"):
        family_shares(reads(np.ones(423)), "binary", np.ones(423, np.float32), plain, 1)
    with pytest.raises(ParameterError, match="A segment must be"):
        family_shares(reads(np.ones(423)), "binary", np.ones(422, np.float32), STATISTICS, 1)
    with pytest.raises(ParameterError, match="genre_index"):
        family_shares(reads(np.ones(423)), "binary", np.ones(423, np.float32), STATISTICS, 2)
