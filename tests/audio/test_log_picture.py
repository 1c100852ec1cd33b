"""The middle minute as a picture, against a drawing made dot by dot from librosa's own calls."""

import librosa
import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.features import feature_shape, song_features, song_segments
from genre_core.audio.log_picture import MINUTE, SR, log_picture
from genre_core.config import SongInput
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song

SPEC = SongInput(features="log_picture", n_frames=153, hop_frames=153, hop_length=8_535)


@pytest.fixture(scope="module")
def song():
    rng = np.random.default_rng(0)
    loud = np.repeat(rng.uniform(0.05, 1, 130), SR // 2)  # a song of 65 s whose level changes
    return (made_song(len(loud), SR, seed=0) * loud).astype(np.float32)


@pytest.fixture(scope="module")
def picture(song):
    return log_picture(song)


def drawn(y):
    """The whole drawing, every dot of it, shrunk as OpenCV does: slow, and plain."""
    decibels = librosa.amplitude_to_db(
        np.abs(librosa.stft(y, n_fft=4096, hop_length=256)), ref=np.max
    )
    shade = (decibels - decibels.min()) / (decibels.max() - decibels.min())
    drawing = np.full((360, 1008), np.nan)
    left, right, top, bottom = 126.0, 907.2, 43.2, 315.0  # 72 dots an inch, axes of a notebook
    c2 = librosa.note_to_hz("C2")
    octaves = 1 + np.log2(11_025 / c2)
    columns = np.arange(126, 907)
    frames = ((columns + 0.5 - left) / (right - left) * decibels.shape[1]).astype(int)
    for row in range(44, 315):
        u = (bottom - (row + 0.5)) / (bottom - top) * octaves
        hertz = c2 * u if u < 1 else c2 * 2 ** (u - 1)
        drawing[row, columns] = shade[round(hertz * 4096 / 22_050), frames]
    small = np.full((149, 153), np.nan)
    for i in range(149):
        for j in range(153):
            r, c = 1.8 * (173 - i) + 0.4, 5.04 * (26 + j) + 2.02
            a, b = int(r + 1e-9), int(c + 1e-9)
            p, q = r - a, c - b
            small[i, j] = [1 - p, p] @ drawing[a : a + 2, b : b + 2] @ [1 - q, q]
    return small


def test_it_is_the_drawing_that_librosa_would_give_dot_by_dot(song, picture):
    start = (len(song) - MINUTE) // 2
    np.testing.assert_allclose(picture.T, drawn(song[start : start + MINUTE]), atol=1e-5)


def test_it_lies_in_0_to_1_and_knows_no_gain(song, picture):
    assert 0 <= picture.min() < 0.1
    assert 0.9 < picture.max() <= 1
    np.testing.assert_allclose(log_picture(song / 4), picture, atol=1e-5)


def test_only_the_middle_minute_counts(song, picture):
    other = song.copy()
    other[: SR * 2] = other[-SR * 2 :] = 0.9
    np.testing.assert_array_equal(log_picture(other), picture)


@pytest.mark.parametrize("hertz", [60.0, 5_000.0])
def test_a_sine_is_brightest_in_its_own_row(hertz):
    y = np.sin(2 * np.pi * hertz * np.arange(MINUTE) / SR).astype(np.float32)
    row = int(log_picture(y).mean(axis=0).argmax())
    # A row is two bins at most below 100 Hz, and a part of its frequency above.
    assert SPEC.bin_hz[row] == pytest.approx(hertz, abs=6, rel=0.03)


def test_a_shorter_song_is_drawn_as_its_repetition(song):
    half = song[: 40 * SR]
    np.testing.assert_array_equal(log_picture(half), log_picture(np.tile(half, 2)[:MINUTE]))


@pytest.mark.parametrize("n_samples", [1, 5_000])
def test_silence_and_moments_are_finite(n_samples):
    assert not log_picture(np.zeros(n_samples, np.float32)).any()
    assert np.isfinite(log_picture(np.ones(n_samples, np.float32))).all()


def test_it_is_one_segment_that_lies_in_the_middle(song, picture):
    clip = Clip(song, SR)
    segments = song_segments(clip, SPEC)
    assert feature_shape(clip.n_samples, SPEC) == song_features(clip, SPEC).shape == (153, 149)
    np.testing.assert_array_equal(segments.inputs[0, :, :, 0], picture.T)
    assert segments.start_s.tolist() == [2.5]
    assert segments.end_s.tolist() == [pytest.approx(62, abs=0.5)]
    assert segments.n_valid.tolist() == [153]


def test_the_segment_of_a_short_song_ends_with_it(song):
    segments = song_segments(Clip(song[: 30 * SR], SR), SPEC)
    assert (segments.start_s.tolist(), segments.end_s.tolist()) == ([0.0], [30.0])
    assert segments.n_valid.tolist() == [78]


def test_other_steps_are_refused(song):
    spec = SongInput(features="log_picture", n_frames=100, hop_frames=100)
    with pytest.raises(ParameterError, match="Received"):
        song_features(Clip(song, SR), spec)


@pytest.mark.realdata
def test_rows_that_are_equal_in_the_students_pictures_are_equal_in_ours(picture, data_folder):
    with np.load(data_folder / "prog_real" / "spectrograms.npz") as parts:
        theirs = parts["S"].astype(np.float32)  # (383, 149, 153)
    steps, ours = (np.abs(np.diff(part, axis=-2)).mean(axis=-1) for part in (theirs, picture.T))
    equal = np.flatnonzero(steps.mean(axis=0) < 1e-3)
    assert equal.tolist() == [1, 10, 16, 20, 26]
    assert np.flatnonzero(ours < 1e-6).tolist() == equal.tolist()
