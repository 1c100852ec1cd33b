"""Every network of the studies and ours: one family a file, one table to find them."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras

from genre_core.architectures import (
    efficientnet_lite,
    musicnn,
    prog_covers,
    s2_backbones,
    s3_covers,
)
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
        Default input without the batch: (size, size, 3) of a cover, `SongInput.shape` of a song.
    n_logits : int
        Width of the last layer that `n_parameters` counts.
    n_parameters : int
        Exact count with `n_logits` logits and the default input.
    head : {"softmax", "binary", "multilabel"}
        How the study reads the logits.
    source : str
        Where the design comes from.
    builder : callable
        `builder(n_logits=..., input_size=..., **network) -> keras.Model` for covers, and
        `builder(n_logits=..., input_shape=..., **network)` for songs.
    """

    name: str
    title: str
    study: str
    media: Literal["cover", "song"]
    input_shape: tuple[int, ...]
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


def _musicnn(trained: str, n_parameters: int) -> Architecture:
    build_tagger = musicnn.build_musicnn_vgg if "vgg" in trained else musicnn.build_musicnn
    tags = "Last.fm's" if trained.startswith("MSD") else "TagATune's"

    return Architecture(
        name=trained.lower(),
        title=f"musicnn's tagger {trained}: {tags} 50 tags of 3 s of a song",
        study="ours",
        media="song",
        input_shape=(musicnn.N_FRAMES, musicnn.N_MELS),
        n_logits=50,
        n_parameters=n_parameters,
        head="multilabel",
        source="Pons and Serra, arXiv 1909.06654, as stored with musicnn 0.1.0",
        builder=functools.partial(build_tagger, trained),
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
        _musicnn("MSD_musicnn", 792_079),
        _musicnn("MTT_musicnn", 792_079),
        _musicnn("MSD_vgg", 607_030),
        _musicnn("MTT_vgg", 607_030),
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
    found = tuple(shape)
    require(
        len(found) == len(own) and (not is_cover or (found[0] == found[1] and found[2] == 3)),
        f"input_shape must be {'(size, size, 3)' if is_cover else f'like {own}'} "
        f"for {architecture.name}.",
        found,
        f"Its own is {own}.",
    )
    return found
