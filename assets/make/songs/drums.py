"""A drum kit out of sines and noise, a little different for every song."""

from __future__ import annotations

import numpy as np

from assets.make.songs.oscillators import (
    Sound,
    decaying,
    high_pass,
    low_pass,
    noise,
)


class Kit:
    """Drums, each made once.

    Parameters
    ----------
    sr : int
        Hz.
    rng : numpy.random.Generator
        Tunes the skins and makes the noise.
    """

    def __init__(self, sr: int, rng: np.random.Generator) -> None:
        tune = float(rng.uniform(0.94, 1.06))
        self.kick = _skin(sr, 0.3, 52 * tune, drop=110.0, half_s=0.055, click=0.5, rng=rng)
        self.snare = _snare(sr, 185 * tune, rng)
        self.hat = _metal(sr, 0.06, 0.014, rng)
        self.open_hat = _metal(sr, 0.4, 0.09, rng)
        self.ride = 0.6 * _metal(sr, 0.9, 0.16, rng)
        self.crash = _metal(sr, 2.4, 0.42, rng, lowest_hz=3000)
        self.toms = tuple(
            _skin(sr, 0.45, hz * tune, drop=0.5 * hz, half_s=0.1, click=0.2, rng=rng)
            for hz in (150.0, 115.0, 85.0)
        )


def _skin(
    sr: int,
    length_s: float,
    hz: float,
    *,
    drop: float,
    half_s: float,
    click: float,
    rng: np.random.Generator,
) -> Sound:
    n = int(length_s * sr)
    t = np.arange(n) / sr
    course = hz + drop * 0.5 ** (t / 0.018)
    y = np.sin(2 * np.pi * np.cumsum(course) / sr) * decaying(n, sr, half_s)
    tip = high_pass(noise(n, rng), sr, 1500) * decaying(n, sr, 0.003)
    return (y + click * tip).astype(np.float32)


def _snare(sr: int, hz: float, rng: np.random.Generator) -> Sound:
    n = int(0.28 * sr)
    t = np.arange(n) / sr
    skin = (np.sin(2 * np.pi * hz * t) + 0.6 * np.sin(2 * np.pi * 1.6 * hz * t)) * decaying(
        n, sr, 0.03
    )
    wires = low_pass(high_pass(noise(n, rng), sr, 1200), sr, 8000) * decaying(n, sr, 0.045)
    return (0.5 * skin + 1.2 * wires).astype(np.float32)


def _metal(
    sr: int, length_s: float, half_s: float, rng: np.random.Generator, *, lowest_hz: float = 6000
) -> Sound:
    n = int(length_s * sr)
    t = np.arange(n) / sr
    # Squares whose frequencies have no common measure sound like beaten metal.
    rings = sum(np.sign(np.sin(2 * np.pi * hz * t)) for hz in rng.uniform(3000, 9000, 5))
    y = high_pass(noise(n, rng) + 0.08 * np.asarray(rings, dtype=np.float32), sr, lowest_hz)
    return y * decaying(n, sr, half_s)
