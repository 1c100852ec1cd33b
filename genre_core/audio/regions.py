"""Hear what a network looked at: a song parted into the cells of a heat map and all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.audio.clip import Clip
from genre_core.audio.edits import HOP_LENGTH, N_FFT, from_spectrum, to_spectrum
from genre_core.config import SongInput, require


def part_by_heat(
    clip: Clip,
    heat: ArrayLike,
    start_s: Sequence[float],
    spec: SongInput,
    *,
    share: float = 0.25,
) -> tuple[Clip, Clip]:
    """Part a song into the hottest cells of its segments' heat maps, and everything else.

    The two add up to the song. Of each segment the hottest `share` of its cells is kept; a map's
    cells are laid over the spectrogram by their frequency and time. What lies outside all segments
    or above the highest frequency that the network reads, it did not look at: that is in the rest.

    Parameters
    ----------
    clip : Clip
        Of any rate; a high one sounds better.
    heat : array-like [shape=(n, *spec.shape[:2])]
        A map a segment, on the input's own axes; all 0 where nothing is located.
    start_s : sequence of float
        Where each segment starts, in s from the start of `clip`; may lie before it.
    spec : SongInput
        What the segments were cut by; its bins have a frequency.
    share : float
        In (0, 1].

    Returns
    -------
    looked_at, rest : Clip

    Raises
    ------
    ParameterError
        The network reads no spectrogram, or the maps do not fit.

    Notes
    -----
    An approximation: the network sees how strong each cell is, in its own bands; a band that is
    kept has the phase of the whole song, and windows of 46 ms at 44,100 Hz smear the edges.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> t = np.arange(22_050) / 22_050
    >>> tones = np.sin(2 * np.pi * 200 * t) + np.sin(2 * np.pi * 5_000 * t)
    >>> clip = Clip(tones.astype(np.float32) / 4, 22_050)
    >>> heat = np.zeros((1, 43, 128))
    >>> heat[0, :, :32] = 1  # the lowest quarter of the bands
    >>> low, rest = part_by_heat(clip, heat, [0.0], spec)
    >>> bool(np.abs(low.y + rest.y - clip.y).max() < 1e-4), round(float(low.y.std() / rest.y.std()))
    (True, 1)
    """
    maps = np.asarray(heat, np.float32)
    hertz = spec.bin_hz
    require(
        hertz is not None,
        "Only a network that reads a spectrogram looks at a part of what is heard.",
        spec.features,
        "Choose a convolutional network.",
    )
    require(
        maps.ndim == 3 and maps.shape[1:] == spec.shape[:2] and len(maps) == len(start_s),
        f"heat must have the shape ({len(start_s)}, {spec.shape[0]}, {spec.shape[1]}).",
        maps,
        "Give one map a segment.",
    )
    require(0 < share <= 1, "share must lie in (0, 1].", share, "Give 0.25.")
    if spec.layout == "time_frequency":
        maps = maps.transpose(0, 2, 1)  # (n, n_bins, n_frames)
    spectrum = to_spectrum(clip.y)
    gains = np.zeros(spectrum.shape, np.float32)
    moments = librosa.frames_to_time(
        np.arange(spectrum.shape[1]), sr=clip.sr, hop_length=HOP_LENGTH
    )
    row, is_read = _nearest_bin(np.asarray(hertz), clip.sr)
    for one, start in zip(maps, start_s, strict=True):
        hottest = _hottest(one, share)
        columns = np.rint((moments - start) / spec.frame_step_s).astype(np.int64)
        here = np.flatnonzero((columns >= 0) & (columns < spec.n_frames))
        cells = hottest[row[:, np.newaxis], columns[here]] & is_read[:, np.newaxis]
        gains[:, here] = np.maximum(gains[:, here], cells)
    looked_at = from_spectrum(spectrum * gains, clip.n_samples)
    return replace(clip, y=looked_at), replace(clip, y=clip.y - looked_at)


def _hottest(heat: NDArray[np.float32], share: float) -> NDArray[np.bool_]:
    """Mark the hottest cells, as many as `share` says; none that is 0."""
    n = max(1, round(share * heat.size))
    least = np.partition(heat, heat.size - n, axis=None)[heat.size - n]
    return (heat >= least) & (heat > 0)


def _nearest_bin(
    hertz: NDArray[np.float64], sr: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find each frequency's bin of the network's, and whether the network reads it at all."""
    frequencies = librosa.fft_frequencies(sr=sr, n_fft=N_FFT)
    edges = (hertz[1:] + hertz[:-1]) / 2
    highest = hertz[-1] + (hertz[-1] - hertz[-2]) / 2
    return np.searchsorted(edges, frequencies), frequencies <= highest
