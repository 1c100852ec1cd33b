"""What explaining accepts: a network that ends in logits, a prepared cover, a genre of its head."""

from __future__ import annotations

import operator
from typing import Any, get_args

import keras
import numpy as np

from genre_core.config import Head
from genre_core.errors import ParameterError, describe

_SQUASHING = ("softmax", "sigmoid", "tanh", "log_softmax", "hard_sigmoid")


def check_network(network: keras.Model, head: Head) -> None:
    """Refuse a network that cannot be explained through its logits.

    Parameters
    ----------
    network : keras.Model
        One input (batch, height, width, 3), one output (batch, n_logits) without activation.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.

    Raises
    ------
    ParameterError
        Other inputs or outputs, an activation after the logits (where it saturates, every gradient
        is zero), or a head that does not fit.

    Examples
    --------
    >>> image = keras.Input((8, 8, 3))
    >>> flat = keras.layers.Flatten()(image)
    >>> check_network(keras.Model(image, keras.layers.Dense(1)(flat)), "binary")
    >>> sure = keras.layers.Dense(1, activation="sigmoid", name="answer")(flat)
    >>> check_network(keras.Model(image, sure), "binary")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A network is explained through its logits. Received \
'sigmoid' at its last layer 'answer'. Leave the activation out and apply it outside the network.
    """
    shapes_in = [tuple(tensor.shape) for tensor in network.inputs]
    shapes_out = [tuple(tensor.shape) for tensor in network.outputs]
    one_cover = len(shapes_in) == 1 and len(shapes_in[0]) == 4 and shapes_in[0][-1] == 3
    one_row = len(shapes_out) == 1 and len(shapes_out[0]) == 2
    if not (one_cover and one_row):
        raise ParameterError(
            "A network must turn (batch, height, width, 3) into (batch, n_logits).",
            received=f"inputs {shapes_in} and outputs {shapes_out}",
            cure="Choose a network for covers.",
        )
    if head not in get_args(Head):
        raise ParameterError(
            f"head must be one of {', '.join(get_args(Head))}.",
            received=describe(head),
            cure="Take it from the network's card.",
        )
    n_logits = shapes_out[0][1]
    if (head == "binary") != (n_logits == 1):
        raise ParameterError(
            "A binary head has exactly one logit, every other head one for each genre.",
            received=f"head {head!r} with {n_logits} logits",
            cure="Take the head from the network's card.",
        )
    for layer in network.layers:
        if layer.output is network.outputs[0]:
            squash = _squash(layer)
            if squash:
                raise ParameterError(
                    "A network is explained through its logits.",
                    received=f"{squash!r} at its last layer {layer.name!r}",
                    cure="Leave the activation out and apply it outside the network.",
                )


def check_cover(network: keras.Model, cover: Any) -> None:
    """Refuse anything but one prepared cover.

    Parameters
    ----------
    network : keras.Model
        As for `check_network`.
    cover : ndarray [shape=(height, width, 3), dtype=uint8]
        RGB 0 to 255, of the network's input size.

    Raises
    ------
    ParameterError
        Another type, shape or dtype.

    Examples
    --------
    >>> image = keras.Input((8, 8, 3))
    >>> network = keras.Model(image, keras.layers.Flatten()(image))
    >>> check_cover(network, np.zeros((8, 8, 3), dtype=np.float32))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A cover must be uint8 RGB of shape (8, 8, 3). Received an \
array of shape (8, 8, 3) and dtype float32. Prepare it with genre_core.image.cover.prepare_cover.
    """
    shape = tuple(network.inputs[0].shape[1:])
    if not (isinstance(cover, np.ndarray) and cover.dtype == np.uint8 and cover.shape == shape):
        raise ParameterError(
            f"A cover must be uint8 RGB of shape {shape}.",
            received=describe(cover),
            cure="Prepare it with genre_core.image.cover.prepare_cover.",
        )


def check_genre(network: keras.Model, head: Head, genre_index: Any) -> int:
    """Refuse a genre that the head does not have.

    Parameters
    ----------
    network : keras.Model
        As for `check_network`.
    head : {"softmax", "binary", "multilabel"}
        A binary head has two genres, the others one a logit.
    genre_index : int
        From 0, in the order of the taxonomy.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        No whole number, or out of range.

    Examples
    --------
    >>> image = keras.Input((8, 8, 3))
    >>> network = keras.Model(image, keras.layers.Dense(1)(keras.layers.Flatten()(image)))
    >>> check_genre(network, "binary", 1)
    1
    >>> check_genre(network, "binary", 2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: genre_index must be a whole number in [0, 1]. Received \
2 (int). Count the genres of the card from 0.
    """
    n_genres = 2 if head == "binary" else int(network.outputs[0].shape[1])
    try:
        index = operator.index(genre_index)
    except TypeError:
        index = -1
    if isinstance(genre_index, bool) or not 0 <= index < n_genres:
        raise ParameterError(
            f"genre_index must be a whole number in [0, {n_genres - 1}].",
            received=describe(genre_index),
            cure="Count the genres of the card from 0.",
        )
    return index


def _squash(layer: keras.Layer) -> str:
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", "")
    return name if name in _SQUASHING else ""
