"""Made tunes: the same instrument and scale, but never the same notes."""

from __future__ import annotations

import numpy as np

from genre_core.audio.fingerprint import SR

SCALE = (0, 2, 4, 5, 7, 9, 11, 12, 14, 16)


def made_tune(seed: int, duration_s: float, sr: int = SR) -> np.ndarray:
    """Return mono float32 samples of two voices; another seed gives other notes and lengths."""
    rng = np.random.default_rng(seed)
    n = round(duration_s * sr)
    y = np.zeros(n)
    for root in (50, 62):
        at = 0
        while at < n:
            length = round(float(rng.uniform(0.15, 0.5)) * sr)
            t = np.arange(min(length, n - at)) / sr
            hertz = 440 * 2 ** ((root + int(rng.choice(SCALE)) - 69) / 12)
            tone = sum(np.sin(2 * np.pi * k * hertz * t) / k for k in range(1, 9))
            y[at : at + len(t)] += 0.12 * np.exp(-3 * t) * tone
            at += length
    y += 0.002 * rng.standard_normal(n)
    return np.clip(y, -1, 1).astype(np.float32)
