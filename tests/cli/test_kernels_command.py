"""The command kernels: layers, the kernels of one, and their picture."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from genre_core.cli import main
from genre_core.explain.kernel_pictures import OUTLINE
from genre_core.runs import bundle as bundles
from tests.made_bundles import SIZE, make_network, write_bundle


@pytest.fixture
def models(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One network with three blank kernels in its second layer, and one without convolutions."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    network = make_network()
    weights, biases = network.get_layer("conv_2").get_weights()
    weights[..., [0, 5, 9]] = 0
    network.get_layer("conv_2").set_weights([weights, biases])
    write_bundle(genre_home / "models", name="made.one", network=network)
    image = keras.Input((SIZE, SIZE, 3))
    logits = layers.Dense(2, name="logits")(layers.Flatten()(layers.AveragePooling2D(16)(image)))
    write_bundle(genre_home / "models", name="made.dense", network=keras.Model(image, logits))
    return genre_home / "models"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_layers_are_listed_with_their_blank_kernels(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "kernels", "made.one")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[1:4]] == ["conv_1", "conv_2", "conv_3"]
    assert out.splitlines()[-1] == "3 of 40 kernels are blank"
    _, out, _ = run(capsys, "kernels", "made.one", "--json")
    rows = json.loads(out)["layers"]
    assert [(row["kernels"], row["blank"], row["step"]) for row in rows] == [
        (8, 0, [1, 1]),
        (16, 3, [2, 2]),
        (16, 0, [4, 4]),
    ]
    assert sum(row["parameters"] for row in rows) == 224 + 1168 + 2320


def test_kernels_of_one_layer_are_sorted_by_their_norm(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, "kernels", "made.one", "--layer", "conv_2", "--json")
    rows = json.loads(out)["kernels"]
    assert sorted(row["kernel"] for row in rows) == list(range(16))
    norms = [row["norm"] for row in rows]
    assert norms == sorted(norms, reverse=True)
    assert [row["kernel"] for row in rows if row["blank"]] == [0, 5, 9]
    _, out, _ = run(capsys, "kernels", "made.one", "--layer", "conv_2")
    assert out.splitlines()[-1] == "3 of 16 kernels are blank"


@pytest.mark.parametrize("inputs", ["strongest", "mean", "rss", "7"])
def test_the_picture_outlines_what_is_blank(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], inputs: str
) -> None:
    out_file = tmp_path / "kernels.png"
    words = ("--layer", "conv_2", "--inputs", inputs, "--out", out_file)
    code, out, _ = run(capsys, "kernels", "made.one", *words)
    assert code == 0
    assert str(out_file) in out
    with Image.open(out_file) as picture:
        outlined = (np.asarray(picture) == OUTLINE).all(axis=-1)
    assert outlined.any()
    run(capsys, "kernels", "made.one", "--layer", "conv_1", "--out", out_file)
    with Image.open(out_file) as picture:
        assert not (np.asarray(picture) == OUTLINE).all(axis=-1).any()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("made.one", "--layer", "conv2"), 2, "conv_2"),
        (("made.one", "--inputs", "median", "--out", "x.png"), 2, "median"),
        (("made.one", "--inputs", "3", "--out", "x.png"), 2, "from 0 to 2"),
        (("made.dense",), 2, "convolution"),
        (("made.two",), 1, "made.one"),
    ],
)
def test_wrong_calls(
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found, out, err = run(capsys, "kernels", *words)
    assert found == code
    assert said in err
    assert out == ""
    assert not (tmp_path / "x.png").exists()
