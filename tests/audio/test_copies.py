"""Changed copies of songs: the same for the same chance, clearly another sound, never too loud."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.copies import _encoded_anew, changed_copy
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song, sine

SR = 22_050
SONG, OTHER = Clip(made_song(2 * SR, SR), SR), Clip(sine(700, SR, SR), SR)


def copy_of(seed: int, song: Clip = SONG, other: Clip = OTHER) -> Clip:
    return changed_copy(song, other, np.random.default_rng(seed))


def spectrum(y: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(y, 4 * SR))


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_is_the_same_for_the_same_chance_and_no_other(seed: int) -> None:
    copy = copy_of(seed)
    np.testing.assert_array_equal(copy.y, copy_of(seed).y)
    assert copy.sr == SR
    assert 1 / 1.16 < copy.n_samples / SONG.n_samples < 1 / 0.84
    assert np.isfinite(copy.y).all()
    assert np.abs(copy.y).max() <= 1
    for another in (SONG, copy_of(seed + 1)):
        n = min(copy.n_samples, another.n_samples)
        assert abs(np.corrcoef(copy.y[:n], another.y[:n])[0, 1]) < 0.95


def test_some_copies_hold_the_other_song_and_some_do_not() -> None:
    """The other song is a tone: in a mixture its place stands out against the song's own copy."""
    silent = Clip(np.zeros(SR, np.float32), SR)
    risen = []
    for seed in range(12):
        mixed, alone = (spectrum(copy_of(seed, other=other).y) for other in (OTHER, silent))
        tone = slice(4 * 500, 4 * 900)
        risen.append(mixed[tone].max() / alone[tone].max() > 1.5)
    assert 2 <= sum(risen) <= 10


def test_speed_moves_pitch_and_length_together() -> None:
    tone = Clip(sine(400, 2 * SR, SR), SR)
    for seed in range(4):
        copy = copy_of(seed, tone, Clip(np.zeros(SR, np.float32), SR))
        hertz = np.argmax(spectrum(copy.y)) / 4
        assert hertz == pytest.approx(400 * tone.n_samples / copy.n_samples, rel=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_silence_stays_silence(seed: int) -> None:
    silent = Clip(np.zeros(SR, np.float32), SR)
    assert np.abs(copy_of(seed, silent, silent).y).max() < 1e-4


@pytest.mark.parametrize("n_samples", [1, 2, 100, 2_000])
def test_a_short_clip_is_no_trouble(n_samples: int) -> None:
    for seed in range(4):
        assert copy_of(seed, Clip(SONG.y[:n_samples], SR)).n_samples >= 1


def test_a_long_song_is_no_trouble() -> None:
    song = Clip(np.tile(SONG.y, 30), SR)  # a minute: at once, it would end the process
    copies = [_encoded_anew(song.y, SR, quality) for quality in (0.7, 1.0)]
    for copy in copies:
        assert abs(len(copy) - song.n_samples) < 2_048
        assert np.corrcoef(copy[: SR * 20], song.y[: SR * 20])[0, 1] > 0.8


def test_two_rates_are_refused() -> None:
    with pytest.raises(ParameterError, match="Received"):
        copy_of(0, other=Clip(OTHER.y, 16_000))
