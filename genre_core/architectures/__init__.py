"""Every network of the studies and ours: one family a file, one table to find them."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from genre_core.architectures import efficientnet_lite, prog_covers, s2_backbones, s3_covers
from genre_core.config import Head, require
from genre_core.errors import ParameterError, describe


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What is known of a network before it is built.

    Parameters
    ----------
    name : str
        Key of `ARCHITECTURES`.
    title : str
        One line for people.
    study : str
        "S1" to "S5", or "ours".
    media : {"cover", "song"}
        What it is fed with.
    input_shape : tuple of int
        Default input, (height, width, channels).
    n_logits : int
        Width of the last layer that `n_parameters` counts.
    n_parameters : int
        Exact count with `n_logits` logits and the default input.
    head : {"softmax", "binary"}
        How the study reads the logits.
    source : str
        Where the design comes from.
    builder : callable
        `builder(n_logits=..., input_size=..., **network) -> keras.Model`.
    """

    name: str
    title: str
    study: str
    media: str
    input_shape: tuple[int, int, int]
    n_logits: int
    n_parameters: int
    head: Head
    source: str
    builder: Callable[..., keras.Model]


def _lite(variant: str, size: int, n_parameters: int) -> Architecture:
    return Architecture(
        name=f"efficientnet_lite{variant}",
        title=f"EfficientNet-Lite{variant}",
        study="ours",
        media="cover",
        input_shape=(size, size, 3),
        n_logits=1000,
        n_parameters=n_parameters,
        head="softmax",
        source="Tan and Le, arXiv 1905.11946; Lite variants by the TensorFlow TPU team",
        builder=functools.partial(efficientnet_lite.build_efficientnet_lite, variant),
    )


def _backbone(name: str, n_parameters: int) -> Architecture:
    backbone = s2_backbones.BACKBONES[name]

    return Architecture(
        name=f"s2_{name}",
        title=f"{backbone.title} with a flatten and dense head (study S2)",
        study="S2",
        media="cover",
        input_shape=(backbone.default, backbone.default, 3),
        n_logits=15,
        n_parameters=n_parameters,
        head="softmax",
        source="keras.applications, with study S2's head",
        builder=functools.partial(s2_backbones.build_backbone, name),
    )


def _s3_model(layout: str, n_parameters: int, *, size: int = 128) -> Architecture:
    return Architecture(
        name=f"s3_model_{layout}",
        title=f"Twelve genres from covers, model {layout.replace('_', '.')} (study S3)",
        study="S3",
        media="cover",
        input_shape=(size, size, 3),
        n_logits=12,
        n_parameters=n_parameters,
        head="softmax",
        source="Study S3, its printed networks",
        builder=functools.partial(s3_covers.build_s3_covers, layout),
    )


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        _lite("0", 224, 4_694_024),
        _lite("1", 240, 5_470_344),
        _lite("2", 260, 6_150_168),
        Architecture(
            name="s1_prog_covers",
            title="Prog covers against the rest (study S1)",
            study="S1",
            media="cover",
            input_shape=(260, 260, 3),
            n_logits=1,
            n_parameters=447_593,
            head="binary",
            source="Study S1, its printed layer table",
            builder=prog_covers.build_prog_covers,
        ),
        _backbone("resnet50", 49_281_935),
        _backbone("densenet169", 33_520_207),
        _backbone("inceptionv3", 55_361_327),
        _backbone("vgg16", 21_141_327),
        _s3_model("1", 3_268_428),
        _s3_model("2", 1_570_852, size=90),
        _s3_model("3", 6_499_852),
        _s3_model("4_1", 6_516_620),
        _s3_model("4_2", 3_326_412),
        _s3_model("5", 140_236),
        _s3_model("7", 3_268_428),
    )
}


def find_architecture(name: str) -> Architecture:
    """Look an architecture up by name.

    Raises
    ------
    ParameterError
        No architecture of that name; the nearest is named.

    Examples
    --------
    >>> find_architecture("s1_prog_covers").n_parameters
    447593
    """
    if name not in ARCHITECTURES:
        near = difflib.get_close_matches(name, ARCHITECTURES, n=1, cutoff=0.4)
        cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(ARCHITECTURES)}."
        raise ParameterError(
            "The architecture must be one of ARCHITECTURES.", received=describe(name), cure=cure
        )
    return ARCHITECTURES[name]


def build(
    name: str, *, n_logits: int | None = None, input_size: int | None = None, **network: Any
) -> keras.Model:
    """Build a network as a flat functional graph that ends in logits.

    Parameters
    ----------
    name : str
        Key of `ARCHITECTURES`.
    n_logits : int, optional
        Width of the layer `logits`; the architecture's own by default.
    input_size : int, optional
        Side of the square input in pixels; the architecture's own by default.
    **network
        Keyword arguments of the builder, such as `dropout` or `weights`.

    Returns
    -------
    keras.Model
        Input (batch, size, size, 3), RGB 0 to 255; output logits (batch, n_logits) [float32].

    Raises
    ------
    ParameterError
        Unknown name or setting, or a size that the network cannot take.

    Examples
    --------
    >>> build("s1_prog_covers").count_params()
    447593
    >>> build("resnet50")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: The architecture must be one of ARCHITECTURES. \
Received 'resnet50' (str). Did you mean 's2_resnet50'?
    """
    architecture = find_architecture(name)
    logits = architecture.n_logits if n_logits is None else n_logits
    require(logits >= 1, "n_logits must be at least 1.", logits, "Give the number of genres.")
    size = architecture.input_shape[0] if input_size is None else input_size
    try:
        return architecture.builder(n_logits=logits, input_size=size, **network)
    except TypeError as error:
        raise ParameterError(
            f"{name} takes only the settings of its builder.",
            received=", ".join(network) or "none",
            cure=f"Correct the table [network] ({error}).",
        ) from error
