"""A network over statistics of a picture's rows: how loud each band is, and how it moves."""

from __future__ import annotations

import keras
from keras import layers

from genre_core.config import require

# About the mean and the deviation of each statistic over pictures of songs, in parts of full scale.
_USUAL = {"level": (0.46, 0.12), "excess": (0.045, 0.015), "rise": (0.048, 0.015)}


def build_picture_bands(
    *, n_logits: int = 1, input_shape: tuple[int, ...] = (149, 153, 1)
) -> keras.Model:
    """Build a head on three statistics of each row of a picture.

    ======  ==========================================================  ========
    layers  block                                                       output
    ======  ==========================================================  ========
    level   mean over time                                              n_rows
    excess  mean of what lies above the level: half the mean deviation  n_rows
    rise    mean of the rises from column to column: half the step      n_rows
    bands   the three side by side, each scaled by its usual range      3 n_rows
    logits  Dense `n_logits`                                            n_logits
    ======  ==========================================================  ========

    Parameters
    ----------
    n_logits : int
        1 for prog or not.
    input_shape : tuple of int
        (n_rows, n_columns, 1), at least two columns; time runs along the second axis.

    Returns
    -------
    keras.Model
        Input shape (batch, n_rows, n_columns, 1), values in 0 to 1. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: ours, for songs too few to fit convolutions on.

    Examples
    --------
    >>> build_picture_bands().count_params()
    448
    >>> build_picture_bands(input_shape=(149, 1, 1))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_shape must be (n_rows, n_columns, 1), at least two \
columns. Received (149, 1, 1) (tuple). Use (149, 153, 1).
    """
    require(
        len(input_shape) == 3 and input_shape[1] >= 2 and input_shape[2] == 1,
        "input_shape must be (n_rows, n_columns, 1), at least two columns.",
        input_shape,
        "Use (149, 153, 1).",
    )
    picture = keras.Input(input_shape, name="picture")
    level = _over_time(picture, "level")
    above = layers.Subtract(name="above")([picture, level])
    excess = _over_time(layers.ReLU(name="above_relu")(above), "excess")
    later = layers.Cropping2D(((0, 0), (1, 0)), name="later")(picture)
    sooner = layers.Cropping2D(((0, 0), (0, 1)), name="sooner")(picture)
    steps = layers.Subtract(name="steps")([later, sooner])
    rise = _over_time(layers.ReLU(name="steps_relu")(steps), "rise")
    scaled = [
        layers.Rescaling(1 / spread, offset=-mean / spread, name=f"{name}_scaled")(statistic)
        for statistic, (name, (mean, spread)) in zip(
            (level, excess, rise), _USUAL.items(), strict=True
        )
    ]
    x = layers.Flatten(name="bands")(layers.Concatenate(axis=1, name="rows")(scaled))
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(picture, logits, name="picture_bands")


def _over_time(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.AveragePooling2D((1, int(x.shape[2])), name=name)(x)
