"""Every method: lights the right place, leaves the network alone, equals tf-keras-vis."""

from __future__ import annotations

import functools
import threading
import warnings

import keras
import numpy as np
import pytest
from scipy.ndimage import uniform_filter
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency as TheirSaliency

from genre_core.architectures import build
from genre_core.errors import GenreError, ParameterError
from genre_core.explain import cam as cams
from genre_core.explain import keras_vis, perturbed
from genre_core.explain.cam import Cam, cam_of
from genre_core.explain.lru_store import LruStore
from genre_core.explain.saliency import (
    METHODS,
    PERTURBING,
    WITHOUT_LAYER,
    Saliency,
    normalise,
)

with warnings.catch_warnings():
    # As in `keras_vis`.
    warnings.filterwarnings("ignore", message="Please import `zoom`", category=DeprecationWarning)
    from tf_keras_vis.scorecam import Scorecam

OTHERS = [method for method in METHODS if method != "gradcam"]


def explain_cover(network, head, cover, **wanted) -> Saliency:
    """As the app asks: the network's Cam is made once and remembered."""
    return cam_of(network, head).explain(cover, **wanted)


def _inside(values: np.ndarray, k: int) -> tuple[float, float]:
    """Mean inside and outside of quadrant k."""
    half = values.shape[0] // 2
    row, column = divmod(k, 2)
    mask = np.zeros(values.shape, dtype=bool)
    mask[row * half : (row + 1) * half, column * half : (column + 1) * half] = True
    return float(values[mask].mean()), float(values[~mask].mean())


def _as_list(network: keras.Model) -> keras.Model:
    return keras.Model(list(network.inputs), list(network.outputs))


@pytest.mark.parametrize("method", [m for m in METHODS if m not in PERTURBING])
@pytest.mark.parametrize("genre_index", [0, 3])
def test_each_method_lights_the_quadrant_its_logit_depends_on(
    quadrants, white, method, genre_index
):
    cover = white.copy()
    cover[::5] = 0  # a plain white cover has no range, hence no noise for SmoothGrad
    found = explain_cover(
        quadrants(4), "softmax", cover, method=method, stage="conv", genre_index=genre_index
    )
    inside, outside = _inside(found.heat, genre_index)
    assert found.is_located
    assert (found.map >= 0).all()
    assert inside > 0.3
    assert outside < 0.1 * inside


@pytest.mark.parametrize("method", ["gradcam", "gradcam++", "layercam", "scorecam"])
def test_each_cam_tells_the_two_genres_of_a_binary_head_apart(quadrants, white, method):
    network = quadrants(1)
    for genre_index in (0, 1):
        found = explain_cover(
            network, "binary", white, method=method, stage="conv", genre_index=genre_index
        )
        inside, outside = _inside(found.heat, genre_index)
        assert inside > 2 * outside


