"""The teachers answer as the plain formula does, with made weights and with the real ones."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from genre_core.architectures.prog_teachers import (
    SNIPPET_SHAPE,
    TEACHERS,
    build_prog_teacher,
    read_runs,
)
from genre_core.audio.decode import decode_clip
from genre_core.audio.snippets import song_snippets
from genre_core.errors import CheckpointError, ParameterError
from genre_core.inference.forward import Compiled
from genre_core.metrics.classification import roc_auc
from tests.made_teachers import CHANNELS, Weights, made_weights, write_runs


def plain_logits(name: str, w: Weights, snippets: np.ndarray) -> np.ndarray:
    """Run a teacher in NumPy and float64, channels first as torch has it."""
    w = {key: value.astype(np.float64) for key, value in w.items()}

    def conv(x: np.ndarray, layer: str) -> np.ndarray:
        kernel = w[f"{layer}.weight"]
        padded = np.pad(x, ((0, 0), (0, 0), (kernel.shape[2] // 2,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2], axis=2)
        y = np.tensordot(windows, kernel, axes=([1, 3], [1, 2])).transpose(0, 2, 1)
        return y + w.get(f"{layer}.bias", np.zeros(len(kernel)))[:, np.newaxis]

    def norm(x: np.ndarray, layer: str) -> np.ndarray:
        parts = ("weight", "bias", "running_mean", "running_var")
        scale, shift, mean, var = (w[f"{layer}.{part}"][:, np.newaxis] for part in parts)
        return (x - mean) / np.sqrt(var + 1e-5) * scale + shift

    def pool(x: np.ndarray, padding: int = 0) -> np.ndarray:
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)), constant_values=-np.inf)
        n = x.shape[2] // 2
        return x[:, :, : 2 * n].reshape(*x.shape[:2], n, 2).max(axis=3)

    def leaky(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x, 0.01 * x)

    x = snippets.astype(np.float64).transpose(0, 2, 1)
    if name == "resnet":
        x = leaky(conv(x, "conv1"))
        for k in (1, 2, 3):
            block = f"layer{k}.0"
            y = leaky(norm(conv(x, f"{block}.conv1"), f"{block}.bn1"))
            y = norm(conv(y, f"{block}.conv2"), f"{block}.bn2")
            if f"{block}.downsample.0.weight" in w:
                x = norm(conv(x, f"{block}.downsample.0"), f"{block}.downsample.1")
            x = pool(leaky(x + y), padding=1)
        x, head = leaky(conv(x, "conv2")), "fc"
    else:
        for k in range(1, len(CHANNELS[name]) + 1):
            x = pool(np.maximum(norm(conv(x, f"layer{k}.0"), f"layer{k}.1"), 0))
        head = "fc1.0"
    return x.reshape(len(x), -1) @ w[f"{head}.weight"].T + w[f"{head}.bias"]


def made_snippets(n: int = 3) -> np.ndarray:
    """Noise as large as the rows are: levels in dB among values of about 1."""
    snippets = np.random.default_rng(1).normal(size=(n, *SNIPPET_SHAPE))
    snippets[:, :, 20:30] = -40 + 15 * snippets[:, :, 20:30]
    return snippets.astype(np.float32)


@pytest.mark.parametrize("name", TEACHERS)
def test_equal_to_the_plain_formula(name: str, tmp_path: Path) -> None:
    runs = [made_weights(name, seed) for seed in (0, 1)]
    networks = list(read_runs(write_runs(tmp_path / "runs.npz", *runs), name))
    assert len(networks) == 2
    snippets = made_snippets()
    for network, weights in zip(networks, runs, strict=True):
        expected = plain_logits(name, weights, snippets)
        assert np.abs(expected).max() > 0.1
        logits = np.asarray(network(snippets, training=False))
        np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "n_parameters", "n_values"),
    [("acoustic", 66_658, 832), ("depthwise", 272_450, 18_232), ("resnet", 205_314, 7_040)],
)
def test_a_flat_graph_of_the_stated_size(name: str, n_parameters: int, n_values: int) -> None:
    network = build_prog_teacher(name)
    assert network.count_params() == n_parameters
    assert network.input_shape == (None, 431, 43)
    assert network.get_layer("flatten").output.shape == (None, n_values)
    assert network.layers[-1].name == "logits"
    assert not [layer for layer in network.layers if isinstance(layer, keras.Model)]
    assert network.output_shape == (None, 2)


def test_an_unknown_teacher_is_refused() -> None:
    with pytest.raises(ParameterError, match="Received 'lstm'"):
        build_prog_teacher("lstm")


def test_files_that_are_no_teacher_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "acoustic.npz"
    with pytest.raises(CheckpointError, match=r"Received acoustic\.npz: "):
        list(read_runs(file, "acoustic"))
    file.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(CheckpointError, match=r"Received acoustic\.npz: "):
        list(read_runs(file, "acoustic"))
    np.savez(file, weight=np.zeros(3))
    with pytest.raises(CheckpointError, match=r"Received acoustic\.npz with 'weight'"):
        list(read_runs(file, "acoustic"))
    other = write_runs(tmp_path / "other.npz", made_weights("depthwise"))
    with pytest.raises(CheckpointError, match="Received shape"):
        list(read_runs(other, "acoustic"))
    lacking = made_weights("acoustic")
    del lacking["fc1.0.bias"]
    with pytest.raises(CheckpointError, match="Received shape"):
        list(read_runs(write_runs(tmp_path / "lacking.npz", lacking), "acoustic"))


@pytest.mark.realdata
@pytest.mark.sweep
def test_the_figures_on_rendered_songs_are_those_known(data_folder: Path) -> None:
    """Mean probability of 10 runs over a song's snippets: .738, .729 and .622, from outside.

    So the input is right: a wrong order of rows, a wrong trim or a wrong end would show.
    """
    table = pd.read_csv(data_folder / "audio" / "labels.csv").query("dataset == 'rendered60'")
    files = [data_folder / "audio" / path for path in table["path"]]
    songs = [song_snippets(decode_clip(file, sr=22_050)).inputs for file in files]
    song = np.repeat(np.arange(len(songs)), [len(snippets) for snippets in songs])
    snippets = np.concatenate(songs)
    is_prog = (table["prog"] == "prog").to_numpy().astype(np.int64)
    for name, known in (("acoustic", 0.738), ("depthwise", 0.729), ("resnet", 0.622)):
        probs = []
        for run, network in enumerate(read_runs(data_folder / "prog_real" / f"{name}.npz", name)):
            logits = Compiled(network, "float32", batch_size=64)(snippets)[0]
            if run == 0:
                with np.load(data_folder / "prog_real" / f"{name}.npz") as stored:
                    own = {key[2:]: stored[key] for key in stored.files if key.startswith("0/")}
                expected = plain_logits(name, own, snippets[:4])
                np.testing.assert_allclose(logits[:4], expected, rtol=1e-5, atol=1e-5)
            probs.append(1 / (1 + np.exp(np.float64(logits[:, 0]) - logits[:, 1])))
        means = np.bincount(song, np.mean(probs, axis=0)) / np.bincount(song)
        assert roc_auc(is_prog, means) == pytest.approx(known, abs=0.01)
