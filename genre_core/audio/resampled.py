"""Mono samples brought to one rate, block by block, with the memory of the result alone."""

from __future__ import annotations

import numpy as np
import soxr

from genre_core.audio.clip import Samples


class Resampled:
    """Mono samples at one rate, growing block by block in one array.

    Parameters
    ----------
    own_sr, sr : int
        Rate of the blocks and of the result, in Hz.
    n_expected : int
        Samples expected at `own_sr`; only a guess.

    Notes
    -----
    **Source**: soxr's "HQ" as a stream, which gives the bits of `librosa.resample(...,
    res_type="soxr_hq")` whatever the blocks.

    Examples
    --------
    >>> half = Resampled(4, 2, 8)
    >>> for _ in range(2):
    ...     half.add(np.zeros(4, np.float32))
    >>> half.finish(8)
    array([0., 0., 0., 0.], dtype=float32)
    """

    def __init__(self, own_sr: int, sr: int, n_expected: int) -> None:
        self.sr = sr
        self._ratio = float(sr) / own_sr
        self._stream = (
            None if sr == own_sr else soxr.ResampleStream(own_sr, sr, 1, "float32", "soxr_hq")
        )
        # Memory is taken when it is written to, so a claim of two hours costs nothing by itself.
        self._y = np.empty(int(n_expected * self._ratio) + 1024, np.float32)
        self._n = 0

    def add(self, block: Samples, *, is_last: bool = False) -> None:
        """Take the next block, [shape=(n,), dtype=float32]."""
        part = self._stream.resample_chunk(block, is_last) if self._stream else block
        stop = self._n + len(part)
        if stop > len(self._y):
            # Alone on this array: refcheck would also count a debugger's view.
            self._y.resize(max(stop, len(self._y) * 5 // 4), refcheck=False)
        self._y[self._n : stop] = part
        self._n = stop

    def finish(self, n_own: int) -> Samples:
        """Cut or fill to the length librosa gives, without a copy of the whole."""
        self.add(np.empty(0, np.float32), is_last=True)
        n = int(np.ceil(n_own * self._ratio))
        self._y[self._n : n] = 0
        self._y.resize(n, refcheck=False)
        return self._y
