"""What stands where something of an input is hidden: a plain or a blurred input of its kind."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.config import PAD, require

COVER_BLUR = 0.05
"""Standard deviation of a cover's blur, as a part of its side."""

TIME_BLUR = 0.125
"""Standard deviation of a segment's blur over time, as a part of its length."""

PLAIN_WORDS = {
    "cover": "a plain picture of the cover's mean colour",
    "spectrogram": "silence: every band as quiet as it gets in the segment",
    "frames": "the segment's average, all the time",
}
"""What `plain_input` gives, in words, by `kind_of_input`."""

BLURRED_WORDS = {
    "cover": f"the cover blurred (Gaussian, {100 * COVER_BLUR:.0f} % of its side)",
    "spectrogram": f"the segment blurred over time (Gaussian, {100 * TIME_BLUR:.1f} % of it)",
    "frames": f"the segment blurred over time (Gaussian, {100 * TIME_BLUR:.1f} % of it)",
}
"""What `blurred_input` gives, in words."""


def kind_of_input(shape: tuple[int, ...], *, has_bands: bool = True) -> str:
    """Tell by the shape of one input what it is: "cover", "spectrogram" or "frames".

    `has_bands`: whether a song's second axis is frequency and not a list of features.

    Examples
    --------
    >>> kind_of_input((96, 96, 3)), kind_of_input((43, 128, 1))
    ('cover', 'spectrogram')
    """
    if len(shape) == 3 and shape[-1] == 3:
        return "cover"
    return "spectrogram" if has_bands else "frames"


def plain_input(item: NDArray[Any], kind: str, *, time_axis: int = 0) -> NDArray[np.float32]:
    """Give an input of the same shape with nothing in it.

    Of a cover its mean colour everywhere; of a spectrogram each band's quietest value; of frames
    the mean of each feature over time. Frames of padding (`PAD`) take no part and stay.

    Parameters
    ----------
    item : ndarray [shape=(height, width, 3) or (n_frames, n_bins, ...) or (n_bins, n_frames, ...)]
        A prepared cover or a segment as the network reads it.
    kind : {"cover", "spectrogram", "frames"}
        See `kind_of_input`.
    time_axis : {0, 1}
        Which axis of a segment is time; of a cover none.

    Raises
    ------
    ParameterError
        An unknown kind, or another axis.

    Notes
    -----
    Ours. No input means "nothing" to a network: a grey cover is a cover, silence is a sound. What
    a map is worth, told by hiding, depends on what is put in the place, so it is always named.

    Examples
    --------
    >>> cover = np.zeros((2, 2, 3), np.uint8)
    >>> cover[0] = 100
    >>> plain_input(cover, "cover")[1, 1].tolist()
    [50.0, 50.0, 50.0]
    >>> plain_input(np.array([[1.0, 5.0], [3.0, 4.0]]), "spectrogram").tolist()
    [[1.0, 4.0], [1.0, 4.0]]
    >>> plain_input(cover, "picture")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: kind must be one of cover, spectrogram, frames. Received \
'picture' (str). Ask kind_of_input.
    """
    _check(kind, time_axis)
    values = item.astype(np.float32)
    if kind == "cover":
        return np.broadcast_to(values.mean(axis=(0, 1)), values.shape).astype(np.float32)
    is_there = values != np.float32(PAD)
    if kind == "spectrogram":
        hidden = np.where(is_there, values, np.float32(np.inf)).min(axis=time_axis, keepdims=True)
    else:
        count = np.maximum(is_there.sum(axis=time_axis, keepdims=True), 1)
        hidden = np.where(is_there, values, 0).sum(axis=time_axis, keepdims=True) / count
    return np.where(is_there, hidden, values).astype(np.float32)


def blurred_input(item: NDArray[Any], kind: str, *, time_axis: int = 0) -> NDArray[np.float32]:
    """Give an input of the same shape of which only the coarse is left, as `plain_input`.

    A cover is blurred over both its axes, a segment over time alone.

    Examples
    --------
    >>> click = np.zeros((80, 1), np.float32)
    >>> click[40] = 1.0
    >>> round(float(blurred_input(click, "frames").max()), 2)
    0.04
    """
    from scipy.ndimage import gaussian_filter, gaussian_filter1d  # as in `hiding`

    _check(kind, time_axis)
    values = item.astype(np.float32)
    if kind == "cover":
        sigma = (COVER_BLUR * values.shape[0], COVER_BLUR * values.shape[1], 0)
        return np.asarray(gaussian_filter(values, sigma, mode="nearest"), np.float32)
    is_there = values != np.float32(PAD)
    # Padding must not leak into what lies before it.
    filled = np.where(is_there, values, values.mean(where=is_there) if is_there.any() else 0)
    sigma = TIME_BLUR * values.shape[time_axis]
    soft = gaussian_filter1d(filled, sigma, axis=time_axis, mode="nearest")
    return np.where(is_there, soft, values).astype(np.float32)


def _check(kind: str, time_axis: int) -> None:
    require(
        kind in PLAIN_WORDS,
        f"kind must be one of {', '.join(PLAIN_WORDS)}.",
        kind,
        "Ask kind_of_input.",
    )
    require(time_axis in (0, 1), "time_axis must be 0 or 1.", time_axis, "Ask the song's layout.")
