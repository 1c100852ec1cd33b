"""Instruments with a pitch; each note is made once a song, however often it sounds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from assets.make.songs.oscillators import (
    Sound,
    decaying,
    envelope,
    hertz,
    high_pass,
    low_pass,
    wave,
)

_KEPT = 1024


def kept(y: Sound) -> Sound:
    """Return a note that nobody can change, since it is shared."""
    y.flags.writeable = False
    return y


@lru_cache(maxsize=_KEPT)
def bass(midi: float, length_s: float, sr: int, bright: float = 1.0) -> Sound:
    """Play a plucked electric bass."""
    n = int(length_s * sr)
    y = 0.7 * wave("saw", hertz(midi), n, sr) + 0.6 * wave("sine", hertz(midi), n, sr)
    y = low_pass(y, sr, 500 + 600 * bright)
    return kept(y * envelope(n, sr, attack_s=0.006, decay_s=0.25, sustain=0.6, release_s=0.04))


@lru_cache(maxsize=_KEPT)
def organ(midi: float, length_s: float, sr: int) -> Sound:
    """Play a drawbar organ through a slowly turning speaker."""
    n = int(length_s * sr)
    t = np.arange(n) / sr
    hz = hertz(midi) * (1 + 0.0025 * np.sin(2 * np.pi * 6.1 * t))
    y = wave("organ", hz, n, sr) * (1 + 0.12 * np.sin(2 * np.pi * 6.1 * t + 1))
    y = y * envelope(n, sr, attack_s=0.008, release_s=0.06)
    y[: int(0.006 * sr)] *= 1.5  # the click of the key
    return kept(y.astype(np.float32))


@lru_cache(maxsize=_KEPT)
def flute(midi: float, length_s: float, sr: int) -> Sound:
    """Blow a flute: a vibrato that comes late, and breath."""
    n = int(length_s * sr)
    t = np.arange(n) / sr
    late = np.clip((t - 0.25) / 0.5, 0, 1)
    y = wave("flute", hertz(midi) * (1 + 0.006 * late * np.sin(2 * np.pi * 5.2 * t)), n, sr)
    breath = np.random.default_rng(int(midi)).standard_normal(n).astype(np.float32)
    y = y + 0.05 * high_pass(low_pass(breath, sr, 5000), sr, 1500)
    return kept(y * envelope(n, sr, attack_s=0.07, release_s=0.12, decay_s=0.2, sustain=0.85))


@lru_cache(maxsize=_KEPT)
def strings(midi: float, length_s: float, sr: int, cutoff_hz: float = 1800.0) -> Sound:
    """Hold a note on taped strings: three saws slightly apart, wow and flutter."""
    n = int(length_s * sr)
    t = np.arange(n) / sr
    y = np.zeros(n, dtype=np.float32)
    for k, cents in enumerate((-7, 1, 8)):
        wow = 1 + 0.0018 * np.sin(2 * np.pi * (0.55 + 0.1 * k) * t + k)
        y += wave("saw", hertz(midi + cents / 100) * wow, n, sr)
    y = high_pass(low_pass(y, sr, cutoff_hz), sr, 120) / np.float32(3)
    attack_s = min(0.35, 0.3 * length_s)
    return kept(y * envelope(n, sr, attack_s=attack_s, release_s=min(0.5, 0.3 * length_s)))


@lru_cache(maxsize=_KEPT)
def keys(midi: float, length_s: float, sr: int) -> Sound:
    """Strike an electric piano."""
    n = int(length_s * sr)
    t = np.arange(n) / sr
    bite = 1.6 * 0.5 ** (t / 0.12)
    y = np.sin(2 * np.pi * hertz(midi) * t + bite * np.sin(2 * np.pi * hertz(midi) * t))
    y = y * envelope(n, sr, attack_s=0.004, release_s=0.08) * 0.5 ** (t / 0.7)
    return kept(y.astype(np.float32))


@lru_cache(maxsize=_KEPT)
def lead(midi: float, length_s: float, sr: int, shape: str = "square") -> Sound:
    """Play a synthesiser's lead: bright at first, then darker, with vibrato."""
    n = int(length_s * sr)
    t = np.arange(n) / sr
    late = np.clip((t - 0.15) / 0.3, 0, 1)
    y = wave(shape, hertz(midi) * (1 + 0.005 * late * np.sin(2 * np.pi * 5.8 * t)), n, sr)
    bright = low_pass(y, sr, 5000)
    dark = low_pass(y, sr, 1500)
    mix = (0.5 ** (t / 0.15)).astype(np.float32)
    y = bright * mix + dark * (1 - mix)
    return kept(y * envelope(n, sr, attack_s=0.01, decay_s=0.3, sustain=0.75, release_s=0.05))


@lru_cache(maxsize=_KEPT)
def power_chord(midi: float, length_s: float, sr: int, *, muted: bool = False) -> Sound:
    """Strike root, fifth and octave through an overdriven amplifier and its loudspeaker.

    The strings are added before they are bent by tanh: the difference tones make the growl.
    """
    n = int(length_s * sr)
    pluck = decaying(n, sr, 0.06 if muted else 1.4)
    y = np.zeros(n, dtype=np.float32)
    for step, weight in ((0, 1.0), (7.02, 0.8), (12.03, 0.6)):
        y += weight * wave("saw", hertz(midi + step), n, sr)
    y = high_pass(y * pluck, sr, 90)
    y = np.tanh(9 * y).astype(np.float32)
    # Scooped: the loudspeaker's presence is lifted, the mud below it taken down.
    y = 0.55 * low_pass(y, sr, 5200, order=4) + 1.1 * low_pass(high_pass(y, sr, 1800), sr, 6500)
    return kept(y * envelope(n, sr, attack_s=0.002, release_s=0.03))


@lru_cache(maxsize=_KEPT)
def solo_guitar(midi: float, length_s: float, sr: int) -> Sound:
    """Play one overdriven string with a wide vibrato."""
    n = int(length_s * sr)
    t = np.arange(n) / sr
    late = np.clip((t - 0.12) / 0.25, 0, 1)
    y = wave("saw", hertz(midi) * (1 + 0.008 * late * np.sin(2 * np.pi * 6 * t)), n, sr)
    y = np.tanh(5 * y * decaying(n, sr, 1.0)).astype(np.float32)
    y = low_pass(high_pass(y, sr, 250), sr, 4500)
    return kept(y * envelope(n, sr, attack_s=0.006, release_s=0.05))


@lru_cache(maxsize=_KEPT)
def bell(midi: float, length_s: float, sr: int) -> Sound:
    """Strike a glass bell, its partials slightly stretched."""
    n = int(length_s * sr)
    y = np.zeros(n, dtype=np.float32)
    for ratio, weight, half_s in ((1.0, 1.0, 0.9), (2.76, 0.5, 0.5), (5.4, 0.25, 0.2)):
        y += (
            weight
            * wave("sine", min(ratio * hertz(midi), 0.4 * sr), n, sr)
            * decaying(n, sr, half_s)
        )
    return kept(y * envelope(n, sr, attack_s=0.003, release_s=0.05))


_ALL = (bass, organ, flute, strings, keys, lead, power_chord, solo_guitar, bell)


def forget() -> None:
    """Let go of all notes that were made."""
    for instrument in _ALL:
        instrument.cache_clear()
