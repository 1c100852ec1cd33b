"""The weights of the package musicnn, read without importing the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from genre_core.architectures.pretrained import Layout, find_in_package, put_weights
from genre_core.errors import CheckpointError

N_TAGS = 50
TRAINED = ("MSD_musicnn", "MTT_musicnn", "MSD_vgg", "MTT_vgg")
"""Folders of the package, one a tagger."""

_OPTIMIZER = ("Adam", "beta1_power", "beta2_power")


def find_tagger(name: str) -> Path:
    """Find the folder of a tagger, one of `TRAINED`; `CheckpointError` if it is not installed."""
    index = find_in_package("musicnn", f"{name}/.index")
    if index is None:
        raise CheckpointError(
            f"musicnn's weights {name!r} must be installed.",
            received=f"no package musicnn with {name}/.index",
            cure="Run: pip install --no-deps musicnn==0.1.0",
        )
    return index.parent


def read_tagger(name: str) -> dict[str, np.ndarray]:
    """Read "scope/part" to values of a tagger; what its optimizer kept is left out.

    Raises `CheckpointError`: not installed, truncated or damaged.
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
    """Give a network a tagger's weights; `scopes` and errors are those of `put_weights`."""
    put_weights(network, read_tagger(name), scopes, _LAYOUT, keep_logits=keep_logits)


def _as_keras(layer: keras.Layer, values: np.ndarray) -> np.ndarray:
    if values.ndim == 4 and values.shape != tuple(layer.kernel.shape):
        # The original reads channels as the width of a map; here they are channels.
        return values.transpose(0, 2, 1, 3)
    return values


_LAYOUT = Layout(
    norm=("gamma", "beta", "moving_mean", "moving_variance"),
    other=("kernel", "bias"),
    as_keras=_as_keras,
    cure="Build the network at its own input shape, or with weights = 'none'; only musicnn==0.1.0 "
    "is known.",
)
