"""The musicnn taggers: what listeners would call three seconds of a song."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import keras
from keras import layers

from genre_core.architectures.checks import need_one_of, need_rate
from genre_core.architectures.musicnn_weights import N_TAGS, load_tagger
from genre_core.config import require

N_FRAMES, N_MELS = 187, 96
N_FEATURES = 1_506
"""Numbers of the layer `flat_pool`: maximum and mean over time of 753 features."""

# A timbral kernel spans a part of the bands, a temporal one (frames long) a single band.
TIMBRAL = {"timbral_1": 38, "timbral_2": 67}
TEMPORAL = {"temporal_1": 128, "temporal_2": 64, "temporal_3": 32}
_MIDDLE = ("middle_1", "middle_2", "middle_3")

_Size = tuple[int, int]
POOLS: Mapping[str, tuple[tuple[_Size, _Size], ...]] = {
    "MSD_vgg": (
        ((4, 1), (4, 1)),
        ((1, 4), (1, 4)),
        ((2, 2), (2, 2)),
        ((2, 2), (2, 2)),
        ((4, 4), (4, 4)),
    ),
    "MTT_vgg": (
        ((4, 1), (2, 2)),
        ((2, 2), (2, 2)),
        ((2, 2), (2, 2)),
        ((2, 2), (2, 2)),
        ((4, 4), (4, 4)),
    ),
}
"""(frames, bands) of each pool and of its step, as in the stored graphs: the package's own source
describes MTT_vgg only, and MSD_vgg's weights would load into it and answer wrong."""


