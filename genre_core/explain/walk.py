"""A walk through a network: its layers from input to output, with shapes and counts."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from genre_core.explain.checks import need_flat

INPUT = "input"

_KINDS: dict[type[keras.Layer], str] = {
    layers.InputLayer: INPUT,
    layers.SeparableConv2D: "convolution",
    layers.DepthwiseConv2D: "convolution",
    layers.Conv2D: "convolution",
    layers.Conv1D: "convolution",
    layers.MaxPooling2D: "pooling",
    layers.MaxPooling1D: "pooling",
    layers.AveragePooling2D: "pooling",
    layers.AveragePooling1D: "pooling",
    layers.GlobalMaxPooling2D: "pooling",
    layers.GlobalAveragePooling2D: "pooling",
    layers.Flatten: "flattening",
    layers.Dense: "dense layer",
    layers.LSTM: "LSTM",
}
"""What a layer is called; all others, such as norms and sums, belong to the step before."""

KINDS = (INPUT, "convolution", "pooling", "flattening", "dense layer", "LSTM")


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of the walk, with those that only finish its work.

    name: Name of the layer.
    kind: One of `KINDS`.
    words: What it does, with its numbers.
    shape: Of its output, without the batch: (height, width, channels), (length, channels) or (n,).
    n_parameters: Of it and of what finishes its work.
    """

    name: str
    kind: str
    words: str
    shape: tuple[int, ...]
    n_parameters: int

    @property
    def has_maps(self) -> bool:
        """Whether its output can be looked at as pictures."""
        return self.kind == "convolution" and len(self.shape) == 3


def steps(network: keras.Model) -> tuple[Step, ...]:
    """List the steps of a network from input to output; their parameters sum to the network's.

    Parameters
    ----------
    network : keras.Model
        A flat functional graph; it is read, never changed.

    Raises
    ------
    ParameterError
        The network is a `Sequential` or contains another network.

    Notes
    -----
    Branches follow each other in the order of the graph.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> walk = steps(build("s1_prog_covers"))
    >>> [(step.name, step.words, step.shape) for step in walk[:3]]
    [('image', 'what it is given', (260, 260, 3)), \
('conv_1', '32 kernels of 3 x 3', (258, 258, 32)), \
('pool_1', 'the largest of each 2 x 2', (129, 129, 32))]
    >>> sum(step.n_parameters for step in walk) == build("s1_prog_covers").count_params()
    True
    """
    need_flat(network, "Only a flat functional network can be walked through.")
    found: list[Step] = []
    for layer in network.layers:
        kind = next((name for known, name in _KINDS.items() if type(layer) is known), "")
        shape = tuple(int(n or 0) for n in layer.output.shape[1:])
        n = int(layer.count_params())
        if kind:
            found.append(Step(layer.name, kind, _words(layer), shape, n))
        elif n:
            last = found.pop()
            found.append(Step(last.name, last.kind, last.words, last.shape, last.n_parameters + n))
    return tuple(found)


def untrained(network: keras.Model, *, seed: int = 0) -> keras.Model:
    """Build the same network anew with the random weights that its layers begin with.

    Networks that were trained before somebody trained them further begin there too: this is the
    network before it had seen anything at all.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> trained = build("s1_prog_covers")
    >>> fresh = untrained(trained)
    >>> bool((fresh.layers[2].kernel == trained.layers[2].kernel).numpy().all())
    False
    """
    keras.utils.set_random_seed(seed)
    return keras.models.clone_model(network)


def _words(layer: keras.Layer) -> str:
    if isinstance(layer, layers.InputLayer):
        return "what it is given"
    if isinstance(layer, layers.DepthwiseConv2D):
        return f"one kernel of {_by(layer.kernel_size)} a channel"
    if isinstance(layer, layers.Conv2D | layers.Conv1D | layers.SeparableConv2D):
        return f"{layer.filters:,} kernels of {_by(layer.kernel_size)}"
    if isinstance(layer, layers.GlobalMaxPooling2D | layers.GlobalAveragePooling2D):
        what = "largest" if isinstance(layer, layers.GlobalMaxPooling2D) else "mean"
        return f"the {what} of each whole map"
    if isinstance(layer, layers.MaxPooling2D | layers.MaxPooling1D):
        return f"the largest of each {_by(layer.pool_size)}"
    if isinstance(layer, layers.AveragePooling2D | layers.AveragePooling1D):
        return f"the mean of each {_by(layer.pool_size)}"
    if isinstance(layer, layers.Flatten):
        return "all maps as one row of numbers"
    n = layer.output.shape[-1]
    each = "units with a memory" if isinstance(layer, layers.LSTM) else "sums of all before"
    return f"{n:,} {each}"


def _by(size: tuple[int, ...]) -> str:
    return " x ".join(map(str, size))
