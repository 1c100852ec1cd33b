"""Networks in the short notation of the tables: how large each map is, how many weights there are.

One word a layer: `C32` a convolution of 32 filters 3x3 without padding (`C32k4`: 4x4), `P` a
maximum pool 2x2 without padding, `S` the same with padding, `drop.2` dropout, `F` flatten, `D64` a
dense layer, `L64` an LSTM. The last dense layer, one number a genre, is not written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from genre_core.errors import ParameterError, describe

CHANNELS = 3
"""Red, green and blue."""

KERNEL = 3
"""Side of a kernel where a word does not say it."""

_WORD = re.compile(
    r"(?P<kind>[CDL])(?P<width>[1-9]\d*)(?:(?<=\d)k(?P<kernel>[1-9]))?"
    r"|(?P<plain>[PSF])|drop(?P<rate>0?\.\d+)"
)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a traced network.

    word: as written, or ``"out"`` for the last one
    side: height of its output map in px; 0 once the network is flat
    across: width of the map in px, the same as `side` for a square cover
    width: channels of the map, or numbers of the flat vector
    """

    word: str
    side: int
    across: int
    width: int
    n_parameters: int


def trace(layers: str, size: int | tuple[int, ...], n_outputs: int) -> list[Layer]:
    """Follow a network from its input on: one `Layer` a word, and the last dense one.

    A convolution with kernels k x k loses k - 1 px a side; a pool halves a side, rounding down
    (`P`) or up (`S`). A convolution has k * k * in * out + out weights, a dense layer
    in * out + out, an LSTM four gates of (in + out) * out + out each.

    Parameters
    ----------
    layers : str
        Words as in the head of this module.
    size : int or tuple of int
        Side of a square input of three colours in px; or (height, width, channels) of a map, or
        (numbers,) of a vector, for an LSTM those of one moment.
    n_outputs : int
        Width of the last dense layer: the genres, or 1 for a sigmoid.

    Raises
    ------
    ParameterError
        A word that is not one, an input of another form, a map that has shrunk to nothing, a dense
        layer on a map, or the other way round.

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
    traced: list[Layer] = []
    side, across, width = _start(size)
    for word in [*layers.split(), "out"]:
        match = _WORD.fullmatch(word)
        kind = "D" if word == "out" else match and (match["kind"] or match["plain"])
        if (match is None and word != "out") or (match and match["kernel"] and kind != "C"):
            raise ParameterError(
                "A layer is one of C<filters>, P, S, drop.<rate>, F, D<width> and L<width>.",
                received=describe(word),
                cure="Correct the study's file.",
            )
        if kind in ("D", "L") and side:
            raise ParameterError(
                f"Layer {word!r} needs a flat vector.",
                received=f"a map of {side} px",
                cure="Write F before the first dense layer.",
            )
        n_out = int(match["width"]) if match and match["width"] else n_outputs
        n_new = 0
        if kind == "D":
            n_new, width = width * n_out + n_out, n_out
        elif kind == "L":
            n_new, width = 4 * ((width + n_out) * n_out + n_out), n_out
        elif kind == "F":
            _shrunk(word, kind, KERNEL, side)
            side, across, width = 0, 0, side * across * width
        elif kind is not None and match is not None:
            kernel = int(match["kernel"] or KERNEL)
            side, across = (_shrunk(word, kind, kernel, length) for length in (side, across))
            if kind == "C":
                n_new, width = kernel * kernel * width * n_out + n_out, n_out
        traced.append(Layer(word, side, across, width, n_new))
    return traced


def n_parameters(layers: str, size: int | tuple[int, ...], n_outputs: int) -> int:
    """Count the weights and biases of a network that is written as `trace` takes it.

    Examples
    --------
    >>> n_parameters("C64 P C64 P C64 P C64 P F", 128, 12)
    140236
    >>> n_parameters("L205 L205", (205,), 2)
    674452
    """
    return sum(layer.n_parameters for layer in trace(layers, size, n_outputs))


def _start(size: int | tuple[int, ...]) -> tuple[int, int, int]:
    if isinstance(size, int):
        return size, size, CHANNELS
    if len(size) == 1:
        return 0, 0, size[0]
    if len(size) != 3:
        raise ParameterError(
            "An input is a side, (height, width, channels) or (numbers,).",
            received=describe(size),
            cure="Correct the study's file.",
        )
    return size[0], size[1], size[2]


def _shrunk(word: str, kind: str, kernel: int, side: int) -> int:
    smaller = {"P": side // 2, "S": -(-side // 2), "F": side}.get(kind, side - kernel + 1)
    if side == 0 or smaller < 1:
        raise ParameterError(
            f"Layer {word!r} needs a map that it leaves something of.",
            received=f"a map of {side} px" if side else "a flat vector",
            cure="Give a larger input, or fewer layers.",
        )
    return smaller
