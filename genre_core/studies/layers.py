"""Networks in the short notation of the tables: how large each map is, how many weights there are.

One word a layer: `C32` a convolution of 32 filters 3x3 without padding, `P` a maximum pool 2x2
without padding, `S` the same with padding, `drop.2` dropout, `F` flatten, `D64` a dense layer. The
last dense layer, one number a genre, is not written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from genre_core.errors import ParameterError, describe

CHANNELS = 3
"""Red, green and blue."""

_WORD = re.compile(r"(?P<kind>[CD])(?P<width>[1-9]\d*)|(?P<plain>[PSF])|drop(?P<rate>0?\.\d+)")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a traced network.

    Parameters
    ----------
    word : str
        As written, or ``"out"`` for the last one.
    side : int
        Of its square output map in px; 0 once the network is flat.
    width : int
        Channels of the map, or numbers of the flat vector.
    n_parameters : int
        Weights and biases.
    """

    word: str
    side: int
    width: int
    n_parameters: int


def trace(layers: str, size: int, n_outputs: int) -> list[Layer]:
    """Follow a network from its input to its last dense layer.

    A convolution loses 2 px a side; a pool halves a side, rounding down (`P`) or up (`S`). A
    convolution has 9 * in * out + out weights, a dense layer in * out + out.

    Parameters
    ----------
    layers : str
        Words as in the head of this module.
    size : int
        Side of the square input in px.
    n_outputs : int
        Width of the last dense layer: the genres, or 1 for a sigmoid.

    Returns
    -------
    list of Layer
        One a word, and the last dense layer.

    Raises
    ------
    ParameterError
        A word that is not one, a map that has shrunk to nothing, a dense layer on a map, or the
        other way round.

    Examples
    --------
    >>> [(layer.word, layer.side, layer.width) for layer in trace("C32 P F", 9, 2)]
    [('C32', 7, 32), ('P', 3, 32), ('F', 0, 288), ('out', 0, 2)]
    >>> trace("C32 P", 9, 2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Layer 'out' needs a flat vector. Received a map of 3 px. \
Write F before the first dense layer.
    """
    found: list[Layer] = []
    side, width = size, CHANNELS
    for word in [*layers.split(), "out"]:
        match = _WORD.fullmatch(word)
        if match is None and word != "out":
            raise ParameterError(
                "A layer is one of C<filters>, P, S, drop.<rate>, F and D<width>.",
                received=describe(word),
                cure="Correct the study's file.",
            )
        is_dense = match is None or match["kind"] == "D"
        if is_dense and side:
            raise ParameterError(
                f"Layer {word!r} needs a flat vector.",
                received=f"a map of {side} px",
                cure="Write F before the first dense layer.",
            )
        n_new = 0
        if is_dense:
            n_out = n_outputs if match is None else int(match["width"])
            n_new = width * n_out + n_out
            width = n_out
        elif match is not None and match["rate"] is None:
            before = width
            side, width = _shrunk(match, word, side, width)
            n_new = 9 * before * width + width if match["kind"] == "C" else 0
        found.append(Layer(word, side, width, n_new))
    return found


def n_parameters(layers: str, size: int, n_outputs: int) -> int:
    """Count the weights and biases of a network.

    Parameters
    ----------
    layers, size, n_outputs
        As `trace` takes them.

    Examples
    --------
    >>> n_parameters("C64 P C64 P C64 P C64 P F", 128, 12)
    140236
    """
    return sum(layer.n_parameters for layer in trace(layers, size, n_outputs))


def _shrunk(match: re.Match[str], word: str, side: int, width: int) -> tuple[int, int]:
    smaller = {"P": side // 2, "S": -(-side // 2), "F": side}.get(word, side - 2)
    if side == 0 or smaller < 1:
        raise ParameterError(
            f"Layer {word!r} needs a map that it leaves something of.",
            received=f"a map of {side} px" if side else "a flat vector",
            cure="Give a larger input, or fewer layers.",
        )
    if word == "F":
        return 0, side * side * width
    return smaller, width if match["width"] is None else int(match["width"])
