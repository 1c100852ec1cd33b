"""Log-mel frames equal librosa's, block by block and at the ends."""

import librosa
import numpy as np
import pytest

from genre_core.audio.log_mel import log_mel_96
from genre_core.audio.segments import frames_of
from genre_core.config import SongInput
from tests.audio.made_songs import made_song, sine
from tests.audio.real_songs import real_songs


def _by_librosa(y, hop_length=256):
    # Mirrored here and not by librosa, which mirrors only the last part of a clip: where a clip is
    # a whole number of hops long, one sample of its last frame is then another.
    power = librosa.feature.melspectrogram(
        y=np.pad(y, 256, mode="reflect"),
        sr=16_000,
        n_fft=512,
        hop_length=hop_length,
        n_mels=96,
        center=False,
    )
    return np.log10(10_000 * power.T.astype(np.float64) + 1)


@pytest.mark.parametrize("n_samples", [512, 513, 16_000, 256 * 187 - 1, 256 * 187, 700_000])
def test_frames_are_librosa_s(n_samples):
    y = made_song(n_samples, 16_000)
    found = log_mel_96(y)
    assert found.shape == (1 + n_samples // 256, 96)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, _by_librosa(y), atol=5e-6)


@pytest.mark.parametrize("n_samples", [16_001, 256 * 187])
def test_librosa_s_own_mirror_gives_the_same_for_every_frame_of_a_segment(n_samples):
    y = made_song(n_samples, 16_000)
    power = librosa.feature.melspectrogram(
        y=y, sr=16_000, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect"
    )
    n = frames_of(n_samples, 256)
    np.testing.assert_allclose(log_mel_96(y)[:n], np.log10(10_000 * power.T[:n] + 1), atol=5e-6)


def test_another_step_is_librosa_s_too():
    y = made_song(9_000, 16_000)
    np.testing.assert_allclose(log_mel_96(y, hop_length=160), _by_librosa(y, 160), atol=5e-6)


@pytest.mark.parametrize("n_samples", [1, 2, 200, 256, 257])
def test_clips_shorter_than_a_window_are_mirrored_until_they_fill_it(n_samples):
    y = made_song(600, 16_000)[:n_samples]
    found = log_mel_96(y)
    assert found.shape == (1 + n_samples // 256, 96)
    mirrored = np.pad(y, 256, mode="reflect")
    window = librosa.filters.get_window("hann", 512) * mirrored[:512]
    power = librosa.filters.mel(sr=16_000, n_fft=512, n_mels=96) @ np.abs(np.fft.rfft(window)) ** 2
    np.testing.assert_allclose(found[0], np.log10(10_000 * power + 1), atol=1e-5)


def test_silence_is_zero_and_loud_is_finite():
    assert (log_mel_96(np.zeros(5_000, np.float32)) == 0).all()
    loud = log_mel_96(np.full(5_000, 100, np.float32))
    assert np.isfinite(loud).all()
    assert loud.max() > np.log10(np.finfo(np.float16).max), "where float16 would have overflowed"


@pytest.mark.parametrize("hertz", [200.0, 1_000.0, 3_000.0, 7_000.0])
def test_a_sine_is_loudest_in_the_nearest_band(hertz):
    spec = SongInput(features="log_mel_96", n_frames=187, hop_frames=187, hop_length=256)
    nearest = np.abs(spec.bin_hz - hertz).argmin()
    loudest = log_mel_96(sine(hertz, 16_000, 16_000))[2:-2].argmax(axis=1)
    assert (np.abs(loudest - nearest) <= (1 if hertz < 500 else 0)).all()


@pytest.mark.realdata
def test_real_songs_agree_too(data_folder):
    for y in real_songs(data_folder, 16_000):
        np.testing.assert_allclose(log_mel_96(y), _by_librosa(y), atol=5e-6)
