"""Many segments through one compiled explanation: batches, and the rule of what is located."""

from __future__ import annotations

from typing import Any, get_args

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from genre_core.config import Head, require
from genre_core.errors import ParameterError, describe
from genre_core.explain.cells import Centres, stretch
from genre_core.explain.checks import check_genre
from genre_core.explain.saliency import Saliency, make_saliency
from genre_core.explain.stages import Stage

_BATCH = 16


class SegmentExplainer:
    """What every way to explain segments shares; `SongCam` and `FrameGradient` are two.

    Parameters
    ----------
    network : keras.Model
        Flat functional, one input, logits out.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.

    Raises
    ------
    ParameterError
        Another network or head, or an activation after the logits.
    """

    method = ""

    def __init__(self, network: keras.Model, head: Head) -> None:
        _check_network(network, head)
        self.network = network
        self.head: Head = head
        self.shape: tuple[int, ...] = tuple(network.inputs[0].shape[1:])
        self.stage: Stage | None = None
        self._weigh: Any = None

    def signed(
        self, inputs: NDArray[np.float32], genre_index: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Compute what speaks for the genre (above 0) and against it (below 0).

        Parameters
        ----------
        inputs : np.ndarray [shape=(n, *shape), dtype=float32]
            Segments; n may be 0.
        genre_index : int
            From 0. A binary head has two: the logit is explained for 1, its negative for 0.

        Returns
        -------
        values : np.ndarray [shape=(n, h, w), dtype=float32]
            In units of the logit, neither rectified nor scaled.
        scales : np.ndarray [shape=(n,), dtype=float32]
            Size of the terms that were summed.

        Raises
        ------
        ParameterError
            Inputs of another shape or dtype, or no such genre.
        """
        given: object = inputs  # a caller without a type checker may give anything
        fits = isinstance(given, np.ndarray) and given.shape[1:] == self.shape
        require(
            fits and inputs.ndim > 0 and inputs.dtype == np.float32,
            f"Inputs must have shape (n, {', '.join(map(str, self.shape))}) and dtype float32.",
            inputs,
            "Give the inputs of a song's Segments.",
        )
        genre = tf.constant(check_genre(self.network, self.head, genre_index), tf.int32)
        size = (self.shape[0], 1) if self.stage is None else self.stage.map_size
        values = np.empty((len(inputs), *size), np.float32)
        scales = np.empty(len(inputs), np.float32)
        for first in range(0, len(inputs), _BATCH):
            some = slice(first, first + _BATCH)
            batch = tf.constant(np.ascontiguousarray(inputs[some]))
            maps, sizes = self._weigh(batch, genre)
            values[some], scales[some] = maps.numpy(), sizes.numpy()
        return values, scales

    def explain(self, inputs: NDArray[np.float32], genre_index: int) -> list[Saliency]:
        """Rectify each segment's map and judge whether it locates anything, as for covers.

        Parameters
        ----------
        inputs, genre_index
            As for `signed`.

        Returns
        -------
        list of Saliency
            One a segment; `heat` is 0 to 1, all 0 where nothing is located.

        Raises
        ------
        ParameterError
            As `signed`.
        GenreError
            A map is not finite.
        """
        values, scales = self.signed(inputs, genre_index)
        name = "" if self.stage is None else self.stage.name
        return [
            make_saliency(
                each, method=self.method, stage=name, genre_index=int(genre_index), scale=scale
            )
            for each, scale in zip(values, scales.tolist(), strict=True)
        ]

    @property
    def centres(self) -> Centres:
        """Where the maps' cells lie among the input's, on its first and second axis."""
        return np.arange(self.shape[0], dtype=np.float64), np.zeros(1)

    def maps(
        self, inputs: NDArray[np.float32], genre_index: int
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Give each segment's map on the input's own axes.

        Parameters
        ----------
        inputs, genre_index
            As for `signed`.

        Returns
        -------
        heat : np.ndarray [shape=(n, *shape[:2]), dtype=float32]
            Each scaled to 0 to 1 by its own range before it is stretched (`cells.stretch`).
        located : np.ndarray [shape=(n,), dtype=bool]
            False where a map is the same everywhere; its heat is 0.

        Raises
        ------
        ParameterError, GenreError
            As `explain`.
        """
        found = self.explain(inputs, genre_index)
        located = np.array([each.is_located for each in found], dtype=bool)
        size = (self.shape[0], self.shape[1])
        if not found:
            return np.empty((0, *size), np.float32), located
        heat = np.stack([each.heat for each in found])
        return stretch(heat, self.centres, size), located


def _check_network(network: keras.Model, head: Head) -> None:
    shapes_out = [tuple(tensor.shape) for tensor in network.outputs]
    if len(network.inputs) != 1 or len(shapes_out) != 1 or len(shapes_out[0]) != 2:
        raise ParameterError(
            "A song's network must turn (batch, ...) into (batch, n_logits).",
            received=f"{len(network.inputs)} inputs and outputs {shapes_out}",
            cure="Choose a network for songs.",
        )
    n_logits = shapes_out[0][1]
    if head not in get_args(Head) or (head == "binary") != (n_logits == 1):
        raise ParameterError(
            "A binary head has exactly one logit; softmax and multilabel have one for each genre.",
            received=f"head {head!r} with {n_logits} logits",
            cure="Take the head from the network's card.",
        )
    last = next(layer for layer in network.layers if layer.output is network.outputs[0])
    linear = keras.activations.linear
    if isinstance(last, layers.Softmax) or getattr(last, "activation", linear) is not linear:
        raise ParameterError(
            "A network is explained through its logits, where nothing saturates.",
            received=f"an activation at its last layer {describe(last.name)}",
            cure="Leave the activation out and apply it outside the network.",
        )
