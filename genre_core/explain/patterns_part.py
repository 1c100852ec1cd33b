"""The part of a network that a pattern is made with: up to a layer, before its activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from genre_core.explain.checks import need_flat
from genre_core.explain.stages import find_stage

_OF_ANY_SIZE = (
    layers.InputLayer,
    layers.Rescaling,
    layers.Conv2D,
    layers.DepthwiseConv2D,
    layers.BatchNormalization,
    layers.Activation,
    layers.ReLU,
    layers.LeakyReLU,
    layers.ELU,
    layers.MaxPooling2D,
    layers.AveragePooling2D,
    layers.ZeroPadding2D,
    layers.Dropout,
    layers.SpatialDropout2D,
    layers.Add,
    layers.Concatenate,
)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A copy of a network up to a layer.

    model: From the input (batch, *shape) to what the layer gives before its activation
        (batch, h, w, n_filters), or to the logits (batch, n_logits).
    activate: The activation that the network has there; it leaves what it is given where the
        network has none.
    """

    model: keras.Model
    activate: Callable[[Any], Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input."""
        return tuple(self.model.inputs[0].shape[1:])

    @property
    def n_bytes(self) -> int:
        """Of the maps of one input, which a gradient keeps: an estimate that bounds a batch."""
        return 4 * sum(
            int(_size(tensor.shape[1:]))
            for layer in self.model.layers
            for tensor in keras.tree.flatten(layer.output)
        )


def part_before(network: keras.Model, layer: str, shape: tuple[int, ...]) -> Part:
    """Copy a network up to a convolution; what follows is not computed at all.

    A rectifier's gradient is 0 where a kernel does not respond yet: a pattern that starts there
    would never leave. So the copy ends before it. Where everything in it takes inputs of any size,
    it is built for inputs of `shape`, else for the network's own.

    Parameters
    ----------
    network : keras.Model
        Flat functional; read, never changed.
    layer : str
        Name of a two-dimensional convolution.
    shape : tuple of int
        Of one input, at most the network's own along each axis.
    """
    need_flat(network, "Only a flat functional network can be cut at a layer.")
    stage = find_stage(network, layer)
    conv, last = network.get_layer(stage.name), network.get_layer(stage.output)
    is_own = last is conv
    is_activation = not isinstance(last, layers.Conv2D | layers.BatchNormalization)
    activate = conv.activation if is_own else last if is_activation else _as_it_is
    end = conv.output if is_own else last.input if is_activation else last.output
    whole = keras.Model(network.inputs[0], end)
    is_free = all(map(_takes_any_size, whole.operations))
    size = shape if is_free else tuple(network.inputs[0].shape[1:])
    return Part(_copy(whole, size, conv.name if is_own else ""), activate)


def part_of_logits(network: keras.Model) -> Part:
    """Copy a whole network, down to its logits."""
    need_flat(network, "Only a flat functional network shows what a genre asks for.")
    whole = keras.Model(network.inputs[0], network.outputs[0])
    return Part(_copy(whole, tuple(network.inputs[0].shape[1:]), ""), _as_it_is)


def is_padded(network: keras.Model) -> bool:
    """Tell whether every convolution takes what lies outside its input for 0."""
    kinds = (layers.Conv2D, layers.DepthwiseConv2D)
    return all(
        layer.padding == "same" or tuple(layer.kernel_size) == (1, 1)
        for layer in network.layers
        if isinstance(layer, kinds)
    )


def _copy(whole: keras.Model, shape: tuple[int, ...], rectified: str) -> keras.Model:
    """Copy layers and weights; of the layer `rectified` the activation is left out."""

    def clone(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if layer.name == rectified:
            config["activation"] = "linear"
        return type(layer).from_config(config)

    def call(layer: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(layer, layers.Reshape) and _adds_channel(layer.target_shape, arguments[0]):
            return keras.ops.expand_dims(arguments[0], -1)
        return layer(*arguments, **named)

    copy = keras.models.clone_model(
        whole, input_tensors=keras.Input(shape), clone_function=clone, call_function=call
    )
    copy.set_weights(whole.get_weights())
    return copy


def _takes_any_size(layer: Any) -> bool:
    if isinstance(layer, layers.Reshape):
        return _adds_channel(layer.target_shape, layer.input)
    return isinstance(layer, _OF_ANY_SIZE)


def _adds_channel(target: tuple[int, ...], tensor: Any) -> bool:
    """Tell whether a reshape only puts a channel behind two axes."""
    return len(target) == 3 and target[-1] == 1 and len(tensor.shape) == 3


def _as_it_is(values: Any) -> Any:
    return values


def _size(shape: tuple[int, ...]) -> int:
    product = 1
    for side in shape:
        product *= side
    return product
