"""Study S2: four well-known backbones with a flatten and dense head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import keras
from keras import layers

from genre_core.architectures.checks import need_one_of, need_rate
from genre_core.config import require
from genre_core.errors import CheckpointError

# What ImageNet's weights were trained on, as (scale, offset) of pixels 0 to 255 in RGB order.
_CENTRED: dict[str, Any] = {"scale": 1.0, "offset": [-123.68, -116.779, -103.939]}
_STANDARD: dict[str, Any] = {
    "scale": [1 / (255 * s) for s in (0.229, 0.224, 0.225)],
    "offset": [-m / s for m, s in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))],
}
_SIGNED: dict[str, Any] = {"scale": 1 / 127.5, "offset": -1.0}


@dataclass(frozen=True, slots=True)
class Backbone:
    """One of Keras's networks without its top.

    `rescaling` are the arguments of the first layer; `n_parameters` counts without the top;
    `default` is the side the paper uses and `smallest` the least that works, in pixels;
    `first_conv` reads the picture where ImageNet's weights expect BGR.
    """

    title: str
    make: Callable[..., keras.Model]
    rescaling: Mapping[str, Any]
    n_parameters: int
    default: int = 224
    smallest: int = 32
    first_conv: str = ""


_KERAS = keras.applications

BACKBONES: Mapping[str, Backbone] = {
    "resnet50": Backbone(
        "ResNet-50", _KERAS.ResNet50, _CENTRED, 23_587_712, first_conv="conv1_conv"
    ),
    "densenet169": Backbone("DenseNet169", _KERAS.DenseNet169, _STANDARD, 12_642_880),
    "inceptionv3": Backbone("InceptionV3", _KERAS.InceptionV3, _SIGNED, 21_802_784, 299, 75),
    "vgg16": Backbone("VGG16", _KERAS.VGG16, _CENTRED, 14_714_688, first_conv="block1_conv1"),
}


def build_backbone(
    name: str,
    *,
    n_logits: int = 15,
    input_size: int = 224,
    weights: Literal["none", "imagenet"] = "none",
    pooling: Literal["flatten", "average"] = "flatten",
    head_width: int = 256,
    dropout: float = 0.0,
) -> keras.Model:
    """Build a backbone with S2's head as one flat graph.

    ===================  ==================================================================
    layers               block
    ===================  ==================================================================
    rescale              pixels 0 to 255 to what ImageNet's weights were trained on
    (Keras's own names)  the backbone without its top
    flatten | pool       all values of the last map, or their average
    dense, dropout       Dense `head_width` relu; left out where `head_width` is 0
    logits               Dense `n_logits`
    ===================  ==================================================================

    Parameters
    ----------
    name : str
        Key of `BACKBONES`.
    n_logits : int
        15 in the study (softmax).
    input_size : int
        Side of the input in pixels. Ours: the study is silent.
    weights : {"none", "imagenet"}
        Random, or ImageNet's as Keras downloads them once. Ours: the study is silent.
    pooling : {"flatten", "average"}
        The study flattens.
    head_width : int
        Ours: the study says "dense layers" without a width.
    dropout : float
        After `dense`, in [0, 1).

    Returns
    -------
    keras.Model
        Input shape (batch, size, size, 3), RGB 0 to 255. Output shape (batch, n_logits).

    Notes
    -----
    **Source**: He et al. (arXiv 1512.03385), Huang et al. (1608.06993), Szegedy et al.
    (1512.00567), Simonyan and Zisserman (1409.1556), as in `keras.applications`. Difference:
    ResNet-50 and VGG16 were trained on BGR; here their first kernels are turned instead, so that
    every network of this library takes RGB.

    Examples
    --------
    >>> build_backbone("vgg16", n_logits=5, input_size=64, pooling="average").output_shape
    (None, 5)
    >>> build_backbone("inceptionv3", input_size=64)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: input_size must be at least 75 px for InceptionV3. \
Received 64 (int). Use 299 as in its paper.
    """
    need_one_of("name", name, BACKBONES, "Choose one.")
    backbone = BACKBONES[name]
    require(
        input_size >= backbone.smallest,
        f"input_size must be at least {backbone.smallest} px for {backbone.title}.",
        input_size,
        f"Use {backbone.default} as in its paper.",
    )
    need_one_of("weights", weights, ("none", "imagenet"), "Use 'none' to train from scratch.")
    need_one_of("pooling", pooling, ("flatten", "average"), "The study flattens.")
    need_rate("dropout", dropout)
    require(head_width >= 0, "head_width must be at least 0.", head_width, "Give 0 for none.")
    image = keras.Input((input_size, input_size, 3), name="image")
    x = layers.Rescaling(**backbone.rescaling, name="rescale")(image)
    body = _body(backbone, x, weights)
    _name_layers(body)
    x = body.output
    if pooling == "flatten":
        x = layers.Flatten(name="flatten")(x)
    else:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    if head_width:
        x = layers.Dense(head_width, activation="relu", name="dense")(x)
        if dropout:
            x = layers.Dropout(dropout, name="dropout")(x)
    logits = layers.Dense(n_logits, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name=f"s2_{name}")


def _body(backbone: Backbone, x: Any, weights: str) -> keras.Model:
    settings: dict[str, Any] = {"include_top": False, "input_tensor": x}
    if weights == "none":
        return backbone.make(weights=None, **settings)
    try:
        body = backbone.make(weights="imagenet", **settings)
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise CheckpointError(
            f"ImageNet's weights of {backbone.title} must be in Keras's cache or downloadable.",
            received=str(error)[:200],
            cure="Connect to the internet once, or set weights = 'none' to train from scratch.",
        ) from error
    if backbone.first_conv:
        conv = body.get_layer(backbone.first_conv)
        kernel, *bias = conv.get_weights()
        conv.set_weights([kernel[:, :, ::-1, :], *bias])  # (3, 3, BGR -> RGB, n_filters)
    return body


def _name_layers(body: keras.Model) -> None:
    """Name by place what Keras only numbers, whatever was built before."""
    kinds = {"conv2d": "conv", "batch_normalization": "norm", "activation": "relu"}
    kinds |= {"max_pooling2d": "max_pool", "average_pooling2d": "average_pool"}
    kinds |= {"concatenate": "concatenate", "zero_padding2d": "padding"}
    counts = dict.fromkeys(kinds, 0)
    for layer in body.layers:
        kind, _, number = layer.name.rpartition("_")
        if not number.isdigit():
            kind = layer.name
        if kind in kinds:
            counts[kind] += 1
            layer.name = f"{kinds[kind]}_{counts[kind]}"
