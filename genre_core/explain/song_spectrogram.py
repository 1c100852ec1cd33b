"""What a network reads of a song as one spectrogram, short enough to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import SongInput, require

MAX_COLUMNS = 480
"""Columns of a drawn spectrogram; of more, neighbours are averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class SongSpectrogram:
    """A stretch of a song, frequency rising with the row.

    values [shape=(n_bands, n_columns), dtype=float32]: Scaled as the network reads it.
    time_s [shape=(n_columns,), dtype=float64]: Middle of each column, from the start of the song.
    hz [shape=(n_bands,), dtype=float64]: Middle of each band.
    """

    values: NDArray[np.float32]
    time_s: NDArray[np.float64]
    hz: NDArray[np.float64]


def song_spectrogram(
    segments: Segments,
    spec: SongInput,
    *,
    start_s: float = 0.0,
    length_s: float = np.inf,
    max_columns: int = MAX_COLUMNS,
) -> SongSpectrogram:
    """Put a song's segments together again, each frame once, without padding.

    Parameters
    ----------
    segments : Segments
        Of one song, in order.
    spec : SongInput
        How they were made; its bins must be frequencies.
    start_s, length_s : float
        From where and how much, in s. Where less than `length_s` follows, it starts earlier.
    max_columns : int
        At least 1; where there are more frames, neighbours are averaged.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> two = Segments(np.zeros((2, 43, 128, 1), np.float32), np.array([0.0, 1.0]),
    ...                np.array([1.0, 2.0]), np.array([43, 20]))
    >>> song_spectrogram(two, spec).values.shape
    (128, 63)
    >>> song_spectrogram(two, spec, length_s=0.5, max_columns=10).values.shape
    (128, 7)
    """
    hz = spec.bin_hz
    require(
        hz is not None,
        "A spectrogram needs bands of frequencies.",
        spec.features,
        "Choose a network that reads a spectrogram.",
    )
    require(length_s > 0, "length_s must be above 0 s.", length_s, "Ask for 10 s.")
    require(max_columns >= 1, "max_columns must be at least 1.", max_columns, "Use 480.")
    inputs = np.asarray(segments.inputs).reshape(len(segments), *spec.shape[:2])
    if spec.layout == "time_frequency":
        inputs = np.swapaxes(inputs, 1, 2)  # (n, n_bands, n_frames)
    last = len(segments) - 1
    # Of segments that overlap all but the last give the frames up to the next one's start.
    parts = [
        frames[:, : int(n) if k == last else min(int(n), spec.hop_frames)]
        for k, (frames, n) in enumerate(zip(inputs, segments.n_valid, strict=True))
    ]
    whole = np.concatenate(parts, axis=1)
    step, n_frames = spec.frame_step_s, whole.shape[1]
    n_asked = max(1, int(min(n_frames, round(min(length_s, n_frames * step) / step))))
    first = int(np.clip(round((start_s - segments.start_s[0]) / step), 0, n_frames - n_asked))
    width = -(-n_asked // max_columns)
    n_columns = n_asked // width
    used = whole[:, first : first + n_columns * width]
    values = used.reshape(len(used), n_columns, width).mean(axis=2, dtype=np.float64)
    middles = first + width * np.arange(n_columns) + (width - 1) / 2
    return SongSpectrogram(
        values.astype(np.float32),
        segments.start_s[0] + step * middles,
        np.asarray(hz, dtype=np.float64),
    )
