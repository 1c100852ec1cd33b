"""Maps of songs' segments: they light what the logit depends on, many at once as one by one."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tf_keras_vis.gradcam import Gradcam

from genre_core.architectures import build
from genre_core.config import PAD
from genre_core.errors import GenreError, ParameterError
from genre_core.explain.cam import Cam, has_maps
from genre_core.explain.saliency import normalise
from genre_core.explain.stages import song_stages
from tests.explain.made_song_networks import (
    N_BANDS,
    N_FRAMES,
    deep_network,
    random_segments,
    region_network,
)

EVERYTHING = slice(None)
ONES = np.ones((2, N_FRAMES, N_BANDS, 1), np.float32)


@pytest.mark.parametrize(
    ("frames", "bands"),
    [(slice(5, 9), EVERYTHING), (EVERYTHING, slice(11, 14)), (slice(20, 24), slice(0, 3))],
    ids=["a stretch of time", "a band", "a corner"],
)
@pytest.mark.parametrize(("n_logits", "head"), [(2, "softmax"), (2, "multilabel"), (1, "binary")])
def test_a_logit_of_one_region_lights_that_region_and_nothing_else(frames, bands, n_logits, head):
    cam = Cam(region_network(frames, bands, n_logits=n_logits), head, "conv")
    heat, located = cam.maps(ONES, genre_index=1)
    assert located.all()
    inside = np.zeros((N_FRAMES, N_BANDS))
    inside[frames, bands] = 1
    for each in heat:
        np.testing.assert_array_equal(each, inside)


def test_the_other_genre_of_a_binary_head_is_the_negative():
    network = deep_network(1)
    cam = Cam(network, "binary", "first")
    prog, other = (cam.signed(random_segments(3), genre)[0] for genre in (1, 0))
    assert prog.max() > 0 > prog.min()
    np.testing.assert_array_equal(prog, -other)
    assert (network(random_segments(1)).numpy() != 0).all()
    # The positive logit is genre 1: raising it lights what raises it.
    region = Cam(region_network(slice(0, 4), EVERYTHING, n_logits=1), "binary", "conv")
    assert region.maps(ONES, 1)[1].all()
    assert not region.maps(ONES, 0)[1].any()


@pytest.mark.parametrize("stage", ["first", "tall", "long", "joined"])
def test_many_at_once_are_the_same_as_one_by_one(stage):
    inputs = random_segments(37)
    cam = Cam(deep_network(), "softmax", stage)
    heat, located = cam.maps(inputs, 2)
    assert heat.shape == (37, N_FRAMES, N_BANDS)
    assert located.any()
    for place, each in enumerate(inputs):
        alone, alone_located = cam.maps(each[np.newaxis], 2)
        assert alone_located[0] == located[place]
        np.testing.assert_allclose(alone[0], heat[place], atol=1e-5)


def test_the_order_of_segments_does_not_matter():
    inputs = random_segments(20)
    cam = Cam(deep_network(), "softmax")
    forward, backward = cam.maps(inputs, 0)[0], cam.maps(inputs[::-1], 0)[0]
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-5)


@pytest.mark.parametrize("stage", ["first", "tall", "long", "joined"])
def test_it_equals_tf_keras_vis(stage):
    network, inputs = deep_network(), random_segments(4)
    cam = Cam(network, "softmax", stage)
    compared = 0
    for genre_index in range(3):
        found = cam.explain_all(inputs, genre_index)
        theirs = Gradcam(keras.Model(network.inputs, network.outputs), clone=True)(
            lambda logits, g=genre_index: logits[:, g],
            inputs,
            penultimate_layer=cam.stage.output,
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
        for ours, reference in zip(found, np.asarray(theirs), strict=True):
            np.testing.assert_allclose(ours.map, reference, atol=1e-5 * max(reference.max(), 1e-3))
            if ours.is_located:
                np.testing.assert_allclose(ours.heat, normalise(reference), atol=1e-5)
                compared += 1
    assert compared >= 4


def test_a_map_that_is_the_same_everywhere_is_no_location():
    cam = Cam(region_network(EVERYTHING, EVERYTHING), "softmax", "conv")
    heat, located = cam.maps(ONES, 1)
    assert not located.any()
    assert not heat.any()
    assert {each.reason for each in cam.explain_all(ONES, 1)} == {"the map is the same everywhere"}


def test_each_segment_is_judged_by_itself():
    inputs = np.concatenate([ONES[:1], np.zeros_like(ONES[:1]), 3 * ONES[:1]])
    heat, located = Cam(region_network(slice(0, 6), EVERYTHING), "softmax", "conv").maps(inputs, 1)
    assert located.tolist() == [True, False, True]
    np.testing.assert_array_equal(heat[0], heat[2])
    assert not heat[1].any()


def test_it_runs_as_in_inference_and_leaves_the_network_alone():
    network = deep_network()
    before = [weights.copy() for weights in network.get_weights()]
    cam = Cam(network, "softmax", "first")
    first, again = (cam.signed(random_segments(3), 0)[0] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_no_segments_give_no_maps():
    cam = Cam(deep_network(), "softmax")
    heat, located = cam.maps(random_segments(0), 0)
    assert (heat.shape, located.shape) == ((0, N_FRAMES, N_BANDS), (0,))


def test_overlapping_views_of_one_array_are_read():
    flat = random_segments(1, (N_FRAMES * 2, N_BANDS))[0]
    views = np.lib.stride_tricks.sliding_window_view(flat, N_FRAMES, axis=0).swapaxes(1, 2)
    cam = Cam(deep_network(shape=(N_FRAMES, N_BANDS)), "softmax", "first")
    heat, _ = cam.maps(views, 1)
    np.testing.assert_allclose(heat, cam.maps(views.copy(), 1)[0], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "n_stages", "default", "map_size"),
    [
        ("s5_cnn", 6, "conv_6", (10, 32)),
        ("s5_cnn_han", 8, "conv_8", (5, 16)),
        ("s4_a", 3, "conv_3", (28, 146)),
        ("s4_b", 4, "conv_4", (11, 27)),
        ("msd_musicnn", 9, "middle", (187, 1)),
        ("msd_vgg", 5, "conv_5", (11, 6)),
        ("s5_lstm", 0, "", None),
        ("s5_mlp", 0, "", None),
    ],
)
def test_stages_of_every_network_of_songs(name, n_stages, default, map_size):
    network = build(name, n_logits=2)
    stages = song_stages(network)
    assert len(stages) == n_stages
    assert len({stage.name for stage in stages}) == n_stages
    if n_stages:
        cam = Cam(network, "softmax")
        assert (cam.stage.name, cam.stage.map_size) == (default, map_size)


def test_musicnn_s_last_map_holds_what_its_last_convolution_misses():
    keras.utils.set_random_seed(0)
    network = build("msd_musicnn", n_logits=2)
    kernel, bias = network.get_layer("middle_3_conv").get_weights()
    network.get_layer("middle_3_conv").set_weights([0 * kernel, 0 * bias])
    inputs = np.abs(random_segments(2, (187, 96)))
    assert not Cam(network, "softmax", "middle_3_conv").maps(inputs, 0)[1].any()
    found = [Cam(network, "softmax").maps(inputs, genre)[1].all() for genre in (0, 1)]
    assert any(found)


def test_slopes_of_frames_are_the_change_of_a_linear_network():
    song = keras.Input((12, 5))
    logits = layers.Dense(2, name="logits")(layers.Flatten()(song))
    network = keras.Model(song, logits)
    inputs = random_segments(20, (12, 5))
    values, _ = Cam(network, "softmax").signed(inputs, 1)
    assert values.shape == (20, 12, 1)
    whole = network(inputs).numpy()[:, 1]
    for t in range(12):
        without = inputs.copy()
        without[:, t] = 0
        np.testing.assert_allclose(
            values[:, t, 0], whole - network(without).numpy()[:, 1], atol=1e-5
        )


def test_slopes_of_an_lstm_are_the_tape_s_and_padding_has_none():
    keras.utils.set_random_seed(0)
    network = build("s5_lstm", input_shape=(10, 4))
    inputs = random_segments(3, (10, 4))
    inputs[2, 6:] = PAD
    found = Cam(network, "softmax").signed(inputs, 0)[0][:, :, 0]
    x = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = network(x, training=False)[:, 0]
    np.testing.assert_allclose(found, (tape.gradient(score, x) * x).numpy().sum(-1), atol=1e-6)
    assert not found[2, 6:].any()
    assert found[2, :6].all()
    assert found[:2].all()


def test_the_method_fits_the_network():
    assert Cam(build("s5_cnn"), "softmax", "conv_4").stage.name == "conv_4"
    frames = Cam(build("s5_lstm", input_shape=(5, 205)), "softmax")
    assert frames.stage is None
    assert frames.explain(random_segments(1, (5, 205))[0], 0).method == "gradient x input"
    assert not has_maps(build("s5_mlp"))


@pytest.mark.parametrize("method", ["gradcam++", "layercam", "smoothgrad", "scorecam"])
def test_every_method_of_covers_explains_segments_too(method):
    cam = Cam(deep_network(), "softmax", "first")
    found = cam.explain_all(random_segments(2), 1, method=method)
    size = (N_FRAMES, N_BANDS) if method == "smoothgrad" else cam.stage.map_size
    assert [each.map.shape for each in found] == [size, size]
    assert all(np.isfinite(each.map).all() and each.is_located for each in found)


def test_weights_that_are_not_finite_are_named():
    network = deep_network()
    kernel, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([kernel * np.inf, bias])
    with pytest.raises(GenreError, match="Received"):
        Cam(network, "softmax").explain_all(random_segments(2), 0)


@pytest.mark.parametrize(
    ("inputs", "genre_index"),
    [
        (random_segments(2).astype(np.float64), 0),
        (random_segments(2)[..., 0], 0),
        (random_segments(1)[0], 0),
        ("song.ogg", 0),
        (random_segments(2), 3),
        (random_segments(2), -1),
        (random_segments(2), "rock"),
    ],
)
def test_bad_segments_and_genres_are_refused(inputs, genre_index):
    with pytest.raises(ParameterError, match="Received"):
        Cam(deep_network(), "softmax").maps(inputs, genre_index)


def _with_sigmoid():
    network = deep_network(1)
    return keras.Model(network.inputs, layers.Activation("sigmoid")(network.outputs[0]))


@pytest.mark.parametrize(
    ("make", "head", "stage"),
    [
        (lambda: deep_network(3), "binary", None),
        (lambda: deep_network(1), "softmax", None),
        (lambda: deep_network(3), "sigmoid", None),
        (lambda: deep_network(3), "softmax", "pool"),
        (_with_sigmoid, "binary", None),
        (lambda: build("s5_lstm", input_shape=(5, 205)), "softmax", "conv_1"),
        (lambda: keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3)]), "softmax", None),
    ],
)
def test_networks_that_cannot_be_explained_are_refused(make, head, stage):
    with pytest.raises(ParameterError, match="Received"):
        Cam(make(), head, stage)


def test_a_network_without_a_place_to_show_and_methods_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match=r"Received .*s5_mlp"):
        Cam(build("s5_mlp"), "softmax")
    with pytest.raises(ParameterError, match="Received 'gradient x input'"):
        Cam(deep_network(2), "softmax").explain_all(
            random_segments(1), 0, method="gradient x input"
        )
    frames = Cam(build("s5_lstm", input_shape=(5, 205)), "softmax")
    for method in ("gradcam", "layercam"):
        with pytest.raises(ParameterError, match="Received s5_lstm"):
            frames.explain(random_segments(1, (5, 205))[0], 0, method=method)
