"""What every decoder hands over: facts of the file, then mono blocks at its own rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.errors import DecodeError

MIN_SR = 1_000
MAX_SR = 768_000
"""Rates of files and of clips, in Hz; ours. Outside, a header is damaged rather than odd."""

BLOCK_VALUES = 1 << 18
"""Samples of all channels in a block: 1 MB of float32, which a processor's cache holds."""


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What a file's header says.

    container: WAV, AIFF, FLAC, Ogg, MP3, AAC, MP4 or WebM.
    codec: Such as "PCM 16 bit", "MP3", "Vorbis", "AAC".
    sr: Own rate, in Hz.
    n_channels: Channels.
    duration_s: Claimed length in seconds; None where the header says nothing.
    n_bytes: Size of the file.
    """

    container: str
    codec: str
    sr: int
    n_channels: int
    duration_s: float | None
    n_bytes: int


@dataclass(slots=True)
class Reading:
    """A file being decoded.

    container: Its kind, from `sniff`.
    codec: Name for people, such as "MP3" or "PCM 16 bit".
    sr: Own rate, in Hz.
    n_channels: Channels before they are averaged.
    n_claimed: Samples a channel that the header claims; None where it says nothing.
    blocks [shape=(n,), dtype=float32]: Mono samples. A block may be overwritten once the next one
        is asked for.
    notes: Filled while the blocks are read.
    """

    container: str
    codec: str
    sr: int
    n_channels: int
    n_claimed: int | None
    blocks: Iterator[Samples]
    notes: list[str] = field(default_factory=list)


def check_facts(label: str, sr: int, n_channels: int) -> None:
    """Raise `DecodeError` for a rate or a number of channels no song has."""
    if not MIN_SR <= sr <= MAX_SR:
        raise DecodeError(
            f"The rate of a song must lie between {MIN_SR:,} and {MAX_SR:,} Hz.",
            received=f"{label}: {sr} Hz",
            cure="Save it again at 44,100 Hz from a sound program.",
        )
    if n_channels < 1:
        raise DecodeError(
            "A song must have at least one channel.",
            received=f"{label}: {n_channels} channels",
            cure="Save it again from a sound program.",
        )


def to_mono(block: NDArray[np.float32]) -> Samples:
    """Average the channels as librosa does, to the last bit.

    Examples
    --------
    >>> to_mono(np.array([[1.0, 0.0], [0.5, 0.5]], np.float32))
    array([0.5, 0.5], dtype=float32)
    """
    n_channels = block.shape[1]
    if n_channels == 1:
        return block[:, 0]
    if n_channels == 2:
        # Halving is exact, so this is the same sum as the mean's, at a third of the time.
        return block @ np.full(2, 0.5, np.float32)
    mean: Samples = np.mean(block, axis=1)
    return mean


def cut_note(n_read: int, n_claimed: int | None, sr: int) -> str:
    """Say that a file ends too early."""
    whole = f" of the {n_claimed / sr:.4g} s that its header claims" if n_claimed else ""
    return f"The file is cut short or damaged: {n_read / sr:.4g} s{whole} could be read."
