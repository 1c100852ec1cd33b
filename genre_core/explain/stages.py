"""The places inside a network that can be explained: its convolutions' maps."""

from __future__ import annotations

import keras
from keras import layers

from genre_core.errors import ParameterError
from genre_core.explain.checks import need_flat
from genre_core.explain.places import Stage, pick_stage

_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
_GLOBAL_POOLS = (layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D)
_ACTIVATIONS = (
    layers.Activation,
    layers.ReLU,
    layers.LeakyReLU,
    layers.PReLU,
    layers.ELU,
)


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
