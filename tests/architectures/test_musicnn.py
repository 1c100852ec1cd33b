"""musicnn's taggers answer as the graphs stored with their weights."""

from __future__ import annotations

import ast
import importlib.util
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from genre_core.architectures import build, musicnn_weights
from genre_core.architectures.musicnn import POOLS, build_musicnn, build_musicnn_vgg
from genre_core.architectures.musicnn_weights import TRAINED, find_tagger, read_tagger
from genre_core.config import load_experiment
from genre_core.errors import CheckpointError, ParameterError
from tests.architectures.stored_graph import run_stored

needs_weights = pytest.mark.skipif(
    importlib.util.find_spec("musicnn") is None,
    reason="the packages of requirements-weights.txt are not installed",
)


@pytest.fixture(scope="module")
def patches() -> np.ndarray:
    """Silence, noise, a tone, a click, a rising line: log-mels reach about 6."""
    rng = np.random.default_rng(0)
    made = np.zeros((6, 187, 96), np.float32)
    made[1] = rng.uniform(0, 5, (187, 96))
    made[2, :, 40:43] = 4.5
    made[3, 90] = 6
    made[4, np.arange(187), np.arange(187) // 2] = 5
    made[5] = np.abs(rng.normal(size=(187, 1)) * np.linspace(4, 0, 96))
    return made


@pytest.fixture(scope="module")
def stored(patches: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    return {name: run_stored(find_tagger(name), patches) for name in TRAINED}


@needs_weights
@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_equal_to_the_stored_graph(
    name: str, patches: np.ndarray, stored: dict[str, dict[str, np.ndarray]]
) -> None:
    network = build(name.lower(), weights="pretrained")
    inner = keras.Model(network.input, [network.get_layer("flat_pool").output, network.output])
    features, logits = (np.asarray(each) for each in inner(patches, training=False))
    expected = stored[name]["probs"]
    assert expected.shape == (6, 50)
    assert expected.std() > 0.01  # neither all alike nor all zero
    probs = 1 / (1 + np.exp(-logits.astype(np.float64)))
    # float32 sums in another order: 4e-7 was seen, with vectors of four (SSE4.1) 1.02e-6.
    np.testing.assert_allclose(probs, expected, rtol=0, atol=3e-6)
    np.testing.assert_allclose(logits, stored[name]["logits"], rtol=0, atol=1e-4)
    # Of 9,036 features one differed by 1.3e-4 on AMD processors, where sums have other lengths.
    np.testing.assert_allclose(features, stored[name]["flat_pool"], rtol=1e-4, atol=1e-3)


@needs_weights
@pytest.mark.slow
def test_the_pools_of_one_vgg_would_mislead_the_other(
    patches: np.ndarray, stored: dict[str, dict[str, np.ndarray]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap: the weights load, no error is raised, and the answers are far off."""
    monkeypatch.setitem(POOLS, "MSD_vgg", POOLS["MTT_vgg"])
    wrong = np.asarray(build("msd_vgg", weights="pretrained")(patches, training=False))
    assert np.abs(wrong - stored["MSD_vgg"]["logits"]).max() > 0.5


@needs_weights
@pytest.mark.parametrize("name", TRAINED)
def test_tags_stand_in_the_package_s_order(name: str) -> None:
    # Read as text: nothing of the package is imported.
    source = (find_tagger(name).parent / "configuration.py").read_text()
    listed = {
        target.id: ast.literal_eval(each.value)
        for each in ast.parse(source).body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    assert listed["MSD_LABELS"] == list(load_experiment("msd_musicnn_tagger").task.genres)


@needs_weights
@pytest.mark.parametrize("name", ["MSD_musicnn", "MTT_vgg"])
def test_another_head_keeps_the_body(name: str) -> None:
    build_network = build_musicnn_vgg if "vgg" in name else build_musicnn
    other = build_network(name, n_logits=3, weights="pretrained")
    stored = read_tagger(name)
    norm = other.get_layer("input_norm").get_weights()
    np.testing.assert_array_equal(norm[2], stored["batch_normalization/moving_mean"])
    assert other.get_layer("logits").units == 3
    again = build_network(name, n_logits=3)
    assert other.count_params() == again.count_params()


@needs_weights
@pytest.mark.slow
def test_a_head_on_the_pool_reads_the_same_features(patches: np.ndarray) -> None:
    whole = build_musicnn("MSD_musicnn", weights="pretrained")
    pool = build_musicnn("MSD_musicnn", n_logits=50, features="pool", weights="pretrained")
    read = [keras.Model(each.input, each.get_layer("flat_pool").output) for each in (whole, pool)]
    a, b = (np.asarray(each(patches, training=False)) for each in read)
    np.testing.assert_array_equal(a, b)
    assert pool.layers[-2].name == "flat_pool"
    # 50 logits on the pool are not the 50 tags: they stay new.
    assert pool.get_layer("logits").get_weights()[1].sum() == 0
    assert whole.get_layer("logits").get_weights()[1].sum() != 0


@pytest.mark.parametrize(("n_logits", "n_parameters"), [(1, 475_312), (2, 476_819), (50, 549_155)])
def test_parameters_with_a_head_on_the_pool(n_logits: int, n_parameters: int) -> None:
    network = build_musicnn("MTT_musicnn", n_logits=n_logits, features="pool")
    assert network.count_params() == n_parameters == 473_805 + 1_507 * n_logits


def test_maximum_and_mean_follow_each_other() -> None:
    network = build_musicnn("MSD_musicnn", input_shape=(20, 96))
    names = ("middle", "flat_pool")
    inner = keras.Model(network.input, [network.get_layer(name).output for name in names])
    log_mel = np.random.default_rng(0).uniform(0, 5, (2, 20, 96)).astype(np.float32)
    middle, flat = (np.asarray(each) for each in inner(log_mel, training=False))
    np.testing.assert_allclose(flat[:, ::2], middle.max(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(flat[:, 1::2], middle.mean(axis=(1, 2)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["MSD_vgg", "MTT_vgg"])
def test_66_frames_are_the_fewest(name: str) -> None:
    network = build_musicnn_vgg(name, input_shape=(66, 96))
    assert network.get_layer("flat_pool").output.shape == (None, 128)


def test_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match=r"Received .*no-deps musicnn==0\.1\.0"):
        build("msd_vgg", weights="pretrained")


@needs_weights
def test_a_vgg_of_another_length_refuses_the_stored_head() -> None:
    with pytest.raises(CheckpointError, match=r"Received shape \(256, 50\)"):
        build("msd_vgg", weights="pretrained", input_shape=(66, 96))
    assert build("msd_vgg", weights="pretrained", input_shape=(66, 96), n_logits=2)


@needs_weights
@pytest.mark.parametrize("name", [".data-00000-of-00001", ".index"])
@pytest.mark.parametrize("damage", ["empty", "cut", "changed"])
def test_a_damaged_checkpoint_is_refused(
    name: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "MSD_vgg"
    shutil.copytree(find_tagger("MSD_vgg"), folder)
    raw = (folder / name).read_bytes()
    damaged = {"empty": b"", "cut": raw[:1000], "changed": raw[::-1]}
    (folder / name).write_bytes(damaged[damage])
    monkeypatch.setattr(musicnn_weights, "find_tagger", lambda name: folder)
    with pytest.raises(CheckpointError, match="Received MSD_vgg"):
        read_tagger("MSD_vgg")


@pytest.mark.parametrize(("drop", "received"), [(True, r"shape \(0,\)"), (False, "1 left over")])
def test_missing_and_surplus_weights_are_refused(
    drop: bool, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = build("msd_vgg")
    scopes = musicnn_weights_of(network)
    if drop:
        del scopes["dense/bias"]
    else:
        scopes["6CNN/bias"] = np.zeros(128, np.float32)
    monkeypatch.setattr(musicnn_weights, "read_tagger", lambda name: scopes)
    with pytest.raises(CheckpointError, match=f"Received {received}"):
        build("msd_vgg", weights="pretrained")


def musicnn_weights_of(network: keras.Model) -> dict[str, np.ndarray]:
    """What a checkpoint of this VGG would hold."""
    found = {}
    for layer in network.layers:
        place = layer.name.rpartition("_")[2]
        if layer.name.startswith("conv"):
            scope, parts = f"{place}CNN", ("kernel", "bias")
        elif "norm" in layer.name:
            number = "" if place == "norm" else f"_{place}"
            scope = f"batch_normalization{number}"
            parts = ("gamma", "beta", "moving_mean", "moving_variance")
        elif layer.name == "logits":
            scope, parts = "dense", ("kernel", "bias")
        else:
            continue
        found |= {
            f"{scope}/{part}": np.asarray(values)
            for part, values in zip(parts, layer.get_weights(), strict=True)
        }
    return found


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("msd_musicnn", {"input_shape": (187, 128)}),
        ("msd_musicnn", {"input_shape": (0, 96)}),
        ("msd_musicnn", {"weights": "imagenet"}),
        ("mtt_musicnn", {"features": "pools"}),
        ("mtt_musicnn", {"dropout": 1.0}),
        ("msd_vgg", {"input_shape": (65, 96)}),
        ("msd_vgg", {"features": "pool"}),
        ("mtt_vgg", {"dropout": -0.1}),
    ],
)
def test_bad_settings(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        build(name, **settings)


@pytest.mark.parametrize("make", [build_musicnn, build_musicnn_vgg])
def test_an_unknown_tagger_is_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match="Received 'GTZAN'"):
        make("GTZAN")
