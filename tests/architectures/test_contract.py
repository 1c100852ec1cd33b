"""One contract for every network."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from genre_core.architectures import ARCHITECTURES, build, find_architecture
from genre_core.config import PAD, CoverInput, SongInput
from genre_core.errors import ParameterError
from genre_core.explain.kernel_pictures import lay_out
from genre_core.explain.kernel_weights import over_inputs
from genre_core.explain.kernels import conv_layers
from genre_core.explain.stages import conv_stages
from genre_core.inference.checkpoint import load_network, save_network
from genre_core.runs.bundle import open_bundle
from tests.made_bundles import make_card, make_experiment

# What songs' networks read, and how many frames of it are enough here.
SONGS = {
    "s4_a": ("stft_db", 64),
    "s4_b": ("stft_db", 64),
    "s4_lite0": ("stft_db", 64),
    "s5_lstm": ("frames_205", 12),
    "s5_cnn": ("mel_128", 43),
    "s5_cnn_han": ("mel_128", 43),
    "s5_mlp": ("statistics_423", 43),
    "picture_bands": ("log_picture", 24),
    "msd_musicnn": ("log_mel_96", 24),
    "mtt_musicnn": ("log_mel_96", 24),
    "msd_vgg": ("log_mel_96", 70),
    "mtt_vgg": ("log_mel_96", 70),
}
# What features look like: their smallest and largest values.
RANGES = {
    "cover": (0, 255),
    "log_mel_96": (0, 6),
    "mel_128": (-80, 40),
    "stft_db": (-80, 0),
    "log_picture": (0, 1),
    "frames_205": (-3, 3),
    "statistics_423": (-3, 3),
}
# Large, or a relative, built by the same lines, of one that stays.
SWEPT = {
    *("efficientnet_lite1", "efficientnet_lite2", "mtt_musicnn", "mtt_vgg"),
    *("s2_densenet169", "s2_inceptionv3", "s2_resnet50", "s2_vgg16"),
    *("s3_model_2", "s3_model_4_1", "s3_model_4_2", "s3_model_7"),
    *("s4_a", "s4_lite0", "s5_cnn_han"),
}


def marked(names: Iterable[str]) -> list[object]:
    """Give the networks as parameters."""
    return [
        pytest.param(name, marks=pytest.mark.sweep) if name in SWEPT else name for name in names
    ]


NAMES = marked(sorted(ARCHITECTURES))


def small_input(name: str) -> CoverInput | SongInput:
    """Big backbones run at 96 px; S1's seven unpadded convolutions need their own size."""
    if name in SONGS:
        features, n_frames = SONGS[name]
        return SongInput(features=features, n_frames=n_frames, hop_frames=n_frames)
    return CoverInput(size=260 if name == "s1_prog_covers" else 96)


def small_batch(name: str, n: int, seed: int = 0) -> np.ndarray:
    """`n` inputs of noise, in the range that the network is made for."""
    low, high = RANGES[SONGS[name][0] if name in SONGS else "cover"]
    shape = (n, *small_input(name).shape)
    batch = np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)
    if name == "s5_lstm":
        batch[0, 7:] = PAD  # a short segment among whole ones
    return batch


