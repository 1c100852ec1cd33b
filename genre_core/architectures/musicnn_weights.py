"""Copy the weights of the package musicnn into a network, without importing the package."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from genre_core.errors import CheckpointError

N_TAGS = 50
TRAINED = ("MSD_musicnn", "MTT_musicnn", "MSD_vgg", "MTT_vgg")
"""Folders of the package, one a tagger."""

_NORM = ("gamma", "beta", "moving_mean", "moving_variance")
_OPTIMIZER = ("Adam", "beta1_power", "beta2_power")


def find_tagger(name: str) -> Path:
    """Find the folder of a tagger, one of `TRAINED`; nothing of the package is imported.

    Raises
    ------
    CheckpointError
        The package is not installed, or has no such folder.

    Examples
    --------
    >>> find_tagger("MSD_opera")
    Traceback (most recent call last):
        ...
    genre_core.errors.CheckpointError: musicnn's weights 'MSD_opera' must be installed. \
Received ... Run: pip install --no-deps musicnn==0.1.0
    """
    spec = importlib.util.find_spec("musicnn")
    roots = list(spec.submodule_search_locations or []) if spec else []
    folders = [Path(root) / name for root in roots]
    found = [folder for folder in folders if (folder / ".index").is_file()]
    if not found:
        raise CheckpointError(
            f"musicnn's weights {name!r} must be installed.",
            received=f"no {folders[0].name}/.index" if folders else "no package musicnn",
            cure="Run: pip install --no-deps musicnn==0.1.0",
        )
    return found[0]


def read_tagger(name: str) -> dict[str, np.ndarray]:
    """Read "scope/part" to values of a tagger; what its optimizer kept is left out.

    Raises
    ------
    CheckpointError
        Not installed, truncated or damaged.
    """
    folder = find_tagger(name)
    try:
        # The files have no name before their ending, so the prefix is the folder and a slash.
        reader = tf.compat.v1.train.NewCheckpointReader(f"{folder}/")
        return {
            key: reader.get_tensor(key)
            for key in reader.get_variable_to_shape_map()
            if not any(part in key for part in _OPTIMIZER)
        }
    except (tf.errors.OpError, RuntimeError, IndexError, ValueError) as error:
        raise CheckpointError(
            "musicnn's weights must be a whole TensorFlow checkpoint.",
            received=f"{name} ({str(error)[:200]})",
            cure="Run: pip install --no-deps --force-reinstall musicnn==0.1.0",
        ) from error


def load_tagger(
    network: keras.Model, name: str, scopes: Mapping[str, str], *, keep_logits: bool
) -> None:
    """Set a network's weights to a tagger's, and check that none is missing or left over.

    `scopes` names for each layer of the original the scope it is stored under; layers that the
    network leaves out are dropped. Without `keep_logits` the layer `logits` stays as it is.

    Raises
    ------
    CheckpointError
        Not installed, damaged, or of other shapes than the network.
    """
    stored = read_tagger(name)
    left = {key for key in stored if key.rpartition("/")[0] not in scopes.values()}
    if left:
        raise CheckpointError(
            "Every weight of the checkpoint must belong to a layer.",
            received=f"{len(left)} left over, first {min(left)}",
            cure="Install musicnn==0.1.0; other versions are not known.",
        )
    for layer in network.layers:
        if layer.weights and (keep_logits or layer.name != "logits"):
            layer.set_weights(_values(layer, scopes[layer.name], stored))


def _values(layer: keras.Layer, scope: str, stored: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    parts = _NORM if isinstance(layer, layers.BatchNormalization) else ("kernel", "bias")
    found = []
    for part, weight in zip(parts, layer.weights, strict=True):
        values = stored.get(f"{scope}/{part}", np.empty(0))
        if values.ndim == 4 and values.shape != tuple(weight.shape):
            # The original reads channels as the width of a map; here they are channels.
            values = values.transpose(0, 2, 1, 3)
        if values.shape != tuple(weight.shape):
            raise CheckpointError(
                f"The checkpoint's {scope}/{part} must fit the layer {layer.name}.",
                received=f"shape {values.shape} for {tuple(weight.shape)}",
                cure="Build the network at its own input shape, or with weights = 'none'.",
            )
        found.append(values)
    return found
