"""The places inside a network that can be explained: its convolutions' maps."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from genre_core.errors import ParameterError, describe, did_you_mean
from genre_core.explain.checks import need_flat

SMALL_MAP = 7
"""A map whose longer side has fewer cells is too coarse to point anywhere; the caller warns."""

_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
_GLOBAL_POOLS = (layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D)
_ACTIVATIONS = (
    layers.Activation,
    layers.ReLU,
    layers.LeakyReLU,
    layers.PReLU,
    layers.ELU,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A convolution and the map it gives.

    name: Name of the convolution's layer.
    kind {"conv", "pointwise", "depthwise"}: `pointwise` is a convolution of 1x1.
    map_size: (height, width) of the map, in cells.
    output: Name of the layer whose output is the map: the normalization and activation that follow
        the convolution belong to its stage.
    """

    name: str
    kind: str
    map_size: tuple[int, int]
    n_filters: int
    output: str

    @property
    def is_small(self) -> bool:
        """Whether both sides of the map have fewer than 7 cells, so that a caller should warn.

        Maps of covers are square. A song's map may be long in time and a single cell in
        frequency, or the other way round: it still points along its longer side.

        Examples
        --------
        >>> Stage("conv_7", "conv", (1, 1), 128, "conv_7").is_small
        True
        >>> Stage("middle_3_conv", "conv", (187, 1), 64, "middle_3_conv").is_small
        False
        """
        return max(self.map_size) < SMALL_MAP


def conv_stages(network: keras.Model) -> tuple[Stage, ...]:
    """List every convolution whose output is a map, at least one, in the order of the graph.

    A map is taken after the activation where one follows its convolution (directly or after a
    batch normalization) and nothing else reads in between, as in Selvaraju et al.
    (arXiv 1610.02391): "the last convolutional layer" is its rectified map.

    Raises `ParameterError`: the network is a `Sequential`, contains another network, has a free
    input size or no convolution.

    Examples
    --------
    >>> image = keras.Input((32, 32, 3))
    >>> x = layers.Conv2D(8, 3, name="conv_1")(image)
    >>> x = layers.ReLU(name="relu_1")(x)
    >>> x = layers.GlobalAveragePooling2D()(x)
    >>> conv_stages(keras.Model(image, layers.Dense(2)(x)))
    (Stage(name='conv_1', kind='conv', map_size=(30, 30), n_filters=8, output='relu_1'),)
    """
    need_flat(network, "Only a flat functional network can be explained at every convolution.")
    readers = _readers(network)
    stages = []
    for layer in network.layers:
        if not isinstance(layer, _CONVOLUTIONS):
            continue
        last = _end_of_stage(layer, readers)
        _, height, width, n_filters = last.output.shape
        if height is None or width is None:
            raise ParameterError(
                "A network is explained at a fixed input size.",
                received=f"maps of shape {tuple(last.output.shape)} at {layer.name}",
                cure="Build it with input_size = the side of its covers, in px.",
            )
        stages.append(
            Stage(layer.name, _kind(layer), (int(height), int(width)), int(n_filters), last.name)
        )
    if not stages:
        raise ParameterError(
            "Explaining needs a network with at least one 2-D convolution.",
            received=f"the layers {', '.join(layer.name for layer in network.layers)}",
            cure="Choose a convolutional network.",
        )
    return tuple(stages)


