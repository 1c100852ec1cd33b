"""Spectra of a long clip block by block, with librosa's values and little memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

import librosa
import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.spectrum_loops import weighted_sums

_BLOCK_SAMPLES = 1 << 19
"""Samples of all windows of a block, so that a block's arrays stay in the processor's cache."""


class Centred:
    """A clip with half a window of padding at both ends, made part by part and never as a whole.

    Window i is centred on sample i * hop_length; around the clip stand zeros or the clip mirrored,
    as `np.pad` says.

    Examples
    --------
    >>> centred = Centred(np.arange(1, 6, dtype=np.float32), n_fft=4, hop_length=2)
    >>> centred.n_frames, centred.samples(slice(0, 3)).tolist()
    (3, [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0])
    """

    def __init__(
        self,
        y: Samples,
        *,
        n_fft: int,
        hop_length: int,
        pad_mode: Literal["constant", "reflect"] = "constant",
    ) -> None:
        self.n_fft, self.hop_length = n_fft, hop_length
        self.n_frames = 1 + len(y) // hop_length
        self._y, self._n_pad = y, n_fft // 2
        reach = self._n_pad + 1  # No padding looks further into the clip.
        ends = y if len(y) <= 2 * reach else np.concatenate([y[:reach], y[-reach:]])
        padded = np.pad(ends, self._n_pad, mode=pad_mode)
        self._before, self._after = padded[: self._n_pad], padded[len(padded) - self._n_pad :]

    def blocks(self) -> Iterator[slice]:
        """Yield which frames make up each block, in order."""
        n_at_once = max(1, _BLOCK_SAMPLES // self.n_fft)
        for first in range(0, self.n_frames, n_at_once):
            yield slice(first, min(first + n_at_once, self.n_frames))

    def start(self, rows: slice) -> int:
        """Tell at which sample of the clip the windows of some frames begin; negative before it."""
        return int(rows.start) * self.hop_length - self._n_pad

    def samples(self, rows: slice) -> Samples:
        """Return what the windows of some frames see [shape=((n - 1) * hop_length + n_fft,)]."""
        start = self.start(rows)
        end = start + (rows.stop - rows.start - 1) * self.hop_length + self.n_fft
        n = len(self._y)
        if start >= 0 and end <= n:
            return self._y[start:end]
        before = self._before[self._n_pad + start :] if start < 0 else self._before[:0]
        after = self._after[: max(0, end - n)]
        return np.concatenate([before, self._y[max(0, start) : end], after])

    def magnitude(self, rows: slice) -> NDArray[np.float32]:
        """Compute the magnitudes of some frames [shape=(n, 1 + n_fft // 2)].

        The same values as `np.abs(librosa.stft(...)).T`.
        """
        return magnitude(sliding_window_view(self.samples(rows), self.n_fft)[:: self.hop_length])


def blocks_of_power(centred: Centred) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield the power spectra of a clip, some frames at a time."""
    for rows in centred.blocks():
        spectra = centred.magnitude(rows)
        yield rows, np.square(spectra, out=spectra)


def magnitude(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform windows [shape=(..., n_fft)] to magnitudes [shape=(..., 1 + n_fft // 2)].

    The transform is in float64 and rounded to complex64 before its magnitude is taken, as librosa
    does: other orders move the last digit, and with it the roll-off by a whole bin.
    """
    n_fft = windows.shape[-1]
    spectra = scipy.fft.rfft(windows * hann(n_fft), axis=-1, overwrite_x=True).astype(np.complex64)
    return np.abs(spectra)


@cache
def hann(n_fft: int) -> NDArray[np.float64]:
    """Return the periodic Hann window that librosa takes [shape=(n_fft,)]."""
    return librosa.filters.get_window("hann", n_fft, fftbins=True)


def into_mel_bands(
    power: NDArray[np.float32], *, sr: int, n_fft: int, n_mels: int
) -> NDArray[np.float32]:
    """Sum power spectra [shape=(n, 1 + n_fft // 2)] into mel bands [shape=(n, n_mels)].

    librosa's weights, of which nearly all are 0 and left out.
    """
    return weighted_sums(power, *_mel_weights(sr, n_fft, n_mels))


@cache
def _mel_weights(
    sr: int, n_fft: int, n_mels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    weights = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels)
    is_there = weights > 0
    end = weights.shape[1] - is_there[:, ::-1].argmax(axis=1)
    first = np.where(is_there.any(axis=1), is_there.argmax(axis=1), end)
    return first.astype(np.int64), end.astype(np.int64), np.ascontiguousarray(weights)
