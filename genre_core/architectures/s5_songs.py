"""Study S5: three ways to tell progressive rock from the rest by ear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import keras
from keras import layers

from genre_core.architectures.checks import need_one_of, need_rate
from genre_core.config import PAD, require

N_UNITS = 205
MLP_WIDTHS = (512, 256, 128, 64)


def build_s5_lstm(
    *,
    n_logits: int = 2,
    input_shape: tuple[int, ...] = (2_000, 205),
    dropout: float = 0.05,
    recurrent_dropout: float = 0.35,
) -> keras.Model:
    """Build S5's two layers of long short-term memory.

    =============  ===============================================  ===========
    layers         block                                            map
    =============  ===============================================  ===========
    mask           frames that are `PAD` throughout are not read    2000, 205
    lstm_1         LSTM 205, both dropouts, an answer a frame       2000, 205
    lstm_2         LSTM 205, both dropouts, its last answer         205
    logits         Dense `n_logits`                                 n_logits
    =============  ===============================================  ===========

    Parameters
    ----------
    n_logits : int
        2 in the study (softmax).
    input_shape : tuple of int
        (n_frames, n_features); (2000, 205) in the study.
    dropout : float
        On what enters a layer, in [0, 1); .05 in the study.
    recurrent_dropout : float
        On what a layer hands to its next step, in [0, 1); .35 in the study. It does nothing when
        served, yet keeps Keras off a GPU's fused kernel: the same weights fit a network built with
        0.0, which answers the same.

    Returns
    -------
    keras.Model
        Input shape (batch, n_frames, n_features), scaled features, the rest of a short segment
        `PAD`. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: study S5; 674,452 parameters with its 2 logits, 674,246 with the single one of a
    binary head. Differences: the network ends in logits; features are scaled before (ours: the
    study does not say) and padding is masked (ours: the study only calls the last segments
    shorter).

    Examples
    --------
    >>> build_s5_lstm().count_params(), build_s5_lstm(n_logits=1).count_params()
    (674452, 674246)
    >>> build_s5_lstm(input_shape=(2_000, 205, 1))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_shape must be (n_frames, n_features), each at least 1. \
Received (2000, 205, 1) (tuple). Use (2000, 205) as in the study.
    """
    require(
        len(input_shape) == 2 and min(input_shape) >= 1,
        "input_shape must be (n_frames, n_features), each at least 1.",
        input_shape,
        "Use (2000, 205) as in the study.",
    )
    need_rate("dropout", dropout)
    need_rate("recurrent_dropout", recurrent_dropout)
    frames = keras.Input(input_shape, name="frames")
    x = layers.Masking(PAD, name="mask")(frames)
    for place in (1, 2):
        x = layers.LSTM(
            N_UNITS,
            return_sequences=place == 1,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            name=f"lstm_{place}",
        )(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(frames, logits, name="s5_lstm")


def build_s5_cnn(
    filters: Sequence[int] = (32, 64, 128),
    *,
    name: str = "s5_cnn",
    n_logits: int = 2,
    input_shape: tuple[int, ...] = (43, 128, 1),
    width: int = 32,
    gather: Literal["flatten", "max"] = "flatten",
    dropout: float = 0.5,
    n_convs: int = 2,
) -> keras.Model:
    """Build S5's convolutions over one second of mel bands, or Han's deeper ones.

    =====================  ====================================  ================================
    layers                 block                                 map of (32, 64, 128)
    =====================  ====================================  ================================
    rescale                (dB + 20) / 60: -80 dB is -1,         43 x 128, 1
                           40 dB is 1
    conv_1, conv_2         3x3 'same' relu                       43 x 128, 32
    pool_1                 2x2                                   21 x 64
    conv_3, conv_4         3x3 'same' relu                       21 x 64, 64
    pool_2                 2x2                                   10 x 32
    conv_5, conv_6         3x3 'same' relu                       10 x 32, 128
    pool_3                 2x2                                   5 x 16
    flatten | max          all values of the map, or the         10,240 | 128
                           largest of each filter
    dropout, dense         Dense `width` relu                    32
    logits                 Dense `n_logits`                      n_logits
    =====================  ====================================  ================================

    Parameters
    ----------
    filters : sequence of int
        Of each pair of convolutions; (32, 64, 128) in the study, (32, 64, 128, 256) in Han's. The
        fourth pair is not pooled again.
    name : str
        Of the network.
    n_logits : int
        2 in the study (softmax).
    input_shape : tuple of int
        (n_frames, n_bands, 1); (43, 128, 1) is one second in the study.
    width : int
        Of the dense layer; 32 in the study, which tried 16 and 64 too; 1024 in Han's.
    gather : {"flatten", "max"}
        The study flattens; Han takes the maximum of each filter's map.
    dropout : float
        Before `dense`, in [0, 1). Ours: the study names no rate.
    n_convs : int
        Convolutions before each pool: 2 in the study, which found blank kernels in the second
        ones and names 1 as a next step.

    Returns
    -------
    keras.Model
        Input shape (batch, n_frames, n_bands, 1), dB. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: study S5, after Han et al. (doi 10.1109/TASLP.2016.2632307). Ours where the study
    is silent: 'same' padding, pools of 2x2 (Han: 3x3, which would leave a map of 1x4), one dropout
    of .5 between the convolutions and the dense layer, the scaling in the first layer. 614,210
    parameters with 2 logits, 614,177 with one; Han's 1,436,898 and 1,435,873.

    Examples
    --------
    >>> build_s5_cnn().count_params()
    614210
    >>> build_s5_cnn(input_shape=(7, 128, 1))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_shape must be (n_frames, n_bands, 1), both at least 8 \