def song_stages(network: keras.Model) -> tuple[Stage, ...]:
    """List the maps of a song's network that can be explained, from input to output.

    Its convolutions (`conv_stages`); where several maps are put side by side and then pooled over
    time, as in musicnn, what is pooled follows as a last stage of kind "joined". Empty for a
    network without convolutions (S5's LSTM and MLP).

    The joined stage is ours. Of musicnn the last convolution is one of four ways to the head, and
    its map says nothing of the other three; all of them pass the joined one. The timbral stages
    have a place in time and (by the middle of their tall kernels) in frequency, the temporal ones
    in frequency and, with kernels of up to 2 s, a blurred one in time.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> [stage.name for stage in song_stages(build("msd_musicnn", n_logits=2))][-2:]
    ['middle_3_conv', 'middle']
    """
    if not any(isinstance(layer, _CONVOLUTIONS) for layer in network.layers):
        return ()
    pooled = [layer.input for layer in network.layers if isinstance(layer, _GLOBAL_POOLS)]
    joined = [
        Stage(
            layer.name, "joined", tuple(layer.output.shape[1:3]), layer.output.shape[3], layer.name
        )
        for layer in network.layers
        if isinstance(layer, layers.Concatenate) and any(layer.output is maps for maps in pooled)
    ]
    return (*conv_stages(network), *joined)


def default_stage(network: keras.Model) -> Stage:
    """Choose the last convolution with a map of at least 7x7, or of 7 cells along one axis.

    Where no map is that large, the last of the largest maps is chosen; `Stage.is_small` then
    says so. The rule is ours: study S1's last convolution has a map of 1x1, whose Grad-CAM is one
    constant; for that network this gives conv_5 with 13x13. For musicnn it gives middle_3_conv, 187
    frames by one band: a line in time.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> default_stage(build("s1_prog_covers")).name
    'conv_5'
    """
    return pick_stage(conv_stages(network))


def find_stage(network: keras.Model, name: str | None = None) -> Stage:
    """Look a stage up by the name of its convolution or of its output layer.

    It is `default_stage` where no name is given.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> find_stage(build("efficientnet_lite0", input_size=96), "head_relu").name
    'head_conv'
    >>> find_stage(build("s1_prog_covers"), "conv5")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: The stage must be one of the network's convolutions. \
Received 'conv5' (str). Did you mean 'conv_5'?
    """
    return pick_stage(conv_stages(network), name)


def pick_stage(stages: tuple[Stage, ...], name: str | None = None) -> Stage:
    """Look a stage up in a list that is already there; listing a large network takes a while.

    Examples
    --------
    >>> stages = (
    ...     Stage("conv_1", "conv", (9, 9), 8, "relu_1"),
    ...     Stage("conv_2", "conv", (1, 1), 8, "relu_2"),
    ... )
    >>> pick_stage(stages).name, pick_stage(stages, "relu_2").name
    ('conv_1', 'conv_2')
    """
    if name is None:
        large = [stage for stage in stages if not stage.is_small]
        widest = max(max(stage.map_size) for stage in stages)
        return (large or [stage for stage in stages if max(stage.map_size) == widest])[-1]
    for stage in stages:
        if name in (stage.name, stage.output):
            return stage
    names = [stage.name for stage in stages]
    raise ParameterError(
        "The stage must be one of the network's convolutions.",
        received=describe(name),
        cure=did_you_mean(name, names),
    )


def _readers(network: keras.Model) -> dict[int, list[keras.Layer]]:
    """Map the id of a layer's output tensor to the layers that read it."""
    readers: dict[int, list[keras.Layer]] = {}
    for layer in network.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        for tensor in keras.tree.flatten(layer.input):
            readers.setdefault(id(tensor), []).append(layer)
    return readers


def _end_of_stage(layer: keras.Layer, readers: dict[int, list[keras.Layer]]) -> keras.Layer:
    end = layer
    if _is_activated(layer):
        return end
    for follower in (layers.BatchNormalization, _ACTIVATIONS):
        read_by = readers.get(id(end.output), [])
        # A second reader (a shortcut) sees the map before the activation: stop there.
        if len(read_by) == 1 and isinstance(read_by[0], follower):
            end = read_by[0]
    return end


def _is_activated(layer: keras.Layer) -> bool:
    return layer.activation is not keras.activations.linear


def _kind(layer: keras.Layer) -> str:
    if isinstance(layer, layers.DepthwiseConv2D):
        return "depthwise"
    return "pointwise" if tuple(layer.kernel_size) == (1, 1) else "conv"
