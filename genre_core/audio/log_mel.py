"""Log-mel frames of the musicnn networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.stft import Centred, blocks_of_power, into_mel_bands

SR, N_FFT, N_MELS = 16_000, 512, 96


def log_mel_96(y: Samples, *, hop_length: int = 256) -> NDArray[np.float32]:
    """Compute log10(10000 x + 1) of 96 mel bands, frame by frame.

    Parameters
    ----------
    y : np.ndarray [shape=(n_samples,), dtype=float32]
        Mono, 16,000 Hz, at least one sample, finite.
    hop_length : int
        Samples from frame to frame; musicnn's networks know 256.

    Returns
    -------
    np.ndarray [shape=(1 + n_samples // hop_length, 96), dtype=float32]
        At least 0; silence is 0.

    Notes
    -----
    **Source**: musicnn (Pons and Serra, 2019): power spectra of 512 samples, the clip mirrored at
    its ends. Its own features overflow in float16 for loud bands; ours are float32 throughout. A
    clip of up to 256 samples is mirrored more than once. librosa's values, but for the frame
    centred on the very end of a clip of whole hops, where librosa 0.11 mirrors one sample wrongly;
    no segment holds that frame.

    Computed in blocks, with the same values whatever their size.

    Examples
    --------
    >>> log_mel_96(np.zeros(16_000, np.float32)).shape
    (63, 96)
    """
    centred = Centred(y, n_fft=N_FFT, hop_length=hop_length, pad_mode="reflect")
    mels = np.empty((centred.n_frames, N_MELS), np.float32)
    for rows, power in blocks_of_power(centred):
        bands = into_mel_bands(power, sr=SR, n_fft=N_FFT, n_mels=N_MELS)
        mels[rows] = np.log10(np.float32(10_000) * bands + np.float32(1))
    return mels
