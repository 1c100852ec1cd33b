"""Stages: every convolution is listed once, and the default is large enough to point somewhere."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from genre_core.architectures import build
from genre_core.errors import ParameterError
from genre_core.explain.stages import conv_stages, default_stage, find_stage


def test_a_stage_ends_after_the_activation_unless_a_shortcut_reads_before_it(small):
    stages = {stage.name: stage for stage in conv_stages(small())}
    assert [(s.kind, s.map_size, s.n_filters, s.output) for s in stages.values()] == [
        ("conv", (16, 16), 8, "stem_relu"),
        ("depthwise", (16, 16), 8, "depthwise_relu"),
        ("pointwise", (16, 16), 8, "project"),
        ("conv", (7, 7), 12, "wide"),
        ("conv", (1, 1), 6, "last"),
    ]
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(3, 3, padding="same", name="read_twice")(image)
    both = layers.Add()([layers.ReLU(name="relu")(x), x])
    (stage,) = conv_stages(keras.Model(image, layers.Flatten()(both)))
    assert stage.output == "read_twice"


def test_a_filter_map_is_never_followed_into_the_next_stage():
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(3, 3, activation="relu", name="first")(image)
    x = layers.ReLU(name="again")(x)
    (stage,) = conv_stages(keras.Model(image, layers.Flatten()(x)))
    assert stage.output == "first"


def test_the_default_of_s1_is_conv_5_and_its_1x1_map_is_small():
    stages = conv_stages(build("s1_prog_covers"))
    assert [s.map_size[0] for s in stages] == [258, 127, 62, 29, 13, 5, 1]
    assert [s.is_small for s in stages] == [False] * 5 + [True] * 2
    assert default_stage(build("s1_prog_covers")).name == "conv_5"


def test_the_default_of_lite_is_its_head_at_full_size_and_an_earlier_stage_at_96_px():
    full = default_stage(build("efficientnet_lite2", n_logits=2))
    assert (full.name, full.output, full.map_size) == ("head_conv", "head_relu", (9, 9))
    reduced = default_stage(build("efficientnet_lite0", n_logits=2, input_size=96))
    assert reduced.map_size == (12, 12)


@pytest.mark.parametrize(
    ("name", "stage", "map_size"),
    [
        ("msd_musicnn", "middle_3_conv", (187, 1)),
        ("mtt_vgg", "conv_5", (11, 6)),
        ("s4_a", "conv_3", (28, 146)),
        ("s4_b", "conv_4", (11, 27)),
        ("s5_cnn", "conv_6", (10, 32)),
        ("s5_cnn_han", "conv_8", (5, 16)),
    ],
)
def test_the_default_of_songs_is_long_along_one_axis_at_least(name, stage, map_size):
    found = default_stage(build(name, n_logits=2))
    assert (found.name, found.map_size, found.is_small) == (stage, map_size, False)


def test_musicnn_offers_bands_by_frames_and_lines_in_time():
    sizes = {stage.name: stage.map_size for stage in conv_stages(build("mtt_musicnn"))}
    assert sizes == {
        "timbral_1_conv": (187, 59),
        "timbral_2_conv": (187, 30),
        "temporal_1_conv": (187, 96),
        "temporal_2_conv": (187, 96),
        "temporal_3_conv": (187, 96),
        "middle_1_conv": (187, 1),
        "middle_2_conv": (187, 1),
        "middle_3_conv": (187, 1),
    }


@pytest.mark.parametrize("name", ["s5_lstm", "s5_mlp"])
def test_networks_without_convolutions_say_so(name):
    with pytest.raises(ParameterError, match=r"Received the layers .*logits"):
        conv_stages(build(name))


def test_every_convolution_of_lite0_is_a_stage_exactly_once():
    network = build("efficientnet_lite0", n_logits=2, input_size=96)
    kinds = (layers.Conv2D, layers.DepthwiseConv2D)
    expected = [layer.name for layer in network.layers if isinstance(layer, kinds)]
    stages = conv_stages(network)
    assert [stage.name for stage in stages] == expected
    assert len(expected) == 49
    assert len({stage.output for stage in stages}) == len(stages)


def test_without_a_map_of_7x7_the_last_of_the_largest_is_chosen():
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(2, 3, name="a")(image)
    x = layers.Conv2D(2, 1, name="b")(x)
    x = layers.Conv2D(2, 3, name="c")(x)
    stage = default_stage(keras.Model(image, layers.Flatten()(x)))
    assert stage.name == "b"
    assert stage.is_small


def test_a_stage_is_found_by_its_convolution_and_by_its_output(small):
    network = small()
    assert find_stage(network, "stem") == find_stage(network, "stem_relu")
    assert find_stage(network) == default_stage(network)
    with pytest.raises(ParameterError, match=r"Received 'wid'.*'wide'"):
        find_stage(network, "wid")
    with pytest.raises(ParameterError, match=r"Received ''.*Known: stem"):
        find_stage(network, "")


def _nested() -> keras.Model:
    image = keras.Input((16, 16, 3))
    inner = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(2, 3)], name="inner")
    return keras.Model(image, layers.Flatten()(inner(image)))


def _free_size() -> keras.Model:
    image = keras.Input((None, None, 3))
    return keras.Model(image, layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(image)))


def _dense() -> keras.Model:
    image = keras.Input((16, 16, 3))
    return keras.Model(image, layers.Flatten()(image))


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(2, 3)]), "a Sequential"),
        (_nested, "inner"),
        (_free_size, "None"),
        (_dense, "flatten"),
    ],
)
def test_a_network_that_cannot_be_explained_is_refused(make, received):
    with pytest.raises(ParameterError, match=f"Received .*{received}"):
        conv_stages(make())
