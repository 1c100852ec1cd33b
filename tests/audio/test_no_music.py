"""What is no music gets no verdict: silence, noise, a moment, numbers that are no sound."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.audio import Clip, decode_clips
from tests.audio.made_songs import made_song
from tests.audio.song_files import encoded

SR = 44_100
RNG = np.random.default_rng(0)


def stereo(y: np.ndarray) -> np.ndarray:
    return np.repeat(y[:, None], 2, axis=1).astype(np.float32)


SONG = stereo(made_song(4 * SR, SR))
STEP = 2.0**-15

NO_MUSIC = {
    "silence": (np.zeros((2 * SR, 2), np.float32), "nothing is to be heard"),
    "a constant": (np.full((2 * SR, 2), 0.5, np.float32), "nothing is to be heard"),
    "dither": (RNG.integers(-1, 2, (2 * SR, 2)).astype(np.float32) * STEP, "nothing but noise"),
    "triangular dither": (
        np.round(RNG.uniform(-1, 1, (2 * SR, 1)) + RNG.uniform(-1, 1, (2 * SR, 1))) * STEP,
        "nothing but noise",
    ),
    "a quiet room": (RNG.standard_normal((2 * SR, 2)) * 3e-4, "nothing but noise"),
    "a click": (np.eye(2 * SR, 2, -SR), "nothing is to be heard"),
    "a sample": (SONG[:1], "it lasts"),
    "a moment": (SONG[: SR // 20], "it lasts 0.05 s"),
}


EXACT, LOSSY = ("wav", "wav-float", "wav-24", "flac"), ("mp3", "ogg", "m4a")
CASES = [(case, kind) for case in NO_MUSIC for kind in EXACT]
# Encoders make a tone of a constant, and nothing of a sample.
CASES += [(case, kind) for case in NO_MUSIC for kind in LOSSY if case[:4] not in ("a co", "a sa")]


@pytest.mark.parametrize(("case", "kind"), CASES)
def test_what_is_no_music_is_said_at_every_rate(case, kind):
    y, expected = NO_MUSIC[case]
    clips = decode_clips(encoded(np.asarray(y, np.float32), SR, kind))
    for clip in clips.values():
        assert clip.no_music.startswith("No verdict: ")
        if kind.startswith("wav"):  # an encoder may turn silence to noise, and lengthen a moment
            assert expected in clip.no_music


@pytest.mark.parametrize("kind", ["wav", "wav-8", "wav-24", "flac", "mp3", "ogg", "opus", "m4a"])
@pytest.mark.parametrize("peak", [1.0, 0.2])
def test_music_is_music_in_every_format(kind, peak):
    sr = 48_000 if kind == "opus" else SR
    content = encoded(peak * SONG, sr, kind)
    assert [clip.no_music for clip in decode_clips(content).values()] == ["", ""]


@pytest.mark.parametrize("kind", ["wav-24", "wav-float", "flac-24"])
def test_quiet_music_of_fine_formats_is_music(kind):
    clips = decode_clips(encoded(1e-3 * SONG, SR, kind))  # peaks at -60 dB
    assert [clip.no_music for clip in clips.values()] == ["", ""]


def test_the_noise_of_eight_bits_is_none():
    y = RNG.integers(-1, 2, (4 * SR, 1)).astype(np.float32) / 128
    for clip in decode_clips(encoded(y, SR, "wav-8")).values():
        assert clip.step == 1 / 128
        assert clip.no_music.startswith("No verdict: nothing but noise")


@pytest.mark.parametrize("gain", [100, 32_768, 1e9])
def test_floats_far_over_full_scale_get_no_verdict(gain):
    for clip in decode_clips(encoded((gain * SONG).astype(np.float32), SR, "wav-float")).values():
        assert "times full scale" in clip.no_music


def test_a_little_over_full_scale_is_music():
    for clip in decode_clips(encoded(4 * SONG, SR, "wav-float")).values():
        assert clip.no_music == ""


@pytest.mark.parametrize("start", [0, 100, 170])
def test_a_second_of_music_in_three_minutes_of_silence_is_music(start):
    y = np.zeros(180 * 8_000, np.float32)
    y[start * 8_000 : (start + 1) * 8_000] = made_song(8_000, 8_000)
    assert Clip(y, 8_000).no_music == ""
