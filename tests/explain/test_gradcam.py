"""Grad-CAM: it lights what the logit depends on, and equals tf-keras-vis."""

from __future__ import annotations

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tf_keras_vis.gradcam import Gradcam

from genre_core.architectures import build
from genre_core.errors import ParameterError
from genre_core.explain.cam import MAX_STAGES, Cam
from genre_core.explain.saliency import normalise


def _quadrant(values: np.ndarray, k: int) -> np.ndarray:
    """Take quadrant k, counted row by row from the top left."""
    half = values.shape[0] // 2
    row, column = divmod(k, 2)
    return values[row * half : (row + 1) * half, column * half : (column + 1) * half]


def _signed(cam: Cam, cover: np.ndarray, stage: str, genre_index: int) -> np.ndarray:
    [values], _ = cam.signed(cover[np.newaxis], genre_index, stage=stage)
    return values


def _reference(network, cover, stage, score):
    """Grad-CAM of tf-keras-vis, rectified, at the stage's resolution."""
    served = keras.Model(list(network.inputs), list(network.outputs))
    values = Gradcam(served, clone=True)(
        score,
        cover[np.newaxis].astype(np.float32),
        penultimate_layer=stage.output,
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
    )
    return np.asarray(values)[0]


@pytest.mark.parametrize("genre_index", range(4))
def test_a_logit_that_depends_on_one_quadrant_lights_that_quadrant(quadrants, white, genre_index):
    found = Cam(quadrants(4), "softmax").explain(white, stage="conv", genre_index=genre_index)
    assert found.is_located
    assert _quadrant(found.heat, genre_index).min() == 1
    assert found.heat.sum() == _quadrant(found.heat, genre_index).size


def test_the_two_genres_of_a_binary_head_are_opposites(quadrants, white, small, noise):
    explainer = Cam(quadrants(1), "binary")
    first, second = (explainer.explain(white, stage="conv", genre_index=g) for g in (0, 1))
    assert _quadrant(first.heat, 0).min() == 1
    assert _quadrant(second.heat, 1).min() == 1
    other = Cam(small(1), "binary")
    signed = [_signed(other, noise(), "wide", g) for g in (0, 1)]
    assert np.abs(signed[0]).max() > 0
    np.testing.assert_array_equal(signed[0], -signed[1])


def test_a_multilabel_head_explains_one_logit_a_genre(quadrants, white):
    explainer = Cam(quadrants(4), "multilabel")
    assert _quadrant(explainer.explain(white, stage="conv", genre_index=2).heat, 2).min() == 1


def test_a_1x1_map_locates_nothing(small, noise):
    found = Cam(small(), "softmax").explain(noise(), stage="last", genre_index=0)
    assert found.map.shape == (1, 1)
    assert not found.is_located
    assert not found.heat.any()


def test_s1_s_last_map_is_the_trap_and_its_default_is_not():
    cover = np.random.default_rng(0).integers(0, 256, (260, 260, 3), dtype=np.uint8)
    explainer = Cam(build("s1_prog_covers"), "binary")
    trap = explainer.explain(cover, stage="conv_7", genre_index=1)
    assert (trap.map.shape, trap.is_located) == ((1, 1), False)
    either = [explainer.explain(cover, genre_index=g) for g in (0, 1)]
    assert {found.stage for found in either} == {"conv_5"}
    assert any(found.is_located for found in either)


def test_dead_relus_locate_nothing(small, noise):
    network = small()
    kernel, bias = network.get_layer("wide").get_weights()
    network.get_layer("wide").set_weights([kernel, bias - 1e6])
    found = Cam(network, "softmax").explain(noise(), stage="wide", genre_index=1)
    assert not found.is_located
    assert "reaches" in found.reason


