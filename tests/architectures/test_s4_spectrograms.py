"""S4's networks: each layer of the printed tables in its place."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.architectures.s4_spectrograms import build_s4_spectrograms
from genre_core.errors import ParameterError


@pytest.mark.slow
def test_layers_and_maps_of_a() -> None:
    network = build("s4_a")
    table = [
        (layer.name, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in network.layers[2:]
    ]
    assert table == [
        ("conv_1", (126, 598, 32), 320),
        ("pool_1", (63, 299, 32), 0),
        ("conv_2", (61, 297, 64), 18_496),
        ("pool_2", (30, 148, 64), 0),
        ("conv_3", (28, 146, 128), 73_856),
        ("pool_3", (14, 73, 128), 0),
        ("flatten", (130_816,), 0),
        ("dense", (512,), 66_978_304),
        ("logits", (20,), 10_260),
    ]


def test_layers_and_maps_of_b() -> None:
    network = build("s4_b")
    table = [
        (layer.name, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in network.layers[2:]
    ]
    assert table == [
        ("conv_1", (125, 253, 16), 272),
        ("pool_1", (62, 126, 16), 0),
        ("conv_2", (59, 123, 32), 8_224),
        ("pool_2", (29, 61, 32), 0),
        ("conv_3", (27, 59, 64), 18_496),
        ("pool_3", (13, 29, 64), 0),
        ("conv_4", (11, 27, 128), 73_856),
        ("pool_4", (5, 13, 128), 0),
        ("dropout", (5, 13, 128), 0),
        ("flatten", (8_320,), 0),
        ("dense", (256,), 2_130_176),
        ("logits", (20,), 5_140),
    ]


def test_dropout_is_left_out_at_0_and_may_be_added() -> None:
    names = [layer.name for layer in build("s4_b", dropout=0.0).layers]
    assert "dropout" not in names
    small = build("s4_a", input_shape=(128, 64, 1), dropout=0.25)
    assert small.get_layer("dropout").rate == 0.25


@pytest.mark.parametrize(("db", "scaled"), [(-80.0, 0.0), (-20.0, 0.75), (0.0, 1.0)])
def test_db_are_scaled_in_the_first_layer(db: float, scaled: float) -> None:
    rescale = build("s4_b").get_layer("rescale")
    found = np.asarray(rescale(np.full((1, 128, 256, 1), db, np.float32)))
    np.testing.assert_allclose(found, scaled, atol=1e-6)


@pytest.mark.parametrize(("layout", "fewest"), [("a", 22), ("b", 49)])
def test_the_shortest_input(layout: str, fewest: int) -> None:
    network = build_s4_spectrograms(layout, input_shape=(128, fewest, 1))
    last = [layer for layer in network.layers if layer.name.startswith("pool")][-1]
    assert last.output.shape[2] == 1
    with pytest.raises(ParameterError, match=rf"Received \(128, {fewest - 1}, 1\)"):
        build_s4_spectrograms(layout, input_shape=(128, fewest - 1, 1))


@pytest.mark.parametrize(
    ("layout", "settings"),
    [
        ("c", {}),
        ("a", {"input_shape": (128, 600)}),
        ("b", {"input_shape": (128, 256, 3)}),
        ("b", {"input_shape": (20, 256, 1)}),
        ("b", {"dropout": 1.0}),
        ("b", {"dropout": -0.1}),
    ],
)
def test_bad_settings(layout: str, settings: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        build_s4_spectrograms(layout, **settings)
