"""Cut a network in two: what is frozen or shared, and what is its own."""

from __future__ import annotations

import keras

from genre_core.config import require


def cut_network(network: keras.Model, layer_name: str) -> tuple[keras.Model, keras.Model]:
    """Cut a flat network in two that share its weights: `tail(body(x))` equals `network(x)`.

    `layer_name` is the last layer of the first part; every path from input to output must run
    through it, else `ParameterError`. Training `tail` trains `network`.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> body, tail = cut_network(build("s1_prog_covers"), "pool_5")
    >>> body.output_shape, tail.output_shape
    ((None, 7, 7, 128), (None, 1))
    """
    names = [layer.name for layer in network.layers]
    require(
        layer_name in names,
        "A network is cut at one of its layers.",
        layer_name,
        f"Its layers are {names[1]} to {names[-1]}.",
    )
    cut = network.get_layer(layer_name).output
    try:
        tail = keras.Model(cut, network.output, name=f"{network.name}_tail")
    except ValueError:
        tail = None
    require(
        tail is not None,
        "A network is cut where every path runs through one layer.",
        layer_name,
        "Use the end of a block.",
    )
    return keras.Model(network.input, cut, name=f"{network.name}_body"), tail
