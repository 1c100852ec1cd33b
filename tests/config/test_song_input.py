"""The settings of songs: shapes, times and bands of every kind of features."""

import librosa
import numpy as np
import pytest

from genre_core.config import CoverInput, Experiment, SongInput, cover_input, from_dict, song_input
from genre_core.config.song import mel_hz
from genre_core.errors import ParameterError


def _spec(**changes):
    return SongInput(**({"features": "mel_128", "n_frames": 43, "hop_frames": 43} | changes))


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ({}, (43, 128, 1)),
        ({"features": "frames_205", "n_frames": 2_000, "hop_frames": 1_000}, (2_000, 205)),
        ({"features": "statistics_423", "n_frames": 100, "hop_frames": 100}, (423,)),
        ({"features": "stft_db", "n_frames": 600, "hop_frames": 600}, (128, 600, 1)),
        ({"features": "log_mel_96", "n_frames": 187, "hop_frames": 187}, (187, 96)),
        ({"features": "log_picture", "n_frames": 153, "hop_frames": 153}, (149, 153, 1)),
    ],
)
def test_each_kind_of_features_has_its_shape(changes, shape):
    assert _spec(**changes).shape == shape


@pytest.mark.parametrize(
    "changes",
    [
        {"n_frames": 0},
        {"hop_frames": 44},
        {"hop_length": 0},
        {"min_frames": 44},
        {"skip_s": -1.0},
        {"skip_s": 30.0, "skip_if_longer_s": 40.0},
        {"offsets": (0.0,) * 127},
        {"scales": (0.0,) * 128},
        {"bound": 1_000.0},
    ],
)
def test_a_wrong_setting_is_refused(changes):
    with pytest.raises(ParameterError, match="Received"):
        _spec(**changes)


@pytest.mark.parametrize(("n_bands", "high_hz"), [(96, 8_000), (128, 11_025)])
def test_bands_lie_where_librosa_places_them(n_bands, high_hz):
    theirs = librosa.mel_frequencies(n_bands + 2, fmin=0, fmax=high_hz)[1:-1]
    np.testing.assert_allclose(mel_hz(n_bands, high_hz), theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("hop_length", "n_fft"), [(128, 256), (256, 256), (267, 512), (625, 1_024)]
)
def test_windows_of_the_spectrogram_leave_no_sample_out(hop_length, n_fft):
    spec = _spec(features="stft_db", n_frames=256, hop_frames=256, hop_length=hop_length)
    assert spec.n_fft == n_fft >= hop_length


@pytest.mark.parametrize("hop_length", [256, 267, 625])
def test_the_first_band_of_the_spectrogram_is_the_mean_of_its_bins(hop_length):
    spec = _spec(features="stft_db", n_frames=256, hop_frames=256, hop_length=hop_length)
    n_each = spec.n_fft // 256
    bins = np.arange(128 * n_each) * spec.sr / spec.n_fft
    np.testing.assert_allclose(spec.bin_hz, bins.reshape(128, n_each).mean(axis=1))


def test_bins_that_are_no_frequencies_have_none():
    assert _spec(features="statistics_423").bin_hz is None


def test_times_follow_from_frames():
    spec = _spec(features="log_mel_96", n_frames=187, hop_frames=94, hop_length=256)
    assert spec.segment_s == pytest.approx(187 * 256 / 16_000)
    assert spec.hop_s == pytest.approx(94 * 256 / 16_000)


def _experiment(values):
    plain = {
        "name": "a",
        "title": "A",
        "study": "ours",
        "architecture": "s5_cnn",
        "tag": "t",
        "task": {"genres": ["x", "y"]},
        "training": {"epochs": 1},
        "input": values,
    }
    return from_dict(Experiment, plain)


def test_an_experiment_reads_covers_or_songs_by_the_keys_of_its_input():
    song = {"features": "mel_128", "n_frames": 43, "hop_frames": 43}
    assert song_input(_experiment(song).input).n_bins == 128
    assert cover_input(_experiment({"size": 64}).input).size == 64


def test_a_step_refuses_the_other_kind():
    with pytest.raises(ParameterError, match="Received one of songs"):
        cover_input(_spec())
    with pytest.raises(ParameterError, match="Received one of covers"):
        song_input(CoverInput(size=64))
