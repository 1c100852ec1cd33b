"""Spectrograms of equal bands: their places, their levels, and librosa's spectra behind them."""

import dataclasses

import librosa
import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.audio.stft_bands import band_power, below_maximum_db
from genre_core.config import SongInput
from tests.audio.made_songs import made_song, sine

A = SongInput(features="stft_db", n_frames=600, hop_frames=600, hop_length=267)
B = SongInput(features="stft_db", n_frames=256, hop_frames=256, hop_length=625)
FINE = SongInput(features="stft_db", n_frames=600, hop_frames=600, hop_length=256)
EVERY = pytest.mark.parametrize("spec", [A, B, FINE], ids=["A", "B", "fine"])


@EVERY
def test_bands_are_means_of_librosa_s_bins(spec):
    y = made_song(3 * 8_000, 8_000)
    n_each = spec.n_fft // 256
    power = np.abs(librosa.stft(y, n_fft=spec.n_fft, hop_length=spec.hop_length)) ** 2
    expected = np.stack([power[k * n_each : (k + 1) * n_each].mean(axis=0) for k in range(128)])
    found = band_power(y, spec)
    assert found.shape == (1 + len(y) // spec.hop_length, 128)
    np.testing.assert_allclose(found, expected.T, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(("spec", "shape"), [(A, (128, 600, 1)), (B, (128, 256, 1))])
def test_twenty_seconds_are_one_segment(spec, shape):
    found = song_segments(Clip(made_song(160_000, 8_000), 8_000), spec)
    assert found.inputs.shape == (1, *shape)
    assert found.n_valid.tolist() == [spec.n_frames]
    assert found.end_s.tolist() == [20.0]


@EVERY
@pytest.mark.parametrize("hertz", [300.0, 1_234.0, 3_900.0])
def test_a_sine_is_loudest_in_the_nearest_band(spec, hertz):
    found = song_segments(Clip(sine(hertz, 80_000, 8_000), 8_000), spec).inputs[0, :, :, 0]
    nearest = np.abs(spec.bin_hz - hertz).argmin()
    assert (found[:, 3:100].argmax(axis=0) == nearest).all()


def test_each_segment_is_measured_from_its_own_maximum():
    spec = dataclasses.replace(B, n_frames=40, hop_frames=40)
    y = made_song(3 * 40 * 625, 8_000)
    y[: 40 * 625] *= 0.01
    found = song_segments(Clip(y, 8_000), spec).inputs
    np.testing.assert_array_equal(found.max(axis=(1, 2, 3)), 0)
    assert found.min() >= -80
    again = song_segments(Clip(y * np.float32(0.5), 8_000), spec).inputs
    np.testing.assert_allclose(again, found, atol=1e-3)


def test_decibels_are_librosa_s_where_there_is_sound():
    power = band_power(made_song(40_000, 8_000), A)[np.newaxis]
    expected = librosa.power_to_db(power, ref=np.max, amin=1e-20, top_db=80)
    np.testing.assert_allclose(below_maximum_db(power), expected, atol=1e-4)


def test_silence_is_all_floor_and_does_not_become_full_scale():
    power = np.zeros((2, 128, 9, 1), np.float32)
    power[1, 5] = 1e-30
    found = below_maximum_db(power)
    assert (found[0] == -80).all()
    assert found[1].max() == 0
