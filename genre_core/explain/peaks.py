"""What kernels answered to some songs, and which of them tell the songs apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require

By = Literal["apart", "strongest"]


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """The largest value of each kernel's map in each segment of some songs.

    values [shape=(n_segments, n_filters), dtype=float32]: After the activation that follows the
        convolution.
    cells [shape=(n_segments, n_filters, 2), dtype=int32]: Row and column of each in its map.
    songs [shape=(n_segments,), dtype=int64]: Which song a row is of, from 0.
    segments [shape=(n_segments,), dtype=int64]: Which of the song's segments.
    """

    layer: str
    values: NDArray[np.float32]
    cells: NDArray[np.int32]
    songs: NDArray[np.int64]
    segments: NDArray[np.int64]

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Kernels that answer nowhere in these songs [shape=(n_filters,)]."""
        return np.asarray((self.values <= 0).all(axis=0))

    def means(self) -> NDArray[np.float64]:
        """Mean over each song's segments [shape=(n_songs, n_filters)]."""
        return np.stack(
            [
                self.values[self.songs == song].mean(axis=0, dtype=np.float64)
                for song in np.unique(self.songs)
            ]
        )


def told_apart(peaks: Peaks) -> NDArray[np.float64]:
    """Measure how well each kernel's answer tells the songs from each other (n_filters,).

    The share of the variance of its peaks that lies between songs and not within them (eta
    squared): 0 where all songs excite it alike, also for a single song; 1 where its answer gives
    away the song.
    """
    values = peaks.values.astype(np.float64)
    whole = ((values - values.mean(axis=0)) ** 2).sum(axis=0)
    sizes = np.bincount(peaks.songs)[:, np.newaxis]
    between = (sizes * (peaks.means() - values.mean(axis=0)) ** 2).sum(axis=0)
    return np.clip(np.divide(between, whole, out=np.zeros_like(whole), where=whole > 0), 0.0, 1.0)


def rank_kernels(peaks: Peaks, by: By = "apart") -> NDArray[np.int64]:
    """Order kernels by `told_apart`, or by their largest answer.

    Of a single song both are the largest answer. Kernels that answer nowhere are left out.
    """
    require(
        by in ("apart", "strongest"),
        "by must be 'apart' or 'strongest'.",
        by,
        "Choose one of these.",
    )
    strongest = peaks.values.max(axis=0).astype(np.float64)
    is_single = len(np.unique(peaks.songs)) == 1
    first = strongest if by == "strongest" or is_single else told_apart(peaks)
    order = np.lexsort((-strongest, -first))
    return np.asarray(order[~peaks.silent[order]], dtype=np.int64)
