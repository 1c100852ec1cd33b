"""The question of length: a made shortcut is found, and where there is none nothing is claimed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genre_core.errors import DatasetError, ParameterError
from genre_core.lessons import length_models
from genre_core.lessons.length_models import MODELS, fit_and_ask
from genre_core.lessons.song_length import FEATURES, song_length
from genre_core.lessons.song_table import FILES
from genre_core.lessons.stored import load_lesson, save_lesson

pytestmark = pytest.mark.usefixtures("few_resamples", "small_mlp", "few_trees")


def write(folder: Path, *, longer: float, n: int = 160, seed: int = 0) -> Path:
    """Songs of noise; prog ones are `longer` times as long as the others."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in enumerate(FILES.values()):
        draw = np.random.default_rng(10 * seed + part)
        is_prog = draw.permutation(np.arange(n) % 2)
        length = draw.uniform(150, 300, n) * np.where(is_prog == 1, longer, 1.0)
        noise = {f"Mean {k}": draw.normal(size=n) for k in range(5)}
        frame = pd.DataFrame({"prog": is_prog, "Duration": length.round(1), **noise})
        frame.to_csv(folder / name, index=False)
    return folder


def ask(folder: Path, **options: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"repeats": 1, "epochs": 10, "log": lambda line: None}
    return song_length(folder, command="a test", **(settings | options))


def row(result: dict[str, Any], features: str, model: str) -> dict[str, Any]:
    return next(
        each for each in result["rows"] if (each["features"], each["model"]) == (features, model)
    )


@pytest.fixture(scope="module")
def shortcut(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return ask(write(tmp_path_factory.mktemp("made") / "songs", longer=1.8), repeats=2)


def test_a_made_shortcut_is_found(shortcut: dict[str, Any]) -> None:
    assert shortcut["majority"] == 0.5
    for model in MODELS:
        alone, without = (row(shortcut, each, model) for each in ("length alone", "without length"))
        assert alone["kept"]["accuracy"]["low"] > shortcut["majority"]
        assert alone["roc_auc"]["mean"] > 0.9
        kept = without["kept"]["accuracy"]
        assert kept["low"] <= shortcut["majority"] <= kept["high"]


def test_every_model_meets_every_set_of_columns(shortcut: dict[str, Any]) -> None:
    pairs = [(each["features"], each["model"]) for each in shortcut["rows"]]
    assert pairs == [(features, model) for features in FEATURES for model in MODELS]
    assert [each["n_columns"] for each in shortcut["rows"][::3]] == [6, 5, 1]
    for each in shortcut["rows"]:
        assert [one["seed"] for one in each["each"]] == [0, 1]
        for figure in ("accuracy", "balanced_accuracy", "roc_auc"):
            values = [one[figure] for one in each["each"]]
            spread = each[figure]
            assert (spread["lowest"], spread["highest"]) == (min(values), max(values))
            # All are rounded to four digits.
            assert spread["mean"] == pytest.approx(np.mean(values), abs=1.01e-4)
        # The one kept is the one whose loss on the songs to choose on is least: never by test.
        kept = min(each["each"], key=lambda one: one["val_loss"])
        assert each["kept"]["seed"] == kept["seed"]
        assert each["kept"]["accuracy"]["value"] == kept["accuracy"]
        is_network = each["model"] == MODELS[0]
        assert all((1 <= one["epoch"] <= 10) == is_network for one in each["each"])
    facts = shortcut["data"]
    assert (facts["train"]["songs"], facts["test"]["prog"]) == (160, 80)
    assert facts["test"]["mean_s"]["prog"] > 1.6 * facts["test"]["mean_s"]["non-prog"]
    assert shortcut["columns"]["left_out"] == ["Duration"]


def test_the_result_is_kept_as_it_is(shortcut: dict[str, Any], genre_home: Path) -> None:
    assert json.loads(save_lesson("song_length", shortcut).read_text()) == shortcut
    assert load_lesson("song_length") == shortcut


def test_the_study_s_lengths_follow_from_its_windows(shortcut: dict[str, Any]) -> None:
    found = {(w["part"], w["label"]): w["mean_s"] for w in shortcut["study"]["windows"]}
    assert {key: round(value) for key, value in found.items()} == {
        ("training", "prog"): 546,
        ("training", "non-prog"): 225,
        ("test", "prog"): 593,
        ("test", "non-prog"): 304,
    }
    for each in shortcut["study"]["mlp"]:
        # As printed, to the digit that it was cut off at.
        assert each["accuracy"] == pytest.approx(each["printed"], abs=1e-3)


def test_with_shuffled_labels_nothing_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path, longer=1.8, seed=3)
    for seed, name in enumerate(FILES.values()):
        frame = pd.read_csv(folder / name)
        frame["prog"] = np.random.default_rng(seed).permutation(frame["prog"])
        frame.to_csv(folder / name, index=False)
    result = ask(folder)
    for each in result["rows"]:
        assert each["kept"]["accuracy"]["low"] <= result["majority"], each["features"]


def test_songs_to_choose_on_and_to_test_teach_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    train, test = draw.normal(5, 3, (50, 2)), draw.normal(-9, 1, (20, 2))
    is_prog = np.arange(50) % 2
    given: list[np.ndarray] = []

    def watched(model: str, x: np.ndarray, labels: np.ndarray, *, seed: int) -> Any:
        given.append(x)
        return lambda songs: np.full(len(songs), 0.5)

    monkeypatch.setattr(length_models, "_fit_plain", watched)
    found = fit_and_ask("random forest", train, is_prog, test, seed=0, epochs=1)
    assert given[0].shape == (40, 2)
    # Scaled by these 40 alone.
    np.testing.assert_allclose(given[0].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(given[0].std(axis=0), 1, atol=1e-12)
    assert found.val_loss == pytest.approx(np.log(2))


@pytest.mark.slow
def test_the_network_takes_the_best_epoch_and_is_seeded() -> None:
    draw = np.random.default_rng(0)
    train = draw.normal(size=(60, 3))
    is_prog = draw.permutation(np.arange(60) % 2)  # Noise: the loss on unseen songs soon rises.
    runs = [
        fit_and_ask(MODELS[0], train, is_prog, train, seed=4, epochs=epochs)
        for epochs in (25, 25, 1)
    ]
    assert runs[0].probs.tolist() == runs[1].probs.tolist()
    assert runs[0].epoch == runs[1].epoch < 25
    assert runs[0].val_loss <= runs[2].val_loss


def test_a_table_of_lengths_alone(tmp_path: Path) -> None:
    folder = write(tmp_path, longer=1.5)
    for name in FILES.values():
        frame = pd.read_csv(folder / name)[["prog", "Duration"]]
        frame.assign(Beats=np.arange(len(frame))).to_csv(folder / name, index=False)
    with pytest.raises(DatasetError, match=r"Received only \['Duration', 'Beats'\]"):
        ask(folder)


@pytest.mark.parametrize("asked", [{"repeats": 0}, {"epochs": -1}, {"seed": -1}])
def test_settings_out_of_range(tmp_path: Path, asked: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        ask(tmp_path, **asked)
