"""Stored patterns: written and read again, current for the shipped networks, small."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.errors import CheckpointError
from genre_core.explain import patterns_store
from genre_core.explain.patterns_scale import RANGES
from genre_core.explain.patterns_store import (
    COMMAND,
    LONGEST,
    MAX_CELLS,
    SHIPPED,
    StoredLayer,
    load_patterns,
    most_kernels,
    path_of,
    read_file,
    save_patterns,
    shaded,
    stored_size,
)
from genre_core.explain.prepared import shipped
from genre_core.runs.bundle import Bundle
from tests.made_bundles import write_bundle

CONVOLUTIONAL = [
    bundle
    for media in ("song", "cover")
    for bundle in shipped(media)
    if media == "cover" or bundle.card.input.features in RANGES
]


def layer(name: str = "conv_1", n: int = 5, shape: tuple[int, ...] = (20, 16, 1)) -> StoredLayer:
    y, x = np.mgrid[: shape[0], : shape[1]]
    pictures = np.stack([np.sin((k + 1) * (x + y) / 9) for k in range(n)])[..., np.newaxis]
    return StoredLayer(
        layer=name,
        n_filters=n + 3,
        kernels=np.arange(n)[::-1].copy(),
        pictures=shaded(np.repeat(0.5 + 0.5 * pictures, shape[2], axis=3).astype(np.float32)),
        values=np.linspace(1, 2, n),
        noise=np.linspace(0, 1, n),
        real=np.full(n, 0.25),
        blank=np.arange(n) == 2,
        groups=tuple(("dots", "mixed", "blank", "vertical", "horizontal")[:n]),
    )


@pytest.fixture
def bundle(genre_home: Path) -> Bundle:
    return write_bundle(genre_home / "models")


@pytest.mark.parametrize("shape", [(20, 16, 1), (16, 20, 3), (43, 128, 1)])
def test_what_is_written_is_read_again(bundle: Bundle, tmp_path: Path, shape: tuple) -> None:
    written = [layer("conv_1", shape=shape), layer("conv_2", 3, shape)]
    save_patterns(bundle.card, tmp_path, written)
    stored = read_file(path_of(bundle.card, tmp_path))
    assert list(stored) == ["conv_1", "conv_2"]
    for one in written:
        again = stored[one.layer]
        assert (again.n_filters, again.groups) == (one.n_filters, one.groups)
        for name in ("kernels", "blank"):
            assert np.array_equal(getattr(again, name), getattr(one, name))
        for name in ("values", "noise", "real"):
            np.testing.assert_allclose(getattr(again, name), getattr(one, name), rtol=1e-4)
        assert again.pictures.shape == one.pictures.shape
        # The pictures are stored with loss: about as a photograph is.
        gap = np.abs(again.pictures.astype(float) - one.pictures)
        assert gap.mean() < 6
    assert stored["conv_1"].place_of(4) == 0
    assert stored["conv_1"].place_of(7) is None


def test_those_at_home_are_found_and_stand_before_the_shipped(bundle: Bundle) -> None:
    assert load_patterns(bundle.card) == {}
    save_patterns(bundle.card, patterns_store.home_folder(), [layer()])
    assert list(load_patterns(bundle.card)) == ["conv_1"]


def test_another_version_or_other_weights_find_nothing(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_patterns(bundle.card, tmp_path, [layer()])
    monkeypatch.setattr(patterns_store, "VERSION", patterns_store.VERSION + 1)
    assert read_file(path) == {}
    assert read_file(tmp_path / "0000.npz") == {}


@pytest.mark.parametrize("damage", [b"", b"no zip", None])
def test_a_damaged_file_is_a_message(bundle: Bundle, tmp_path: Path, damage: bytes | None) -> None:
    path = save_patterns(bundle.card, tmp_path, [layer()])
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    with pytest.raises(CheckpointError, match="Received"):
        read_file(path)


def test_a_store_without_its_facts_is_a_message(bundle: Bundle, tmp_path: Path) -> None:
    path = path_of(bundle.card, tmp_path)
    np.savez(path, facts=np.array(json.dumps({"version": patterns_store.VERSION})))
    with pytest.raises(CheckpointError, match="Received"):
        read_file(path)


def test_a_network_is_cut_to_as_many_kernels_a_layer_as_fit() -> None:
    filters, cells = [32, 64, 1_280], [4_096, 4_096, 4_096]
    most = most_kernels(filters, cells, [1] * 3)
    assert sum(min(n, most) * each for n, each in zip(filters, cells, strict=True)) <= MAX_CELLS
    many = [1_280] * 90
    cut = most_kernels(many, [4_096] * 90, [1] * 90)
    assert sum(min(n, cut) * 4_096 for n in many) <= MAX_CELLS
    assert sum(min(n, cut + 1) * 4_096 for n in many) > MAX_CELLS


def test_covers_are_made_smaller_and_songs_are_not() -> None:
    assert stored_size((158, 158, 3)) == (LONGEST, LONGEST)
    assert stored_size((43, 128, 1)) == (43, 128)
    half = np.zeros((1, 128, 128, 3), np.float32)
    half[:, :, 64:] = 1
    small = shaded(half)[0]
    assert small.shape == (64, 64, 3)
    assert small[:, :32].max() == 0
    assert small[:, 32:].min() == 255


def test_what_is_stored_belongs_to_shipped_networks_and_study_s5s_is_whole() -> None:
    paths = {path_of(bundle.card, SHIPPED): bundle.name for bundle in CONVOLUTIONAL}
    files = list(SHIPPED.glob("*.npz"))
    assert set(files) == set(paths), f"Run: {COMMAND}"
    for path in files:
        stored = read_file(path)
        assert "logits" in stored, paths[path]
        for one in stored.values():
            assert len(one.kernels) == len(set(one.kernels.tolist())) <= one.n_filters
            assert one.layer == "logits" or len(one.groups) == len(one.kernels)
            alive = ~one.blank
            assert (one.values[alive] > one.noise[alive]).all()
        if paths[path] == "s5_cnn.soft_prog":
            assert [len(stored[f"conv_{k}"].kernels) for k in range(1, 7)] == [
                *(32, 32, 64, 64, 128, 128)
            ]


def test_the_store_stays_small() -> None:
    sizes = [path.stat().st_size for path in SHIPPED.glob("*.npz")]
    assert max(sizes) < 800_000
    assert sum(sizes) < 5e6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["s5_cnn.soft_prog", "s3_model_5.gaid5_weighted"])
def test_fresh_patterns_are_the_stored_ones(name: str) -> None:
    from genre_core.explain.kernels import conv_layers, find_layer
    from genre_core.explain.patterns_made import make_layer, real_inputs
    from genre_core.inference.checkpoint import load_network

    bundle = next(one for one in CONVOLUTIONAL if one.name == name)
    network, card = load_network(bundle), bundle.card
    real = real_inputs(card)
    stored = read_file(path_of(card, SHIPPED))
    for layer_name in ("conv_2", "conv_4"):
        one = stored[layer_name]
        found = find_layer(conv_layers(network), layer_name)
        some = np.flatnonzero(~one.blank)[:3]
        fresh = make_layer(network, card, found, one.kernels[some], real)
        for place, kernel in zip(some, range(3), strict=True):
            own, again = one.pictures[place].ravel(), fresh.pictures[kernel].ravel()
            assert np.corrcoef(own, again)[0, 1] > 0.8
        np.testing.assert_allclose(fresh.values, one.values[some], rtol=0.05)
        np.testing.assert_allclose(fresh.real, one.real[some], rtol=1e-3)
