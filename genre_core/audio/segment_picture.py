"""What a network reads of one segment, as a picture's numbers with the labels of its axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.frame_names import FAMILIES, FRAME_NAMES
from genre_core.audio.overview import label_hz
from genre_core.config import PAD, SongInput, require

_NAMED = 6
"""Families of fewer rows have no tick: on a small picture their names would lie on each other."""

_OCTAVES_HZ = tuple(125 * 2**k for k in range(8))


@dataclass(frozen=True, slots=True, eq=False)
class SegmentPicture:
    """Rows of numbers over time, ready for a heat map whose row 0 is at the bottom.

    values [shape=(n_bins, n_frames), dtype=float32]: What the network reads, scaled as it reads it;
        frequency rises with the row. NaN in frames that are not there.
    time_s [shape=(n_frames,), dtype=float64]: Of each column, in seconds from the start of the
        segment.
    rows: What each row is: a frequency ("440 Hz"), or the name of a feature.
    ticks: Few of them for an axis, as places among the rows: octaves, or the middle of each wide
        family of features.
    cam [shape=(n_bins, n_frames)]: The map that was given, turned the same way.
    """

    values: NDArray[np.float32]
    time_s: NDArray[np.float64]
    rows: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    cam: NDArray[np.float32] | None


def segment_picture(
    inputs_one: NDArray[np.float32], spec: SongInput, *, cam: NDArray[np.float32] | None = None
) -> SegmentPicture | None:
    """Turn one row of `Segments.inputs` so that time runs to the right and frequency up.

    `cam` is a map on the input's own first two axes. None for `statistics_423`: a segment's
    statistics have no frames left.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> picture = segment_picture(np.zeros((43, 128, 1), np.float32), spec)
    >>> picture.values.shape, picture.rows[:2], picture.ticks[3][1]
    ((128, 43), ('26 Hz', '52 Hz'), '1 kHz')
    >>> segment_picture(np.zeros((43, 128), np.float32), spec)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A segment of mel_128 must have the shape (43, 128, 1). \
Received an array of shape (43, 128) and dtype float32. Give one row of Segments.inputs.
    """
    given: object = inputs_one  # a caller without a type checker may give anything
    require(
        isinstance(given, np.ndarray) and given.shape == spec.shape,
        f"A segment of {spec.features} must have the shape {spec.shape}.",
        given,
        "Give one row of Segments.inputs.",
    )
    if spec.layout == "none":
        return None
    require(
        cam is None or cam.shape == spec.shape[:2],
        f"A map of a segment of {spec.features} must have the shape {spec.shape[:2]}.",
        cam,
        "Stretch it to the input's own axes.",
    )
    values = _upright(inputs_one.reshape(spec.shape[:2]), spec)
    rows, ticks = _labels(spec)
    return SegmentPicture(
        values=np.where(values == np.float32(PAD), np.float32(np.nan), values),
        time_s=np.arange(spec.n_frames, dtype=np.float64) * spec.frame_step_s,
        rows=rows,
        ticks=ticks,
        cam=None if cam is None else _upright(cam, spec),
    )


def _upright(values: NDArray[np.float32], spec: SongInput) -> NDArray[np.float32]:
    return values.T if spec.layout == "time_frequency" else values  # (n_bins, n_frames)


def _labels(spec: SongInput) -> tuple[tuple[str, ...], tuple[tuple[float, str], ...]]:
    hertz = spec.bin_hz
    if hertz is not None:
        inside = [octave for octave in _OCTAVES_HZ if hertz[0] <= octave <= hertz[-1]]
        places = np.interp(inside, hertz, np.arange(len(hertz)))
        ticks = zip(places.tolist(), map(label_hz, inside), strict=True)
        return tuple(map(label_hz, hertz)), tuple(ticks)
    widths = np.array(list(FAMILIES.values()))
    middles = np.cumsum(widths) - (widths + 1) / 2
    families = zip(middles.tolist(), FAMILIES, strict=True)
    return FRAME_NAMES, tuple(one for one in families if FAMILIES[one[1]] >= _NAMED)
