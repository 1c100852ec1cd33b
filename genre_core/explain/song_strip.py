"""What speaks for a genre over the time of a whole song, as one row of shades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.audio.segments import Segments
from genre_core.config import SongInput, require
from genre_core.explain.cam import Cam
from genre_core.explain.map_geometry import line_weights

MAX_CELLS = 8_192
"""Cells of a strip; of a longer song each is the mean of several frames."""

_SEGMENTS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class SongStrip:
    """Importance over time.

    values [shape=(n_cells,), dtype=float32]: 0 to 1; the strongest cell of the song is 1, unless
        all are 0.
    start_s, end_s [shape=(n_cells,), dtype=float64]: Seconds in the song, side by side from the
        first segment's start to the last one's end.
    n_segments, n_located: All, and those whose map locates anything: the others add 0.
    """

    values: NDArray[np.float32]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    genre_index: int
    n_segments: int
    n_located: int


def cam_strip(
    cam: Cam,
    segments: Segments,
    scores: ArrayLike,
    spec: SongInput,
    *,
    genre_index: int,
    max_cells: int = MAX_CELLS,
    method: str | None = None,
) -> SongStrip:
    """Show over a whole song where a network finds what speaks for a genre.

    A frame's value is s h: s is its segment's score, h the segment's heat at that frame, the mean
    over frequency of the map scaled to 0 to 1. Where segments overlap their values are averaged.
    At last all are divided by the song's largest value. So shades compare places inside a segment
    by the map and segments by their scores alone: a segment that scores twice as high can be twice
    as dark, and one that scores 0 is blank however structured its map is.

    Parameters
    ----------
    cam : Cam
        Of a network that reads such segments.
    segments : Segments
        Of the song.
    scores : array-like [shape=(n,)]
        Of each segment, in [0, 1]: the probability of the genre that is explained, such as
        `SongPrediction.scores` for prog.
    spec : SongInput
        What the segments were cut by.
    genre_index : int
        The genre that is explained, from 0.
    max_cells : int
        At least 1. A cell is one frame, or as many as it takes to stay within this.
    method : str, optional
        As `Cam.explain` takes it. Occlusion and integrated gradients ask the network 20 to 400
        times a segment.

    Notes
    -----
    Ours. Raw maps of two segments could be compared too (they are in units of the logit), but a
    map's size says how steep the logit is there, not how sure the network is. Frames of padding
    count nowhere. A cell is no finer than the stage's own: frames in between lie on straight lines.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> from genre_core.audio.clip import Clip
    >>> from genre_core.audio.features import song_segments
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> y = np.random.default_rng(0).normal(0, 0.1, 43 * 512 * 2).astype(np.float32)
    >>> segments = song_segments(Clip(y, 22_050), spec)
    >>> cam = Cam(build("s5_cnn"), "softmax")
    >>> strip = cam_strip(cam, segments, [0.5, 0.0], spec, genre_index=1)
    >>> len(strip.values), strip.values[43:].any()
    (86, np.False_)
    """
    weights = np.asarray(scores, np.float64)
    require(
        weights.shape == (len(segments),)
        and bool(np.isfinite(weights).all())
        and 0 <= weights.min() <= weights.max() <= 1,
        f"scores must be {len(segments)} numbers in [0, 1], one a segment.",
        weights,
        "Give the probability of the genre that is explained.",
    )
    require(
        spec.layout != "none",
        "A strip needs segments with frames.",
        spec.features,
        "Show the scores of the segments instead.",
    )
    require(max_cells >= 1, "max_cells must be at least 1.", max_cells, "Leave it out.")
    first = np.rint((segments.start_s - segments.start_s[0]) / spec.frame_step_s).astype(np.int64)
    last = first + segments.n_valid
    total, count = np.zeros(last.max()), np.zeros(last.max())
    n_located = 0
    for begin in range(0, len(segments), _SEGMENTS_AT_ONCE):
        some = slice(begin, begin + _SEGMENTS_AT_ONCE)
        profiles, located = _profiles(cam, segments.inputs[some], spec, genre_index, method)
        n_located += located
        places = zip(first[some], last[some], weights[some], profiles, strict=True)
        for start, end, weight, profile in places:
            total[start:end] += weight * profile[: end - start]
            count[start:end] += 1
    n_each = -(-len(total) // max_cells)
    edges = np.arange(0, len(total), n_each)
    sizes = np.diff(edges, append=len(total))
    values = np.add.reduceat(total / count, edges) / sizes
    largest = values.max()
    start_s = segments.start_s[0] + edges * spec.frame_step_s
    return SongStrip(
        values=(values / largest if largest > 0 else values).astype(np.float32),
        start_s=start_s,
        end_s=np.append(start_s[1:], segments.end_s.max()),
        genre_index=genre_index,
        n_segments=len(segments),
        n_located=n_located,
    )


def _profiles(
    cam: Cam,
    inputs: NDArray[np.float32],
    spec: SongInput,
    genre_index: int,
    method: str | None,
) -> tuple[NDArray[np.float32], int]:
    """Heat over time [shape=(n, n_frames)], and how many segments are located."""
    time_axis = int(spec.layout == "frequency_time")
    explained = cam.explain_all(inputs, genre_index, method=method, time_axis=time_axis)
    heat = np.stack([saliency.heat for saliency in explained])  # (n, h, w)
    over_time = heat.mean(axis=2 - time_axis)  # (n, h) or (n, w)
    to_frames = line_weights(cam.centres_of(explained[0])[time_axis], spec.n_frames)
    return over_time @ to_frames.T, sum(saliency.is_located for saliency in explained)
