"""Mel patches: each equals librosa's of its own samples, and levels are absolute."""

import librosa
import numpy as np
import pytest

from genre_core.audio.mel import mel_patches
from genre_core.config import SongInput
from tests.audio.made_songs import made_song, sine
from tests.audio.real_songs import real_songs

SECOND = SongInput(features="mel_128", n_frames=43, hop_frames=43)


def _by_librosa(y, n_frames):
    power = librosa.feature.melspectrogram(y=y, sr=22_050)
    return librosa.power_to_db(power, ref=1.0, amin=1e-8, top_db=None).T[:n_frames]


@pytest.mark.parametrize(
    ("n_frames", "hop_frames", "hop_length"),
    [(43, 43, 512), (43, 5, 512), (130, 65, 512), (43, 43, 441)],
)
def test_patches_are_librosa_s_of_each_segment_alone(n_frames, hop_frames, hop_length):
    spec = SongInput(
        features="mel_128", n_frames=n_frames, hop_frames=hop_frames, hop_length=hop_length
    )
    y = made_song(5 * 22_050, 22_050)
    patches = mel_patches(y, spec)
    assert len(patches) > 1
    for k, patch in enumerate(patches):
        start = k * hop_frames * hop_length
        part = y[start : start + n_frames * hop_length]
        part = np.pad(part, (0, n_frames * hop_length - len(part)))
        power = librosa.feature.melspectrogram(y=part, sr=22_050, hop_length=hop_length)
        expected = librosa.power_to_db(power, ref=1.0, amin=1e-8, top_db=None).T[:n_frames]
        # The last digit of a product of matrices depends on their sizes.
        np.testing.assert_allclose(patch, expected, atol=1e-4)


def test_no_patch_depends_on_another():
    y = made_song(3 * 43 * 512, 22_050)
    louder = y.copy()
    louder[: 43 * 512] *= 8
    np.testing.assert_array_equal(mel_patches(louder, SECOND)[1:], mel_patches(y, SECOND)[1:])


def test_double_amplitude_is_six_decibels_more():
    y = made_song(2 * 43 * 512, 22_050) * np.float32(0.2)
    once, twice = mel_patches(y, SECOND), mel_patches(2 * y, SECOND)
    heard = once > -79
    assert heard.mean() > 0.9
    np.testing.assert_allclose((twice - once)[heard], 20 * np.log10(2), atol=1e-3)


@pytest.mark.parametrize("hertz", [110.0, 440.0, 1_000.0, 5_000.0, 9_000.0])
def test_a_sine_is_loudest_in_the_nearest_band(hertz):
    patch = mel_patches(sine(hertz, 43 * 512, 22_050), SECOND)[0]
    nearest = np.abs(SECOND.bin_hz - hertz).argmin()
    loudest = patch[2:-2].argmax(axis=1)
    # Low bands are narrower than the window's resolution of 11 Hz a bin.
    assert (np.abs(loudest - nearest) <= (1 if hertz < 500 else 0)).all()


@pytest.mark.realdata
def test_real_songs_agree_too(data_folder):
    for y in real_songs(data_folder, 22_050):
        patches = mel_patches(y, SECOND)
        assert len(patches) >= 10
        for k in (0, len(patches) // 2):
            expected = _by_librosa(y[k * 22_016 : (k + 1) * 22_016], 43)
            np.testing.assert_allclose(patches[k], expected, atol=1e-3)
