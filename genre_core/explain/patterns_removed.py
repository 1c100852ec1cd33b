"""A network with some of its kernels taken out, or one of its convolutions passed by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from genre_core.config import require
from genre_core.explain.checks import need_flat
from genre_core.explain.kernels import conv_layers, find_layer
from genre_core.explain.stages import find_stage


def without_kernels(network: keras.Model, layer: str, kernels: Sequence[int]) -> keras.Model:
    """Copy a network in which some kernels of a convolution answer 0 everywhere.

    The maps are set to 0 after the activation that belongs to the convolution, so neither a bias
    nor a normalization before it brings anything back. A kernel that never responds can be taken
    out without any change.

    Parameters
    ----------
    network : keras.Model
        Flat functional; read, never changed.
    layer : str
        Name of a two-dimensional convolution.
    kernels : sequence of int
        Which of its kernels; none gives a plain copy.

    Returns
    -------
    keras.Model
        With the same input and output, and weights of its own.

    Raises
    ------
    ParameterError
        No such layer or kernel.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> network = build("s5_cnn")
    >>> one = np.zeros((1, 43, 128, 1), np.float32)
    >>> same, other = without_kernels(network, "conv_6", []), without_kernels(
    ...     network, "conv_6", range(128)
    ... )
    >>> [bool(np.allclose(network(one), made(one), atol=1e-6)) for made in (same, other)]
    [True, False]
    """
    conv = find_layer(conv_layers(network), layer)
    asked = sorted({int(kernel) for kernel in kernels})
    require(
        not asked or (asked[0] >= 0 and asked[-1] < conv.n_filters),
        f"Kernels of {layer} are numbers from 0 to {conv.n_filters - 1}.",
        list(kernels),
        "Choose some of them.",
    )
    kept = np.ones(conv.n_filters, np.float32)
    kept[asked] = 0
    output = find_stage(network, layer).output

    def call(own: Any, *arguments: Any, **named: Any) -> Any:
        given = own(*arguments, **named)
        return given * kept if own.name == output else given

    return _copied(network, call)


def without_layer(network: keras.Model, layer: str) -> keras.Model:
    """Copy a network in which a convolution hands on what it is given, with what belongs to it.

    Raises `ParameterError`: the layer would change the shape, so nothing can take its place.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> network = build("s5_cnn")
    >>> seconds_of_pairs(network)
    ('conv_2', 'conv_4', 'conv_6')
    >>> without_layer(network, "conv_2").count_params() < network.count_params()
    True
    >>> without_layer(network, "conv_3")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A layer can be passed by where it keeps the shape. Received \
'conv_3' (str). It turns (21, 64, 32) into (21, 64, 64): take out kernels instead.
    """
    need_flat(network, "Only a flat functional network can be changed at a layer.")
    before, after = _around(network, layer)
    require(
        before == after,
        "A layer can be passed by where it keeps the shape.",
        layer,
        f"It turns {before} into {after}: take out kernels instead.",
    )
    stage = find_stage(network, layer)
    own = [stage.name]
    passed: dict[str, Any] = {}
    if stage.output != stage.name:  # normalization and activation that belong to it
        follower = network.get_layer(stage.output)
        while follower.name != stage.name:
            own.append(follower.name)
            follower = _maker(network, follower.input)

    def call(one: Any, *arguments: Any, **named: Any) -> Any:
        if one.name in own:
            passed[one.name] = arguments[0]
            return arguments[0]
        return one(*arguments, **named)

    return _copied(network, call)


def seconds_of_pairs(network: keras.Model) -> tuple[str, ...]:
    """List the convolutions that follow another of as many kernels at once and keep the shape.

    Study S5 found blank kernels in the second layers of its pairs.
    """
    names = [conv.name for conv in conv_layers(network) if conv.kind == "conv"]
    return tuple(
        name
        for name in names
        if len(set(_around(network, name))) == 1 and _maker_of_input(network, name) in names
    )


def _around(network: keras.Model, layer: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    own = network.get_layer(find_stage(network, layer).name)
    return tuple(own.input.shape[1:]), tuple(own.output.shape[1:])


def _maker_of_input(network: keras.Model, layer: str) -> str:
    """Name the convolution whose map a layer reads, its own normalization and activation passed."""
    own = _maker(network, network.get_layer(layer).input)
    while isinstance(own, layers.BatchNormalization | layers.Activation | layers.ReLU):
        own = _maker(network, own.input)
    return str(own.name)


def _maker(network: keras.Model, tensor: Any) -> Any:
    return next(layer for layer in network.layers if layer.output is tensor)


def _copied(network: keras.Model, call: Any) -> keras.Model:
    """Copy a network with another way to call its layers, and give the copies their weights."""
    copies: dict[str, keras.Layer] = {}

    def clone(layer: keras.Layer) -> keras.Layer:
        copy = type(layer).from_config(layer.get_config())
        copies[layer.name] = copy
        return copy

    need_flat(network, "Only a flat functional network can be changed at a layer.")
    made = keras.models.clone_model(
        network,
        input_tensors=keras.Input(network.inputs[0].shape[1:]),
        clone_function=clone,
        call_function=call,
    )
    for name, copy in copies.items():
        if copy.built and copy.weights:
            copy.set_weights(network.get_layer(name).get_weights())
    return made
