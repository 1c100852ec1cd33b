"""A stretch of a song to listen to."""

from __future__ import annotations

import io
import wave

import numpy as np

from genre_core.audio.clip import Clip
from genre_core.config import require

FADE_S = 0.01
"""At either end of a stretch, in seconds: a cut through a sound would click."""


def excerpt(clip: Clip, start_s: float, end_s: float) -> Clip:
    """Cut a stretch out of a clip, faded in and out over 10 ms.

    Parameters
    ----------
    clip : Clip
        Of finite samples.
    start_s, end_s : float
        Seconds in the clip, 0 <= start_s < end_s, start_s before the clip's end; what lies past
        the end is left out.

    Returns
    -------
    Clip
        Own memory, at least one sample. The fades are straight lines; in a stretch shorter than
        20 ms they meet in its middle.

    Raises
    ------
    ParameterError
        Such a stretch is not in the clip.

    Examples
    --------
    >>> clip = Clip(np.ones(8_000, np.float32), 8_000)
    >>> excerpt(clip, 0.25, 0.75)
    Clip(0.5 s at 8000 Hz)
    >>> excerpt(clip, 1.0, 2.0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A stretch (s) must lie in the clip, 0 <= start_s < end_s, \
start_s below 1. Received (1.0, 2.0) (tuple). Take both from the segments of this clip.
    """
    require(
        0 <= start_s < end_s and start_s < clip.duration_s,
        "A stretch (s) must lie in the clip, 0 <= start_s < end_s, start_s below "
        f"{clip.duration_s:.6g}.",
        (start_s, end_s),
        "Take both from the segments of this clip.",
    )
    first = min(round(start_s * clip.sr), clip.n_samples - 1)
    # Rounded before the comparison: infinity means to the end.
    last = clip.n_samples if end_s >= clip.duration_s else round(end_s * clip.sr)
    y = clip.y[first : max(last, first + 1)].copy()
    n_fade = min(round(FADE_S * clip.sr), len(y) // 2)
    rise = (np.arange(n_fade, dtype=np.float32) + np.float32(0.5)) / np.float32(max(1, n_fade))
    y[:n_fade] *= rise
    y[len(y) - n_fade :] *= rise[::-1]
    return Clip(y, clip.sr)


def cut_wav(clip: Clip, start_s: float, end_s: float) -> bytes:
    """Write a stretch of a clip as a WAV file of 16 bits.

    Parameters
    ----------
    clip, start_s, end_s
        As for `excerpt`. Samples beyond full scale are cut to it.

    Returns
    -------
    bytes
        Mono, at the clip's rate.

    Raises
    ------
    ParameterError
        Such a stretch is not in the clip, or it is not finite.

    Examples
    --------
    >>> sound = cut_wav(Clip(np.ones(8_000, np.float32), 8_000), 0.0, 0.5)
    >>> sound[:4], len(sound)
    (b'RIFF', 8044)
    """
    y = excerpt(clip, start_s, end_s).y
    require(
        bool(np.isfinite(y).all()),
        "Samples must be finite numbers.",
        y,
        "Decode the file again, or leave it out.",
    )
    samples = np.rint(y.clip(-1, 1) * 32_767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(clip.sr)
        sound.writeframes(samples.tobytes())
    return file.getvalue()
