"""Hide how a recording was made: where it starts, how wide and loud it is, its codec."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import soundfile as sf
import soxr

from genre_core.audio.clip import Clip, Samples

LEVEL_DB = -20.0
"""RMS level that every clip is brought to, below full scale."""

_LEAST_S = 1.0
_LARGEST_CUT = 0.05  # of the clip, at each end
_SMALLEST_BAND = 0.5  # of the Nyquist frequency
_COMPRESSION = (0.3, 0.9)  # of Vorbis: 0 is the best, 1 the smallest
_WINDOW_S = 0.05
_SILENT = 1e-3  # -60 dB


def neutralise_clip(clip: Clip, rng: np.random.Generator) -> Clip:
    """Hide how a recording was made: trimmed, narrowed and coded at random, then levelled.

    In this order: silence at both ends (windows of 50 ms below -60 dB) goes, and up to 5 % of each
    end, but 1 s at least stays; frequencies above .5 to 1 of the Nyquist frequency go; it is
    coded as Ogg Vorbis of a random quality and decoded again; the RMS level becomes -20 dB. What
    is played stays. The same `rng` state gives the same samples with the same libsndfile.

    The counterpart of `image.neutralise_cover`: a network whose figure falls by it went by how
    files were made, or by what the change takes from the music too.

    Examples
    --------
    >>> t = np.arange(44_100) / 22_050
    >>> clip = Clip((0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32), 22_050)
    >>> made = neutralise_clip(clip, np.random.default_rng(0))
    >>> made.sr, 1.8 < made.duration_s < 2, round(20 * np.log10(made.y.std()))
    (22050, True, -20)
    """
    y = _trimmed(clip.y, clip.sr, rng)
    band = rng.uniform(_SMALLEST_BAND, 1.0)
    narrow = soxr.resample(y, clip.sr, clip.sr * band)
    y = _fitted(soxr.resample(narrow, clip.sr * band, clip.sr), len(y))
    coded = _coded(_levelled(y), clip.sr, rng.uniform(*_COMPRESSION))
    return replace(clip, y=_levelled(coded))  # coding moves the level by up to 1 dB


def _levelled(y: Samples) -> Samples:
    level = float(np.sqrt(np.mean(np.square(y, dtype=np.float64))))
    return y * np.float32(10 ** (LEVEL_DB / 20) / max(level, 1e-9))


def _trimmed(y: Samples, sr: int, rng: np.random.Generator) -> Samples:
    n, least = max(1, round(_WINDOW_S * sr)), round(_LEAST_S * sr)
    windows = np.pad(y, (0, -len(y) % n)).reshape(-1, n)
    heard = np.flatnonzero(np.sqrt(np.mean(np.square(windows), axis=1)) >= _SILENT)
    start, end = (heard[0] * n, min((heard[-1] + 1) * n, len(y))) if len(heard) else (0, len(y))
    cuts = (rng.uniform(0, _LARGEST_CUT, 2) * (end - start)).astype(int)
    start, end = start + cuts[0], end - cuts[1]
    if end - start < least:
        return y
    return y[start:end]


def _coded(y: Samples, sr: int, compression: float) -> Samples:
    file = io.BytesIO()
    with sf.SoundFile(
        file, "w", sr, 1, "VORBIS", format="OGG", compression_level=compression
    ) as coded:
        for start in range(0, len(y), sr):  # libsndfile's encoder breaks down on minutes at once
            coded.write(y[start : start + sr])
    file.seek(0)
    decoded, _ = sf.read(file, dtype="float32")
    return _fitted(decoded, len(y))


def _fitted(y: Samples, n: int) -> Samples:
    return np.ascontiguousarray(np.pad(y[:n], (0, max(0, n - len(y)))), dtype=np.float32)
