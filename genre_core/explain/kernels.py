"""What the convolutions of a network have learned: every layer's kernels, and what they reach."""

from __future__ import annotations

import keras
from keras import layers

from genre_core.errors import ParameterError, describe, did_you_mean
from genre_core.explain.checks import need_flat
from genre_core.explain.conv_layer import ConvLayer, upright_kernels
from genre_core.explain.kernel_weights import measure_kernels

# A depthwise layer is no Conv2D in Keras; a separable one has no single kernel.
_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.Conv1D)
_POOLS = (
    layers.MaxPooling2D,
    layers.AveragePooling2D,
    layers.MaxPooling1D,
    layers.AveragePooling1D,
)
_PADDINGS = (layers.ZeroPadding1D, layers.ZeroPadding2D)

Reach = tuple[int, int] | None
"""Along one axis: input cells from one cell of a map to the next, and input cells that one sees.

None where a map no longer lies on that axis of the input.
"""


def conv_layers(network: keras.Model) -> tuple[ConvLayer, ...]:
    """Read the kernels of every convolution, from input to output; none of a network without any.

    Parameters
    ----------
    network : keras.Model
        A flat functional graph; it is read, never changed.

    Raises
    ------
    ParameterError
        The network is a `Sequential` or contains another network, or a weight is not finite.

    Notes
    -----
    What a cell sees, per axis: ``sees' = sees + (size - 1) step dilation`` and
    ``step' = step stride`` (Araujo et al., doi 10.23915/distill.00021); of branches that meet, the
    largest counts.

    Examples
    --------
    >>> image = keras.Input((32, 32, 3))
    >>> x = layers.Conv2D(8, 3, name="conv_1")(image)
    >>> x = layers.MaxPooling2D(2)(x)
    >>> x = layers.Conv2D(4, 3, name="conv_2")(x)
    >>> for conv in conv_layers(keras.Model(image, layers.Flatten()(x))):
    ...     print(conv.name, conv.kernels.weights.shape, conv.step, conv.sees, conv.n_blank)
    conv_1 (8, 3, 3, 3) (1, 1) (3, 3) 0
    conv_2 (4, 3, 3, 8) (2, 2) (8, 8) 0
    >>> conv_layers(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Only a flat functional network shows all its kernels. \
    Received a Sequential. Build it as one functional graph, as keras.Model(inputs, outputs) does.
    """
    need_flat(network, "Only a flat functional network shows all its kernels.")
    reaches: dict[int, tuple[Reach, Reach]] = {}
    convolutions = []
    # Layers, and what stands between them: masks and plain arithmetic are operations of their own.
    for layer in network.operations:
        if isinstance(layer, layers.InputLayer):
            reaches[id(layer.output)] = ((1, 1), (1, 1))
            continue
        before = _meet([reaches[id(tensor)] for tensor in keras.tree.flatten(layer.input)])
        after = _after(layer, before)
        for tensor in keras.tree.flatten(layer.output):
            reaches[id(tensor)] = after
        if isinstance(layer, _CONVOLUTIONS):
            convolutions.append(_read(layer, before, after))
    return tuple(convolutions)


def find_layer(convolutions: tuple[ConvLayer, ...], name: str | None = None) -> ConvLayer:
    """Look a convolution up by its name; the first where none is named.

    Raises `ParameterError`: no convolution at all, or none of that name (the nearest is named).

    Examples
    --------
    >>> find_layer(())
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Kernels need a network with a convolution. Received none. \
    Choose a convolutional network.
    """
    if not convolutions:
        raise ParameterError(
            "Kernels need a network with a convolution.",
            received="none",
            cure="Choose a convolutional network.",
        )
    if name is None:
        return convolutions[0]
    by_name = {layer.name: layer for layer in convolutions}
    if name not in by_name:
        raise ParameterError(
            "The layer must be one of the network's convolutions.",
            received=describe(name),
            cure=did_you_mean(name, by_name),
        )
    return by_name[name]


def _read(layer: keras.Layer, before: tuple[Reach, Reach], after: tuple[Reach, Reach]) -> ConvLayer:
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    weights = upright_kernels(kernel, is_depthwise=isinstance(layer, layers.DepthwiseConv2D))
    n_filters, height, width, n_inputs = weights.shape
    kind = "pointwise" if (height, width) == (1, 1) else "conv"
    if isinstance(layer, layers.DepthwiseConv2D):
        kind = "depthwise"
    elif isinstance(layer, layers.Conv1D) and kind == "conv":
        kind = "conv1d"
    spread = (*layer.dilation_rate, 1)
    steps = [reach and reach[0] * spread[axis] for axis, reach in enumerate(before)]
    if isinstance(layer, layers.Conv1D):
        steps[1] = None  # what lies there, it reads as channels
    sees = [reach and reach[1] for reach in after]
    return ConvLayer(
        name=layer.name,
        kind=kind,
        size=(height, width),
        n_inputs=n_inputs,
        n_filters=n_filters,
        n_parameters=int(layer.count_params()),
        step=(steps[0], steps[1]),
        sees=(sees[0], sees[1]),
        kernels=measure_kernels(weights),
    )


def _after(layer: keras.Layer, before: tuple[Reach, Reach]) -> tuple[Reach, Reach]:
    if isinstance(layer, _CONVOLUTIONS):
        return _slide(before, layer.kernel_size, layer.strides, layer.dilation_rate)
    if isinstance(layer, _POOLS):
        return _slide(before, layer.pool_size, layer.strides, (1, 1))
    if isinstance(layer, _PADDINGS):
        return before
    # Any other layer keeps an axis where it keeps its length: activations, Dense, Reshape, LSTM.
    shapes = [tuple(tensor.shape) for tensor in keras.tree.flatten(layer.input)]
    out = tuple(keras.tree.flatten(layer.output)[0].shape)
    kept: list[Reach] = [None, None]
    for axis in (0, 1):
        lengths = {shape[axis + 1 : axis + 2] for shape in shapes}
        if len(out) >= 3 and lengths == {out[axis + 1 : axis + 2]}:
            kept[axis] = before[axis]
    return kept[0], kept[1]


def _slide(
    before: tuple[Reach, Reach],
    size: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[Reach, Reach]:
    after: list[Reach] = [None, None]
    for axis, reach in enumerate(before):
        if reach is not None and axis < len(size):
            step, sees = reach
            after[axis] = (
                step * strides[axis],
                sees + (size[axis] - 1) * dilation[axis] * step,
            )
    return after[0], after[1]


def _meet(branches: list[tuple[Reach, Reach]]) -> tuple[Reach, Reach]:
    met: list[Reach] = [None, None]
    for axis in (0, 1):
        reaches = [branch[axis] for branch in branches]
        known = [reach for reach in reaches if reach is not None]
        if len(known) == len(reaches) and len({step for step, _ in known}) == 1:
            met[axis] = (known[0][0], max(sees for _, sees in known))
    return met[0], met[1]
