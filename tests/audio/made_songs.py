"""Made sounds with something of music: chords with overtones that change, beats and some noise."""

from __future__ import annotations

import numpy as np

CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))  # MIDI notes


def made_song(n_samples: int, sr: int, *, seed: int = 0, beat_s: float = 0.5) -> np.ndarray:
    """Return mono float32 samples: a chord every two beats, a click every beat."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_samples) / sr
    chord = (t // (2 * beat_s)).astype(int) % len(CHORDS)
    since_beat = t % beat_s
    y = 0.01 * rng.standard_normal(n_samples)
    for k, notes in enumerate(CHORDS):
        for note in notes:
            hertz = 440 * 2 ** ((note - 69) / 12)
            tone = sum(np.sin(2 * np.pi * h * hertz * t) / h for h in range(1, 6))
            y += 0.06 * (chord == k) * np.exp(-1.5 * since_beat) * tone
    y += 0.3 * np.exp(-80 * since_beat) * rng.standard_normal(n_samples)
    return np.clip(y, -1, 1).astype(np.float32)


def sine(hertz: float, n_samples: int, sr: int, amplitude: float = 0.5) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(n_samples) / sr)).astype(np.float32)


def square(n_samples: int, sr: int) -> np.ndarray:
    """Return 110 Hz at full scale."""
    return np.where(np.arange(n_samples) * 110 // sr % 2, -1, 1).astype(np.float32)