def test_a_cover_without_structure_is_no_location_even_with_rounding_noise():
    image = keras.Input((32, 32, 3))
    x = layers.Conv2D(64, 3, activation="relu", name="conv", bias_initializer="ones")(image)
    network = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    plain = np.full((32, 32, 3), 77, dtype=np.uint8)
    explainer = Cam(network, "softmax")
    for genre_index in (0, 1):
        assert not explainer.explain(plain, stage="conv", genre_index=genre_index).is_located


def test_a_saturated_sigmoid_has_no_gradient_where_its_logit_has_one(quadrants, white):
    """S1's zero gradients, made on purpose: the same network, explained before and after."""
    network = quadrants(1)
    answer, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([answer, bias + 200])
    squashed = keras.Model(network.inputs, layers.Activation("sigmoid")(network.outputs[0]))
    pixels = tf.constant(white[np.newaxis], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        probability = squashed([pixels])
    assert not np.any(tape.gradient(probability, pixels).numpy())
    assert Cam(network, "binary").explain(white, stage="conv", genre_index=1).is_located
    with pytest.raises(ParameterError, match="Received 'sigmoid'"):
        Cam(squashed, "binary")


@pytest.mark.parametrize("stage_name", ["stem", "depthwise", "project", "wide"])
def test_it_equals_tf_keras_vis_on_a_small_network(small, noise, stage_name):
    network, cover = small(), noise()
    explainer = Cam(network, "softmax")
    stage = next(s for s in explainer.stages if s.name == stage_name)
    for genre_index in range(3):
        ours = explainer.explain(cover, stage=stage_name, genre_index=genre_index)
        theirs = _reference(network, cover, stage, lambda o, g=genre_index: o[:, g])
        np.testing.assert_allclose(ours.map, theirs, atol=1e-5 * theirs.max())


@pytest.mark.parametrize(
    ("name", "size", "n_logits", "head"),
    [
        ("s1_prog_covers", 260, 1, "binary"),
        pytest.param("efficientnet_lite0", 96, 5, "softmax", marks=pytest.mark.sweep),
        pytest.param("efficientnet_lite2", 260, 5, "softmax", marks=pytest.mark.sweep),
    ],
)
def test_it_equals_tf_keras_vis_to_1e_5_of_the_range(name, size, n_logits, head):
    keras.utils.set_random_seed(3)
    network = build(name, n_logits=n_logits, input_size=size)
    cover = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    explainer = Cam(network, head)
    default = next(
        s for s in explainer.stages if s.name == explainer.explain(cover, genre_index=0).stage
    )
    compared = 0
    for genre_index in range(2):
        sign = 2 * genre_index - 1 if head == "binary" else 1
        column = 0 if head == "binary" else genre_index
        theirs = _reference(network, cover, default, lambda o, c=column, s=sign: s * o[:, c])
        ours = explainer.explain(cover, genre_index=genre_index)
        if ours.is_located:
            np.testing.assert_allclose(ours.heat, normalise(theirs), atol=1e-5)
            compared += 1
    assert compared


def test_switching_the_genre_compiles_nothing_and_changing_weights_is_seen(small, noise):
    network = small()
    explainer = Cam(network, "softmax")
    first = _signed(explainer, noise(), "wide", 0)
    compiled = explainer._compiled.get("wide", lambda: pytest.fail("compiled again"))
    second = _signed(explainer, noise(), "wide", 1)
    assert explainer._compiled.get("wide", lambda: pytest.fail("compiled again")) is compiled
    assert not np.allclose(first, second)
    kernel, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([2 * kernel, bias])
    twice = _signed(explainer, noise(), "wide", 0)
    np.testing.assert_allclose(twice, 2 * first, rtol=1e-5)


def test_the_compiled_stages_are_bounded(noise):
    image = keras.Input((32, 32, 3))
    x = image
    for place in range(MAX_STAGES + 2):
        x = layers.Conv2D(2, 3, padding="same", name=f"conv_{place}")(x)
    network = keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))
    explainer = Cam(network, "softmax")
    for stage in explainer.stages:
        _signed(explainer, noise(), stage.name, 0)
    assert len(explainer._compiled) == MAX_STAGES
    assert "conv_0" not in explainer._compiled


