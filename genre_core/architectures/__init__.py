"""Every network of the studies and ours: one family a file, one table to find them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from genre_core.architectures.registry import ARCHITECTURES, Architecture
from genre_core.config import Experiment, require
from genre_core.errors import ParameterError, describe, did_you_mean

__all__ = ["ARCHITECTURES", "Architecture", "build", "build_recipe", "find_architecture"]


def find_architecture(name: str) -> Architecture:
    """Look an architecture up by name; `ParameterError` names the nearest.

    Examples
    --------
    >>> find_architecture("s1_prog_covers").n_parameters
    447593
    """
    if name not in ARCHITECTURES:
        raise ParameterError(
            "The architecture must be one of ARCHITECTURES.",
            received=describe(name),
            cure=did_you_mean(name, ARCHITECTURES),
        )
    return ARCHITECTURES[name]


def build(
    name: str,
    *,
    n_logits: int | None = None,
    input_size: int | None = None,
    input_shape: Sequence[int] | None = None,
    **network: Any,
) -> keras.Model:
    """Build a network as a flat functional graph that ends in logits.

    Parameters
    ----------
    name : str
        Key of `ARCHITECTURES`.
    n_logits : int, optional
        Width of the layer `logits`; the architecture's own by default.
    input_size : int, optional
        For covers: side of the square input in pixels.
    input_shape : sequence of int, optional
        For both: the input without its batch, as `shape` of a `CoverInput` or `SongInput` gives
        it. The architecture's own by default.
    **network
        Keyword arguments of the builder, such as `dropout` or `weights`.

    Returns
    -------
    keras.Model
        Input (batch, *input_shape): of a cover RGB 0 to 255, of a song the features as its
        `SongInput` scales them. Output logits (batch, n_logits) [float32].

    Raises
    ------
    ParameterError
        Unknown name or setting, or an input that the network cannot take.
    CheckpointError
        Weights of others that are not installed, or do not fit.

    Examples
    --------
    >>> build("s1_prog_covers").count_params()
    447593
    >>> build("msd_musicnn", n_logits=2, input_shape=(100, 96)).output_shape
    (None, 2)
    >>> build("resnet50")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: The architecture must be one of ARCHITECTURES. \
    Received 'resnet50' (str). Did you mean 's2_resnet50'?
    """
    architecture = find_architecture(name)
    logits = architecture.n_logits if n_logits is None else n_logits
    require(logits >= 1, "n_logits must be at least 1.", logits, "Give the number of genres.")
    shape = _input_shape(architecture, input_size, input_shape)
    place = {"input_size": shape[0]} if architecture.media == "cover" else {"input_shape": shape}
    try:
        return architecture.builder(n_logits=logits, **place, **network)
    except TypeError as error:
        raise ParameterError(
            f"{name} takes only the settings of its builder.",
            received=", ".join(network) or "none",
            cure=f"Correct the table [network] ({error}).",
        ) from error


def build_recipe(experiment: Experiment) -> keras.Model:
    """Build the network of a recipe, with new weights or those that it starts from."""
    return build(
        experiment.architecture,
        n_logits=experiment.task.n_logits,
        input_shape=experiment.input.shape,
        **experiment.network,
    )


def _input_shape(
    architecture: Architecture, size: int | None, shape: Sequence[int] | None
) -> tuple[int, ...]:
    own = architecture.input_shape
    is_cover = architecture.media == "cover"
    require(
        size is None or (is_cover and shape is None),
        "input_size is the side of a cover, given without input_shape.",
        size,
        f"Give input_shape alone, such as {own} for {architecture.name}.",
    )
    if size is not None:
        return (size, size, 3)
    if shape is None:
        return own
    wanted = tuple(shape)
    require(
        len(wanted) == len(own) and (not is_cover or (wanted[0] == wanted[1] and wanted[2] == 3)),
        f"input_shape must be {'(size, size, 3)' if is_cover else f'like {own}'} "
        f"for {architecture.name}.",
        wanted,
        f"Its own is {own}.",
    )
    return wanted
