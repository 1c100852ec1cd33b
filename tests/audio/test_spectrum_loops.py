"""Compiled loops against the array functions they stand for."""

import librosa
import numpy as np
import pytest

from genre_core.audio.spectrum_loops import (
    flatness,
    levels_and_crossings,
    moments,
    rolloff_bins,
    spectral_peaks,
    weighted_sums,
)


@pytest.fixture
def spectra():
    rng = np.random.default_rng(0)
    found = np.abs(rng.normal(size=(7, 1_025))).astype(np.float32) ** 3
    found[2] = 0
    found[3, 100:] = 0
    return found


def test_moments_are_sums(spectra):
    bins = np.arange(1_025.0)
    expected = np.stack([spectra @ bins**power for power in range(3)], axis=1)
    np.testing.assert_allclose(moments(spectra), expected, rtol=1e-12)


def test_flatness_is_librosa_s(spectra):
    expected = librosa.feature.spectral_flatness(S=spectra.T, power=1.0)[0]
    found = flatness(spectra, np.float32(1e-10))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found[2] == pytest.approx(1)  # silence is as flat as can be


@pytest.mark.parametrize("level", [1e-38, 1e37])
def test_flatness_of_one_level_is_1_however_high(level):
    even = np.full((1, 1_025), level, np.float32)
    assert flatness(even, np.float32(1e-45))[0] == pytest.approx(1)


def test_rolloff_is_librosa_s(spectra):
    bins = rolloff_bins(spectra, np.float32(0.85))
    expected = librosa.feature.spectral_rolloff(S=spectra.T, freq=np.arange(1_025.0))[0]
    np.testing.assert_array_equal(bins, expected)


def test_weighted_sums_are_a_product_of_matrices(spectra):
    weights = np.zeros((4, 1_025), np.float32)
    weights[0, :3], weights[1, 2:9], weights[3, 1_000:] = 0.5, 2, 1
    first, end = np.array([0, 2, 9, 1_000]), np.array([3, 9, 9, 1_025])
    found = weighted_sums(spectra, first, end, weights)
    np.testing.assert_allclose(found, spectra @ weights.T, rtol=1e-5)
    assert (found[:, 2] == 0).all()


def test_a_parabola_s_peak_is_found():
    bins = np.arange(40.0)
    spectrum = np.maximum(0, 9 - (bins - 20.3) ** 2).astype(np.float32)[np.newaxis]
    places, heights = spectral_peaks(spectrum, np.ones(1, np.float32), 1, 39)
    assert places == pytest.approx([20.3], abs=1e-6)
    assert heights == pytest.approx([9], abs=1e-5)


@pytest.mark.parametrize(("first", "end", "n"), [(1, 39, 1), (20, 21, 1), (21, 39, 0), (1, 20, 0)])
def test_peaks_lie_between_the_given_bins_and_above_the_level(first, end, n):
    spectrum = np.zeros((1, 40), np.float32)
    spectrum[0, 20] = 2
    assert len(spectral_peaks(spectrum, np.ones(1, np.float32), first, end)[0]) == n
    assert len(spectral_peaks(spectrum, np.full(1, 2, np.float32), first, end)[0]) == 0


@pytest.mark.parametrize("start", [-1_024, 0, 4_096])
def test_levels_and_crossings_are_librosa_s(start):
    y = np.random.default_rng(1).normal(0, 0.3, 12_000).astype(np.float32)
    y[5_000:6_000] = 0
    y[0], y[-1] = -0.5, -0.5  # the zeros around the song are no crossings
    padded = np.pad(y, (2_048, 4_096))
    part = padded[start + 2_048 :][: 9 * 512]
    rms, rate = levels_and_crossings(part, start, len(y), np.float32(1e-10))
    expected = librosa.feature.rms(y=part, frame_length=2_048, hop_length=512, center=False)[0]
    np.testing.assert_allclose(rms, expected, rtol=1e-6)
    held = part.copy()
    held[: max(0, -start)] = y[0]
    expected = librosa.feature.zero_crossing_rate(
        held, frame_length=2_048, hop_length=512, center=False
    )[0]
    np.testing.assert_array_equal(rate, expected.astype(np.float32))


def test_the_zeros_after_a_song_are_no_crossing():
    part = np.full(4 * 512, -0.5, np.float32)
    part[300:] = 0
    assert levels_and_crossings(part, 0, 300, np.float32(1e-10))[1] == 0
    assert levels_and_crossings(part, 0, 301, np.float32(1e-10))[1] == np.float32(1 / 2_048)