for 3 pools. Received (7, 128, 1) (tuple). Use (43, 128, 1), one second, as in the study.
    """
    n_pools = min(len(filters), 3)
    smallest = 2**n_pools
    require(
        len(input_shape) == 3 and min(input_shape[:2]) >= smallest and input_shape[2] == 1,
        f"input_shape must be (n_frames, n_bands, 1), both at least {smallest} for {n_pools} "
        "pools.",
        input_shape,
        "Use (43, 128, 1), one second, as in the study.",
    )
    need_one_of("gather", gather, ("flatten", "max"), "The study flattens.")
    require(width >= 1, "width must be at least 1.", width, "The study takes 32.")
    require(n_convs >= 1, "n_convs must be at least 1.", n_convs, "The study takes 2.")
    need_rate("dropout", dropout)
    mel_db = keras.Input(input_shape, name="mel_db")
    x = layers.Rescaling(1 / 60, offset=1 / 3, name="rescale")(mel_db)
    for pair, n_filters in enumerate(filters, start=1):
        for place in range(n_convs * (pair - 1) + 1, n_convs * pair + 1):
            conv = f"conv_{place}"
            x = layers.Conv2D(n_filters, 3, padding="same", activation="relu", name=conv)(x)
        if pair <= n_pools:
            x = layers.MaxPooling2D(2, name=f"pool_{pair}")(x)
    if gather == "flatten":
        x = layers.Flatten(name="flatten")(x)
    else:
        x = layers.GlobalMaxPooling2D(name="max")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(width, activation="relu", name="dense")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(mel_db, logits, name=name)


def build_s5_mlp(
    *, n_logits: int = 2, input_shape: tuple[int, ...] = (423,), dropout: float = 0.2
) -> keras.Model:
    """Build S5's dense layers over the statistics of a song.

    ==================  ==============================  =====
    layers              block                           width
    ==================  ==============================  =====
    dense_1, dropout_1  relu, dropout                   512
    dense_2, dropout_2                                  256
    dense_3, dropout_3                                  128
    dense_4, dropout_4                                  64
    logits              Dense `n_logits`
    ==================  ==============================  =====

    Parameters
    ----------
    n_logits : int
        2 in the study (softmax).
    input_shape : tuple of int
        (n_statistics,); 423 in the study.
    dropout : float
        Rate of every dropout, in [0, 1); .2 in the study.

    Returns
    -------
    keras.Model
        Input shape (batch, n_statistics), scaled. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: study S5; 389,698 parameters with its 2 logits, 389,633 with one. Differences: the
    network ends in logits, and the statistics are scaled before (ours: the study does not say).

    Examples
    --------
    >>> build_s5_mlp().count_params(), build_s5_mlp(n_logits=1).count_params()
    (389698, 389633)
    >>> build_s5_mlp(dropout=1.0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: dropout must lie in [0, 1). Received 1.0 (float). \
Give 0.0 for none.
    """
    require(
        len(input_shape) == 1 and input_shape[0] >= 1,
        "input_shape must be (n_statistics,).",
        input_shape,
        "Use (423,) as in the study.",
    )
    need_rate("dropout", dropout)
    statistics = keras.Input(input_shape, name="statistics")
    x = statistics
    for place, width in enumerate(MLP_WIDTHS, start=1):
        x = layers.Dense(width, activation="relu", name=f"dense_{place}")(x)
        x = layers.Dropout(dropout, name=f"dropout_{place}")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(statistics, logits, name="s5_mlp")