def small_network(name: str, seed: int = 0, **settings: object) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return build(name, n_logits=3, input_shape=small_input(name).shape, **settings)


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Each network in turn: pytest runs all tests of one before it builds the next."""
    return request.param


@pytest.fixture(scope="module")
def network(name: str) -> keras.Model:
    return small_network(name)


def run(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    return np.asarray(network(inputs, training=False))


@pytest.fixture(scope="module")
def logits(name: str, network: keras.Model) -> np.ndarray:
    """What the network says of `small_batch(name, 3)`."""
    return run(network, small_batch(name, 3))


def test_there_are_networks() -> None:
    assert len(NAMES) >= 25
    assert set(SONGS) == {each.name for each in ARCHITECTURES.values() if each.media == "song"}
    assert set(ARCHITECTURES) >= SWEPT | {"efficientnet_lite0", "s1_prog_covers", "s3_model_5"}


@pytest.mark.parametrize(
    ("name", "n_parameters"),
    [
        ("efficientnet_lite0", 4_694_024),
        ("efficientnet_lite1", 5_470_344),
        ("efficientnet_lite2", 6_150_168),
        ("s1_prog_covers", 447_593),
        ("s2_resnet50", 49_281_935),
        pytest.param("s2_densenet169", 33_520_207, marks=pytest.mark.sweep),
        pytest.param("s2_inceptionv3", 55_361_327, marks=pytest.mark.sweep),
        ("s2_vgg16", 21_141_327),
        ("s3_model_1", 3_268_428),
        ("s3_model_2", 1_570_852),
        ("s3_model_3", 6_499_852),
        ("s3_model_4_1", 6_516_620),
        ("s3_model_4_2", 3_326_412),
        ("s3_model_5", 140_236),
        ("s3_model_7", 3_268_428),
        ("s4_a", 67_081_236),
        ("s4_b", 2_236_164),
        ("s4_lite0", 3_438_644),
        ("s5_lstm", 674_452),
        ("s5_cnn", 614_210),
        ("s5_cnn_han", 1_436_898),
        ("s5_mlp", 389_698),
        ("picture_bands", 448),
        ("msd_musicnn", 792_079),
        ("mtt_musicnn", 792_079),
        ("msd_vgg", 607_030),
        ("mtt_vgg", 607_030),
    ],
)
def test_stated_parameter_count(name: str, n_parameters: int) -> None:
    architecture = find_architecture(name)
    network = build(name)
    assert network.count_params() == n_parameters == architecture.n_parameters
    assert network.input_shape == (None, *architecture.input_shape)
    assert network.output_shape == (None, architecture.n_logits)


def test_logits_are_finite_and_not_squashed(network: keras.Model, logits: np.ndarray) -> None:
    assert logits.shape == (3, 3)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()
    last = network.layers[-1]
    assert last.name == "logits"
    assert last.activation is keras.activations.linear


def test_same_alone_in_a_batch_and_in_any_order(
    name: str, network: keras.Model, logits: np.ndarray
) -> None:
    inputs = small_batch(name, 3)
    assert not np.array_equal(logits[0], logits[1])
    alone = np.concatenate([run(network, inputs[i : i + 1]) for i in range(2)])
    turned = run(network, inputs[::-1])[::-1]
    # float32 sums in another order differ in the last digits.
    np.testing.assert_allclose(alone, logits[:2], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(turned, logits, rtol=1e-3, atol=1e-4)


def test_seeded(name: str, network: keras.Model) -> None:
    again = small_network(name).get_weights()
    first = network.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_another_seed_gives_other_weights() -> None:
    first = small_network("s5_mlp").get_weights()
    other = small_network("s5_mlp", seed=1).get_weights()
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_saved_and_loaded_it_is_the_same(
    name: str, network: keras.Model, logits: np.ndarray, tmp_path: Path
) -> None:
    made = make_experiment(("a", "b", "c"))
    experiment = dataclasses.replace(made, architecture=name, input=small_input(name))
    folder = tmp_path / f"{name}.test"
    save_network(network, make_card(experiment, folder.name), folder)
    loaded = load_network(open_bundle(folder))
    np.testing.assert_array_equal(run(loaded, small_batch(name, 3)), logits)


def test_flat_and_named(network: keras.Model) -> None:
    assert not any(isinstance(layer, keras.Model) for layer in network.layers)
    assert not isinstance(network, keras.Sequential)
    # Keras numbers what nobody named: conv2d_1, re_lu_7.
    unnamed = ("conv2d", "masking", "reshape", "batch_normalization", "max_pooling2d")
    assert [each.name for each in network.layers if each.name.startswith(unnamed)] == []


# Those that no test below trains until they know eight inputs by heart.
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        # The Lites' end is trained in test_fit.
        *(
            pytest.param(name, marks=pytest.mark.sweep)
            for name in ("efficientnet_lite0", "s4_lite0")
        ),
        "msd_musicnn",
        "msd_vgg",
    ],
)
def test_one_step_lowers_the_loss(name: str) -> None:
    network = small_network(name, dropout=0.0)
    batch = small_batch(name, 6)
    targets = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]
    network.compile(
        optimizer=keras.optimizers.SGD(1e-3),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        run_eagerly=True,  # to compile takes longer than a few steps
    )
    first, second = (network.train_on_batch(batch, targets) for _ in range(2))
    assert second < first


OWN = ["s1_prog_covers", "s4_a", "s4_b", "s5_lstm", "s5_cnn", "s5_cnn_han", "s5_mlp"]


@pytest.mark.slow
@pytest.mark.parametrize("name", marked(OWN))
def test_it_overfits_a_few_inputs(name: str) -> None:
    keras.utils.set_random_seed(0)
    still = {"dropout": 0.0} | ({"recurrent_dropout": 0.0} if name == "s5_lstm" else {})
    network = build(name, n_logits=1, input_shape=small_input(name).shape, **still)
    is_s1 = name == "s1_prog_covers"
    n = 2 if is_s1 else 4  # of either kind
    batch = small_batch(name, 2 * n)
    if is_s1:
        batch[n:] *= 0.5
    targets = np.repeat([[0.0], [1.0]], n, axis=0).astype(np.float32)
    network.compile(
        optimizer=keras.optimizers.Adam(3e-3 if is_s1 else 1e-3),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    for _ in range(60):
        network.train_on_batch(batch, targets)
        is_right = (run(network, batch) > 0) == (targets > 0.5)
        if is_right.all():
            break
    assert is_right.all()


def test_a_gradient_reaches_every_stage(name: str, network: keras.Model) -> None:
    if name in ("s5_lstm", "s5_mlp", "picture_bands"):
        with pytest.raises(ParameterError, match="Received the layers"):
            conv_stages(network)
        return
    stages = conv_stages(network)
    assert len(stages) >= 3
    maps = [network.get_layer(stage.output).output for stage in stages]
    both = keras.Model(network.input, [*maps, network.output])
    with tf.GradientTape() as tape:
        inputs = tf.constant(small_batch(name, 1))
        tape.watch(inputs)
        *found, logits = both(inputs, training=False)
        score = logits[0, 1]
    for stage, gradient in zip(stages, tape.gradient(score, found), strict=True):
        assert gradient.shape == (1, *stage.map_size, stage.n_filters)
        assert np.isfinite(gradient).all(), stage.name
        assert np.abs(gradient).max() > 0, stage.name


def test_every_kernel_can_be_read(network: keras.Model) -> None:
    found = conv_layers(network)
    kinds = (layers.Conv1D, layers.Conv2D, layers.DepthwiseConv2D)
    expected = [layer for layer in network.layers if isinstance(layer, kinds)]
    assert [each.name for each in found] == [layer.name for layer in expected]
    for each, layer in zip(found, expected, strict=True):
        assert each.n_parameters == layer.count_params()
        assert each.kernels.weights.size == np.prod(layer.kernel.shape)
        assert each.n_filters == layer.output.shape[-1]
        # Fresh weights: nothing has been given up yet.
        assert each.n_blank == 0
        on_map = [reach for reach in (*each.step, *each.sees) if reach is not None]
        assert min(on_map) >= 1
        shown = over_inputs(each.kernels.weights[:9])
        assert np.isfinite(lay_out(shown, 3)).sum() == shown.size


def test_s1_layer_table() -> None:
    network = build("s1_prog_covers")
    sizes = [
        layer.output.shape[1] for layer in network.layers if layer.name.startswith(("conv", "pool"))
    ]
    assert sizes == [258, 129, 127, 64, 62, 31, 29, 15, 13, 7, 5, 3, 1, 1]


def test_smallest_s1_input() -> None:
    assert build("s1_prog_covers", input_size=255).get_layer("conv_7").output.shape[1] == 1


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("resnet", {}),
        ("s1_prog_covers", {"input_size": 254}),
        ("s1_prog_covers", {"dropout": 1.0}),
        ("s1_prog_covers", {"dropuot": 0.1}),
        ("s1_prog_covers", {"n_logits": 0}),
        ("efficientnet_lite0", {"input_size": 16}),
        ("efficientnet_lite0", {"weights": "mine"}),
        ("s1_prog_covers", {"input_shape": (260, 280, 3)}),
        ("s1_prog_covers", {"input_shape": (260, 260)}),
        ("s1_prog_covers", {"input_shape": (260, 260, 3), "input_size": 260}),
        ("msd_musicnn", {"input_size": 187}),
        ("msd_musicnn", {"input_shape": (187, 96, 1)}),
    ],
)
def test_bad_settings(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        build(name, **settings)
