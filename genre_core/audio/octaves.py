"""A song at its own rate, at half of it, a quarter and so on, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from genre_core.audio.clip import Samples

_FED = 1 << 18  # samples that go down the octaves at once
_SQRT_HALF = np.sqrt(0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some frames of a song and the samples around them, in every octave.

    rows: Which frames.
    octaves: Samples that the windows of all `rows` see, the highest octave first; zeros stand where
        the song has none.
    hops: Samples from window to window, in each octave.
    """

    rows: slice
    octaves: tuple[Samples, ...]
    hops: tuple[int, ...]

    def windows(self, octave: int, rows: slice, n: int) -> NDArray[np.float32]:
        """Return a view of the windows of n samples around some of the frames [shape=(m, n)]."""
        hop = self.hops[octave]
        first = (rows.start - self.rows.start) * hop
        samples = self.octaves[octave][first : first + (rows.stop - rows.start - 1) * hop + n]
        return sliding_window_view(samples, n)[::hop]


class Octaves:
    """A song whose rate is halved again and again, with a part of each octave in memory.

    **Source**: `librosa.resample(..., orig_sr=2, target_sr=1, res_type="soxr_hq", scale=True)`, as
    librosa's constant-Q transform calls it. soxr's streams give its values whatever the parts; all
    octaves of two hours would take as much as the song.
    """

    def __init__(self, y: Samples, *, n_octaves: int, hop_length: int, n_window: int) -> None:
        self._y = y
        self._hops = tuple(hop_length >> k for k in range(n_octaves))
        self._half_window = n_window // 2
        self._n_frames = 1 + len(y) // hop_length
        self._streams = [soxr.ResampleStream(2, 1, 1, "float32", "soxr_hq") for _ in self._hops[1:]]
        self._n_fed = 0
        # Of each octave below the first: samples in memory, and the place of the first of them.
        self._kept = [np.empty(0, np.float32) for _ in self._streams]
        self._starts = [0] * len(self._streams)

    def parts(self, n_frames: int) -> Iterator[Part]:
        """Yield the song's frames, n_frames at a time, once."""
        for first in range(0, self._n_frames, n_frames):
            rows = slice(first, min(first + n_frames, self._n_frames))
            octaves = [self._around(self._y, 0, rows, self._hops[0])]
            for k, hop in enumerate(self._hops[1:]):
                self._fill(k, (rows.stop - 1) * hop + self._half_window)
                octaves.append(self._around(self._kept[k], self._starts[k], rows, hop))
                self._forget(k, rows.stop * hop - self._half_window)
            yield Part(rows, tuple(octaves), self._hops)

    def _around(self, kept: Samples, start: int, rows: slice, hop: int) -> Samples:
        """Cut what the windows of some frames see out of samples that begin at `start`."""
        first = rows.start * hop - self._half_window - start
        end = (rows.stop - 1) * hop + self._half_window - start
        inside = kept[max(0, first) : max(0, min(end, len(kept)))]
        n_before, n_after = max(0, -first), max(0, end - len(kept))
        # A copy in any case: the next part must not keep this one's samples alive.
        return np.pad(inside, (n_before, min(n_after, end - first - n_before)))

    def _fill(self, k: int, end: int) -> None:
        """Send on samples of the song until an octave has those before `end`."""
        while self._starts[k] + len(self._kept[k]) < end and self._n_fed < len(self._y):
            part = self._y[self._n_fed : self._n_fed + _FED]
            self._n_fed += len(part)
            self._halve(part, is_last=self._n_fed == len(self._y))

    def _halve(self, part: Samples, *, is_last: bool) -> None:
        n_samples = len(self._y)
        for k, stream in enumerate(self._streams):
            n_samples = -(-n_samples // 2)
            part = stream.resample_chunk(part, last=is_last)
            part /= _SQRT_HALF  # librosa's loudness
            if is_last:  # librosa cuts or fills to the half, rounded up
                n_missing = n_samples - self._starts[k] - len(self._kept[k]) - len(part)
                part = np.pad(part, (0, max(0, n_missing)))[: len(part) + n_missing]
            self._kept[k] = np.concatenate([self._kept[k], part])

    def _forget(self, k: int, before: int) -> None:
        n = max(0, min(before - self._starts[k], len(self._kept[k])))
        self._kept[k] = self._kept[k][n:]
        self._starts[k] += n
