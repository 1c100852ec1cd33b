"""Fingerprints of songs: 32 bits, 22 times a second, and how well two of them align."""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from genre_core.audio.clip import Samples, check_samples
from genre_core.audio.stft import Centred, blocks_of_power

SR, N_FFT, HOP = 11_025, 4_096, 512
"""Rate in Hz, and length and step of the windows in samples: 0.37 s every 0.046 s."""

N_BITS = 32
"""Bits of a word; one more band than bits."""

LOWEST_HZ, HIGHEST_HZ = 300.0, 3_000.0
"""Where the bands lie: what small loudspeakers and every codec leave."""

MIN_OVERLAP_S = 8.0
"""Shortest stretch on which two songs may be compared; of shorter songs nearly all is needed."""

TEMPI = tuple(1 + k / 100 for k in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5))
"""How much faster one of two songs may run for them to be the same; all are tried."""

_LAG = 2
"""Frames between the two spectra that are compared."""

_PART_OF_SHORT = 0.9
"""Part of a song shorter than `MIN_OVERLAP_S` that must lie within the other one."""

_QUIET = 1e-7
"""Power against the song's strongest frame below which nothing is heard; -70 dB."""

Words = NDArray[np.uint32]


def fingerprint(y: Samples) -> Words:
    """Sum up a song in 32 bits, 22 times a second.

    With E(n, m) the power of band m in frame n, bit m of word n is 1 where
    E(n + 2, m) - E(n + 2, m + 1) > E(n, m) - E(n, m + 1): whether power moves to the lower of two
    neighbours. Loudness does not enter, and a codec or some noise turns a few bits only.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 11,025 Hz, at least one sample, finite.

    Returns
    -------
    np.ndarray [shape=(max(0, n_samples // 512 - 1),), dtype=uint32]
        One word for each two frames that lie 0.09 s apart; 0 where nothing is heard.

    Notes
    -----
    **Source**: Haitsma and Kalker (2002), "A highly robust audio fingerprinting system". Theirs has
    86 words a second, to find three seconds of a song; ours has 22, for songs against songs.

    Examples
    --------
    >>> fingerprint(np.zeros(SR, np.float32)).any(), len(fingerprint(np.zeros(SR, np.float32)))
    (np.False_, 20)
    >>> fingerprint(np.zeros((2, SR), np.float32))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Samples must be finite, of shape (n_samples,), at least one. \
Received an array of shape (2, 11025) and dtype float32. Decode the file with decode_clip.
    """
    check_samples(y)
    centred = Centred(y, n_fft=N_FFT, hop_length=HOP)
    bands = np.empty((centred.n_frames, N_BITS + 1), np.float32)
    for rows, power in blocks_of_power(centred):
        bands[rows] = np.add.reduceat(power, _edges(), axis=1)[:, :-1]
    slope = np.diff(bands, axis=1)  # (n_frames, 32)
    rises = slope[_LAG:] < slope[:-_LAG]  # (n_frames - 2, 32)
    if not len(rises):
        return np.zeros(0, np.uint32)
    words = np.packbits(rises, axis=1, bitorder="little").view("<u4")[:, 0].astype(np.uint32)
    loud = bands.sum(axis=1)
    words[loud[_LAG:] <= _QUIET * loud.max()] = 0
    return words


def best_alignment(one: Words, other: Words, *, enough: float = 0.5) -> tuple[float, float]:
    """Lay two fingerprints over each other in every way and tell how well they agree at best.

    The agreement is 1 - 2 (bits that differ / bits) over the words that both have: 1 for the same
    song, about 0 for two that have nothing in common, 0 where either has nothing to compare. Every
    shift that leaves `MIN_OVERLAP_S` in common is tried, at each of `TEMPI` until one gives
    `enough`. With the agreement comes how many seconds later the second song is where both are the
    same.

    Examples
    --------
    >>> words = np.random.default_rng(0).integers(1, 2**32, 600, dtype=np.uint32)
    >>> best_alignment(words, words[43:])
    (1.0, -1.99...)
    """
    best = (0.0, 0.0)
    if not one.any() or not other.any():
        return best
    n_fft = scipy.fft.next_fast_len(len(one) + int(len(other) / min(TEMPI)) + 1, real=True)
    spectra = _spectra(one, n_fft)
    for tempo in TEMPI:
        # What is stretched is the second one, word by word.
        places = np.minimum(np.arange(round(len(other) / tempo)) * tempo, len(other) - 1)
        agreement, shift = _best_shift(one, spectra, other[places.astype(np.int64)], n_fft)
        if agreement > best[0]:
            best = agreement, -shift * HOP / SR
        if agreement >= enough:
            break
    return best


def _spectra(words: Words, n_fft: int) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
    """Transform the bits [shape=(n_bins, 32)] and where anything is heard [shape=(n_bins,)]."""
    heard = (words != 0).astype(np.float32)
    return scipy.fft.rfft(_signs(words), n_fft, axis=0), scipy.fft.rfft(heard, n_fft)


def _best_shift(
    one: Words,
    spectra: tuple[NDArray[np.complex64], NDArray[np.complex64]],
    other: Words,
    n_fft: int,
) -> tuple[float, int]:
    others = _spectra(other, n_fft)
    # Entry k: the second song lies k words later in the first; from the end on, earlier.
    same = scipy.fft.irfft(np.einsum("nb,nb->n", spectra[0], others[0].conj()), n_fft)
    common = scipy.fft.irfft(spectra[1] * others[1].conj(), n_fft)
    shortest = min(np.count_nonzero(one), np.count_nonzero(other))
    needed = min(MIN_OVERLAP_S * SR / HOP, _PART_OF_SHORT * shortest)
    is_long = common >= max(needed - 0.5, 0.5)
    agreement = np.where(is_long, same / (N_BITS * np.maximum(common, 1)), 0)
    place = int(agreement.argmax())
    return min(1.0, float(agreement[place])), place if place < len(one) else place - n_fft


def _signs(words: Words) -> NDArray[np.float32]:
    """Turn bits into +1 and -1, and words in which nothing is heard into 0 [shape=(n, 32)]."""
    bits = (words[:, np.newaxis] >> np.arange(N_BITS, dtype=np.uint32)) & 1
    return (2.0 * bits - 1).astype(np.float32) * (words != 0)[:, np.newaxis]


@cache
def _edges() -> NDArray[np.int64]:
    """Return the first bin of each band, and the end of the last [shape=(34,)]."""
    hertz = np.geomspace(LOWEST_HZ, HIGHEST_HZ, N_BITS + 2)
    return np.round(hertz * N_FFT / SR).astype(np.int64)
