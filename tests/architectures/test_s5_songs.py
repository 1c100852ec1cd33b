"""S5's networks: their layers, what padding may change, and a network served without dropout."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.architectures.s5_songs import build_s5_cnn, build_s5_lstm, build_s5_mlp
from genre_core.config import PAD
from genre_core.errors import ParameterError


def frames(n: int, n_frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, n_frames, 205)).astype(np.float32)


def run(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    return np.asarray(network(inputs, training=False))


def test_layers_of_the_lstm() -> None:
    network = build_s5_lstm()
    table = [(layer.name, tuple(layer.output.shape[1:])) for layer in network.layers]
    assert table == [
        ("frames", (2_000, 205)),
        ("mask", (2_000, 205)),
        ("lstm_1", (2_000, 205)),
        ("lstm_2", (205,)),
        ("logits", (2,)),
    ]
    for place in (1, 2):
        layer = network.get_layer(f"lstm_{place}")
        assert (layer.dropout, layer.recurrent_dropout) == (0.05, 0.35)
    # Four gates, each with input, recurrence and bias.
    assert network.get_layer("lstm_1").count_params() == 4 * (205 + 205 + 1) * 205


@pytest.mark.parametrize(("n_logits", "n_parameters"), [(1, 674_246), (2, 674_452)])
def test_parameters_of_a_binary_and_a_softmax_head(n_logits: int, n_parameters: int) -> None:
    assert build_s5_lstm(n_logits=n_logits).count_params() == n_parameters


def test_padding_changes_nothing() -> None:
    keras.utils.set_random_seed(0)
    long = build_s5_lstm(input_shape=(16, 205))
    short = build_s5_lstm(input_shape=(9, 205))
    short.set_weights(long.get_weights())
    segment = frames(2, 9)
    padded = np.pad(segment, ((0, 0), (0, 7), (0, 0)), constant_values=PAD)
    np.testing.assert_allclose(run(long, padded), run(short, segment), atol=1e-6)
    # Without the mask it would: zeros in the place of what is not there count as sound.
    zeros = np.pad(segment, ((0, 0), (0, 7), (0, 0)))
    assert np.abs(run(long, zeros) - run(short, segment)).max() > 1e-3


def test_a_segment_of_padding_alone_is_finite() -> None:
    assert np.isfinite(run(build_s5_lstm(input_shape=(4, 205)), np.full((1, 4, 205), PAD))).all()


def test_the_lstm_answers_the_same_without_its_dropouts() -> None:
    keras.utils.set_random_seed(0)
    trained = build_s5_lstm(input_shape=(10, 205))
    served = build_s5_lstm(input_shape=(10, 205), dropout=0.0, recurrent_dropout=0.0)
    served.set_weights(trained.get_weights())
    inputs = frames(3, 10)
    inputs[1, 6:] = PAD
    np.testing.assert_allclose(run(served, inputs), run(trained, inputs), atol=1e-6)
    # In training the dropouts do count.
    kept = [np.asarray(each(inputs, training=True)) for each in (trained, served)]
    assert np.abs(kept[0] - kept[1]).max() > 1e-3


def test_the_lstm_follows_its_equations() -> None:
    """The second source: the gates written out in NumPy, in float64."""
    keras.utils.set_random_seed(1)
    network = build_s5_lstm(input_shape=(6, 205))
    inputs = frames(1, 6, seed=3)
    steps = inputs[0].astype(np.float64)
    for place in (1, 2):
        kernel, recurrent, bias = (
            w.astype(np.float64) for w in network.get_layer(f"lstm_{place}").get_weights()
        )
        state, carry, answers = np.zeros(205), np.zeros(205), []
        for step in steps:
            gates = step @ kernel + state @ recurrent + bias
            into, forget, new, out = np.split(gates, 4)
            carry = _sigmoid(forget) * carry + _sigmoid(into) * np.tanh(new)
            state = _sigmoid(out) * np.tanh(carry)
            answers.append(state)
        steps = np.stack(answers)  # (n_frames, 205)
    kernel, bias = network.get_layer("logits").get_weights()
    np.testing.assert_allclose(run(network, inputs)[0], steps[-1] @ kernel + bias, atol=1e-5)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_layers_of_the_cnn() -> None:
    table = [(layer.name, tuple(layer.output.shape[1:])) for layer in build("s5_cnn").layers]
    assert table == [
        ("mel_db", (43, 128, 1)),
        ("rescale", (43, 128, 1)),
        ("conv_1", (43, 128, 32)),
        ("conv_2", (43, 128, 32)),
        ("pool_1", (21, 64, 32)),
        ("conv_3", (21, 64, 64)),
        ("conv_4", (21, 64, 64)),
        ("pool_2", (10, 32, 64)),
        ("conv_5", (10, 32, 128)),
        ("conv_6", (10, 32, 128)),
        ("pool_3", (5, 16, 128)),
        ("flatten", (10_240,)),
        ("dropout", (10_240,)),
        ("dense", (32,)),
        ("logits", (2,)),
    ]


def test_han_s_version_is_deeper_and_wider() -> None:
    network = build("s5_cnn_han")
    names = [layer.name for layer in network.layers]
    assert network.name == "s5_cnn_han"
    assert names[names.index("pool_3") :] == [
        "pool_3",
        "conv_7",
        "conv_8",
        "max",
        "dropout",
        "dense",
        "logits",
    ]
    assert network.get_layer("conv_8").filters == 256
    assert network.get_layer("dense").units == 1024


@pytest.mark.parametrize(
    ("settings", "n_parameters"),
    [
        ({"n_logits": 1}, 614_177),
        ({"gather": "max"}, 290_626),
        ({"width": 16}, 450_322),
        ({"width": 64}, 941_986),
    ],
)
def test_parameters_of_the_cnn_s_variants(settings: dict[str, object], n_parameters: int) -> None:
    assert build_s5_cnn(**settings).count_params() == n_parameters


@pytest.mark.parametrize(("db", "scaled"), [(-80.0, -1.0), (-20.0, 0.0), (40.0, 1.0)])
def test_the_cnn_scales_db_in_its_first_layer(db: float, scaled: float) -> None:
    rescale = build("s5_cnn").get_layer("rescale")
    assert float(rescale(np.full((1, 43, 128, 1), db, np.float32))[0, 0, 0, 0]) == pytest.approx(
        scaled, abs=1e-6
    )


def test_layers_of_the_mlp() -> None:
    network = build("s5_mlp")
    widths = [each.units for each in network.layers if isinstance(each, keras.layers.Dense)]
    assert widths == [512, 256, 128, 64, 2]
    rates = [each.rate for each in network.layers if isinstance(each, keras.layers.Dropout)]
    assert rates == [0.2] * 4


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (build_s5_lstm, {"input_shape": (205,)}),
        (build_s5_lstm, {"input_shape": (0, 205)}),
        (build_s5_lstm, {"dropout": 1.0}),
        (build_s5_lstm, {"recurrent_dropout": -0.1}),
        (build_s5_cnn, {"input_shape": (43, 128)}),
        (build_s5_cnn, {"input_shape": (43, 7, 1)}),
        (build_s5_cnn, {"input_shape": (43, 128, 3)}),
        (build_s5_cnn, {"gather": "mean"}),
        (build_s5_cnn, {"width": 0}),
        (build_s5_cnn, {"dropout": 1.5}),
        (build_s5_mlp, {"input_shape": (423, 1)}),
        (build_s5_mlp, {"input_shape": (0,)}),
        (build_s5_mlp, {"dropout": 1.0}),
    ],
)
def test_bad_settings(make, settings: dict[str, object]) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match="Received"):
        make(**settings)
