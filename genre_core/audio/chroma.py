"""Pitch classes and tonal centroids from one constant-Q transform."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.constant_q import octave_parts, pitch_classes
from genre_core.audio.octaves import Part
from genre_core.audio.spectral import Families
from genre_core.audio.threads import begun

_SHORTEST = 65_536
"""Samples, 3 s: what the longest filter and the halving of the rate reach; librosa warns below."""

_STEPS = (0.4, 0.2, 0.1, 0.05)
_SMOOTHED = 43  # frames that a smoothed one looks at
_BLOCK = 8_192
_TINY = np.finfo(np.float32).tiny


def begin_octaves(y: Samples, n_threads: int) -> Iterator[Part]:
    """Begin to bring a song down the octaves, which needs no tuning; see `constant_q_families`.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 22,050 Hz, at least one sample, finite.
    n_threads : int
        With more than 1 the first 24 s are worked on at once, in a thread.
    """
    if len(y) < _SHORTEST:
        y = np.pad(y, (0, _SHORTEST - len(y)))
    parts = octave_parts(y)
    return parts if n_threads == 1 else begun(parts)


def constant_q_families(
    parts: Iterator[Part], tuning: float, into: Families, n_threads: int
) -> None:
    """Fill chroma_cqt, chroma_cens and tonnetz.

    Parameters
    ----------
    parts : iterator of Part
        From `begin_octaves`.
    tuning : float
        Deviation from A = 440 Hz, in thirds of a semitone.
    into : dict of str to np.ndarray [shape=(1 + n_samples // 512, d), dtype=float32]
        Where the families go, by librosa's names.
    n_threads : int
        At least 1.

    Notes
    -----
    **Source**: librosa's functions with their defaults, which compute the same transform three
    times. Zeros follow a clip below 3 s, as librosa's own padding does.
    """
    classes = into["chroma_cqt"]
    pitch_classes(parts, tuning, classes, n_threads)
    for first in range(0, len(classes), _BLOCK):
        rows = slice(first, min(first + _BLOCK, len(classes)))
        into["chroma_cens"][rows] = _smoothed_steps(classes, rows)
    for first in range(0, len(classes), _BLOCK):
        part = classes[first : first + _BLOCK]
        part /= _or_one(part.max(axis=1, keepdims=True))
        shares = part / _or_one(part.sum(axis=1, keepdims=True))
        into["tonnetz"][first : first + _BLOCK] = shares @ _tonal_space()


def _smoothed_steps(classes: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
    """Compute chroma_cens of some frames: shares in four steps, smoothed, of length 1.

    The frames before and after them count too.
    """
    reach = _SMOOTHED // 2
    first = max(0, rows.start - reach)
    around = classes[first : rows.stop + reach]
    shares = around / _or_one(around.sum(axis=1, keepdims=True))
    steps = np.zeros_like(shares)
    for step in _STEPS:
        steps += (shares > step) * np.float32(1 / len(_STEPS))
    window = np.hanning(_SMOOTHED)
    smooth = scipy.ndimage.convolve1d(steps, window / window.sum(), axis=0, mode="constant")
    smooth = smooth[rows.start - first : rows.stop - first]
    return smooth / _or_one(np.linalg.norm(smooth, axis=1, keepdims=True))


def _or_one(size: NDArray[np.float32]) -> NDArray[np.float32]:
    """Replace what nothing can be divided by."""
    return np.where(size > _TINY, size, np.float32(1))


@cache
def _tonal_space() -> NDArray[np.float32]:
    """Return where the pitch classes lie on the circles of fifths and thirds [shape=(12, 6)]."""
    turns = np.array([7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3]) * np.arange(12)[:, np.newaxis]
    quarter = np.array([0.5, 0, 0.5, 0, 0.5, 0])  # sine and cosine in turn
    radius = np.array([1, 1, 1, 1, 0.5, 0.5])
    return (radius * np.cos(np.pi * (turns - quarter))).astype(np.float32)
