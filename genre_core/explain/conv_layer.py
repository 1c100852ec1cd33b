"""A convolution as it is shown: its kernels, and what one of its cells sees of the input.

Imports no TensorFlow, so that a page can show what is stored of a network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.explain.kernel_weights import Kernels


@dataclass(frozen=True, slots=True, eq=False)
class ConvLayer:
    """A convolution and its kernels.

    name: Name of the layer.
    kind {"conv", "pointwise", "depthwise", "conv1d"}: `pointwise` is a convolution of one cell.
    size: (height, width) of a kernel, on the first and the second axis of the network's input; a
        `conv1d` has width 1.
    n_inputs: Channels that one kernel reads; 1 of a depthwise layer.
    n_filters: Kernels, and channels of the map.
    n_parameters: Weights and biases.
    step: Input cells from one cell of a kernel to the next, on each axis: the product of the
        strides before it and its own dilation; None where the layer no longer lies on that axis.
    sees: Input cells that one cell of the layer's map depends on, on each axis.
    kernels: As they are now.
    """

    name: str
    kind: str
    size: tuple[int, int]
    n_inputs: int
    n_filters: int
    n_parameters: int
    step: tuple[int | None, int | None]
    sees: tuple[int | None, int | None]
    kernels: Kernels

    @property
    def n_blank(self) -> int:
        """How many of the kernels are blank."""
        return self.kernels.n_blank

    @property
    def has_pictures(self) -> bool:
        """Whether a kernel has more than one cell; of others only the mixing can be shown."""
        return self.size != (1, 1)

    def to_dict(self) -> dict[str, object]:
        """Facts of the layer without its weights, for tables and JSON."""
        return {
            "layer": self.name,
            "kind": self.kind,
            "height": self.size[0],
            "width": self.size[1],
            "inputs": self.n_inputs,
            "kernels": self.n_filters,
            "parameters": self.n_parameters,
            "blank": self.n_blank,
            "step": list(self.step),
            "sees": list(self.sees),
        }


def upright_kernels(kernel: NDArray[np.generic], *, is_depthwise: bool) -> NDArray[np.float32]:
    """Bring a layer's kernel, as Keras holds it, to (n_filters, height, width, n_inputs), a copy.

    Examples
    --------
    >>> upright_kernels(np.zeros((3, 5, 2, 8)), is_depthwise=False).shape
    (8, 3, 5, 2)
    >>> upright_kernels(np.zeros((3, 5, 2, 4)), is_depthwise=True).shape
    (8, 3, 5, 1)
    >>> upright_kernels(np.zeros((7, 2, 8)), is_depthwise=False).shape  # over one axis
    (8, 7, 1, 2)
    """
    kernel = kernel.astype(np.float32)
    if is_depthwise:
        height, width, n_inputs, multiplier = kernel.shape
        # Channel by channel, as Keras orders the map: all kernels of one channel, then the next.
        kernel = kernel.reshape(height, width, 1, n_inputs * multiplier)
    elif kernel.ndim == 3:
        kernel = kernel[:, np.newaxis]  # (length, 1, n_inputs, n_filters)
    return np.ascontiguousarray(np.moveaxis(kernel, -1, 0))
