"""Ask two networks about one cover, layer by layer and number by number, for the first lessons."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from genre_core.errors import ParameterError
from genre_core.image.edits import CoverEdit, edit_cover
from genre_core.image.picture import Picture
from genre_core.inference.classifier import Classifier
from genre_core.lessons.first.look import SQUARES, CoverLook, Depth, Maps, Part, box_of
from genre_core.lessons.first.slide import fields

SHOWN_MAPS = 4
"""Of each layer, the strongest."""

SHOWN_PARTS = 4
"""Of each genre's score, those that add or take most."""


def look_into(stack: Classifier, head: Classifier, picture: Picture) -> CoverLook:
    """Ask `stack` what its layers make of a cover, and `head` how its answer is added up.

    Parameters
    ----------
    stack : Classifier
        Convolutions and pools, one after the other.
    head : Classifier
        Its logits are a weighted sum of means over whole maps, among other numbers.
    picture : ndarray [shape=(height, width, 3), dtype=uint8]
        The decoded cover.

    Returns
    -------
    CoverLook

    Raises
    ------
    ParameterError
        A stack that branches, or a head that is no weighted sum of means.
    """
    logits = head.classify(picture).logits
    hidden = [
        head.classify(edit_cover(picture, CoverEdit(hide=box_of(k), hide_with="mean"))).logits
        for k in range(SQUARES**2)
    ]
    parts, starts, n_numbers = _parts(head, picture)
    return CoverLook(
        depths=_depths(stack, picture),
        genres=head.card.genres,
        logits=np.asarray(logits, dtype=np.float64),
        parts=parts,
        starts=starts,
        n_numbers=n_numbers,
        hidden=np.asarray(hidden, dtype=np.float64),
    )


def chain(network: keras.Model) -> tuple[tuple[str, int, int], ...]:
    """List the convolutions and pools of an unbranched network: name, kernel and step in cells.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> chain(build("s3_model_5", n_logits=5))[:2]
    (('conv_1', 3, 1), ('pool_1', 2, 2))
    """
    found = []
    for layer in network.layers:
        if isinstance(layer.input, list) and len(layer.input) > 1:
            raise ParameterError(
                "Only a network without branches has one field of view a layer.",
                received=f"{layer.name}, which reads several layers",
                cure="Take a network of convolutions and pools by turns.",
            )
        if isinstance(layer, layers.Conv2D):
            found.append((layer.name, int(layer.kernel_size[0]), int(layer.strides[0])))
        elif isinstance(layer, layers.MaxPooling2D):
            found.append((layer.name, int(layer.pool_size[0]), int(layer.strides[0])))
    return tuple(found)


def _depths(stack: Classifier, picture: Picture) -> tuple[Depth, ...]:
    network, seen = stack.network, stack.prepare(picture)
    steps = chain(network)
    names = [name for name, _, _ in steps if isinstance(network.get_layer(name), layers.Conv2D)]
    outputs = _outputs(network, [network.get_layer(name).output for name in names], seen)
    by_name = dict(
        zip(
            [name for name, _, _ in steps],
            fields([(kernel, step) for _, kernel, step in steps]),
            strict=True,
        )
    )
    depths = []
    for name, maps in zip(names, outputs, strict=True):
        strongest = np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:SHOWN_MAPS]
        scaled = np.stack([_scaled(maps[..., k]) for k in strongest], axis=-1)
        depths.append(Depth(name, by_name[name][0], seen.shape[0], maps.shape[-1], scaled))
    return tuple(depths)


def _parts(
    head: Classifier, picture: Picture
) -> tuple[tuple[tuple[Part, ...], ...], NDArray[np.float64], int]:
    """Split each genre's score into the means of maps that weigh most; also biases, and a count."""
    network, seen = head.network, head.prepare(picture)
    last = network.layers[-1]
    if not isinstance(last, layers.Dense):
        raise ParameterError(
            "The head must be a weighted sum.",
            received=f"{type(last).__name__} as the last layer",
            cure="Take a network that ends in a dense layer.",
        )
    weights, starts = (np.asarray(w, dtype=np.float64) for w in last.get_weights())
    sources = _sources(network, len(weights))
    tensors = list({id(tensor): tensor for tensor, _ in sources.values()}.values())
    maps = dict(zip(map(id, tensors), _outputs(network, tensors, seen), strict=True))
    averages = {
        place: float(maps[id(tensor)][..., channel].mean(dtype=np.float64))
        for place, (tensor, channel) in sources.items()
    }
    places = np.array(sorted(averages))
    values = np.array([averages[place] for place in places])
    every = []
    for genre in range(weights.shape[1]):
        adds = values * weights[places, genre]
        largest = places[np.argsort(-np.abs(adds), kind="stable")[:SHOWN_PARTS]]
        every.append(
            tuple(
                Part(
                    averages[place],
                    float(weights[place, genre]),
                    _scaled(maps[id(sources[place][0])][..., sources[place][1]]),
                )
                for place in largest.tolist()
            )
        )
    return tuple(every), starts, len(weights)


def _sources(network: keras.Model, n_numbers: int) -> dict[int, tuple[Any, int]]:
    """Tell of which map each number that the head reads is the mean; of other numbers nothing."""
    given = network.layers[-1].input
    layer = given._keras_history.operation
    while isinstance(layer, layers.Dropout):
        layer = layer.input._keras_history.operation
    read = layer.input if isinstance(layer, layers.Concatenate) else [layer.output]
    sources: dict[int, tuple[Any, int]] = {}
    place = 0
    for tensor in read:
        source = tensor._keras_history.operation
        if isinstance(source, layers.Flatten):
            source = source.input._keras_history.operation
        n = int(tensor.shape[-1])
        # What is averaged after a subtraction is how far a map strays from its mean: no map's own.
        if isinstance(source, layers.GlobalAveragePooling2D) and not source.name.endswith("spread"):
            sources |= {place + k: (source.input, k) for k in range(n)}
        place += n
    if not sources or place != n_numbers:
        raise ParameterError(
            "The head must read means of whole maps.",
            received=f"{place} numbers, {len(sources)} of them means",
            cure="Take a network with a global average before its last layer.",
        )
    return sources


def _outputs(network: keras.Model, tensors: list[Any], cover: Picture) -> list[Maps]:
    part = keras.Model(network.inputs, tensors)
    given = part([cover[np.newaxis].astype(np.float32)], training=False)
    return [np.asarray(values)[0] for values in (given if len(tensors) > 1 else [given])]


def _scaled(values: Maps) -> Maps:
    low, high = float(values.min()), float(values.max())
    if high == low:
        return np.zeros_like(values, dtype=np.float32)
    return ((values - low) / (high - low)).astype(np.float32)
