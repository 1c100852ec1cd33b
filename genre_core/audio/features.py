"""From a decoded song to the inputs of a network, of every kind of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Clip, Samples
from genre_core.audio.frames import frames_205
from genre_core.audio.log_picture import log_picture, middle_minute
from genre_core.audio.segments import Segments, arrange, cut, frames_of, place, segment_starts
from genre_core.audio.spectral import HOP
from genre_core.audio.spectrograms import (
    band_power,
    below_maximum_db,
    log_mel_96,
    mel_patches,
)
from genre_core.audio.statistics import statistics_423
from genre_core.config import PAD, SongInput, require
from genre_core.config.song import LOG_PICTURE_FRAMES, LOG_PICTURE_HOP
from genre_core.errors import ParameterError

_AT_ONCE = 32  # segments


def song_segments(clip: Clip, spec: SongInput) -> Segments:
    """Compute the inputs of a network for a whole song, segment by segment.

    Of a clip longer than `skip_if_longer_s` the first `skip_s` seconds are left out before anything
    is computed. The features of the rest are scaled, (x - offset) / scale within +- bound, and cut
    as `segments.segment_starts` says. After the song's end stands what silence would give, for
    `frames_205` the value PAD, which networks mask.

    Only the inputs grow with a song's length: what lies between is computed in blocks. Segments
    that overlap share memory, but for `mel_128` and `stft_db`, where each is computed by itself.

    Examples
    --------
    >>> spec = SongInput(features="log_mel_96", n_frames=187, hop_frames=187, hop_length=256)
    >>> segments = song_segments(Clip(np.zeros(80_000, np.float32), 16_000), spec)
    >>> segments.inputs.shape, segments.end_s.tolist(), segments.n_valid.tolist()
    ((2, 187, 96), [2.992, 5.0], [187, 126])
    >>> song_segments(Clip(np.zeros(80_000, np.float32), 22_050), spec)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: log_mel_96 is computed at 16000 Hz. Received a clip at \