def build_musicnn(
    trained: str,
    *,
    n_logits: int = N_TAGS,
    input_shape: tuple[int, ...] = (N_FRAMES, N_MELS),
    weights: Literal["none", "pretrained"] = "none",
    features: Literal["embedding", "pool"] = "embedding",
    dropout: float = 0.5,
) -> keras.Model:
    """Build musicnn's network of musically shaped kernels.

    =====================================  =====================================  ===============
    layers                                 block                                  map
    =====================================  =====================================  ===============
    expand, input_norm                     batch norm of the one channel          187 x 96, 1
    timbral_k_conv, _norm, _max            7 frames x 38 or 67 bands, relu,       187 x 59 or 30
                                           batch norm, maximum over the bands     -> 187, 204
    temporal_k_conv, _norm, _max           128, 64 or 32 frames x 1 band          187 x 96
                                                                                  -> 187, 51
    frontend                               these five side by side                187, 561
    middle_k_conv, _norm, middle_k_add     7 frames, 64 filters; the second and   187 x 1, 64
                                           third added to the one before
    middle                                 frontend and three middles             187, 753
    max_pool, mean_pool, flat_pool         over time, interleaved                 1,506
    pool_norm, dropout_1                   batch norm, dropout                    1,506
    dense, dense_norm, dropout_2           Dense 200 relu, batch norm, dropout    200
    logits                                 Dense `n_logits`                       n_logits
    =====================================  =====================================  ===============

    Parameters
    ----------
    trained : {"MSD_musicnn", "MTT_musicnn"}
        Whose weights `pretrained` means.
    n_logits : int
        50 tags in the original.
    input_shape : tuple of int
        (n_frames, 96); 187 frames are 3 s. Any length from 1 on works: time is pooled.
    weights : {"none", "pretrained"}
        Random, or those of the package `musicnn`. The original's logits are kept where they are
        50 and `features` is "embedding"; they are new otherwise.
    features : {"embedding", "pool"}
        What `logits` read: the 200 numbers of `dense_norm`, or at once the 1,506 of `flat_pool`,
        with the layers in between left out. A linear head on these tells genres best.
    dropout : float
        Rate of both dropouts, in [0, 1); .5 in the original.

    Returns
    -------
    keras.Model
        Input shape (batch, n_frames, 96), log10(10000 mel + 1). Output shape (batch, n_logits).

    Notes
    -----
    **Source**: Pons and Serra (arXiv 1909.06654) and the graph stored with musicnn 0.1.0; 792,079
    parameters with 50 tags, 549,155 with 50 logits on `flat_pool` (473,805 + 1,507 a logit).
    Difference: the network ends in logits, its sigmoid is applied outside.

    Examples
    --------
    >>> build_musicnn("MSD_musicnn").count_params()
    792079
    >>> build_musicnn("MSD_musicnn", n_logits=2, features="pool").count_params()
    476819
    >>> build_musicnn("MSD_musicnn", features="tags")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: features must be 'embedding' or 'pool'. \
Received 'tags' (str). Use 'embedding' for the tags.
    """
    need_one_of("trained", trained, ("MSD_musicnn", "MTT_musicnn"), "Choose one.")
    need_one_of("features", features, ("embedding", "pool"), "Use 'embedding' for the tags.")
    log_mel, x = _checked_input(input_shape, 1, weights, dropout)
    padded = layers.ZeroPadding2D(((3, 3), (0, 0)), name="timbral_pad")(x)
    front = [
        _front(padded, name, 204, (7, n_bands), "valid") for name, n_bands in TIMBRAL.items()
    ] + [_front(x, name, 51, (n_long, 1), "same") for name, n_long in TEMPORAL.items()]
    frontend = layers.Concatenate(name="frontend")(front)  # (batch, n_frames, 1, 561)
    middles: list[keras.KerasTensor] = []
    for name in _MIDDLE:
        x = middles[-1] if middles else frontend
        y = layers.Conv2D(64, (7, 1), padding="same", activation="relu", name=f"{name}_conv")(x)
        y = layers.BatchNormalization(name=f"{name}_norm")(y)
        middles.append(layers.Add(name=f"{name}_add")([y, x]) if middles else y)
    x = layers.Concatenate(name="middle")([frontend, *middles])  # (batch, n_frames, 1, 753)
    # Maximum and mean follow each other feature by feature in the original.
    largest = layers.GlobalMaxPooling2D(name="max_pool")(x)
    mean = layers.GlobalAveragePooling2D(name="mean_pool")(x)
    columns = [
        layers.Reshape((-1, 1), name=f"{name}_column")(y)
        for name, y in (("max", largest), ("mean", mean))
    ]
    x = layers.Concatenate(name="pools")(columns)  # (batch, 753, 2)
    x = layers.Flatten(name="flat_pool")(x)  # (batch, 1506)
    if features == "embedding":
        x = layers.BatchNormalization(name="pool_norm")(x)
        x = layers.Dropout(dropout, name="dropout_1")(x)
        x = layers.Dense(200, activation="relu", name="dense")(x)
        x = layers.BatchNormalization(name="dense_norm")(x)
        x = layers.Dropout(dropout, name="dropout_2")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    network = keras.Model(log_mel, logits, name=trained.lower())
    if weights == "pretrained":
        keep = n_logits == N_TAGS and features == "embedding"
        load_tagger(network, trained, _musicnn_scopes(), keep_logits=keep)
    return network


