"""`train`: settings changed from the command line, and what it would cost told without training."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.cli import main
from genre_core.cli import train as train_commands
from genre_core.config import Experiment, from_dict

TINY = """
name = "tiny"
title = "Tiny"
study = "ours"
architecture = "s3_model_1"
tag = "tiny"
[task]
genres = ["Blue", "Red"]
[input]
size = 64
[training]
epochs = 2
batch_size = 16
"""


class CalledError(Exception):
    """Instead of a training."""


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Experiment]:
    """Recipes that a training was asked for; none is carried out."""
    asked: list[Experiment] = []

    def instead(values: dict[str, object], *_: object, **__: object) -> None:
        asked.append(from_dict(Experiment, values))
        raise CalledError

    monkeypatch.setattr(train_commands, "training_request", instead)
    return asked


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture
def covers(tmp_path: Path) -> Path:
    """Sixty grey covers as genre folders; what they show does not matter."""
    rng = np.random.default_rng(0)
    for genre in ("Blue", "Red"):
        (tmp_path / "covers" / genre).mkdir(parents=True)
        for i in range(30):
            pixels = rng.integers(0, 256, (40, 40), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "covers" / genre / f"{i}.png")
    return tmp_path / "covers"


def test_settings_reach_the_training(recipe: Path, given: list[Experiment]) -> None:
    words = ["train", str(recipe), "--data", "none", "--set", "training.batch_size=8"]
    with pytest.raises(CalledError):
        main([*words, "--set", "augment.flip=true", "--set", 'task.genres=["Blue", "Green"]'])
    (experiment,) = given
    assert experiment.training.batch_size == 8
    assert experiment.augment.flip
    assert experiment.task.genres == ("Blue", "Green")
    assert experiment.training.epochs == 2


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("training.batchsize=8", "Did you mean 'training.batch_size'"),
        ("training.batch_size", "PATH=VALUE"),
        ("training.batch_size=0", "batch_size must be at least 1"),
        ("training.batch_size=eight", "TOML value"),
    ],
)
def test_wrong_settings_train_nothing(
    word: str,
    said: str,
    recipe: Path,
    given: list[Experiment],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["train", str(recipe), "--data", "none", "--set", word]) == 2
    assert said in capsys.readouterr().err
    assert not given


def test_an_estimate_is_json_alone_and_trains_nothing(
    recipe: Path,
    covers: Path,
    given: list[Experiment],
    genre_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["train", str(recipe), "--data", str(covers), "--estimate", "--json", "--repeats", "3"]
    assert main([*words, "--set", "training.batch_size=7"]) == 0
    found = json.loads(capsys.readouterr().out)
    n_train = found["n_train"]
    assert 30 < n_train < 60
    assert found["steps_per_epoch"] == -(-n_train // 7)
    assert found["n_fits"] == 3
    assert found["total_s"] == pytest.approx(3 * 2 * found["epoch_s"])
    assert found["bundle"] == "s3_model_1.tiny"
    assert not given
    assert not (genre_home / "models").exists()


def test_an_estimate_in_words(
    recipe: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(recipe), "--data", str(covers), "--estimate", "--measure-for", "0"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["what", "how", "much"]
    assert "646,338, trained 646,338" in out
    assert "not known (0 measured)" in out
    assert "No step was tried" in out


def test_an_estimate_of_a_wrong_time(
    recipe: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(recipe), "--data", str(covers), "--estimate", "--measure-for", "-1"]
    assert main(words) == 2
    assert "max_s must be above 0 s. Received -1.0" in capsys.readouterr().err


def test_folds_of_covers_are_refused_before_anything_is_measured(
    recipe: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(recipe), "--data", str(covers), "--estimate", "--folds", "3"]
    assert main(words) == 2
    assert "Folds are for networks of songs" in capsys.readouterr().err
