"""Study S3: the small networks that tell twelve genres from covers."""

from __future__ import annotations

from collections.abc import Mapping

import keras
from keras import layers

from genre_core.architectures.checks import need_one_of, need_rate
from genre_core.config import require

LAYOUTS: Mapping[str, str] = {
    "1": "C32 P C64 P C64 F D64",
    "2": "C90 P C64 P C64 F D64",
    "3": "C64 P - C64 P C64 - F D128",
    "4_1": "C32 P - C64 P - C128 F D64 -",
    "4_2": "C128 P - C64 P C64 F D64 -",
    "5": "C64 P - C64 P - C64 P C64 P F",
    "7": "C32 P - C64 P - C64 F D64",
}
"""The study's models in short: `C32` a 3x3 convolution with 32 filters, `P` a 2x2 pool, `-` a
dropout, `F` flatten, `D64` a dense layer. Models 6 and 8 are built as 5, 7.1 to 7.3 as 7."""


def build_s3_covers(
    layout: str,
    *,
    n_logits: int = 12,
    input_size: int = 128,
    dropout: float = 0.2,
    activity_l1: float = 0.0,
) -> keras.Model:
    """Build one of S3's networks.

    ===================  ==============================  ====================================
    layers               block                           map of layout 1 at 128 px
    ===================  ==============================  ====================================
    rescale              x / 255                         128
    conv_k               3x3 'valid' relu                126, 61, 28
    pool_k               2x2 'valid', after conv_k       63, 30
    dropout_k            rate `dropout`, in their order
    flatten, dense       relu                            50,176, 64
    logits               Dense `n_logits`                n_logits
    ===================  ==============================  ====================================

    Parameters
    ----------
    layout : str
        Key of `LAYOUTS`.
    n_logits : int
        12 in the study (softmax).
    input_size : int
        Side of the input in pixels; 128 in the study, 90 for layout 2.
    dropout : float
        Rate of every dropout, in [0, 1); .2 in the study.
    activity_l1 : float
        L1 penalty on what the second and third convolution answer; .001 in model 2.

    Returns
    -------
    keras.Model
        Input shape (batch, size, size, 3), RGB 0 to 255. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: study S3's printed networks. Differences: the network ends in logits, its softmax
    is applied outside; the division by 255 is the first layer.

    Examples
    --------
    >>> build_s3_covers("5").count_params()
    140236
    >>> build_s3_covers("5", input_size=32)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_size must leave a map of at least 1 x 1 px after the \
last layer. Received 32 (int). Use 128 as in the study.
    """
    need_one_of("layout", layout, LAYOUTS, "Choose one.")
    need_rate("dropout", dropout)
    require(activity_l1 >= 0, "activity_l1 must be >= 0.", activity_l1, "Give 0.0 for none.")
    parts = LAYOUTS[layout].split()
    require(
        _last_map(parts, input_size) >= 1,
        "input_size must leave a map of at least 1 x 1 px after the last layer.",
        input_size,
        "Use 128 as in the study.",
    )
    image = keras.Input((input_size, input_size, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    n_convs = n_dropouts = 0
    for part in parts:
        if part.startswith("C"):
            n_convs += 1
            # The study punishes the second and third convolution only.
            is_punished = activity_l1 > 0 and n_convs in (2, 3)
            x = layers.Conv2D(
                int(part[1:]),
                3,
                activation="relu",
                activity_regularizer=keras.regularizers.L1(activity_l1) if is_punished else None,
                name=f"conv_{n_convs}",
            )(x)
        elif part == "P":
            x = layers.MaxPooling2D(2, name=f"pool_{n_convs}")(x)
        elif part == "-":
            n_dropouts += 1
            x = layers.Dropout(dropout, name=f"dropout_{n_dropouts}")(x)
        elif part == "F":
            x = layers.Flatten(name="flatten")(x)
        else:
            x = layers.Dense(int(part[1:]), activation="relu", name="dense")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name=f"s3_model_{layout}")


def _last_map(parts: list[str], side: int) -> int:
    for part in parts:
        if part.startswith("C"):
            side -= 2
        elif part == "P":
            side //= 2
        if side < 1:
            return 0
    return side
