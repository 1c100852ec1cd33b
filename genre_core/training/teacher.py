"""What a network of songs learns from a teacher: scaled features and a score a segment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import SongInput


def scaled_by(spec: SongInput, songs: Iterator[Segments]) -> SongInput:
    """Set offsets and scales to the mean and deviation of the songs' own frames.

    The songs are unscaled, at least one; padding never counts, a frame that segments share counts
    once. A feature that never changes has scale 1; `spec.bound` is kept.
    """
    n, total, squares = 0, np.zeros(spec.n_bins), np.zeros(spec.n_bins)
    for song in songs:
        # Where segments overlap, a frame counts once: with the segment that starts last before it.
        n_own = [spec.hop_frames] * (len(song) - 1) + [song.n_valid[-1]]
        for segment, n_first in zip(song.inputs, n_own, strict=True):
            frames = segment[..., 0] if segment.ndim == 3 else segment
            frames = frames.T if spec.layout == "frequency_time" else frames
            rows = np.atleast_2d(frames)[:n_first]  # (n_frames, n_bins)
            n += len(rows)
            total += rows.sum(axis=0, dtype=np.float64)
            squares += np.square(rows, dtype=np.float64).sum(axis=0)
    mean = total / n
    deviation = np.sqrt(np.maximum(squares / n - mean**2, 0))
    scales = np.where(deviation > 0, deviation, 1.0)
    return dataclasses.replace(
        spec,
        offsets=tuple(float(f"{value:.7g}") for value in mean),
        scales=tuple(float(f"{value:.7g}") for value in scales),
    )


def teacher_targets(
    song: Segments,
    start_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    scores: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Average a teacher's scores over each segment of `song`, by how long they overlap it.

    `start_s`, `end_s` and `scores` are of the teacher's segments. A segment that none of them
    meets, as where the teacher leaves out a short rest, gets the score of the nearest.

    Examples
    --------
    >>> song = Segments(np.zeros((2, 1), "f4"), np.array([0.0, 2.0]), np.array([2.0, 4.0]), None)
    >>> starts, ends, scores = np.array([0.0, 3.0]), np.array([3.0, 6.0]), np.array([0.2, 0.6])
    >>> teacher_targets(song, starts, ends, scores).round(2)
    array([0.2, 0.4])
    """
    shared = np.minimum(song.end_s[:, np.newaxis], end_s) - np.maximum(
        song.start_s[:, np.newaxis], start_s
    )  # (n_segments, n_of_teacher), in seconds
    weights = np.maximum(shared, 0)
    alone = weights.sum(axis=1) == 0
    weights[alone, np.argmax(shared[alone], axis=1)] = 1
    return np.asarray(weights @ scores / weights.sum(axis=1))
