"""The scaling question: every training meets every test, and the made shortcut is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from genre_core.config import CoverInput, Experiment, Task, Training, load_experiment
from genre_core.errors import CheckpointError, ParameterError
from genre_core.lessons import scaling
from genre_core.lessons.scaling import TESTED, TRAINED, scaling_question
from genre_core.lessons.stored import load_lesson, save_lesson
from genre_core.training import batches
from genre_core.training import fit as fitting
from genre_core.training.fit import BestRun
from genre_core.training.split_data import SplitData
from tests.made_bundles import write_dataset

pytestmark = pytest.mark.usefixtures("few_resamples")


def recipe(genres: tuple[str, ...] = ("Blue", "Red"), head: str = "binary") -> Experiment:
    return Experiment(
        name="tiny_scaling",
        title="Tiny",
        study="S1",
        architecture="s3_model_5",
        tag="tiny",
        task=Task(genres=genres, head=head),
        input=CoverInput(size=64),
        training=Training(epochs=3, repeats=2, batch_size=8, select="val_roc_auc"),
    )


def test_every_training_meets_every_test(
    tmp_path: Path, genre_home: Path, made_networks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path / "made", 60)
    fit, logits_of = fitting.fit_experiment, batches.logits_of
    given: list[list[np.ndarray]] = []  # what each network was trained on and asked about
    hidden: list[float] = []

    def watched_fit(made: Experiment, train: SplitData, val: SplitData, **options: Any) -> BestRun:
        given.append([train.inputs, val.inputs])
        hidden.append(made.augment.neutralise)
        return fit(made, train, val, **options)

    def watched_logits(network: keras.Model, covers: np.ndarray) -> np.ndarray:
        given[-1].append(covers)
        return logits_of(network, covers)

    monkeypatch.setattr(fitting, "fit_experiment", watched_fit)
    monkeypatch.setattr(batches, "logits_of", watched_logits)
    lines: list[str] = []
    found = scaling_question(
        recipe(), tmp_path / "made", command="a test", log=lines.append, epochs=1, repeats=1
    )
    pairs = [(row["trained_on"], row["tested_on"]) for row in found["rows"]]
    assert pairs == [(trained, tested) for trained in TRAINED for tested in TESTED]
    for row in found["rows"]:
        area = row["roc_auc"]
        assert 0 <= area["low"] <= area["value"] <= area["high"] <= 1
        assert 0 <= row["accuracy"] <= 1
    assert [each["trained_on"] for each in found["maps"]] == list(TRAINED)
    assert found["maps"][2]["tested_on"] == "neutralised"
    assert found["majority"] == 0.5
    assert found["experiment"]["training"]["epochs"] == 1
    assert found["experiment"]["training"]["repeats"] == 1
    assert found["data"]["n_test"] == 10
    assert lines
    assert json.loads(save_lesson("scaling_question", found).read_text()) == load_lesson(
        "scaling_question"
    )
    # What is scaled alike is so in training, on validation and in every test; nothing else is.
    assert len(given) == len(TRAINED)
    for course, seen in zip(TRAINED.values(), given, strict=True):
        coarse = [detail(covers) < 0.1 * detail(given[0][0]) for covers in seen]
        assert coarse == [course.alike] * (2 + len(TESTED))
    assert hidden == [float(course.neutralise) for course in TRAINED.values()]


def detail(covers: np.ndarray) -> float:
    """Mean difference of neighbouring pixels."""
    return float(np.abs(np.diff(np.asarray(covers, np.int16), axis=2)).mean())


def test_few_artists_give_a_figure_without_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "logits_of", lambda *_: np.array([[-1.0], [1.0], [-1.0], [1.0]]))
    songs = {"genre_index": [0, 1, 0, 1], "group": list("abca"), "item_id": list("wxyz")}
    frame = pd.DataFrame(songs | {"split": "test"})
    found = scaling._test(None, np.zeros((4, 8, 8, 3)), frame, "binary")
    assert found["roc_auc"] == {"value": 1.0, "no_interval": "3 groups"}


def test_three_genres_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="two genres"):
        scaling_question(recipe(("a", "b", "c"), "softmax"), tmp_path, command="a test", log=print)


@pytest.mark.parametrize("asked", [{"epochs": 0}, {"repeats": 0}, {"epochs": -1}])
def test_none_is_not_the_recipe_s_own(asked: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received"):
        scaling_question(recipe(), tmp_path, command="a test", log=print, **asked)


def test_the_shipped_recipe_asks_of_prog_and_rock() -> None:
    made = load_experiment("s1_scaling_question")
    assert made.task.rules["other"] == ("gaid5:Rock",)
    assert made.architecture == "s1_prog_covers"


def test_a_damaged_result_is_an_error(genre_home: Path) -> None:
    save_lesson("scaling_question", {}).write_text("[")
    with pytest.raises(CheckpointError, match="Received"):
        load_lesson("scaling_question")
