"""A song put together from its segments: bad input, every frame once, and the bands of librosa."""

import librosa
import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import Segments
from genre_core.config import SongInput
from genre_core.errors import ParameterError
from genre_core.explain.song_spectrogram import song_spectrogram

MEL = SongInput(features="mel_128", n_frames=43, hop_frames=43)
OVERLAP = SongInput(features="log_mel_96", n_frames=20, hop_frames=10, hop_length=256)


def cut(frames: np.ndarray, spec: SongInput) -> Segments:
    """Cut (n, n_bands) frames as the rule of segments does: the last one padded."""
    starts = list(range(0, max(1, len(frames) - spec.n_frames + spec.hop_frames), spec.hop_frames))
    inputs = np.zeros((len(starts), *spec.shape[:2]), np.float32)
    valid = []
    for k, start in enumerate(starts):
        part = frames[start : start + spec.n_frames]
        inputs[k, : len(part)] = part
        valid.append(len(part))
    places = np.array(starts) * spec.frame_step_s
    return Segments(inputs.reshape(-1, *spec.shape), places, places + 1, np.array(valid))


@pytest.mark.parametrize(
    ("spec", "changes"),
    [
        (SongInput(features="frames_205", n_frames=43, hop_frames=43), {}),
        (MEL, {"length_s": 0.0}),
        (MEL, {"length_s": -1.0}),
        (MEL, {"max_columns": 0}),
    ],
)
def test_bad_input_is_refused(spec: SongInput, changes: dict[str, float]) -> None:
    segments = Segments(
        np.zeros((2, *spec.shape), np.float32), np.zeros(2), np.ones(2), np.array([43, 43])
    )
    with pytest.raises(ParameterError, match="Received"):
        song_spectrogram(segments, spec, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", [MEL, OVERLAP], ids=["side by side", "overlapping"])
@pytest.mark.parametrize("n_frames", [20, 43, 86, 97, 130])
def test_every_frame_stands_once_and_padding_nowhere(spec: SongInput, n_frames: int) -> None:
    frames = np.random.default_rng(2).normal(size=(n_frames, spec.n_bins)).astype(np.float32)
    segments = cut(frames, spec)
    shown = song_spectrogram(segments, spec, max_columns=1_000)
    n_there = int(segments.start_s[-1] / spec.frame_step_s + 0.5) + int(segments.n_valid[-1])
    np.testing.assert_array_equal(shown.values, frames[:n_there].T)
    np.testing.assert_allclose(shown.time_s, np.arange(n_there) * spec.frame_step_s, atol=1e-9)


def test_neighbours_are_averaged() -> None:
    frames = np.random.default_rng(2).normal(size=(86, 128)).astype(np.float32)
    shown = song_spectrogram(cut(frames, MEL), MEL, max_columns=20)
    assert shown.values.shape == (128, 17)
    np.testing.assert_allclose(shown.values[:, 3], frames[15:20].mean(axis=0), rtol=1e-4, atol=1e-6)
    assert shown.time_s[3] == pytest.approx(17 * MEL.frame_step_s)


def test_a_stretch_starts_where_asked_or_ends_with_the_song() -> None:
    frames = np.arange(430, dtype=np.float32)[:, np.newaxis].repeat(128, axis=1)
    segments, step = cut(frames, MEL), MEL.frame_step_s
    shown = song_spectrogram(segments, MEL, start_s=100 * step, length_s=50 * step)
    np.testing.assert_array_equal(shown.values[0], np.arange(100, 150))
    late = song_spectrogram(segments, MEL, start_s=1e6, length_s=50 * step)
    np.testing.assert_array_equal(late.values[0], np.arange(380, 430))
    early = song_spectrogram(segments, MEL, start_s=-5.0, length_s=1e-6)
    np.testing.assert_array_equal(early.values[0], [0])


def test_a_tone_lies_in_its_band_and_time_counts_from_the_songs_start() -> None:
    sr = MEL.sr
    t = np.arange(94 * sr) / sr  # longer than what is read whole
    y = (0.3 * np.sin(2 * np.pi * np.where(t < 35, 440, 3_000) * t)).astype(np.float32)
    spec = SongInput(features="mel_128", n_frames=43, hop_frames=43, skip_s=30.0)
    shown = song_spectrogram(song_segments(Clip(y, sr), spec), spec, max_columns=10_000)
    assert shown.time_s[0] == pytest.approx(30.0, abs=0.05)
    np.testing.assert_allclose(
        shown.hz, librosa.mel_frequencies(130, fmin=0, fmax=sr / 2)[1:-1], rtol=1e-5
    )
    low = shown.values[:, (shown.time_s > 31) & (shown.time_s < 34)].mean(axis=1)
    high = shown.values[:, shown.time_s > 36].mean(axis=1)
    assert abs(shown.hz[low.argmax()] - 440) < 20
    assert abs(shown.hz[high.argmax()] - 3_000) < 100