def build_musicnn_vgg(
    trained: str,
    *,
    n_logits: int = N_TAGS,
    input_shape: tuple[int, ...] = (N_FRAMES, N_MELS),
    weights: Literal["none", "pretrained"] = "none",
    dropout: float = 0.5,
) -> keras.Model:
    """Build musicnn's VGG of five 3x3 convolutions.

    ===============================  ===============================  =========================
    layers                           block                            map, MSD and MTT
    ===============================  ===============================  =========================
    expand, input_norm               batch norm of the one channel    187 x 96, 1
    conv_1, norm_1, pool_1, drop     3x3 'same', 128 filters, relu,   187 x 96
    conv_2, norm_2, pool_2, drop     batch norm, maximum over         46 x 96 | 92 x 48
    conv_3, norm_3, pool_3, drop     `POOLS`, dropout                 46 x 24
    conv_4, norm_4, pool_4, drop                                      23 x 12
    conv_5, norm_5, pool_5                                            11 x 6
    flat_pool, dropout_5             flatten, dropout                 256
    logits                           Dense `n_logits`                 n_logits
    ===============================  ===============================  =========================

    Parameters
    ----------
    trained : {"MSD_vgg", "MTT_vgg"}
        Which pools, and whose weights `pretrained` means.
    n_logits : int
        50 tags in the original.
    input_shape : tuple of int
        (n_frames, 96), at least 66 frames; 187 in the original.
    weights : {"none", "pretrained"}
        Random, or those of the package `musicnn`, whose logits are kept where they are 50.
    dropout : float
        Rate before `logits`, in [0, 1); the dropouts after the pools have half of it. .5 in the
        original.

    Returns
    -------
    keras.Model
        Input shape (batch, n_frames, 96), log10(10000 mel + 1). Output shape (batch, n_logits).

    Notes
    -----
    **Source**: the graphs stored with musicnn 0.1.0; 607,030 parameters with 50 tags. Difference:
    the network ends in logits, its sigmoid is applied outside.

    Examples
    --------
    >>> build_musicnn_vgg("MSD_vgg").count_params()
    607030
    >>> build_musicnn_vgg("MSD_vgg", input_shape=(43, 96))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_shape must be (n_frames, 96) with at least 66 frames. \
Received (43, 96) (tuple). Use (187, 96), 3 s.
    """
    need_one_of("trained", trained, POOLS, "Choose one.")
    log_mel, x = _checked_input(input_shape, 66, weights, dropout)
    for place, (size, step) in enumerate(POOLS[trained], start=1):
        x = layers.Conv2D(128, 3, padding="same", activation="relu", name=f"conv_{place}")(x)
        x = layers.BatchNormalization(name=f"norm_{place}")(x)
        x = layers.MaxPooling2D(size, strides=step, name=f"pool_{place}")(x)
        if place < 5:
            x = layers.Dropout(dropout / 2, name=f"dropout_{place}")(x)
    x = layers.Flatten(name="flat_pool")(x)
    x = layers.Dropout(dropout, name="dropout_5")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    network = keras.Model(log_mel, logits, name=trained.lower())
    if weights == "pretrained":
        load_tagger(network, trained, _vgg_scopes(), keep_logits=n_logits == N_TAGS)
    return network


def _checked_input(
    input_shape: tuple[int, ...], shortest: int, weights: str, dropout: float
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Check what both networks take, and build what both begin with."""
    is_fitting = len(input_shape) == 2 and input_shape[0] >= shortest and input_shape[1] == N_MELS
    require(
        is_fitting,
        f"input_shape must be (n_frames, 96) with at least {shortest} frames.",
        input_shape,
        "Use (187, 96), 3 s.",
    )
    need_one_of("weights", weights, ("none", "pretrained"), "Use 'none' to train from scratch.")
    need_rate("dropout", dropout)
    log_mel = keras.Input(input_shape, name="log_mel")
    x = layers.Reshape((*input_shape, 1), name="expand")(log_mel)
    return log_mel, layers.BatchNormalization(name="input_norm")(x)


def _front(
    x: keras.KerasTensor, name: str, n_filters: int, kernel: _Size, padding: str
) -> keras.KerasTensor:
    x = layers.Conv2D(n_filters, kernel, padding=padding, activation="relu", name=f"{name}_conv")(x)
    # The normalization comes after the relu, and its factor may be negative: not to be swapped.
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.MaxPooling2D((1, x.shape[2]), name=f"{name}_max")(x)  # (batch, n_frames, 1, n)


def _musicnn_scopes() -> dict[str, str]:
    places = (*TIMBRAL, *TEMPORAL, *_MIDDLE)
    scopes = {f"{name}_conv": _numbered("conv2d", k) for k, name in enumerate(places)}
    norms = ("input", *places, "pool", "dense")
    scopes |= {f"{name}_norm": _numbered("batch_normalization", k) for k, name in enumerate(norms)}
    return scopes | {"dense": "dense", "logits": "dense_1"}


def _vgg_scopes() -> dict[str, str]:
    scopes = {f"conv_{k}": f"{k}CNN" for k in range(1, 6)}
    scopes |= {f"norm_{k}": f"batch_normalization_{k}" for k in range(1, 6)}
    return scopes | {"input_norm": "batch_normalization", "logits": "dense"}


def _numbered(name: str, place: int) -> str:
    """TensorFlow numbers layers of a kind from the second on."""
    return f"{name}_{place}" if place else name
