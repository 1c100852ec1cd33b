"""Study S1: seven small convolutions that tell prog covers from the rest."""

from __future__ import annotations

import keras
from keras import layers

from genre_core.architectures.checks import need_rate
from genre_core.config import require

FILTERS = (32, 32, 64, 64, 128, 128, 128)
DROPOUT_AFTER = (3, 5)


def build_prog_covers(
    *,
    n_logits: int = 1,
    input_size: int = 260,
    dropout: float = 0.25,
    batch_norm: bool = False,
    norm_momentum: float = 0.99,
) -> keras.Model:
    """Build S1's network.

    ======================  =============================  ===================
    layers                  block                          map at 260 px
    ======================  =============================  ===================
    rescale                 x / 255                        260
    conv_1, pool_1          3x3 'valid' relu, 2x2 'same'   258, 129
    conv_2, pool_2                                         127, 64
    conv_3, pool_3, drop    dropout                        62, 31
    conv_4, pool_4                                         29, 15
    conv_5, pool_5, drop    dropout                        13, 7
    conv_6, pool_6                                         5, 3
    conv_7, pool_7                                         1, 1
    flatten, dense          Dense 100 relu                 100
    logits                  Dense `n_logits`               n_logits
    ======================  =============================  ===================

    Parameters
    ----------
    n_logits : int
        1 in the study (sigmoid).
    input_size : int
        Side of the input in pixels, at least 255: seven unpadded convolutions need it.
    dropout : float
        Rate of both dropouts, in [0, 1). Ours: the study is silent.
    batch_norm : bool
        A batch normalization after each convolution. The study names it, its printed network
        has none; off gives the study's 447,593 parameters.
    norm_momentum : float
        Part of its running mean and variance that a step keeps, in (0, 1). Keras's .99 needs
        hundreds of steps before inference is worth anything.

    Returns
    -------
    keras.Model
        Input shape (batch, size, size, 3), RGB 0 to 255. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: study S1's layer table. Differences: the network ends in the logit, its sigmoid is
    applied outside, so that explaining it never meets a saturated gradient; the scaling to [0, 1]
    is the first layer.

    Examples
    --------
    >>> build_prog_covers().output_shape
    (None, 1)
    """
    # Going back from a 1x1 map: 3, 5, 7, 13, 15, 29, 31, 61, 63, 125, 127, 253, 255.
    require(
        input_size >= 255,
        "input_size must be at least 255 px for seven unpadded convolutions.",
        input_size,
        "Use 260 as in the study.",
    )
    need_rate("dropout", dropout)
    require(0 < norm_momentum < 1, "norm_momentum must lie in (0, 1).", norm_momentum, "Try 0.99.")
    image = keras.Input((input_size, input_size, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    for place, n_filters in enumerate(FILTERS, start=1):
        if batch_norm:
            x = layers.Conv2D(n_filters, 3, name=f"conv_{place}")(x)
            x = layers.BatchNormalization(momentum=norm_momentum, name=f"norm_{place}")(x)
            x = layers.ReLU(name=f"relu_{place}")(x)
        else:
            x = layers.Conv2D(n_filters, 3, activation="relu", name=f"conv_{place}")(x)
        x = layers.MaxPooling2D(2, padding="same", name=f"pool_{place}")(x)
        if place in DROPOUT_AFTER:
            x = layers.Dropout(dropout, name=f"dropout_{place}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(100, activation="relu", name="dense")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="s1_prog_covers")
