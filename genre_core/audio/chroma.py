"""Pitch classes and tonal centroids from one constant-Q transform."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.spectral import HOP, SR, Families

_PER_OCTAVE, _N_OCTAVES = 36, 7
_BLOCK_FRAMES = 32_768  # 12.7 min, some 300 MB
_MARGIN = 65_536
"""Samples: what the longest filter and the halving of the rate reach; librosa warns below it."""


def constant_q_families(y: Samples, tuning: float) -> Families:
    """Compute chroma_cqt, chroma_cens and tonnetz.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 22,050 Hz, at least one sample, finite.
    tuning : float
        Deviation from A = 440 Hz, in thirds of a semitone.

    Returns
    -------
    dict of str to np.ndarray [shape=(1 + n_samples // 512, d), dtype=float32]
        12, 12 and 6 columns.

    Notes
    -----
    **Source**: librosa's functions with their defaults, which compute the same transform three
    times. Zeros follow a clip below 3 s, as librosa's own padding does; a song above 12.7 min is
    computed in blocks that overlap, equal to 1e-5.

    Examples
    --------
    >>> families = constant_q_families(np.zeros(22_050, np.float32), 0.0)
    >>> {name: frames.shape for name, frames in families.items()}
    {'chroma_cqt': (44, 12), 'chroma_cens': (44, 12), 'tonnetz': (44, 6)}
    """
    n = 1 + len(y) // HOP
    pitches = np.empty((12, n), np.float32)
    for first in range(0, n, _BLOCK_FRAMES):
        end = min(first + _BLOCK_FRAMES, n)
        pitches[:, first:end] = _pitch_classes(y, tuning, first, end)
    # librosa takes a constant-Q transform; with a step a semitone it is its own chroma.
    chroma = librosa.feature.chroma_cqt(C=pitches, sr=SR, bins_per_octave=12)
    cens = librosa.feature.chroma_cens(C=pitches, sr=SR, bins_per_octave=12)
    families = {
        "chroma_cqt": chroma,
        "chroma_cens": cens,
        "tonnetz": librosa.feature.tonnetz(chroma=chroma, sr=SR),
    }
    return {name: frames.T.astype(np.float32) for name, frames in families.items()}


def _pitch_classes(y: Samples, tuning: float, first: int, end: int) -> NDArray[np.float32]:
    """Fold the constant-Q magnitudes of some frames into one octave [shape=(12, end - first)]."""
    start = max(0, first * HOP - _MARGIN)
    part = y[start : end * HOP + _MARGIN]
    part = np.pad(part, (0, max(0, _MARGIN - len(part))))
    spectra = np.abs(
        librosa.cqt(
            part,
            sr=SR,
            hop_length=HOP,
            n_bins=_N_OCTAVES * _PER_OCTAVE,
            bins_per_octave=_PER_OCTAVE,
            tuning=tuning,
        )
    )
    fold = librosa.filters.cq_to_chroma(len(spectra), bins_per_octave=_PER_OCTAVE)
    folded: NDArray[np.float32] = fold.astype(np.float32) @ spectra
    return folded[:, first - start // HOP : end - start // HOP]
