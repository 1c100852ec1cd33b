"""What every decoder hands over: facts of the file, then mono blocks at its own rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import soxr
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
    n_counted: Samples that its frames hold, where they were counted.
    blocks [shape=(n,), dtype=float32]: Mono samples. A block may be overwritten once the next one
        is asked for.
    notes: Filled while the blocks are read.
    step: The smallest step of its numbers; 2**-15 where it is finer.
    slack_s: Seconds by which the claim may be wrong: padding, rounding to packets.
    n_left: Bytes that its decoder left behind what it read, where it may be another file's.
    is_damaged, is_unfinished: Set while they are read: something could not be decoded; something
        was left that another decoder may read.
    """

    container: str
    codec: str
    sr: int
    n_channels: int
    n_claimed: int | None
    blocks: Iterator[Samples]
    notes: list[str] = field(default_factory=list)
    n_counted: int | None = None
    step: float = 2.0**-15
    slack_s: float = 0.1
    n_left: int = 0
    is_damaged: bool = False
    is_unfinished: bool = False

    @property
    def n_expected(self) -> int | None:
        """Return the samples to be expected: those claimed, but no more than were counted."""
        known = [n for n in (self.n_claimed, self.n_counted) if n is not None]
        return min(known, default=None)


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


def at_rate(blocks: Iterable[tuple[int, Samples]], sr: int, notes: list[str]) -> Iterator[Samples]:
    """Bring blocks of several rates, each with its own, to one; a note says of another rate."""
    stream, own = None, sr
    for block_sr, block in blocks:
        if block_sr != own:
            if stream is not None:
                yield stream.resample_chunk(np.empty(0, np.float32), last=True)
            own, stream = block_sr, None
            if own != sr:
                stream = soxr.ResampleStream(own, sr, 1, "float32", "soxr_hq")
                note = f"Part of the file is at {own} Hz: it was resampled to {sr} Hz."
                notes += [] if note in notes else [note]
        yield block if stream is None else stream.resample_chunk(block)
    if stream is not None:
        yield stream.resample_chunk(np.empty(0, np.float32), last=True)


class Mix:
    """Bring channels to one: their mean, or one of them where their mean is next to nothing.

    Channels of opposite sign are heard, but cancel each other out in their mean; `louder` tells.
    """

    def __init__(self, channel: int | None = None) -> None:
        self._channel = channel
        self._products = np.zeros((0, 0))  # of the channels, without their means
        self._n_heard = self._n_gone = 0  # samples of blocks that are heard, and whose mean is not

    def __call__(self, block: NDArray[np.float32]) -> Samples:
        """Return a block of mono, [shape=(n,)], that may share memory with what was given."""
        n_channels = block.shape[1]
        if not self._products.size and n_channels > 1:
            self._products = np.zeros((n_channels, n_channels))
        if n_channels == 1 or n_channels != len(self._products):  # a part of another kind
            return to_mono(block)
        if self._channel is not None:
            return np.ascontiguousarray(block[:, self._channel])
        products = _products(block)
        if np.isfinite(products).all():  # floats may be anything
            self._products += products
            power = products.trace()
            is_heard = power > _HEARD * n_channels * (len(block) / _EVERY)
            self._n_heard += len(block) * is_heard
            self._n_gone += len(block) * (is_heard and products.sum() < _GONE * power)
        return to_mono(block)

    @property
    def louder(self) -> int | None:
        """Return the loudest of channels that cancel each other out, the first of equals, or None.

        In all of a song their sum has less than a fifth of the power that it would have if they
        were independent: two correlate by less than -.8. A song of one side only has all of it, and
        wide stereo two thirds. In a tenth of what is heard of it, in blocks of some seconds, less
        than a hundredth: two correlate by less than -.99.
        """
        power = np.diag(self._products)
        if not power.sum() > 0:
            return None
        cancels = self._cancels or self._n_gone > _MOST_GONE * self._n_heard
        return int(np.argmax(power > 0.999 * power.max())) if cancels else None

    @property
    def _cancels(self) -> bool:
        return bool(self._products.sum() < self._products.trace() / 5)

    def note(self) -> str:
        """Say which channel is read, where they cancel each other out."""
        sides = ("left", "right") if len(self._products) == 2 else ()
        which = (
            f"the {sides[self.louder or 0]} one" if sides else f"number {(self.louder or 0) + 1}"
        )
        n = "two" if sides else len(self._products)
        part = "" if self._cancels else f" in {100 * self._n_gone / self._n_heard:.0f} % of it"
        return f"The {n} channels cancel each other out{part}: {which} was read."


_EVERY = 8
_HEARD = 1e-6  # mean square of a channel: -60 dB
_GONE = 0.01
_MOST_GONE = 0.1


def _products(block: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum the products of the channels, without their means, over every eighth sample of a block.

    That is enough to tell, at a tenth of the time. One by one: a product of so narrow matrices
    takes five times as long.
    """
    some = np.ascontiguousarray(block[::_EVERY].T)
    ones = np.ones(some.shape[1], np.float32)
    mean = np.array([one @ ones for one in some], np.float64) / len(ones)
    products = np.array([[one @ other for other in some] for one in some], np.float64)
    return products - len(ones) * np.outer(mean, mean)


def cut_note(n_read: int, n_claimed: int | None, sr: int) -> str:
    """Say that a file ends too early."""
    whole = f" of the {n_claimed / sr:.4g} s that its header claims" if n_claimed else ""
    return f"The file is cut short or damaged: {n_read / sr:.4g} s{whole} could be read."
