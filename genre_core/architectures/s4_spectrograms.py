"""Study S4: two networks that tell twenty genres from spectrograms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
from keras import layers

from genre_core.architectures.checks import need_one_of, need_rate
from genre_core.config import require


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the study's networks.

    n_frames: Default length of the input.
    convs: (n_filters, side of the kernel) of each convolution; a pool follows each.
    width: Of the dense layer.
    dropout: Default rate before the dense layer.
    """

    n_frames: int
    convs: tuple[tuple[int, int], ...]
    width: int
    dropout: float


N_BANDS = 128
LAYOUTS: Mapping[str, Layout] = {
    "a": Layout(600, ((32, 3), (64, 3), (128, 3)), 512, 0.0),
    "b": Layout(256, ((16, 4), (32, 4), (64, 3), (128, 3)), 256, 0.5),
}


def build_s4_spectrograms(
    layout: str,
    *,
    n_logits: int = 20,
    input_shape: tuple[int, ...] | None = None,
    dropout: float | None = None,
) -> keras.Model:
    """Build one of S4's networks.

    ================  =======================================  ===============  ===============
    layers            block                                    map of A         map of B
    ================  =======================================  ===============  ===============
    rescale           dB / 80 + 1: -80 dB is 0, 0 dB is 1      128 x 600        128 x 256
    conv_1, pool_1    'valid' relu, 2x2 'valid'                126 x 598, 32    125 x 253, 16
    conv_2, pool_2    3x3 in A; 4x4, 4x4, 3x3, 3x3 in B        61 x 297, 64     59 x 123, 32
    conv_3, pool_3                                             28 x 146, 128    27 x 59, 64
    conv_4, pool_4                                             -                11 x 27, 128
    dropout           left out where the rate is 0
    flatten           all values of the last map               130,816          8,320
    dense             relu                                     512              256
    logits            Dense `n_logits`                         n_logits         n_logits
    ================  =======================================  ===============  ===============

    Parameters
    ----------
    layout : {"a", "b"}
        The first network, which the study found too large, or the second.
    n_logits : int
        20 in the study (softmax).
    input_shape : tuple of int, optional
        (n_bands, n_frames, 1); (128, 600, 1) and (128, 256, 1) in the study.
    dropout : float, optional
        In [0, 1). The study's first network has none; for the second it names no rate: .5 is ours.

    Returns
    -------
    keras.Model
        Input shape (batch, n_bands, n_frames, 1), dB below the maximum, -80 to 0. Output shape
        (batch, n_logits).

    Notes
    -----
    **Source**: study S4's printed layer tables; 67,081,236 and 2,236,164 parameters with 20
    logits. Differences: the network ends in logits, its softmax is applied outside; the scaling in
    the first layer is ours, the study is silent.

    Examples
    --------
    >>> build_s4_spectrograms("b").count_params()
    2236164
    >>> build_s4_spectrograms("b", input_shape=(128, 40, 1))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_shape must be (n_bands, n_frames, 1) and leave a map \
of at least 1 x 1 after the last pool. Received (128, 40, 1) (tuple). Use (128, 256, 1) as in the \
study.
    """
    need_one_of("layout", layout, LAYOUTS, "Choose one.")
    plan = LAYOUTS[layout]
    shape = (N_BANDS, plan.n_frames, 1) if input_shape is None else input_shape
    require(
        len(shape) == 3 and shape[2] == 1 and min(_left(plan, side) for side in shape[:2]) >= 1,
        "input_shape must be (n_bands, n_frames, 1) and leave a map of at least 1 x 1 after the "
        "last pool.",
        shape,
        f"Use {(N_BANDS, plan.n_frames, 1)} as in the study.",
    )
    rate = plan.dropout if dropout is None else dropout
    need_rate("dropout", rate)
    spectrogram = keras.Input(shape, name="spectrogram")
    x = layers.Rescaling(1 / 80, offset=1.0, name="rescale")(spectrogram)
    for place, (n_filters, kernel) in enumerate(plan.convs, start=1):
        x = layers.Conv2D(n_filters, kernel, activation="relu", name=f"conv_{place}")(x)
        x = layers.MaxPooling2D(2, name=f"pool_{place}")(x)
    if rate:
        x = layers.Dropout(rate, name="dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(plan.width, activation="relu", name="dense")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(spectrogram, logits, name=f"s4_{layout}")


def _left(plan: Layout, side: int) -> int:
    """Cells of a side after the last pool."""
    for _, kernel in plan.convs:
        side = max(0, side - kernel + 1) // 2
    return side