def test_threads_share_one_explainer_and_get_their_own_answers(small, noise):
    explainer = Cam(small(), "softmax")
    covers = [noise(seed=seed) for seed in range(8)]
    alone = Cam(small(), "softmax")
    expected = [_signed(alone, c, "wide", 1) for c in covers]
    found: dict[int, np.ndarray] = {}
    start = threading.Barrier(len(covers))

    def ask(place: int) -> None:
        start.wait()
        for stage in ("stem", "wide"):
            found[place] = _signed(explainer, covers[place], stage, 1)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(covers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(covers)
    assert len(explainer._compiled) == 2
    for place, values in found.items():
        np.testing.assert_allclose(values, expected[place], rtol=1e-5, atol=1e-7)


def test_dropout_and_batch_norm_run_as_in_inference(small, noise):
    network, cover = small(), noise()
    explainer = Cam(network, "softmax")
    first, again = (_signed(explainer, cover, "stem", 0) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    maps = keras.Model(network.inputs, network.get_layer("stem_relu").output)(
        [cover[np.newaxis].astype(np.float32)], training=False
    ).numpy()
    assert not np.allclose(maps, 0)
    before = [w.copy() for w in network.get_weights()]
    _signed(explainer, cover, "wide", 0)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def _check_stages(network, head, part, n_parts):
    explainer = Cam(network, head)
    size = network.inputs[0].shape[1]
    cover = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    stages = explainer.stages[part::n_parts]
    assert stages
    for stage in stages:
        values = _signed(explainer, cover, stage.name, 1)
        assert values.shape == stage.map_size
        assert np.isfinite(values).all()
        assert np.abs(values).max() > 0, stage.name


@pytest.mark.slow
def test_every_stage_of_s1_is_reachable():
    keras.utils.set_random_seed(0)
    _check_stages(build("s1_prog_covers"), "binary", 0, 1)


# In parts: each of the 49 stages is compiled, more than one time limit holds on a busy machine.
# One part is every sixteenth stage, from the stem to the head. That a gradient gets to each stage
# of each network is in the contract.
@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("part", range(16))
def test_every_stage_of_lite0_is_reachable(part):
    keras.utils.set_random_seed(0)
    network = build("efficientnet_lite0", n_logits=3, input_size=96)
    _check_stages(network, "softmax", part, 16)


@pytest.mark.parametrize(
    ("change", "received"),
    [
        ({"cover": np.zeros((32, 32, 3), dtype=np.float32)}, "float32"),
        ({"cover": np.zeros((31, 32, 3), dtype=np.uint8)}, r"\(31, 32, 3\)"),
        ({"cover": np.zeros((1, 32, 32, 3), dtype=np.uint8)}, r"\(1, 32, 32, 3\)"),
        ({"cover": "cover.jpg"}, "'cover.jpg'"),
        ({"genre_index": 3}, "3"),
        ({"genre_index": -1}, "-1"),
        ({"genre_index": True}, "True"),
        ({"genre_index": 1.0}, "1.0"),
        ({"genre_index": "Rock"}, "'Rock'"),
        ({"stage": "stem_norm"}, "'stem_norm'"),
    ],
)
def test_bad_input_is_refused(small, noise, change, received):
    wanted = {"cover": noise(), "stage": "wide", "genre_index": 0} | change
    with pytest.raises(ParameterError, match=f"Received .*{received}"):
        Cam(small(), "softmax").explain(wanted.pop("cover"), **wanted)


@pytest.mark.parametrize(("n_logits", "head"), [(3, "binary"), (1, "softmax"), (3, "sigmoid")])
def test_a_head_that_does_not_fit_is_refused(small, n_logits, head):
    with pytest.raises(ParameterError, match="Received"):
        Cam(small(n_logits), head)
