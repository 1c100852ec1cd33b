"""The convolutions of shipped networks, read from their files without TensorFlow.

What a layer is, and what it sees, is stored (`python -m assets.make.patterns` writes it); kernels
are read from the network's own file, so that nothing is stored twice.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]

from genre_core.data.files import atomic_write, sha256_file
from genre_core.errors import CheckpointError
from genre_core.explain.conv_layer import ConvLayer, upright_kernels
from genre_core.explain.kernel_weights import measure_kernels
from genre_core.explain.patterns_store import SHIPPED
from genre_core.runs.bundle import Bundle
from genre_core.runs.card import Card

_GROUPS = {"Conv2D": "conv2d", "DepthwiseConv2D": "depthwise_conv2d", "Conv1D": "conv1d"}
"""How Keras names the layers of a class in a file of weights; the second has _1 at its end."""


def layers_path(card: Card) -> Path:
    """Return where the layers of a network are described."""
    return SHIPPED / f"{card.model_sha256[:16]}.layers.json"


def save_layers(card: Card, layers: Sequence[ConvLayer]) -> Path:
    """Describe a network's convolutions, a line each."""
    lines = ",\n".join(json.dumps(layer.to_dict()) for layer in layers)
    return atomic_write(layers_path(card), f"[\n{lines}\n]\n")


def load_layers(bundle: Bundle) -> tuple[ConvLayer, ...] | None:
    """Read the convolutions of a shipped network, as `kernels.conv_layers` gives them.

    None where nothing is stored, or where the network's file is not that of its card: whoever loads
    the network itself says what is wrong with it.

    Raises `CheckpointError`: a description that cannot be read.
    """
    path = layers_path(bundle.card)
    if not path.is_file() or not bundle.has_network:
        return None
    if sha256_file(bundle.model_path) != bundle.card.model_sha256:
        return None
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(rows, list):
            raise TypeError("no list")
        with zipfile.ZipFile(bundle.model_path) as archive:
            groups = _groups(json.loads(archive.read("config.json")))
            weights = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(weights, "r") as file:
            return tuple(_layer(row, file[groups[row["layer"]]]) for row in rows)
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            "The description of a network's layers must fit the network.",
            received=f"{bundle.name}/{path.name}: {error}",
            cure="Run: python -m assets.make.patterns.",
        ) from error


def _groups(config: dict[str, Any]) -> dict[str, str]:
    """Tell, by a layer's name, where its kernel lies in the file of weights."""
    counts: Counter[str] = Counter()
    groups = {}
    for layer in config["config"]["layers"]:
        kind = layer["class_name"]
        if kind in _GROUPS:
            number = f"_{counts[kind]}" if counts[kind] else ""
            groups[layer["config"]["name"]] = f"layers/{_GROUPS[kind]}{number}/vars/0"
            counts[kind] += 1
    return groups


def _layer(row: dict[str, Any], kernel: Any) -> ConvLayer:
    weights = upright_kernels(kernel[()], is_depthwise=row["kind"] == "depthwise")
    if len(weights) != row["kernels"]:
        raise ValueError(f"{row['layer']} has {len(weights)} kernels and not {row['kernels']}")
    step, sees = row["step"], row["sees"]
    return ConvLayer(
        name=row["layer"],
        kind=row["kind"],
        size=(row["height"], row["width"]),
        n_inputs=row["inputs"],
        n_filters=row["kernels"],
        n_parameters=row["parameters"],
        step=(step[0], step[1]),
        sees=(sees[0], sees[1]),
        kernels=measure_kernels(weights),
    )
