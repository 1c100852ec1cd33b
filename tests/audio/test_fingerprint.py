"""Fingerprints of songs: alike through codecs, cuts, gain and noise, unlike for other songs."""

from __future__ import annotations

import io
import itertools

import librosa
import numpy as np
import pytest
import soundfile

from genre_core.audio.decode import decode_clip
from genre_core.audio.fingerprint import HOP, N_BITS, SR, best_alignment, fingerprint
from genre_core.errors import ParameterError
from tests.audio.made_tunes import made_tune

SAME, OTHER = 0.3, 0.2
"""Above the first is found, below the second is not; between lies the margin."""


def through_file(y: np.ndarray, kind: str, sr: int = SR) -> np.ndarray:
    file = io.BytesIO()
    soundfile.write(file, y, sr, format=kind)
    return decode_clip(file.getvalue(), sr=SR, name="song").y


def test_one_word_for_each_two_frames() -> None:
    for n in (1, 2 * HOP - 1, 2 * HOP, 2 * HOP + 1, 3 * HOP):
        words = fingerprint(np.ones(n, np.float32))
        assert words.dtype == np.uint32
        assert len(words) == max(0, n // HOP - 1)


def test_bits_are_those_of_the_formula() -> None:
    y = made_tune(0, 3.0)
    power = np.abs(librosa.stft(y, n_fft=4_096, hop_length=HOP, pad_mode="constant")) ** 2
    edges = np.round(np.geomspace(300, 3_000, N_BITS + 2) * 4_096 / SR).astype(int)
    bands = np.stack([power[a:b].sum(axis=0) for a, b in itertools.pairwise(edges)])
    slope = bands[:-1] - bands[1:]
    bits = slope[:, 2:] > slope[:, :-2]
    expected = (bits.T * 2 ** np.arange(N_BITS, dtype=np.uint64)).sum(axis=1)
    differ = np.bitwise_count(expected.astype(np.uint32) ^ fingerprint(y)).sum()
    assert differ <= 0.002 * bits.size  # sums in another order


@pytest.mark.parametrize("gain", [0.001, 0.3, 3.0])
def test_loudness_does_not_enter(gain: float) -> None:
    y = made_tune(1, 10.0)
    found = best_alignment(fingerprint(y), fingerprint((y * gain).astype(np.float32)))
    assert found == (pytest.approx(1, abs=0.01), 0)


@pytest.mark.parametrize("kind", ["MP3", "OGG", "FLAC"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_song_is_found_in_another_format(kind: str, seed: int) -> None:
    y = made_tune(seed, 15.0)
    agreement, shift_s = best_alignment(fingerprint(y), fingerprint(through_file(y, kind)))
    assert agreement > 0.6
    assert abs(shift_s) < 0.1


@pytest.mark.parametrize("start_s", [0.0, 3.33, 7.77])
def test_a_cut_is_found_where_it_was_taken(start_s: float) -> None:
    y = made_tune(0, 20.0)
    part = y[round(start_s * SR) : round((start_s + 10) * SR)]
    agreement, shift_s = best_alignment(fingerprint(y), fingerprint(part))
    assert agreement > 0.6
    assert shift_s == pytest.approx(-start_s, abs=0.05)
    turned, back_s = best_alignment(fingerprint(part), fingerprint(y))
    assert turned == pytest.approx(agreement, abs=0.05)
    assert back_s == pytest.approx(start_s, abs=0.05)


def test_noise_and_another_tempo_are_lived_with() -> None:
    y = made_tune(2, 20.0)
    noise = np.random.default_rng(0).standard_normal(len(y)) * 0.1 * y.std()
    assert best_alignment(fingerprint(y), fingerprint((y + noise).astype(np.float32)))[0] > SAME
    for rate in (0.97, 1.03):
        stretched = librosa.effects.time_stretch(y, rate=rate)
        assert best_alignment(fingerprint(y), fingerprint(stretched))[0] > SAME


def test_other_tunes_of_the_same_sounds_are_not_found() -> None:
    words = [fingerprint(made_tune(seed, 12.0)) for seed in range(6)]
    found = [best_alignment(a, b)[0] for a, b in itertools.combinations(words, 2)]
    assert len(found) == 15
    assert max(found) < OTHER


def test_a_few_common_seconds_at_the_ends_are_not_enough() -> None:
    one, two = made_tune(0, 20.0), made_tune(1, 20.0)
    two[: 4 * SR] = one[-4 * SR :]
    assert best_alignment(fingerprint(one), fingerprint(two))[0] < SAME


@pytest.mark.parametrize("n_samples", [1, SR // 20, SR])
def test_silence_and_nothing_agree_with_nothing(n_samples: int) -> None:
    silent = fingerprint(np.zeros(n_samples, np.float32))
    assert not silent.any()
    assert best_alignment(silent, silent) == (0, 0)
    assert best_alignment(silent, fingerprint(made_tune(0, 5.0))) == (0, 0)
    assert best_alignment(fingerprint(made_tune(0, 5.0)), silent) == (0, 0)


def test_silence_around_a_song_takes_nothing_away() -> None:
    y = made_tune(0, 10.0)
    padded = np.concatenate([np.zeros(5 * SR, np.float32), y, np.zeros(4 * SR, np.float32)])
    agreement, shift_s = best_alignment(fingerprint(y), fingerprint(padded))
    assert agreement > 0.8
    assert shift_s == pytest.approx(5, abs=0.05)


def test_hiss_far_below_the_song_is_not_heard() -> None:
    y = made_tune(0, 6.0)
    hiss = 1e-6 * np.random.default_rng(0).standard_normal(6 * SR)
    words = fingerprint(np.concatenate([y, hiss.astype(np.float32)]))
    assert words[: 5 * SR // HOP].all()
    assert not words[7 * SR // HOP :].any()


@pytest.mark.parametrize(
    "y",
    [
        np.zeros(0, np.float32),
        np.zeros((2, 99), np.float32),
        np.array([0.0, np.nan], np.float32),
        np.array([0.0, np.inf], np.float32),
    ],
)
def test_what_is_no_clip_is_refused(y: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        fingerprint(y)
