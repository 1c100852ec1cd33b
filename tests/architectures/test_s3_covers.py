"""S3's networks: each layer of the printed ones in its place."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.architectures.s3_covers import LAYOUTS, build_s3_covers
from genre_core.errors import ParameterError


def test_layers_and_maps_of_the_baseline() -> None:
    network = build("s3_model_1")
    table = [(layer.name, layer.output.shape[1:]) for layer in network.layers[2:]]
    assert table == [
        ("conv_1", (126, 126, 32)),
        ("pool_1", (63, 63, 32)),
        ("conv_2", (61, 61, 64)),
        ("pool_2", (30, 30, 64)),
        ("conv_3", (28, 28, 64)),
        ("flatten", (50_176,)),
        ("dense", (64,)),
        ("logits", (12,)),
    ]


@pytest.mark.parametrize(
    ("layout", "order"),
    [
        ("3", "conv_1 pool_1 dropout_1 conv_2 pool_2 conv_3 dropout_2 flatten dense logits"),
        (
            "4_1",
            "conv_1 pool_1 dropout_1 conv_2 pool_2 dropout_2 conv_3 flatten dense dropout_3 logits",
        ),
        ("4_2", "conv_1 pool_1 dropout_1 conv_2 pool_2 conv_3 flatten dense dropout_2 logits"),
        (
            "5",
            "conv_1 pool_1 dropout_1 conv_2 pool_2 dropout_2 conv_3 pool_3 conv_4 pool_4 "
            "flatten logits",
        ),
        ("7", "conv_1 pool_1 dropout_1 conv_2 pool_2 dropout_2 conv_3 flatten dense logits"),
    ],
)
def test_layers_stand_in_the_study_s_order(layout: str, order: str) -> None:
    names = [layer.name for layer in build_s3_covers(layout).layers[2:]]
    assert names == order.split()


def test_every_dropout_has_the_rate() -> None:
    network = build_s3_covers("4_1", dropout=0.35)
    rates = [each.rate for each in network.layers if isinstance(each, keras.layers.Dropout)]
    assert rates == [0.35] * 3


def test_the_activity_penalty_is_on_the_second_and_third_convolution() -> None:
    network = build_s3_covers("2", input_size=90, activity_l1=0.001)
    convs = [network.get_layer(f"conv_{k}") for k in (1, 2, 3)]
    assert [conv.activity_regularizer is not None for conv in convs] == [False, True, True]
    cover = np.random.default_rng(0).uniform(0, 255, (2, 90, 90, 3)).astype(np.float32)
    network(cover, training=True)
    inner = keras.Model(network.input, [conv.output for conv in convs[1:]])
    # Keras divides an activity penalty by the batch's size.
    expected = [0.001 * float(np.abs(np.asarray(a)).sum()) / 2 for a in inner(cover)]
    np.testing.assert_allclose([float(loss) for loss in network.losses], expected, rtol=1e-4)
    assert build_s3_covers("2", input_size=90).losses == []


def test_a_pool_halves_and_drops_the_rest() -> None:
    assert LAYOUTS["5"].count("P") == 4
    # 46 px is the smallest side that four valid convolutions and pools leave one cell of.
    assert build_s3_covers("5", input_size=46).get_layer("pool_4").output.shape[1] == 1


@pytest.mark.parametrize(
    ("layout", "settings"),
    [
        ("6", {}),
        ("5", {"input_size": 45}),
        ("1", {"dropout": 1.0}),
        ("2", {"activity_l1": -0.1}),
    ],
)
def test_bad_settings(layout: str, settings: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        build_s3_covers(layout, **settings)
