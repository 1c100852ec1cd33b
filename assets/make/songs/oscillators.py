"""Waves, noise, envelopes and filters: what every made instrument is put together from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import signal

Sound = npt.NDArray[np.float32]

_TABLE = 4096

# Strength of each harmonic from the fundamental on; beyond the list there is none.
_PARTIALS: dict[str, tuple[float, ...]] = {
    "sine": (1.0,),
    "flute": (1.0, 0.28, 0.12, 0.04),
    "organ": (1.0, 0.75, 0.5, 0.4, 0.0, 0.28, 0.0, 0.25, 0.0, 0.0, 0.0, 0.12),
    "bell": (1.0, 0.0, 0.35, 0.0, 0.0, 0.18, 0.0, 0.0, 0.09),
}


def hertz(midi: float) -> float:
    """Return the frequency of a MIDI note number; 69 is 440 Hz.

    Examples
    --------
    >>> hertz(69), round(hertz(60), 2)
    (440.0, 261.63)
    """
    return float(440.0 * 2.0 ** ((midi - 69) / 12))


@lru_cache(maxsize=512)
def _cycle(shape: str, n_harmonics: int) -> Sound:
    """One period with at most `n_harmonics` harmonics, so that nothing folds back."""
    if shape in _PARTIALS:
        strengths = np.array(_PARTIALS[shape][:n_harmonics])
    else:
        order = np.arange(1, n_harmonics + 1)
        strengths = {"saw": 1 / order, "square": (order % 2) / order}[shape]
    phases = 2 * np.pi * np.arange(_TABLE) / _TABLE
    period = strengths @ np.sin(np.outer(np.arange(1, len(strengths) + 1), phases))
    period = (period / np.abs(period).max()).astype(np.float32)
    period.flags.writeable = False
    return period


def wave(shape: str, hz: float | npt.NDArray[np.float64], n: int, sr: int) -> Sound:
    """Return `n` samples of a periodic wave without aliasing.

    Parameters
    ----------
    shape : str
        "sine", "saw", "square", "organ", "flute" or "bell".
    hz : float or ndarray [shape=(n,)]
        Frequency, or its course.
    n : int
    sr : int

    Returns
    -------
    ndarray [shape=(n,), dtype=float32]
        Within [-1, 1], from phase 0.
    """
    course = np.broadcast_to(np.asarray(hz, dtype=np.float64), n)
    period = _cycle(shape, max(1, min(64, int(0.45 * sr / float(course.max())))))
    turns = (np.cumsum(course) - course[0]) / sr
    return period[(turns * _TABLE).astype(np.int64) % _TABLE]


def noise(n: int, rng: np.random.Generator) -> Sound:
    """Return white noise, most of it within [-1, 1]."""
    return (0.4 * rng.standard_normal(n)).astype(np.float32)


def envelope(
    n: int,
    sr: int,
    *,
    attack_s: float,
    release_s: float,
    decay_s: float = 0.0,
    sustain: float = 1.0,
) -> Sound:
    """Return a course from 0 up to 1, down to `sustain` and to 0 at the last sample.

    Attack and release give way where the note is too short for them.
    """
    points_s = np.cumsum([0.0, attack_s, decay_s])
    length_s = n / sr
    end_s = max(length_s - release_s, 0.4 * length_s)
    t = np.arange(n) / sr
    rise = np.minimum(points_s, end_s * np.array([0.0, 0.9, 1.0]))
    body = np.interp(t, rise, [0.0, 1.0, sustain])
    fall = np.interp(t, [end_s, length_s], [1.0, 0.0])
    return (body * fall).astype(np.float32)


def decaying(n: int, sr: int, half_s: float) -> Sound:
    """Return a course that halves every `half_s` seconds and ends without a click."""
    course = 0.5 ** (np.arange(n) / (half_s * sr))
    course[-min(n, 64) :] *= np.linspace(1, 0, min(n, 64))
    return course.astype(np.float32)


def low_pass(y: Sound, sr: int, hz: float, *, order: int = 2) -> Sound:
    """Weaken what lies above `hz` by 6 dB an octave and order."""
    return _filtered(y, order, hz, "lowpass", sr)


def high_pass(y: Sound, sr: int, hz: float, *, order: int = 2) -> Sound:
    """Weaken what lies below `hz` by 6 dB an octave and order."""
    return _filtered(y, order, hz, "highpass", sr)


def _filtered(y: Sound, order: int, hz: float, kind: str, sr: int) -> Sound:
    sections = signal.butter(order, min(hz, 0.45 * sr), kind, fs=sr, output="sos")
    return signal.sosfilt(sections, y).astype(np.float32)
