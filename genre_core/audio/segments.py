"""Cut a song's frames into segments of one length: the one rule of where they start and end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from genre_core.config import SongInput, require
from genre_core.errors import ParameterError, describe

_FRAMES_AT_ONCE = 4_096
_ROUNDING = 1e-6  # of a frame: seconds are rounded, samples are not


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """What a network reads of a song, and where each part of it lies.

    inputs [shape=(n, *spec.shape), dtype=float32]: One row a segment, n >= 1; often a read-only
        view, in which segments that overlap share their frames' memory. Copy it before writing.
    start_s, end_s [shape=(n,), dtype=float64]: Seconds in the clip as it was decoded, so a part
        that was skipped counts; `end_s` is never past the clip's end.
    n_valid [shape=(n,), dtype=int64]: Frames of each segment that are the song's; the others are
        padding, at its end.
    """

    inputs: NDArray[np.float32]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    n_valid: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.inputs)

    def at(self, second: float | None = None) -> int:
        """Give the place of the segment whose middle is nearest a second; without one the middle.

        Examples
        --------
        >>> starts = np.arange(5.0)
        >>> song = Segments(np.zeros((5, 2), "f4"), starts, starts + 1, np.full(5, 43))
        >>> song.at(), song.at(3.7), song.at(99)
        (2, 3, 4)
        """
        if second is None:
            return len(self) // 2
        return int(np.argmin(np.abs((self.start_s + self.end_s) / 2 - second)))


def segment_starts(n_total: int, spec: SongInput) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tell where segments start, and how many frames of each are the song's.

    A segment starts every `hop_frames`, as long as it is full. What no full segment holds becomes
    one last segment, a hop after the one before, if it then has at least `min_frames`; else it is
    left out. A song shorter than a segment is one segment, whatever `min_frames`.

    Examples
    --------
    >>> spec = SongInput(features="log_mel_96", n_frames=187, hop_frames=187, min_frames=90)
    >>> [part.tolist() for part in segment_starts(500, spec)]
    [[0, 187, 374], [187, 187, 126]]
    >>> [part.tolist() for part in segment_starts(400, spec)]
    [[0, 187], [187, 187]]
    >>> [part.tolist() for part in segment_starts(20, spec)]
    [[0], [20]]
    """
    require(n_total >= 1, "A song must have at least 1 frame.", n_total, "Give a longer clip.")
    n_full = max(0, (n_total - spec.n_frames) // spec.hop_frames + 1)
    covered = (n_full - 1) * spec.hop_frames + spec.n_frames if n_full else 0
    rest = n_total - n_full * spec.hop_frames
    has_last = n_total > covered and (rest >= spec.min_frames or not n_full)
    starts = np.arange(n_full + has_last, dtype=np.int64) * spec.hop_frames
    return starts, np.minimum(n_total - starts, spec.n_frames)


def frames_of(n_samples: int, hop_length: int) -> int:
    """Count the frames that segments are cut of: frame i stands for samples from i hops on.

    librosa's centred frames are `1 + n_samples // hop_length`. Where the length is a whole number
    of hops, the last of them is centred on the clip's very end, stands for no sample and is left
    out, so that a clip of three segments' length gives three segments.

    Examples
    --------
    >>> frames_of(511, 512), frames_of(512, 512), frames_of(513, 512)
    (1, 1, 2)
    """
    return max(1, -(-n_samples // hop_length))


def cut(
    frames: NDArray[np.float32],
    spec: SongInput,
    *,
    offset_s: float,
    duration_s: float,
    pad_value: float | NDArray[np.float32],
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
) -> Segments:
    """Cut frames into segments, as `segment_starts` says.

    Parameters
    ----------
    frames : np.ndarray [shape=(n_total, d), dtype=float32]
        Features of the song from `offset_s` on, one row every `hop_length` samples; rows past
        `frames_of` the samples are left out.
    offset_s, duration_s : float
        Where `frames` begin in the clip, and the length of the whole clip, in seconds.
    pad_value : float or np.ndarray [shape=(d,)]
        What stands in frames after the song's end.
    change : callable, optional
        Applied to the frames, some at a time, so that a long song is never there in between.

    Returns
    -------
    Segments
        `inputs` is a read-only view of one array with the frames, [shape=(n, n_frames, d)], in the
        arrangement of `spec.layout` and with a last axis of 1 where `spec.shape` has three axes.

    Examples
    --------
    >>> spec = SongInput(features="log_mel_96", n_frames=100, hop_frames=100, hop_length=160)
    >>> frames = np.ones((250, 96), np.float32)
    >>> segments = cut(frames, spec, offset_s=30.0, duration_s=32.5, pad_value=0.0)
    >>> segments.inputs.shape, segments.start_s.tolist(), segments.end_s.tolist()
    ((3, 100, 96), [30.0, 31.0, 32.0], [31.0, 32.0, 32.5])
    >>> cut(frames[:0], spec, offset_s=0.0, duration_s=1.0, pad_value=0.0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: frames must be of shape (n_total, d), at least one frame. \
Received an array of shape (0, 96) and dtype float32. Give the features of a whole song.
    """
    if frames.ndim != 2 or not len(frames):
        raise ParameterError(
            "frames must be of shape (n_total, d), at least one frame.",
            received=describe(frames),
            cure="Give the features of a whole song.",
        )
    require(
        duration_s > offset_s >= 0,
        "The clip must end after the offset (s).",
        (offset_s, duration_s),
        "Give the length of the whole clip, with what was skipped.",
    )
    hops = (duration_s - offset_s) * spec.sr / spec.hop_length
    n_total = min(len(frames), max(1, int(np.ceil(hops - _ROUNDING))))
    starts, n_valid = segment_starts(n_total, spec)
    padded = np.empty((int(starts[-1]) + spec.n_frames, frames.shape[1]), np.float32)
    for first in range(0, min(n_total, len(padded)), _FRAMES_AT_ONCE):
        end = min(first + _FRAMES_AT_ONCE, n_total, len(padded))
        some = frames[first:end]
        padded[first:end] = change(some) if change else some
    padded[n_total:] = pad_value
    every = sliding_window_view(padded, spec.n_frames, axis=0)[:: spec.hop_frames]
    inputs = arrange(every.swapaxes(1, 2), spec)  # (n, n_frames, d)
    return place(inputs, spec, starts, n_valid, offset_s=offset_s, duration_s=duration_s)


def arrange(inputs: NDArray[np.float32], spec: SongInput) -> NDArray[np.float32]:
    """Bring segments of shape (n, n_frames, d) into the arrangement of `spec.shape`, as a view."""
    if spec.layout == "frequency_time":
        inputs = inputs.swapaxes(1, 2)
    return inputs[..., np.newaxis] if len(spec.shape) == 3 else inputs


def place(
    inputs: NDArray[np.float32],
    spec: SongInput,
    starts: NDArray[np.int64],
    n_valid: NDArray[np.int64],
    *,
    offset_s: float,
    duration_s: float,
) -> Segments:
    """Give segments their places in the clip, from the first frame of each."""
    start_s = offset_s + starts.astype(np.float64) * spec.frame_step_s
    return Segments(inputs, start_s, np.minimum(start_s + spec.segment_s, duration_s), n_valid)
