"""423 numbers of a segment: mean and variance of the 205 of its frames, and 13 of their course."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.frame_names import FAMILIES, FRAME_NAMES
from genre_core.config import require

COURSE_NAMES = (
    "onset_mean_db",
    "onset_variance_db2",
    "pulse_clarity",
    "tempo_octaves",
    "loudness_range_db",
    "quiet_share",
    "zero_crossing_skewness",
    "centroid_trend",
    "pitch_class_entropy",
    "key_clarity",
    "major_minus_minor",
    "harmonic_change",
    "timbre_change",
)
"""The 13 that study S5 does not name; ours, see `course`."""

STATISTIC_NAMES = (
    *(f"{name}_mean" for name in FRAME_NAMES),
    *(f"{name}_variance" for name in FRAME_NAMES),
    *COURSE_NAMES,
)
"""Names of the 423."""

_FRAMES_A_SECOND = 22_050 / 512
_SHORTEST_LAG, _LONGEST_LAG = 14, 86  # frames; 185 to 30 beats a minute
_REFERENCE_BPM = 120.0
_FLOOR_POWER, _FLOOR_AMPLITUDE = 1e-8, 1e-4  # -80 dB
_APART = 22  # half a second, in frames
_EPSILON = 1e-9
_ROUNDING = 1e-6  # of float32 sums, as a share of the largest value

# How well each step above the key note fits the key, as listeners rated it (Krumhansl and Kessler).
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def statistics_423(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the 423 numbers of a segment from its frames of `frames_205`, without padding.

    Means, variances (divided by n_frames) and `course`; finite, in the order of `STATISTIC_NAMES`.

    Notes
    -----
    **Source**: study S5 (mean and variance); the 13 others are ours. None is the segment's length:
    length alone tells prog from other songs in many collections.

    Examples
    --------
    >>> statistics_423(np.ones((100, 205), np.float32))[[0, 205]].tolist()
    [1.0, 0.0]
    >>> statistics_423(np.ones((0, 205), np.float32))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: frames must be of shape (n_frames, 205), at least one. \
Received an array of shape (0, 205) and dtype float32. Give the output of frames_205.
    """
    require(
        frames.ndim == 2 and frames.shape[1] == len(FRAME_NAMES) and len(frames) > 0,
        "frames must be of shape (n_frames, 205), at least one.",
        frames,
        "Give the output of frames_205.",
    )
    exact = frames.astype(np.float64)
    parts = (exact.mean(axis=0), exact.var(axis=0), course(exact))
    return np.concatenate(parts).astype(np.float32)


def course(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute 13 numbers of how a segment goes on in time, from its frames alone.

    Finite, in the order of `COURSE_NAMES`:

    - onset_mean_db, onset_variance_db2: of the rise of the mel bands' level from frame to frame,
      averaged over bands, falls counting as 0.
    - pulse_clarity: autocorrelation of these rises, 0 to 1, where it is highest between 0.33 and
      2 s; places weigh by exp(-octaves^2 / 2).
    - tempo_octaves: that place, log2(beats a minute / 120); 0 without a pulse.
    - loudness_range_db: from the 5th to the 95th percentile of the rms level.
    - quiet_share: frames whose rms is below the segment's mean.
    - zero_crossing_skewness: third standardised moment of the zero crossing rate.
    - centroid_trend: correlation of the spectral centroid with time, -1 to 1.
    - pitch_class_entropy: of the mean chroma_cqt, 0 (one pitch class) to 1 (all alike).
    - key_clarity: highest correlation of the mean chroma_cqt with the 24 keys' profiles.
    - major_minus_minor: highest with a major key less highest with a minor key.
    - harmonic_change, timbre_change: mean distance of frames half a second apart in tonnetz, and
      in mfcc 1 to 19.

    What a segment is too short or too even for is 0. Levels end at -80 dB, so that the noise of
    silence counts for nothing.
    """
    ends = np.cumsum(list(FAMILIES.values()))
    of = dict(zip(FAMILIES, np.split(frames, ends[:-1], axis=1), strict=True))
    level = 10 * np.log10(np.maximum(of["melspectrogram"], _FLOOR_POWER))
    rises = np.maximum(np.diff(level, axis=0), 0).mean(axis=1)
    clarity, tempo = _pulse(rises)
    rms = of["rms"][:, 0]
    loudness = 20 * np.log10(np.maximum(rms, _FLOOR_AMPLITUDE))
    low, high = np.percentile(loudness, [5, 95])
    chroma = of["chroma_cqt"].mean(axis=0)
    major, minor = (
        max(_fit(chroma, np.roll(profile, key)) for key in range(12))
        for profile in (_MAJOR, _MINOR)
    )
    return np.array(
        [
            rises.mean() if rises.size else 0.0,
            rises.var() if rises.size else 0.0,
            clarity,
            tempo,
            high - low,
            (rms < rms.mean() * (1 - _EPSILON)).mean(),
            _skewness(of["zero_crossing_rate"][:, 0]),
            _fit(of["spectral_centroid"][:, 0], np.arange(len(frames))),
            _entropy(chroma),
            max(major, minor),
            major - minor,
            _distance(of["tonnetz"]),
            # MFCC 0 is the largest: the others carry the rounding of its size.
            _distance(of["mfcc"][:, 1:], least=_ROUNDING * np.abs(of["mfcc"]).max()),
        ]
    )


def _pulse(rises: NDArray[np.float64]) -> tuple[float, float]:
    """Return the autocorrelation of the likeliest beat, and its tempo in octaves above 120."""
    lags = np.arange(_SHORTEST_LAG, min(_LONGEST_LAG, len(rises) // 2) + 1)
    if not lags.size or _is_even(rises):
        return 0.0, 0.0
    # Means and not sums: with sums a short segment would have the weaker pulse.
    centred = rises - rises.mean()
    alike = np.array([(centred[lag:] * centred[:-lag]).mean() for lag in lags]) / rises.var()
    octaves = np.log2(60 * _FRAMES_A_SECOND / lags / _REFERENCE_BPM)
    # A beat is as like to every second beat: the one nearer to 120 is taken, as listeners would.
    best = int((alike * np.exp(-0.5 * octaves**2)).argmax())
    if alike[best] <= 0:
        return 0.0, 0.0
    return min(1.0, float(alike[best])), float(octaves[best])


def _fit(a: NDArray[np.float64], b: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """Return the correlation of two rows, 0 where one is even."""
    if _is_even(a) or _is_even(b):
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _is_even(values: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    """Tell whether values differ by no more than the rounding of their own size."""
    return bool(np.std(values) <= _ROUNDING * np.abs(values).max())


def _skewness(values: NDArray[np.float64]) -> float:
    if _is_even(values):
        return 0.0
    return float((((values - values.mean()) / values.std()) ** 3).mean())


def _entropy(chroma: NDArray[np.float64]) -> float:
    total = float(chroma.sum())
    if total < _EPSILON:
        return 0.0
    share = chroma[chroma > 0] / total
    return float(-(share * np.log(share)).sum() / np.log(len(chroma)))


def _distance(values: NDArray[np.float64], *, least: float = 0.0) -> float:
    """Return the mean distance of frames half a second apart; what is below `least` counts as 0."""
    if len(values) <= _APART:
        return 0.0
    distances = np.linalg.norm(values[_APART:] - values[:-_APART], axis=1)
    return float(np.where(distances > least, distances, 0).mean())
