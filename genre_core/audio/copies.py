"""Changed copies of songs, from which networks learn what a teacher makes of other sound."""

from __future__ import annotations

import io

import numpy as np
import scipy.signal
import soundfile
import soxr
from numpy.typing import NDArray

from genre_core.audio.clip import Clip, Samples
from genre_core.config import require

_SPEED = 0.15
_SWAY_DB = 9.0
_N_TAPS = 1_025
_EDGES_HZ = (0.0, 60.0, 120.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)
_QUALITY = (0.7, 1.0)  # of Ogg Vorbis, as soundfile counts: 1 is the smallest file
_CHANCE = 0.5
_MIX_DB = (-9.0, 3.0)
_PEAK = 0.99
_AT_ONCE = 1 << 14  # samples


def changed_copy(clip: Clip, other: Clip, rng: np.random.Generator) -> Clip:
    """Make a copy of a song that sounds clearly different, and is still music.

    One after the other: played up to 15 % faster or slower, as a tape is; each octave louder or
    softer by up to 9 dB; with a chance of a half mixed with `other`, which is 9 dB softer to 3 dB
    louder; with a chance of a half encoded anew as a small Ogg Vorbis. What would be above full
    scale makes the whole copy softer.

    Parameters
    ----------
    clip, other : Clip
        Mono, at one rate; `other` is repeated where it is shorter.
    rng : numpy.random.Generator
        The only chance in it: the same state gives the same copy.

    Returns
    -------
    Clip
        At the rate of `clip`, as long as that at its new speed. Silence stays silence.

    Notes
    -----
    Every choice is ours. A copy has no label of its own: only a teacher can tell what it is now.

    Examples
    --------
    >>> tone = Clip(np.sin(np.arange(22_050) * 0.05).astype(np.float32), 22_050)
    >>> copy = changed_copy(tone, tone, np.random.default_rng(0))
    >>> copy.sr, 0.8 < copy.n_samples / tone.n_samples < 1.2, bool(np.abs(copy.y).max() <= 1)
    (22050, True, True)
    >>> changed_copy(tone, Clip(tone.y, 16_000), np.random.default_rng(0))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Both songs of a mixture must be at one rate. \
Received (22050, 16000) (tuple). Decode both at the same.
    """
    require(
        clip.sr == other.sr,
        "Both songs of a mixture must be at one rate.",
        (clip.sr, other.sr),
        "Decode both at the same.",
    )
    y = _at_speed(clip.y, clip.sr, 1 + rng.uniform(-_SPEED, _SPEED))
    y = _filtered(y, clip.sr, rng.uniform(-_SWAY_DB, _SWAY_DB, len(_EDGES_HZ)))
    is_mixed, is_encoded = rng.random(2) < _CHANCE
    level_db, quality = rng.uniform(*_MIX_DB), rng.uniform(*_QUALITY)
    if is_mixed:
        y = y + _as_loud(np.resize(other.y, len(y)), y, level_db)
    y = (y * min(1.0, _PEAK / max(float(np.abs(y).max()), 1e-9))).astype(np.float32)
    return Clip(_encoded_anew(y, clip.sr, quality) if is_encoded else y, clip.sr)


def _at_speed(y: Samples, sr: int, speed: float) -> Samples:
    """Play sound faster (above 1) or slower: tempo and pitch change together."""
    faster: Samples = soxr.resample(y, sr * speed, sr)
    return faster if len(faster) else y


def _filtered(y: Samples, sr: int, gains_db: NDArray[np.float64]) -> Samples:
    """Change the level of each octave, without a delay."""
    edges = [*(hertz for hertz in _EDGES_HZ if hertz < sr / 2), sr / 2]
    gains = np.append(gains_db[: len(edges) - 1], gains_db[len(edges) - 2])
    taps = scipy.signal.firwin2(_N_TAPS, edges, 10 ** (gains / 20), fs=sr)
    return np.asarray(scipy.signal.oaconvolve(y, taps, mode="same"), np.float32)


def _as_loud(other: Samples, y: Samples, level_db: float) -> Samples:
    """Bring another sound to the level of `y` and so many dB."""
    own, theirs = (float(np.sqrt(np.mean(np.square(sound)))) for sound in (y, other))
    return np.asarray(other * (10 ** (level_db / 20) * own / max(theirs, 1e-9)), np.float32)


def _encoded_anew(y: Samples, sr: int, quality: float) -> Samples:
    with io.BytesIO() as file:
        with soundfile.SoundFile(
            file, "w", sr, 1, format="OGG", subtype="VORBIS", compression_level=quality
        ) as encoder:
            # A whole song at once overflows the encoder's stack, which ends the process.
            for start in range(0, len(y), _AT_ONCE):
                encoder.write(y[start : start + _AT_ONCE])
        file.seek(0)
        decoded = soundfile.read(file, dtype="float32")[0]
    return np.asarray(np.clip(decoded, -1, 1), np.float32)
