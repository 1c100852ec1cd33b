"""Notes become one signal: adding up, reverb, loudness, limiter, fades."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from assets.make.songs.oscillators import Sound, high_pass, low_pass, noise

TARGET_DB = -16.0
"""Gated level of every song in dB of full scale, near the loudness that streaming asks for."""

CEILING = 0.97
"""No sample of a song is larger."""

_BLOCK_S = 0.4


class Mix:
    """Two buffers: what is heard directly, and what goes into the reverb.

    Parameters
    ----------
    n : int
        Samples of the whole song; what is put later is cut off.
    sr : int
    """

    def __init__(self, n: int, sr: int) -> None:
        self._dry = np.zeros(n, dtype=np.float32)
        self._wet = np.zeros(n, dtype=np.float32)
        self._sr = sr

    def add(self, sound: Sound, start_s: float, gain: float, send: float) -> None:
        """Add a sound from a time on; `send` is the share that goes into the reverb."""
        begin = round(start_s * self._sr)
        part = sound[: max(0, len(self._dry) - begin)]
        self._dry[begin : begin + len(part)] += gain * part
        if send:
            self._wet[begin : begin + len(part)] += (gain * send) * part

    def master(
        self, rng: np.random.Generator, *, reverb_s: float, fade_in_s: float, fade_out_s: float
    ) -> Sound:
        """Return the song: with its room, at `TARGET_DB`, below `CEILING`, faded at both ends."""
        room = _room(self._sr, reverb_s, rng)
        y = self._dry + signal.oaconvolve(self._wet, room)[: len(self._dry)].astype(np.float32)
        y = high_pass(y, self._sr, 28)
        y = faded(y, self._sr, fade_in_s, fade_out_s)
        # Limiting takes a little level away, so the gain is corrected once more.
        for _ in range(3):
            y = limited(y * np.float32(10 ** ((TARGET_DB - level_db(y, self._sr)) / 20)))
        return y


def level_db(y: npt.NDArray[np.floating], sr: int) -> float:
    """Return the gated level of a sound in dB of full scale.

    The mean power over blocks of 0.4 s that are at most 10 dB below the mean of all: pauses and
    fades do not count, as in BS.1770, but without its weighting of frequencies.

    Examples
    --------
    >>> round(level_db(np.sin(np.arange(44100)), 22050), 1)
    -3.0
    """
    n = max(1, int(_BLOCK_S * sr))
    blocks = np.square(y[: len(y) // n * n], dtype=np.float64).reshape(-1, n).mean(1)
    if not blocks.any():
        return -120.0
    loud = blocks[blocks >= 0.1 * blocks.mean()]
    return float(10 * np.log10(loud.mean()))


def limited(y: Sound) -> Sound:
    """Bend what is above 0.6 softly below `CEILING`; what is below stays as it is.

    Examples
    --------
    >>> [round(value, 2) for value in limited(np.array([0.5, 5.0, -5.0])).tolist()]
    [0.5, 0.97, -0.97]
    """
    knee = 0.6
    over = np.maximum(np.abs(y) - knee, 0)
    room = CEILING - knee
    return np.where(over > 0, np.sign(y) * (knee + room * np.tanh(over / room)), y).astype(
        np.float32
    )


def faded(y: Sound, sr: int, fade_in_s: float, fade_out_s: float) -> Sound:
    """Return the sound raised from silence and brought back to it along a half cosine."""
    y = y.copy()
    for seconds, part in ((fade_in_s, y), (fade_out_s, y[::-1])):
        n = min(len(y) // 2, int(seconds * sr))
        part[:n] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(n) / max(1, n))).astype(np.float32)
    return y


def echoed(sound: Sound, sr: int, delay_s: float, *, feedback: float = 0.4, n: int = 4) -> Sound:
    """Return a sound with `n` echoes, each `feedback` times the one before."""
    step = int(delay_s * sr)
    y = np.zeros(len(sound) + n * step, dtype=np.float32)
    for k in range(n + 1):
        y[k * step : k * step + len(sound)] += feedback**k * sound
    return y


def _room(sr: int, seconds: float, rng: np.random.Generator) -> Sound:
    """Return a room's answer: noise that decays by 60 dB in `seconds`, its highs sooner."""
    n = max(1, int(seconds * sr))
    t = np.arange(n) / sr
    tail = (noise(n, rng) * 0.001 ** (t / seconds)).astype(np.float32)
    dark = low_pass(tail, sr, 2500)
    y = (tail * 0.05 ** (t / seconds) + dark).astype(np.float32)
    y[: int(0.012 * sr)] = 0
    return (y / np.sqrt(np.square(y, dtype=np.float64).sum())).astype(np.float32)
