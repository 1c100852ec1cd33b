"""The 43 rows of a snippet are librosa's, and snippets follow one rule."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.snippets import (
    SNIPPET_FRAMES,
    SNIPPET_SAMPLES,
    SR,
    snippet_reference,
    snippet_rows,
    song_snippets,
)
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song, sine

HALF_A_SECOND = SR // 2


@pytest.mark.parametrize(
    "y",
    [
        pytest.param(made_song(3 * SR, SR), id="song"),
        pytest.param(made_song(3 * SR, SR)[::-1] * np.float32(0.01), id="quiet and backwards"),
        pytest.param(sine(452.0, 2 * SR, SR), id="out of tune"),
        pytest.param(np.r_[np.zeros(SR, "f4"), made_song(SR, SR)], id="silence first"),
        pytest.param(np.zeros(SR, np.float32), id="silence"),
    ],
)
@pytest.mark.filterwarnings("ignore:Trying to estimate tuning from empty frequency set")
def test_rows_are_librosa_s_call_by_call(y: np.ndarray) -> None:
    rows, expected = snippet_rows(y), snippet_reference(y)
    assert rows.shape == expected.shape == (1 + len(y) // 512, 43)
    assert rows.dtype == np.float32
    # Levels reach 80 dB, the others 1: a product of matrices differs in its last digit.
    np.testing.assert_allclose(rows, expected, atol=2e-5)


def test_each_family_is_where_it_belongs() -> None:
    rows = snippet_rows(made_song(2 * SR, SR))
    mfcc, mel, chroma, onset = np.split(rows, [20, 30, 42], axis=1)
    np.testing.assert_allclose(np.abs(mfcc).max(axis=1), 1, atol=1e-6)
    assert mel.max() == 0
    assert mel.min() >= -80
    np.testing.assert_allclose(chroma.max(axis=1), 1, atol=1e-6)
    assert chroma.min() >= 0
    assert onset.max() == 1
    assert onset[:3].max() == 0


@pytest.mark.parametrize(
    ("n_samples", "n_snippets"),
    [
        (SNIPPET_SAMPLES - 1, 1),
        (SNIPPET_SAMPLES, 1),
        (SNIPPET_SAMPLES + 1, 1),
        (2 * SNIPPET_SAMPLES - 1, 1),
        (2 * SNIPPET_SAMPLES, 2),
    ],
)
def test_only_whole_snippets_count(n_samples: int, n_snippets: int) -> None:
    snippets = song_snippets(Clip(sine(300, n_samples, SR), SR))
    assert snippets.inputs.shape == (n_snippets, SNIPPET_FRAMES, 43)
    np.testing.assert_array_equal(snippets.start_s, 10.0 * np.arange(n_snippets))
    assert snippets.end_s[-1] == min(n_samples / SR, 10.0 * n_snippets)


def test_silence_at_the_ends_is_left_out() -> None:
    tone = sine(300, SNIPPET_SAMPLES + SR, SR)
    silence = np.zeros(3 * SR, np.float32)
    snippets = song_snippets(Clip(np.concatenate([silence, tone, silence]), SR))
    trimmed, (first, _) = librosa.effects.trim(np.concatenate([silence, tone, silence]))
    assert len(snippets) == 1
    assert snippets.start_s[0] == first / SR
    np.testing.assert_array_equal(snippets.inputs[0], snippet_rows(trimmed[:SNIPPET_SAMPLES]))


def test_a_short_song_is_one_snippet_with_silence_after_it() -> None:
    y = sine(300, SR, SR)
    snippets = song_snippets(Clip(y, SR))
    whole = np.pad(y, (0, SNIPPET_SAMPLES - SR))
    np.testing.assert_array_equal(snippets.inputs[0], snippet_rows(whole))
    assert snippets.end_s.tolist() == [1.0]
    assert snippets.n_valid.tolist() == [44]


def test_silence_throughout_is_one_snippet_of_finite_rows() -> None:
    snippets = song_snippets(Clip(np.zeros(SR, np.float32), SR))
    assert snippets.inputs.shape == (1, SNIPPET_FRAMES, 43)
    assert np.isfinite(snippets.inputs).all()


def test_another_rate_is_refused() -> None:
    with pytest.raises(ParameterError, match="Received 44100"):
        song_snippets(Clip(sine(300, HALF_A_SECOND, 44_100), 44_100))
