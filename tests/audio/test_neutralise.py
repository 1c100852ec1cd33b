"""Neutralised clips: level, band, ends and codec are hidden, and what is played stays."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.neutralise import LEVEL_DB, neutralise_clip
from genre_core.audio.song_facts import SONG_FACTS, song_facts

SR = 22_050


def chord(seconds: float = 4.0, gain: float = 0.3, noise: float = 0.02) -> np.ndarray:
    t = np.arange(round(seconds * SR)) / SR
    tones = sum(np.sin(2 * np.pi * pitch * t) for pitch in (220, 330, 440))
    y = gain * tones / 3 + noise * np.random.default_rng(0).normal(size=len(t))
    return y.astype(np.float32)


def facts(clip: Clip) -> dict[str, float]:
    return dict(zip(SONG_FACTS, song_facts(clip).tolist(), strict=True))


def made(y: np.ndarray, seed: int = 0) -> Clip:
    return neutralise_clip(Clip(y, SR), np.random.default_rng(seed))


@pytest.mark.parametrize("gain", [0.003, 0.1, 1.0])
def test_every_clip_has_one_level(gain: float) -> None:
    assert facts(made(chord(gain=gain, noise=gain / 20)))["loudness"] == pytest.approx(
        LEVEL_DB, abs=0.01
    )


def test_silence_at_the_ends_goes_and_inside_stays() -> None:
    silence = np.zeros(2 * SR, np.float32)
    clip = made(np.concatenate([silence, chord(), silence, chord(), silence]))
    assert 9 < clip.duration_s < 10
    assert facts(clip)["silence"] == pytest.approx(2 / 9.5, abs=0.05)


def test_bands_differ_from_draw_to_draw_and_not_from_file_to_file() -> None:
    rng = np.random.default_rng(1)
    wide = rng.normal(0, 0.1, 4 * SR).astype(np.float32)
    bands = [facts(made(wide, seed))["bandwidth"] for seed in range(6)]
    assert max(bands) > 1.3 * min(bands)
    assert max(bands) < 11_000


def test_the_tones_stay() -> None:
    y = made(chord()).y
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y))))
    strongest = np.argsort(spectrum)[-9:] * SR / len(y)
    assert all(np.abs(np.array([220, 330, 440]) - pitch).min() < 3 for pitch in strongest)


def test_the_same_seed_gives_the_same_and_minutes_do_not_break_it() -> None:
    long = np.tile(chord(), 15)
    assert made(long, 3).duration_s > 50
    one, two, other = (made(chord(), seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.y, two.y)
    assert len(other.y) != len(one.y)


@pytest.mark.parametrize("y", [np.zeros(SR, np.float32), chord(0.5), chord(1.0)])
def test_short_and_silent_ones_keep_their_length(y: np.ndarray) -> None:
    clip = made(y)
    assert len(clip.y) == len(y)
    assert np.isfinite(clip.y).all()
