"""A clip: the mono samples of one sound file at one rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.errors import ParameterError, describe, require

Samples = NDArray[np.float32]
"""Mono sound, [shape=(n_samples,), dtype=float32], full scale -1 to 1."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clip:
    """Mono samples, their rate and what was odd about the file.

    y [shape=(n_samples,), dtype=float32]: Samples, at least one. Full scale is -1 to 1; lossy files
        and files of floats may go over.
    sr: Samples a second (Hz), at least 1.
    notes: What a listener should know, one whole sentence each ("The file is cut short ..."); empty
        for a sound file without a flaw.

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
