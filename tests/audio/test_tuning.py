"""The tuning of a song: librosa's to the last digit, and nearly so from a table."""

import functools

import librosa
import numpy as np
import pytest

from genre_core.audio import tuning
from genre_core.audio.tuning import Pitches
from tests.audio.made_songs import made_song, sine

SR = 22_050


def _sharp_song():
    """Return the made song a third of a semitone higher."""
    y = made_song(102_000, SR)
    return np.interp(np.arange(100_000) * 2 ** (1 / 36), np.arange(len(y)), y).astype(np.float32)


SOUNDS = {
    "music": lambda: made_song(100_000, SR),
    "out of tune": _sharp_song,
    "noise": lambda: np.random.default_rng(1).normal(0, 0.1, 70_000).astype(np.float32),
}


@functools.cache
def _spectra(name, power):
    return np.abs(librosa.stft(SOUNDS[name]())) ** power


@functools.cache
def _exact(name, power, bins_per_octave):
    return _estimate(_spectra(name, power), bins_per_octave)


def _estimate(spectra, bins_per_octave):
    pitches = Pitches(SR, 2_048, bins_per_octave)
    for part in np.array_split(spectra.T, 4):
        pitches.add(*pitches.peaks(np.ascontiguousarray(part)))
    return pitches.tuning()


EVERY = (
    pytest.mark.parametrize("name", SOUNDS),
    pytest.mark.parametrize("power", [1, 2]),
    pytest.mark.parametrize("bins_per_octave", [12, 36]),
)


def every(test):
    for mark in EVERY:
        test = mark(test)
    return test


@every
def test_tuning_is_librosa_s(name, power, bins_per_octave):
    spectra = _spectra(name, power)
    expected = librosa.estimate_tuning(S=spectra, sr=SR, bins_per_octave=bins_per_octave)
    assert _exact(name, power, bins_per_octave) == expected


def test_a_song_out_of_tune_is_heard_as_such():
    spectra = _spectra("out of tune", 1)
    assert _estimate(spectra, 12) == pytest.approx(1 / 3, abs=0.05)


@every
@pytest.mark.parametrize("most", [0, 1_000])
def test_many_peaks_in_a_table_give_the_same(name, power, bins_per_octave, most, monkeypatch):
    spectra, expected = _spectra(name, power), _exact(name, power, bins_per_octave)
    monkeypatch.setattr(tuning, "_MOST_PEAKS", most)
    assert _estimate(spectra, bins_per_octave) == expected


def test_a_single_peak_is_a_tuning_too():
    spectrum = np.abs(librosa.stft(sine(452, 2_048, SR), center=False))
    expected = librosa.estimate_tuning(S=spectrum, sr=SR, bins_per_octave=12)
    assert _estimate(spectrum, 12) == expected
    assert expected == pytest.approx(12 * np.log2(452 / 440), abs=0.05)


@pytest.mark.parametrize("most", [0, 1_000])
def test_silence_is_in_tune(most, monkeypatch):
    monkeypatch.setattr(tuning, "_MOST_PEAKS", most)
    assert _estimate(np.zeros((1_025, 9), np.float32), 12) == 0


def test_peaks_of_one_height_all_count_in_a_table(monkeypatch):
    monkeypatch.setattr(tuning, "_MOST_PEAKS", 0)
    pitches = Pitches(SR, 2_048, 12)
    for hertz in (452.0, 904.0, 440.0, 452.0):
        pitches.add(np.full(9, hertz, np.float32), np.ones(9, np.float32))
    assert pitches.tuning() == pytest.approx(12 * np.log2(452 / 440), abs=0.01)
