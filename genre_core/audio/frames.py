"""The 205 numbers a frame of study S5, named, and the same from librosa family by family."""

from __future__ import annotations

import warnings

import librosa
import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples, check_samples
from genre_core.audio.constant_q import begin_octaves, constant_q_families
from genre_core.audio.frame_names import FAMILIES
from genre_core.audio.spectral import HOP, SR, SpectralFamilies
from genre_core.audio.threads import default_threads, one_blas_thread, side_by_side
from genre_core.config import require

_WITHOUT_RATE = ("rms", "spectral_flatness", "zero_crossing_rate")


def frames_205(y: Samples, sr: int = SR, *, n_threads: int | None = None) -> NDArray[np.float32]:
    """Compute the 205 numbers of every frame of a song.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, at least one sample, finite.
    sr : int
        22,050 Hz and no other.
    n_threads : int, optional
        One a core, at most 4, where None. Values do not depend on it.

    Returns
    -------
    np.ndarray [shape=(1 + n_samples // 512, 205), dtype=float32]
        Columns as `FRAME_NAMES`; frame i is centred on sample 512 i. Finite, also for silence.

    Notes
    -----
    **Source**: study S5, librosa 0.11 with its defaults: see `frames_reference`, whose values these
    are to 1e-4 of each family's range (measured 4e-5). Here one transform serves all families of
    the spectrum and one constant-Q transform the three of pitch classes; both go through the song
    in blocks that stay in the processor's cache. Two hours take their samples, their frames and
    some 80 MB.

    Of a clip below 65,536 samples (3 s) the three families of pitch classes are those of the clip
    with silence after it; librosa breaks its filters off at the end and warns. mfcc,
    spectral_contrast and the chroma families depend on the whole song (its loudest moment, its
    tuning), as librosa's do.

    Examples
    --------
    >>> frames = frames_205(np.zeros(22_050, np.float32))
    >>> from genre_core.audio.frame_names import FRAME_NAMES
    >>> frames.shape, FRAME_NAMES[44], FRAME_NAMES[-1]
    ((44, 205), 'chroma_cens_c', 'zero_crossing_rate')
    >>> frames_205(np.zeros(22_050, np.float32), sr=44_100)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: The 205 numbers are computed at 22,050 Hz. Received 44100 \
(int). Decode the file at that rate.
    """
    _check(y, sr)
    require(
        n_threads is None or n_threads >= 1,
        "n_threads must be at least 1, or None for one a core.",
        n_threads,
        "Leave it out.",
    )
    n_threads = n_threads or default_threads()
    frames = np.empty((1 + len(y) // HOP, sum(FAMILIES.values())), np.float32)
    ends = np.cumsum(list(FAMILIES.values()))[:-1]
    into = dict(zip(FAMILIES, np.split(frames, ends, axis=1), strict=True))  # views
    with one_blas_thread():
        octaves = begin_octaves(y, n_threads)
        spectral = SpectralFamilies(y, into)
        tuning = spectral.look(n_threads)
        # Each has steps that one thread does alone: meanwhile there is work for the others.
        side_by_side(
            lambda: spectral.finish(max(1, n_threads - 1)),
            lambda: constant_q_families(octaves, tuning, into, n_threads),
            n_threads,
        )
    return frames


def frames_reference(y: Samples, sr: int = SR) -> NDArray[np.float32]:
    """Compute the same with one call of librosa for each family: slow, to compare with.

    librosa's warnings of short clips and of silence without any pitch are not passed on.
    """
    _check(y, sr)
    parts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for name in FAMILIES:
            rate = {} if name in _WITHOUT_RATE else {"sr": sr}
            parts.append(getattr(librosa.feature, name)(y=y, **rate))
    return np.concatenate(parts).T.astype(np.float32)


def warm_up() -> None:
    """Compile the loops, so that the first song need not wait for it; `make run` calls it once."""
    frames_205(np.zeros(SR, np.float32))


def _check(y: Samples, sr: int) -> None:
    require(
        sr == SR, "The 205 numbers are computed at 22,050 Hz.", sr, "Decode the file at that rate."
    )
    check_samples(y)