@pytest.mark.parametrize(
    ("method", "head"),
    [
        *((method, "softmax") for method in METHODS),
        ("layercam", "binary"),
        ("gradcam++", "multilabel"),
        *(
            pytest.param(method, head, marks=pytest.mark.sweep)
            for method in METHODS
            for head in ("binary", "multilabel")
            if (method, head) not in (("layercam", "binary"), ("gradcam++", "multilabel"))
        ),
    ],
)
def test_no_method_changes_the_network_or_the_cover_or_prints(small, noise, capfd, method, head):
    network, cover = small(1 if head == "binary" else 3), noise()
    served = network.get_config()
    weights = [w.copy() for w in network.get_weights()]
    pixels = cover[np.newaxis].astype(np.float32)
    answer = network(pixels, training=False).numpy()
    n_layers, trainable = len(network.layers), [layer.trainable for layer in network.layers]
    before = cover.copy()
    found = explain_cover(network, head, cover, method=method, stage="wide", genre_index=1)
    assert np.isfinite(found.map).all()
    np.testing.assert_array_equal(cover, before)
    np.testing.assert_array_equal(network(pixels, training=False).numpy(), answer)
    for old, new in zip(weights, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert network.get_config() == served
    assert (len(network.layers), [layer.trainable for layer in network.layers]) == (
        n_layers,
        trainable,
    )
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("method", ["gradcam++", "layercam"])
@pytest.mark.parametrize(
    "stage_name",
    [
        "depthwise",
        "wide",
        *(pytest.param(name, marks=pytest.mark.sweep) for name in ("stem", "project")),
    ],
)
def test_each_cam_equals_tf_keras_vis_with_its_own_settings(small, noise, method, stage_name):
    network, cover = small(), noise()
    explainer = Cam(network, "softmax")
    stage = next(s for s in explainer.stages if s.name == stage_name)
    theirs = {"gradcam++": GradcamPlusPlus, "layercam": Layercam}[method]
    expected = np.asarray(
        theirs(_as_list(network), clone=True)(
            lambda outputs: outputs[:, 1],
            cover[np.newaxis].astype(np.float32),
            penultimate_layer=stage.output,
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
    )[0]
    ours = explainer.explain(cover, method=method, stage=stage_name, genre_index=1)
    assert ours.map.shape == stage.map_size
    assert ours.is_located
    # Grad-CAM++: their exp(s) is one factor of the whole map; scaled, it is gone. Its quotient
    # g^2 / (2 g^2 + g^3 sum A) has a denominator near 0 where g < 0, which magnifies rounding.
    tolerance = 1e-3 if method == "gradcam++" else 1e-5
    np.testing.assert_allclose(ours.heat, normalise(expected), atol=tolerance)


class OneLogit:
    """What tf-keras-vis asks of a network: its softmax of (0, s) is turned back into s."""

    def __init__(self, network: keras.Model, index: int) -> None:
        self.network, self.index = network, index
        self.inputs, self.outputs, self.layers = network.inputs, network.outputs, network.layers

    def predict(self, covers: list[np.ndarray], batch_size: int) -> np.ndarray:
        logits = np.asarray(self.network(covers, training=False)).reshape(len(covers[0]), -1)
        chosen = logits[:, self.index]
        return np.stack([np.zeros_like(chosen), chosen], axis=1)


@pytest.mark.parametrize("stage_name", ["stem", "wide"])
def test_score_cam_equals_tf_keras_vis_with_what_a_black_cover_scores_taken_off(
    small, noise, stage_name
):
    network, cover = small(), noise()
    black = float(network(np.zeros((1, *cover.shape), np.float32), training=False)[0, 1])
    explainer = Cam(network, "softmax")
    stage = next(s for s in explainer.stages if s.name == stage_name)
    expected = np.asarray(
        Scorecam(OneLogit(_as_list(network), 1), clone=True)(
            lambda probs: np.log(probs[:, 1] / probs[:, 0]) - black,
            cover[np.newaxis].astype(np.float32),
            penultimate_layer=stage.output,
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
            max_N=min(32, stage.n_filters),
        )
    )[0]
    ours = explainer.explain(cover, method="scorecam", stage=stage_name, genre_index=1)
    # The logarithm of a softmax in float32 has lost some digits.
    np.testing.assert_allclose(ours.map, expected, atol=1e-3 * expected.max())


def test_score_cam_forgets_what_every_genre_has_in_common(small, noise):
    """A logit that no mask changes gives no weight, however large it is."""
    network = small()
    before = explain_cover(
        network, "softmax", noise(), method="scorecam", stage="wide", genre_index=1
    )
    kernel, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([kernel, bias + 100])
    after = explain_cover(
        network, "softmax", noise(), method="scorecam", stage="wide", genre_index=1
    )
    assert before.is_located
    np.testing.assert_allclose(after.map, before.map, atol=1e-3 * before.map.max())


def test_smoothgrad_equals_tf_keras_vis_given_the_same_noise(small, noise, monkeypatch):
    network, cover = small(), noise()
    monkeypatch.setattr(perturbed, "SMOOTH_SAMPLES", (16, 16))
    rng = np.random.default_rng(0)
    monkeypatch.setattr(
        np.random,
        "normal",
        lambda mean, spread, shape: rng.normal(mean, 1.0, shape) * np.asarray(spread),
    )
    expected = np.asarray(
        TheirSaliency(_as_list(network), clone=True)(
            lambda outputs: outputs[:, 2],
            cover[np.newaxis].astype(np.float32),
            smooth_samples=16,
            smooth_noise=perturbed.SMOOTH_NOISE,
            normalize_map=False,
        )
    )[0]
    expected = uniform_filter(expected, perturbed.SMOOTH_PX, mode="nearest")
    ours = Cam(network, "softmax").explain(cover, method="smoothgrad", genre_index=2)
    assert (ours.stage, ours.map.shape) == ("", (32, 32))
    # The two round their noise to float32 at different places.
    np.testing.assert_allclose(ours.map, expected, atol=1e-3 * expected.max())


def test_smoothgrad_is_seeded_agrees_with_other_noise_and_leaves_numpy_s_own_alone(small, noise):
    network, cover = small(), noise()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the global one is what is watched
    maps = [
        Cam(network, "softmax", seed=seed).explain(cover, method="smoothgrad", genre_index=0).map
        for seed in (5, 5, 6)
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])
    agreement = np.corrcoef(maps[0].ravel(), maps[2].ravel())[0, 1]
    assert agreement > perturbed.SMOOTH_AGREEMENT - 0.02
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002


def test_score_cam_of_a_single_logit_tells_its_two_genres_apart(quadrants, white):
    network = quadrants(1)
    maps = [
        explain_cover(network, "binary", white, method="scorecam", stage="conv", genre_index=g).map
        for g in (0, 1)
    ]
    assert np.abs(maps[0] - maps[1]).max() > 0.1 * maps[0].max()


def test_a_huge_logit_does_not_overflow_grad_cam_plus_plus(quadrants, white):
    network = quadrants(4)
    kernel, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([kernel, bias + 1e4])
    found = explain_cover(
        network, "softmax", white, method="gradcam++", stage="conv", genre_index=1
    )
    assert found.is_located


@pytest.mark.parametrize("method", [m for m in METHODS if m not in WITHOUT_LAYER])
def test_a_1x1_map_and_a_dead_stage_locate_nothing(small, noise, method):
    network = small()
    point = explain_cover(network, "softmax", noise(), method=method, stage="last", genre_index=0)
    assert (point.map.shape, point.is_located) == ((1, 1), False)
    kernel, bias = network.get_layer("wide").get_weights()
    network.get_layer("wide").set_weights([kernel, bias - 1e6])
    dead = explain_cover(network, "softmax", noise(), method=method, stage="wide", genre_index=0)
    assert not dead.is_located
    assert not dead.heat.any()


@pytest.mark.parametrize("method", METHODS)
def test_weights_that_change_after_the_first_call_are_seen(small, noise, method):
    network = small()
    explainer = Cam(network, "softmax")
    first = explainer.explain(noise(), method=method, stage="wide", genre_index=1).map
    rng = np.random.default_rng(1)
    network.set_weights([w + rng.uniform(0, 0.2, w.shape) for w in network.get_weights()])
    second = explainer.explain(noise(), method=method, stage="wide", genre_index=1).map
    fresh = Cam(network, "softmax").explain(noise(), method=method, stage="wide", genre_index=1)
    assert not np.allclose(first, second)
    np.testing.assert_allclose(second, fresh.map, rtol=1e-5, atol=1e-7 * fresh.map.max())


def test_the_networks_that_are_remembered_are_bounded(small, monkeypatch):
    monkeypatch.setattr(cams, "_CAMS", LruStore(3))
    networks = [small(seed=seed) for seed in range(5)]
    remembered = [cam_of(network, "softmax") for network in networks]
    assert len(cams._CAMS) == 3
    assert cam_of(networks[-1], "softmax") is remembered[-1]
    assert (id(networks[0]), "softmax") not in cams._CAMS


def test_a_failure_of_tf_keras_vis_names_the_method_and_the_stage(small, noise, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise ValueError("not connected")

    monkeypatch.setattr(keras_vis, "_linear", fail)
    with pytest.raises(GenreError, match=r"run layercam .* Received ValueError at wide: not conn"):
        explain_cover(small(), "softmax", noise(), method="layercam", stage="wide", genre_index=0)


@pytest.mark.parametrize("method", METHODS)
def test_a_map_that_is_not_finite_is_an_error(small, noise, method):
    network = small()
    kernel, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([kernel * np.inf, bias])
    with pytest.raises(GenreError, match=r"Received .* not finite"):
        explain_cover(network, "softmax", noise(), method=method, stage="wide", genre_index=0)


def test_threads_share_one_explainer_over_methods_and_genres(small, noise):
    network = small()
    asked = [(method, genre) for method in METHODS for genre in (0, 1)]
    one = Cam(network, "softmax")
    alone = {
        key: one.explain(noise(), method=key[0], stage="wide", genre_index=key[1]) for key in asked
    }
    shared = Cam(network, "softmax")
    found: dict[tuple[str, int], np.ndarray] = {}

    def ask(key: tuple[str, int]) -> None:
        found[key] = shared.explain(noise(), method=key[0], stage="wide", genre_index=key[1]).map

    threads = [threading.Thread(target=ask, args=(key,)) for key in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(asked)
    for key, values in found.items():
        expected = alone[key].map
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6 * expected.max())


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.parametrize(
    ("change", "received"),
    [
        ({"cover": np.zeros((32, 32, 3))}, "float64"),
        ({"genre_index": 3}, "3"),
        ({"stage": "pool"}, "'pool'"),
    ],
)
def test_bad_input_is_refused_by_every_method(small, noise, method, change, received):
    wanted = {"cover": noise(), "stage": "wide", "genre_index": 0} | change
    with pytest.raises(ParameterError, match=f"Received .*{received}"):
        explain_cover(small(), "softmax", wanted.pop("cover"), method=method, **wanted)


def test_an_unknown_method_is_refused(small, noise):
    with pytest.raises(ParameterError, match="Received 'Grad-CAM'"):
        explain_cover(small(), "softmax", noise(), method="Grad-CAM", genre_index=0)


@functools.lru_cache(maxsize=1)  # for all methods
def real_cam(name: str, size: int, head: str) -> Cam:
    keras.utils.set_random_seed(0)
    return Cam(build(name, n_logits=1 if head == "binary" else 3, input_size=size), head)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("name", "size", "head"),
    [
        pytest.param("efficientnet_lite0", 96, "softmax", marks=pytest.mark.sweep),
        ("s1_prog_covers", 260, "binary"),
    ],
)
def test_every_method_reaches_early_middle_and_late_stages(name, size, head, method):
    cover = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    explainer = real_cam(name, size, head)
    stages = explainer.stages
    chosen = [stages[0], stages[len(stages) // 2], stages[-1]]
    for stage in chosen if method not in WITHOUT_LAYER else chosen[:1]:
        found = explainer.explain(cover, method=method, stage=stage.name, genre_index=1)
        sizes = {"smoothgrad": (size, size), "integrated-gradients": (size, size)}
        sizes["occlusion"] = (10, 10)
        assert found.map.shape == sizes.get(method, stage.map_size)
        assert np.isfinite(found.map).all()
