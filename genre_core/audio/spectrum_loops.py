"""Compiled loops over spectra, one row a frame, for what array functions do in many passes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genre_core.compiled import compiled, compiled_in_any_order


@compiled_in_any_order
def moments(spectra: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum s, k s and k^2 s over the bins k of each frame [shape=(n, 3)]."""
    sums = np.empty((spectra.shape[0], 3))
    for i in range(spectra.shape[0]):
        total, first, second = 0.0, 0.0, 0.0
        for k in range(spectra.shape[1]):
            value = np.float64(spectra[i, k])
            place = np.float64(k)
            total += value
            first += value * place
            second += value * place * place
        sums[i, 0], sums[i, 1], sums[i, 2] = total, first, second
    return sums


@compiled_in_any_order
def flatness(power: NDArray[np.float32], floor: np.float32) -> NDArray[np.float32]:
    """Divide each frame's geometric mean by its arithmetic mean, no bin below `floor`.

    A logarithm is taken of products of eight: float64 holds those of any float32.
    """
    n_bins = power.shape[1]
    flat = np.empty(power.shape[0], np.float32)
    for i in range(power.shape[0]):
        logs, total = 0.0, 0.0
        for first in range(0, n_bins, 8):
            product = 1.0
            for k in range(first, min(first + 8, n_bins)):
                value = np.float64(max(floor, power[i, k]))
                product *= value
                total += value
            logs += math.log(product)
        flat[i] = math.exp(logs / n_bins) * n_bins / total
    return flat


@compiled
def rolloff_bins(magnitude: NDArray[np.float32], share: np.float32) -> NDArray[np.int64]:
    """Find the first bin up to which a frame holds `share` of its sum.

    The running sum is float32 and from below, as librosa's: another order moves it by a bin.
    """
    n_bins = magnitude.shape[1]
    bins = np.empty(magnitude.shape[0], np.int64)
    running = np.empty(n_bins, np.float32)
    for i in range(magnitude.shape[0]):
        total = np.float32(0)
        for k in range(n_bins):
            total += magnitude[i, k]
            running[k] = total
        bins[i] = np.searchsorted(running, share * total)
    return bins


@compiled_in_any_order
def weighted_sums(
    power: NDArray[np.float32],
    first: NDArray[np.int64],
    end: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Multiply frames by bands that are 0 but from bin `first` to `end`."""
    sums = np.empty((power.shape[0], weights.shape[0]), np.float32)
    for i in range(power.shape[0]):
        for band in range(weights.shape[0]):
            total = np.float32(0)
            for k in range(first[band], end[band]):
                total += power[i, k] * weights[band, k]
            sums[i, band] = total
    return sums


@compiled
def spectral_peaks(
    spectra: NDArray[np.float32], levels: NDArray[np.float32], first: int, end: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Find the peaks of each frame above its level, by parabolas.

    float32 and float64 take turns as in librosa's own compiled code, for the same last digit.
    """
    most = spectra.shape[0] * ((end - first) // 2 + 1)
    places, heights = np.empty(most, np.float64), np.empty(most, np.float32)
    n = 0
    for i in range(spectra.shape[0]):
        level, row = levels[i], spectra[i, first - 1 : end + 1]
        for k in range(1, row.size - 1):
            before, top, after = row[k - 1], row[k], row[k + 1]
            if not top > level:
                continue
            # What lies below the level counts as nothing.
            if (before > level and before >= top) or (after > level and after > top):
                continue
            bend = np.float64(after + before) - 2.0 * np.float64(top)
            slope = (after - before) / np.float32(2)
            shift = np.float32(0)
            if abs(np.float64(slope)) < abs(bend):
                shift = np.float32(-np.float64(slope) / bend)
            places[n] = first - 1 + k + np.float64(shift)
            heights[n] = top + np.float32(0.5) * slope * shift
            n += 1
    return places[:n].copy(), heights[:n].copy()


@compiled_in_any_order
def levels_and_crossings(
    part: NDArray[np.float32], start: int, n_samples: int, threshold: np.float32
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compute rms and zero crossing rate of n frames of four hops, a hop apart.

    `part` holds the (n + 3) * 512 samples of a song from sample `start` on (negative before its
    beginning), zeros where it has none. What is nearer to 0 than `threshold` has no sign. A
    crossing from the last sample of the frame before is not counted, nor one from or to the zeros
    around.
    """
    n_hops = part.size // 512
    energy = np.empty(n_hops)
    crossings = np.empty(n_hops, np.int64)
    at_first = np.empty(n_hops, np.int64)
    for hop in range(n_hops):
        first = hop * 512
        total = np.float32(0)
        for i in range(first, first + 512):
            total += part[i] * part[i]
        energy[hop] = total
        low, high = max(first, 1, 1 - start), min(first + 512, n_samples - start)
        count = 0
        for i in range(low, high):
            count += (part[i] < -threshold) != (part[i - 1] < -threshold)
        crossings[hop] = count
        at_first[hop] = (
            low == first and high > low and (part[low] < -threshold) != (part[low - 1] < -threshold)
        )
    rms = np.empty(n_hops - 3, np.float32)
    rate = np.empty(n_hops - 3, np.float32)
    for i in range(n_hops - 3):
        rms[i] = math.sqrt(energy[i : i + 4].sum() / 2048)
        rate[i] = (crossings[i : i + 4].sum() - at_first[i]) / 2048
    return rms, rate
