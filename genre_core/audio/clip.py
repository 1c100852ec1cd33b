"""A clip: the mono samples of one sound file at one rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.errors import ParameterError, describe, require

Samples = NDArray[np.float32]
"""Mono sound, [shape=(n_samples,), dtype=float32], full scale -1 to 1."""

_MIN_S = 1.0
_WINDOW_S = 0.05
_LEAST_HEARD_S = 0.5
_QUIET = 1e-3  # -60 dB
_MOST_PEAK = 10.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clip:
    """Mono samples, their rate and what was odd about the file.

    y [shape=(n_samples,), dtype=float32]: Samples, at least one. Full scale is -1 to 1; lossy files
        and files of floats may go over.
    sr: Samples a second (Hz), at least 1.
    notes: What a listener should know, one whole sentence each ("The file is cut short ..."); empty
        for a sound file without a flaw.
    step: The smallest step of the file's numbers; 2**-15, that of 16 bits, where it is finer.
    n_unreal: Samples of the file that were NaN or infinite, read as 0.

    Examples
    --------
    >>> clip = Clip(np.zeros(11_025, np.float32), 22_050)
    >>> clip
    Clip(0.5 s at 22050 Hz)
    >>> clip.is_silent
    True
    >>> Clip(np.zeros((2, 9), np.float32), 22_050)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A clip must be float32 of shape (n_samples,), at least one \
sample. Received an array of shape (2, 9) and dtype float32. Decode the file with decode_clip, or \
take the mean of the channels and use astype('float32').
    """

    y: Samples
    sr: int
    notes: tuple[str, ...] = ()
    step: float = 2.0**-15
    n_unreal: int = 0

    def __post_init__(self) -> None:
        y: object = self.y  # a caller without a type checker may give anything
        sr: object = self.sr
        if not isinstance(y, np.ndarray) or y.ndim != 1 or y.dtype != np.float32 or not y.size:
            raise ParameterError(
                "A clip must be float32 of shape (n_samples,), at least one sample.",
                received=describe(y),
                cure="Decode the file with decode_clip, or take the mean of the channels and use "
                "astype('float32').",
            )
        if not isinstance(sr, int) or isinstance(sr, bool) or sr < 1:
            raise ParameterError(
                "sr must be a whole number of samples a second (Hz), at least 1.",
                received=describe(sr),
                cure="Give 22050 for the studies' features.",
            )

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.y)

    @property
    def duration_s(self) -> float:
        """Length in seconds, n_samples / sr."""
        return len(self.y) / self.sr

    @property
    def is_silent(self) -> bool:
        """Whether every sample is exactly 0."""
        return not self.y.any()

    @property
    def no_music(self) -> str:
        """Say in a sentence why there is nothing that a genre could be told of; "" where there is.

        A song lasts 1 s at least, as the shortest segment of a network does, and for half a second
        of it the sound, taken around its own mean in windows of 50 ms, is stronger than rounding:
        two steps of the file's numbers (RMS; -84 dB for 16 bits and finer), and where all of it
        lies below -60 dB not as even as noise, whose loudest window is no half louder than the
        middle one. Floats over ten times full scale (20 dB) are somebody's integers, or damage, and
        so are samples that are no numbers.

        Examples
        --------
        >>> Clip(np.full(44_100, 0.5, np.float32), 22_050).no_music
        'No verdict: nothing is to be heard in it.'
        """
        if self.duration_s < _MIN_S:
            return f"No verdict: it lasts {self.duration_s:.2g} s, and 1 s is the least."
        if self.n_unreal:
            return f"No verdict: {self.n_unreal:,} of its samples are NaN or infinite."
        peak = max(float(self.y.max()), -float(self.y.min()))
        if peak > _MOST_PEAK:
            return f"No verdict: its samples reach {peak:,.0f} times full scale."
        n = max(1, int(_WINDOW_S * self.sr))
        levels: list[NDArray[np.float32]] = []
        for start in range(0, len(self.y), 1_000 * n):  # a minute's: most songs need one look
            some = self.y[start : start + 1_000 * n]
            levels.append(some[: len(some) // n * n].reshape(-1, n).std(axis=1))
            if (levels[-1] > max(_QUIET, 2 * self.step)).sum() * _WINDOW_S >= _LEAST_HEARD_S:
                return ""
        level = np.concatenate(levels)
        loudest = float(level.max())
        is_heard = (level > 2 * self.step).sum() * _WINDOW_S >= _LEAST_HEARD_S
        if is_heard and loudest > 1.5 * float(np.median(level)):
            return ""
        usual = float(np.median(level))
        if usual < self.step / 100:
            return "No verdict: nothing is to be heard in it."
        return f"No verdict: nothing but noise is in it, at {20 * np.log10(usual):.0f} dB."

    def __repr__(self) -> str:
        notes = f", {len(self.notes)} notes" if self.notes else ""
        return f"Clip({self.duration_s:.3g} s at {self.sr} Hz{notes})"


def check_samples(y: Samples) -> None:
    """Raise `ParameterError` for anything but finite mono samples, at least one."""
    # Extremes instead of np.isfinite: two hours need no second array.
    require(
        y.ndim == 1 and y.size > 0 and bool(np.isfinite([y.min(), y.max()]).all()),
        "Samples must be finite, of shape (n_samples,), at least one.",
        y,
        "Decode the file with decode_clip.",
    )
