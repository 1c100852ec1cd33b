"""Mel patches, log-mel and equal bands: librosa's values, the bands' places, absolute levels."""

import dataclasses

import librosa
import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import frames_of
from genre_core.audio.spectrograms import band_power, below_maximum_db, log_mel_96, mel_patches
from genre_core.config import SongInput
from tests.audio.made_songs import made_song, sine
from tests.audio.real_songs import real_songs

SECOND = SongInput(features="mel_128", n_frames=43, hop_frames=43)


def _mel_by_librosa(y, n_frames):
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
def test_a_sine_is_loudest_in_the_nearest_mel_band(hertz):
    patch = mel_patches(sine(hertz, 43 * 512, 22_050), SECOND)[0]
    nearest = np.abs(SECOND.bin_hz - hertz).argmin()
    loudest = patch[2:-2].argmax(axis=1)
    # Low bands are narrower than the window's resolution of 11 Hz a bin.
    assert (np.abs(loudest - nearest) <= (1 if hertz < 500 else 0)).all()


@pytest.mark.realdata
def test_patches_of_real_songs_agree_too(data_folder):
    for y in real_songs(data_folder, 22_050):
        patches = mel_patches(y, SECOND)
        assert len(patches) >= 10
        for k in (0, len(patches) // 2):
            expected = _mel_by_librosa(y[k * 22_016 : (k + 1) * 22_016], 43)
            np.testing.assert_allclose(patches[k], expected, atol=1e-3)


def _log_mel_by_librosa(y, hop_length=256):
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
    np.testing.assert_allclose(found, _log_mel_by_librosa(y), atol=5e-6)


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
    np.testing.assert_allclose(
        log_mel_96(y, hop_length=160), _log_mel_by_librosa(y, 160), atol=5e-6
    )


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
def test_a_sine_is_loudest_in_the_nearest_band_of_96(hertz):
    spec = SongInput(features="log_mel_96", n_frames=187, hop_frames=187, hop_length=256)
    nearest = np.abs(spec.bin_hz - hertz).argmin()
    loudest = log_mel_96(sine(hertz, 16_000, 16_000))[2:-2].argmax(axis=1)
    assert (np.abs(loudest - nearest) <= (1 if hertz < 500 else 0)).all()


@pytest.mark.realdata
def test_log_mel_of_real_songs_agrees_too(data_folder):
    for y in real_songs(data_folder, 16_000):
        np.testing.assert_allclose(log_mel_96(y), _log_mel_by_librosa(y), atol=5e-6)


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