22050 Hz. Decode the file with decode_clips at that rate.
    """
    return segments_of(song_features(clip, spec), spec, clip.n_samples)


def song_features(clip: Clip, spec: SongInput) -> NDArray[np.float32]:
    """Compute what `segments_of` cuts and scales: the part that takes time and is worth keeping.

    Returns (n_total, d) frames of the song after what is skipped: 205 numbers for `frames_205` and
    `statistics_423`, 96 for `log_mel_96`, power in 128 bands for `stft_db`; for `mel_128` patches
    of shape (n, n_frames, 128); for `log_picture` the 153 columns of the middle minute.
    """
    y = _samples(clip, spec)
    if spec.features == "log_picture":
        require(
            (spec.n_frames, spec.hop_length) == (LOG_PICTURE_FRAMES, LOG_PICTURE_HOP),
            f"log_picture has n_frames = {LOG_PICTURE_FRAMES}, hop_length = {LOG_PICTURE_HOP}.",
            (spec.n_frames, spec.hop_length),
            "Set these.",
        )
        return log_picture(y)
    if spec.features == "log_mel_96":
        return log_mel_96(y, hop_length=spec.hop_length)
    if spec.features == "mel_128":
        return mel_patches(y, spec)
    if spec.features == "stft_db":
        return band_power(y, spec)
    require(
        spec.hop_length == HOP,
        f"hop_length of {spec.features} must be {HOP} samples.",
        spec.hop_length,
        "Leave it out of the settings.",
    )
    return frames_205(y)


def feature_settings(spec: SongInput) -> dict[str, str | int | float]:
    """Return all settings that `song_features` depends on; scaling is none of them.

    Examples
    --------
    >>> lstm = SongInput(features="frames_205", n_frames=2_000, hop_frames=1_000)
    >>> mlp = SongInput(features="statistics_423", n_frames=600, hop_frames=600)
    >>> feature_settings(lstm) == feature_settings(mlp)
    True
    """
    settings: dict[str, str | int | float] = {
        "features": "frames_205" if spec.features == "statistics_423" else spec.features,
        "hop_length": spec.hop_length,
        "skip_s": spec.skip_s,
        "skip_if_longer_s": spec.skip_if_longer_s,
    }
    if spec.features == "mel_128":  # the only ones that are computed segment by segment
        settings |= {
            "n_frames": spec.n_frames,
            "hop_frames": spec.hop_frames,
            "min_frames": spec.min_frames,
        }
    return settings


def feature_shape(n_samples: int, spec: SongInput) -> tuple[int, ...]:
    """Tell the shape of what `song_features` gives for a clip of `n_samples`.

    Examples
    --------
    >>> feature_shape(22_050, SongInput(features="statistics_423", n_frames=43, hop_frames=43))
    (44, 205)
    """
    n_left = n_samples - skipped_samples(n_samples, spec)
    if spec.features == "mel_128":
        starts, _ = segment_starts(frames_of(n_left, spec.hop_length), spec)
        return (len(starts), spec.n_frames, spec.n_bins)
    if spec.features == "log_picture":
        return (spec.n_frames, spec.n_bins)
    width = 205 if spec.features == "statistics_423" else spec.n_bins
    return (1 + n_left // spec.hop_length, width)


def segments_of(features: NDArray[np.float32], spec: SongInput, n_samples: int) -> Segments:
    """Cut and scale what `song_features` gave for a clip of `n_samples`, skipped ones included."""
    n_skipped = skipped_samples(n_samples, spec)
    offset_s, duration_s = n_skipped / spec.sr, n_samples / spec.sr
    if spec.features == "log_picture":
        minute = middle_minute(n_samples - n_skipped)
        n_own = min(spec.n_frames, frames_of(minute.stop - minute.start, spec.hop_length))
        inputs = arrange(scaled(features[np.newaxis], spec), spec)
        return place(
            inputs,
            spec,
            np.zeros(1, np.int64),
            np.array([n_own]),
            offset_s=offset_s + minute.start / spec.sr,
            duration_s=duration_s,
        )
    if spec.features in ("mel_128", "statistics_423"):
        starts, n_valid = segment_starts(frames_of(n_samples - n_skipped, spec.hop_length), spec)
        if spec.features == "statistics_423":
            parts = zip(starts, starts + n_valid, strict=True)
            features = np.stack([statistics_423(features[first:end]) for first, end in parts])
        inputs = arrange(scaled(features, spec), spec)
        return place(inputs, spec, starts, n_valid, offset_s=offset_s, duration_s=duration_s)
    if spec.features == "stft_db":
        raw = cut(features, spec, offset_s=offset_s, duration_s=duration_s, pad_value=0.0)
        # Some at a time: overlapping segments of two hours, several times over, would be 1 GB.
        inputs = np.empty(raw.inputs.shape, np.float32)
        for start in range(0, len(inputs), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            inputs[some] = scaled(below_maximum_db(raw.inputs[some]), spec, axis=1)
        return Segments(inputs, raw.start_s, raw.end_s, raw.n_valid)
    silence: float | NDArray[np.float32] = PAD
    if spec.features == "log_mel_96":
        silence = scaled(np.zeros(spec.n_bins, np.float32), spec)
    return cut(
        features,
        spec,
        offset_s=offset_s,
        duration_s=duration_s,
        pad_value=silence,
        change=lambda some: scaled(some, spec),
    )


def scaled(values: NDArray[np.float32], spec: SongInput, axis: int = -1) -> NDArray[np.float32]:
    """Scale features to (x - offset) / scale and keep them within +- bound.

    Examples
    --------
    >>> tens = (10.0,) * 128
    >>> spec = SongInput(features="mel_128", n_frames=9, hop_frames=9, scales=tens, bound=3.0)
    >>> scaled(np.full(128, -80, np.float32), spec)[0]
    np.float32(-3.0)
    """
    shape = [1] * values.ndim
    shape[axis] = spec.n_bins
    if not (spec.offsets or spec.scales or spec.bound):
        return values
    values = values.copy()
    if spec.offsets:
        values -= np.array(spec.offsets, np.float32).reshape(shape)
    if spec.scales:
        values /= np.array(spec.scales, np.float32).reshape(shape)
    if spec.bound:
        np.clip(values, -spec.bound, spec.bound, out=values)
    return values


def skipped_samples(n_samples: int, spec: SongInput) -> int:
    """Count the samples left out at the start of a clip of `n_samples`.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43, skip_s=30.0)
    >>> skipped_samples(22_050 * 90, spec), skipped_samples(22_050 * 91, spec)
    (0, 661500)
    """
    return round(spec.skip_s * spec.sr) if n_samples > spec.skip_if_longer_s * spec.sr else 0


def _samples(clip: Clip, spec: SongInput) -> Samples:
    if clip.sr != spec.sr:
        raise ParameterError(
            f"{spec.features} is computed at {spec.sr} Hz.",
            received=f"a clip at {clip.sr} Hz",
            cure="Decode the file with decode_clips at that rate.",
        )
    # Extremes instead of np.isfinite: two hours need no second array.
    low, high = float(clip.y.min()), float(clip.y.max())
    require(
        bool(np.isfinite(low) and np.isfinite(high)),
        "Samples must be finite numbers.",
        f"samples from {low} to {high}",
        "Decode the file again, or leave it out.",
    )
    return clip.y[skipped_samples(clip.n_samples, spec) :]
