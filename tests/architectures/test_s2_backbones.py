"""S2's backbones: exact counts, one flat graph, RGB in, and a clear word without the internet."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from genre_core.architectures import s2_backbones
from genre_core.architectures.s2_backbones import BACKBONES, build_backbone
from genre_core.errors import CheckpointError, ParameterError

COUNTS = {
    "resnet50": 23_587_712,
    "densenet169": 12_642_880,
    "inceptionv3": 21_802_784,
    "vgg16": 14_714_688,
}
NAMES = [
    name if name == "resnet50" else pytest.param(name, marks=pytest.mark.sweep) for name in COUNTS
]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_parameters_without_the_head(name: str) -> None:
    network = build_backbone(name, n_logits=15, input_size=96, pooling="average", head_width=0)
    logits = network.get_layer("logits")
    assert network.count_params() - logits.count_params() == COUNTS[name]
    assert BACKBONES[name].n_parameters == COUNTS[name]


def test_the_head_flattens_or_averages() -> None:
    flat = build_backbone("vgg16", input_size=64, head_width=32, dropout=0.5)
    assert [layer.name for layer in flat.layers[-4:]] == ["flatten", "dense", "dropout", "logits"]
    assert flat.get_layer("flatten").output.shape == (None, 2 * 2 * 512)
    mean = build_backbone("vgg16", input_size=64, pooling="average", head_width=0)
    assert [layer.name for layer in mean.layers[-2:]] == ["pool", "logits"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_names_do_not_depend_on_what_was_built_before(name: str) -> None:
    first = [layer.name for layer in build_backbone(name, input_size=96).layers]
    again = [layer.name for layer in build_backbone(name, input_size=96).layers]
    assert first == again
    assert len(set(first)) == len(first)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("resnet50", keras.applications.resnet),
        pytest.param("densenet169", keras.applications.densenet, marks=pytest.mark.sweep),
        ("inceptionv3", keras.applications.inception_v3),
    ],
)
def test_the_first_layer_scales_as_the_weights_were_trained(name: str, module: object) -> None:
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 96, 96, 3)).astype(np.float32)
    expected = module.preprocess_input(pixels.copy())  # the second source
    if name == "resnet50":
        expected = expected[..., ::-1]  # Keras turns to BGR; here the first kernels are turned
    found = np.asarray(build_backbone(name, input_size=96).get_layer("rescale")(pixels))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_imagenet_weights_answer_as_keras_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights stand in for ImageNet's: what is tested is the turn from BGR to RGB."""
    made: list[keras.Model] = []

    def body(*, weights: str | None, include_top: bool, input_tensor: object) -> keras.Model:
        keras.utils.set_random_seed(3)
        made.append(
            keras.applications.VGG16(
                include_top=include_top, weights=None, input_tensor=input_tensor
            )
        )
        return made[-1]

    stand_in = s2_backbones.BACKBONES["vgg16"].__class__(
        title="VGG16",
        make=body,
        rescaling=BACKBONES["vgg16"].rescaling,
        first_conv="block1_conv1",
        n_parameters=1,
        smallest=32,
        default=224,
    )
    monkeypatch.setattr(s2_backbones, "BACKBONES", {"vgg16": stand_in})
    ours = build_backbone("vgg16", input_size=64, weights="imagenet", head_width=0)
    keras.utils.set_random_seed(3)
    theirs = keras.applications.VGG16(include_top=False, weights=None, input_shape=(64, 64, 3))
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    expected = theirs(keras.applications.vgg16.preprocess_input(pixels.copy()))
    inner = keras.Model(ours.input, ours.get_layer("block5_pool").output)
    np.testing.assert_allclose(inner(pixels), expected, rtol=1e-3, atol=1e-3)


def test_a_failed_download_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(**_: object) -> None:
        raise Exception("URL fetch failure")

    monkeypatch.setattr(
        s2_backbones,
        "BACKBONES",
        {
            "vgg16": s2_backbones.Backbone(
                title="VGG16", make=offline, rescaling={}, n_parameters=1, smallest=32, default=224
            )
        },
    )
    with pytest.raises(CheckpointError, match=re.escape("weights = 'none'")) as error:
        s2_backbones._body(s2_backbones.BACKBONES["vgg16"], None, "imagenet")
    assert "URL fetch failure" in str(error.value)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("resnet18", {}),
        ("inceptionv3", {"input_size": 74}),
        ("vgg16", {"input_size": 16}),
        ("vgg16", {"weights": "mine"}),
        ("vgg16", {"pooling": "max"}),
        ("vgg16", {"dropout": 1.0}),
        ("vgg16", {"head_width": -1}),
    ],
)
def test_bad_settings(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        build_backbone(name, **settings)
