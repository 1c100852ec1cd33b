"""Where in a network's input the cells of a map lie."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

Centres = tuple[NDArray[np.float64], NDArray[np.float64]]


def cell_centres(network: keras.Model, output: str) -> Centres:
    """Find the middle of what each cell of a layer's map sees, in cells of the input, on both axes.

    Kernels and pools of size k and step s, with p cells of padding before, turn place i into
    s i + (k - 1) / 2 - p of what they read. A layer of another kind that changes an axis's length
    is taken to divide it evenly, and a map that is made of a flat layer to divide the whole input.
    Where the layer `output` has several inputs the first counts.

    Ours. Maps of covers are stretched over the whole picture, which is nearly the same for small
    square kernels. A kernel of 38 of 96 bands without padding would be put 18 bands off.

    Examples
    --------
    >>> mel = keras.Input((8, 6, 1))
    >>> x = layers.Conv2D(2, (1, 3), name="conv")(mel)
    >>> x = layers.MaxPooling2D((2, 1), name="pool")(x)
    >>> network = keras.Model(mel, x)
    >>> [part.tolist() for part in cell_centres(network, "pool")]
    [[0.5, 2.5, 4.5, 6.5], [1.0, 2.0, 3.0, 4.0]]
    """
    makers = {id(layer.output): layer for layer in network.layers}
    layer = network.get_layer(output)
    size = layer.output.shape[1:3]
    step, first = [1.0, 1.0], [0.0, 0.0]
    while not isinstance(layer, layers.InputLayer):
        tensor = keras.tree.flatten(layer.input)[0]
        if len(tensor.shape) < 3:  # made of no map: its cells have no other place
            tensor = network.inputs[0]
        for axis in (0, 1):
            stride, shift = _place(layer, axis, tensor.shape[1 + axis], layer.output.shape)
            first[axis] = stride * first[axis] + shift
            step[axis] *= stride
        layer = makers[id(tensor)]
    down, across = (first[axis] + step[axis] * np.arange(size[axis]) for axis in (0, 1))
    return down, across


def even_centres(map_size: tuple[int, int], size: tuple[int, int]) -> Centres:
    """Find the middles of cells that divide an input evenly, as `cell_centres`.

    Examples
    --------
    >>> [part.tolist() for part in even_centres((2, 4), (4, 4))]
    [[0.5, 2.5], [0.0, 1.0, 2.0, 3.0]]
    """
    down, across = ((np.arange(n) + 0.5) * m / n - 0.5 for n, m in zip(map_size, size, strict=True))
    return down, across


def stretch(
    maps: NDArray[np.float32], centres: Centres, size: tuple[int, int]
) -> NDArray[np.float32]:
    """Bring maps (n, h, w) to the input's axes, with straight lines between middles of cells.

    Before the first middle and after the last one a map keeps its value; an axis of a single
    cell has one value throughout.

    Examples
    --------
    >>> maps = np.array([[[0.0], [1.0]]], np.float32)
    >>> stretch(maps, (np.array([0.5, 2.5]), np.array([0.0])), (4, 1))[0, :, 0].tolist()
    [0.0, 0.25, 0.75, 1.0]
    """
    down, across = (line_weights(c, n) for c, n in zip(centres, size, strict=True))
    return np.asarray(down @ maps @ across.T, dtype=np.float32)


def line_weights(centres: NDArray[np.float64], n: int) -> NDArray[np.float32]:
    """Return what each of n places takes of each cell [shape=(n, len(centres))]; rows sum to 1."""
    cells = np.eye(len(centres))
    places = np.arange(n)
    columns = [np.interp(places, centres, cell) for cell in cells]
    return np.stack(columns, axis=1).astype(np.float32)


def _place(
    layer: keras.Layer, axis: int, n_in: int, shape_out: tuple[int, ...]
) -> tuple[float, float]:
    """Step and shift from a place of a layer's output to the place that it reads."""
    if isinstance(layer, layers.ZeroPadding2D):
        return 1.0, -float(layer.padding[axis][0])
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if window is None:
        stride = n_in / shape_out[1 + axis]
        return stride, (stride - 1) / 2
    stride = layer.strides[axis]
    reach = (window[axis] - 1) * getattr(layer, "dilation_rate", (1, 1))[axis]
    missing = (-(-n_in // stride) - 1) * stride + reach + 1 - n_in
    before = max(missing, 0) // 2 if layer.padding == "same" else 0
    return float(stride), reach / 2 - before
