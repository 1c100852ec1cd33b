"""What explaining accepts: a network that ends in logits, its own kind of input, a known genre."""

from __future__ import annotations

import operator
from typing import Any, get_args

import keras
import numpy as np

from genre_core.config import Head
from genre_core.errors import ParameterError, describe


def reads_covers(network: keras.Model) -> bool:
    """Tell whether a network reads covers (height, width, 3) and not segments of songs."""
    shape = tuple(network.inputs[0].shape[1:])
    return len(shape) == 3 and shape[-1] == 3


def need_flat(network: keras.Model, rule: str) -> None:
    """Refuse a `Sequential`, or a network with another inside."""
    nested = [layer.name for layer in network.layers if isinstance(layer, keras.Model)]
    if isinstance(network, keras.Sequential) or nested:
        raise ParameterError(
            rule,
            received=f"networks inside it ({', '.join(nested)})" if nested else "a Sequential",
            cure="Build it as one functional graph, as keras.Model(inputs, outputs) does.",
        )


def check_network(network: keras.Model, head: Head) -> None:
    """Refuse a network that cannot be explained through its logits.

    Where an activation after the logits saturates, every gradient is zero.

    Examples
    --------
    >>> image = keras.Input((8, 8, 3))
    >>> flat = keras.layers.Flatten()(image)
    >>> sure = keras.layers.Dense(1, activation="sigmoid", name="answer")(flat)
    >>> check_network(keras.Model(image, sure), "binary")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A network is explained through its logits. Received \
    'sigmoid' at its last layer 'answer'. Leave the activation out and apply it outside the network.
    """
    shapes_out = [tuple(tensor.shape) for tensor in network.outputs]
    if len(network.inputs) != 1 or len(shapes_out) != 1 or len(shapes_out[0]) != 2:
        raise ParameterError(
            "A network must turn one input (batch, ...) into (batch, n_logits).",
            received=f"{len(network.inputs)} inputs and outputs {shapes_out}",
            cure="Choose a network for covers or for songs.",
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
    last = next(layer for layer in network.layers if layer.output is network.outputs[0])
    is_softmax = isinstance(last, keras.layers.Softmax)
    activation = getattr(last, "activation", keras.activations.linear)
    if is_softmax or activation is not keras.activations.linear:
        name = "softmax" if is_softmax else getattr(activation, "__name__", str(activation))
        raise ParameterError(
            "A network is explained through its logits.",
            received=f"{name!r} at its last layer {last.name!r}",
            cure="Leave the activation out and apply it outside the network.",
        )


def check_item(network: keras.Model, item: Any) -> None:
    """Refuse anything but one prepared cover (uint8) or one segment (float32) of its shape."""
    shape = tuple(network.inputs[0].shape[1:])
    is_cover = reads_covers(network)
    dtype = np.uint8 if is_cover else np.float32
    if not (isinstance(item, np.ndarray) and item.dtype == dtype and item.shape == shape):
        if is_cover:
            rule = f"A cover must be uint8 RGB of shape {shape}."
            cure = "Prepare it with genre_core.image.cover.prepare_cover."
        else:
            rule = f"A segment must be float32 of shape {shape}."
            cure = "Give the inputs of a song's Segments."
        raise ParameterError(rule, received=describe(item), cure=cure)


def check_items(network: keras.Model, items: Any) -> None:
    """Refuse anything but an array (n, ...) of such covers or segments; n may be 0."""
    shape = tuple(network.inputs[0].shape[1:])
    dtype = np.dtype(np.uint8 if reads_covers(network) else np.float32)
    is_array = isinstance(items, np.ndarray) and items.ndim > 0
    if not (is_array and items.shape[1:] == shape and items.dtype == dtype):
        raise ParameterError(
            f"Inputs must have shape (n, {', '.join(map(str, shape))}) and dtype {dtype}.",
            received=describe(items),
            cure="Give prepared covers, or the inputs of a song's Segments.",
        )


def check_genre(network: keras.Model, head: Head, genre_index: Any) -> int:
    """Refuse a genre that the head does not have; a binary head has two."""
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
