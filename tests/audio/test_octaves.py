"""Halving the rate part by part gives librosa's samples, and constant-Q products its magnitudes."""

import librosa
import numpy as np
import pytest

from genre_core.audio import octaves as octaves_module
from genre_core.audio.constant_q import octave_parts, pitch_classes
from genre_core.audio.octaves import Octaves
from tests.audio.made_songs import made_song, sine

SR = 22_050


def _joined(y, n_frames, *, n_octaves=4, n_window=1_024):
    """Put the octaves together again from the hops after each window's first sample."""
    found = [[] for _ in range(n_octaves)]
    octaves = Octaves(y, n_octaves=n_octaves, hop_length=512, n_window=n_window)
    for part in octaves.parts(n_frames):
        for k, samples in enumerate(found):
            windows = part.windows(k, part.rows, n_window)
            assert windows.shape == (part.rows.stop - part.rows.start, n_window)
            samples.append(windows[:, n_window // 2 :][:, : part.hops[k]].ravel())
    return [np.concatenate(samples) for samples in found]


@pytest.mark.parametrize("n_frames", [1, 7, 1_000])
@pytest.mark.parametrize("n_samples", [70_000, 70_001, 511, 1])
@pytest.mark.parametrize("fed", [3_000, 1 << 18])
def test_octaves_are_librosa_s(n_frames, n_samples, fed, monkeypatch):
    monkeypatch.setattr(octaves_module, "_FED", fed)
    y = made_song(n_samples, SR)
    expected = y
    for k, found in enumerate(_joined(y, n_frames)):
        if k:
            expected = librosa.resample(
                expected, orig_sr=2, target_sr=1, res_type="soxr_hq", scale=True
            )
        n = min(len(found), len(expected))
        np.testing.assert_array_equal(found[:n], expected[:n])
        assert (found[n:] == 0).all()
        assert len(found) >= len(expected) - (512 >> k)


@pytest.mark.parametrize("tuning", [0.0, -0.37, 0.49])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_pitch_classes_are_librosa_s(tuning, n_threads):
    y = made_song(80_000, SR)
    spectra = np.abs(librosa.cqt(y, sr=SR, n_bins=252, bins_per_octave=36, tuning=tuning))
    expected = librosa.filters.cq_to_chroma(252, bins_per_octave=36) @ spectra
    found = np.empty((1 + 80_000 // 512, 12), np.float32)
    pitch_classes(octave_parts(y), tuning, found, n_threads)
    np.testing.assert_allclose(found, expected.T, rtol=0, atol=2e-5 * expected.max())


@pytest.mark.parametrize("octave", range(7))
def test_every_octave_of_a_note_is_its_pitch_class(octave):
    found = np.empty((100, 12), np.float32)
    y = sine(55 * 2.0**octave if octave else 34.65, 70_000, SR)
    pitch_classes(octave_parts(y), 0.0, found, 1)
    assert (found[40:80].argmax(axis=1) == (9 if octave else 1)).all()


def test_only_the_frames_asked_for_are_written():
    some = np.full((9, 12), np.nan, np.float32)
    pitch_classes(octave_parts(made_song(70_000, SR)), 0.0, some[:5], 2)
    assert np.isfinite(some[:5]).all()
    assert np.isnan(some[5:]).all()
