"""What a network's input may hold: the range of its pixels or bands, and the axes of a pattern.

Imports no TensorFlow, so that a page can show patterns that are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.config import CoverInput, SongInput, require

RANGES = {"mel_128": (-80.0, 40.0), "stft_db": (-80.0, 0.0), "log_mel_96": (0.0, 6.8)}
"""Lowest and highest value of a band: silence, and about what a full-scale sine reaches in it."""

SIDE = (48, 96)
"""A cover's pattern is at least and, where the layer sees no more, at most so many px wide."""

MIN_FRAMES = 48
"""A song's pattern is at least so many frames long, or as long as the segment."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The inputs that a network may be given.

    shape: Of one input.
    low, high: Of its values, arrays that fit `shape` by broadcasting [dtype=float32].
    free: Axes along which a smaller input shows the same: both of a cover, time of a song.
    """

    shape: tuple[int, ...]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    free: tuple[int, ...]

    def inputs(self, pictures: NDArray[np.floating]) -> NDArray[np.float32]:
        """Turn pictures in 0 to 1 [shape=(n, ...)] into the network's own values."""
        return np.asarray(self.low + pictures * (self.high - self.low), np.float32)

    def pictures(self, inputs: NDArray[np.generic]) -> NDArray[np.float32]:
        """Turn inputs into pictures in 0 to 1; what lies outside the range is cut off."""
        share = (np.asarray(inputs, np.float32) - self.low) / (self.high - self.low)
        return np.clip(share, 0.0, 1.0)

    def shape_for(
        self, sees: tuple[int | None, int | None], *, is_padded: bool = False
    ) -> tuple[int, ...]:
        """Choose how large a pattern is of a layer that sees so many cells of each axis.

        At least all that one cell of its map sees, and more, so that a texture can repeat. A cover
        is no larger than `SIDE` where `is_padded`: every convolution takes what lies outside for 0,
        so the layer has a map all the same.
        """
        if is_padded and len(self.free) == 2:
            sees = tuple(side and min(side, SIDE[1]) for side in sees)  # type: ignore[assignment]
        shape = list(self.shape)
        for axis in self.free:
            seen = sees[axis]
            if seen is None:
                return self.shape
            least, most = SIDE if len(self.free) == 2 else (MIN_FRAMES, MIN_FRAMES + 16)
            wanted = max(seen, min(most, max(least, 2 * seen)))
            shape[axis] = min(self.shape[axis], wanted)
        return tuple(shape)


def scale_of(spec: CoverInput | SongInput) -> Scale:
    """Say what a network with this input may be given.

    Pixels lie in 0 to 255. Bands lie between silence and a full-scale sine (`RANGES`), scaled as
    the network's features are.

    Raises `ParameterError`: an input of numbers that are no pixels and no bands.

    Examples
    --------
    >>> scale = scale_of(CoverInput(size=260))
    >>> float(scale.low), float(scale.high), scale.shape_for((8, 8)), scale.shape_for((158, 158))
    (0.0, 255.0, (48, 48, 3), (158, 158, 3))
    >>> song = scale_of(SongInput(features="mel_128", n_frames=43, hop_frames=43))
    >>> song.shape_for((3, 3)), song.inputs(np.full((1, 43, 128, 1), 0.5)).max()
    ((43, 128, 1), np.float32(-20.0))
    >>> scale_of(SongInput(features="frames_205", n_frames=9, hop_frames=9))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A pattern needs an input of pixels or of bands. Received \
'frames_205' (str). Choose a network that reads covers or spectrograms.
    """
    if isinstance(spec, CoverInput):
        return Scale(spec.shape, np.array(0, np.float32), np.array(255, np.float32), (0, 1))
    require(
        spec.features in RANGES,
        "A pattern needs an input of pixels or of bands.",
        spec.features,
        "Choose a network that reads covers or spectrograms.",
    )
    from genre_core.audio.features import scaled  # which loads what computes features

    ends = [scaled(np.full(spec.n_bins, end, np.float32), spec) for end in RANGES[spec.features]]
    is_time_first = spec.layout == "time_frequency"
    bands = (1, spec.n_bins) if is_time_first else (spec.n_bins, 1)
    around = bands + (1,) * (len(spec.shape) - 2)
    low, high = (end.reshape(around) for end in ends)
    return Scale(spec.shape, low, high, (0 if is_time_first else 1,))
