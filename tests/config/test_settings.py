"""Settings: every key, type and range is checked, and what is read can be written back."""

from pathlib import Path

import pytest

from genre_core.config import (
    Augment,
    CoverInput,
    Experiment,
    Task,
    Training,
    from_dict,
    list_experiments,
    load_experiment,
    to_dict,
)
from genre_core.errors import ParameterError

MINIMAL = {
    "name": "x",
    "title": "X",
    "study": "ours",
    "architecture": "s1_prog_covers",
    "tag": "t",
    "task": {"genres": ["a", "b"]},
    "input": {"size": 64},
    "training": {"epochs": 1},
}


def changed(**changes: object) -> dict[str, object]:
    return MINIMAL | changes


@pytest.mark.parametrize("name", list_experiments())
def test_shipped_experiments_hold(name: str) -> None:
    experiment = load_experiment(name)
    assert experiment.name == name
    assert from_dict(Experiment, to_dict(experiment)) == experiment


def test_every_cover_study_of_today_has_its_recipe() -> None:
    assert set(list_experiments()) >= {"gaid5_lite2", "prog_lite2", "s1_prog_covers"}


def test_shipped_experiments_build_their_networks() -> None:
    from genre_core.architectures import ARCHITECTURES

    for name in list_experiments():
        experiment = load_experiment(name)
        architecture = ARCHITECTURES[experiment.architecture]
        assert experiment.input.size == architecture.input_shape[0]


def test_lists_become_tuples_and_defaults_fill_in() -> None:
    experiment = from_dict(Experiment, MINIMAL)
    assert experiment.task.genres == ("a", "b")
    assert experiment.augment == Augment()
    assert experiment.bundle_name == "s1_prog_covers.t"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (changed(inputs={}), "Did you mean 'input'"),
        (changed(task={"genres": ["a", "b"], "gneres": []}), "Did you mean 'genres'"),
        (changed(input={"size": 64, "zzz": 1}), "Known keys"),
        ({k: v for k, v in MINIMAL.items() if k != "task"}, "needs the key 'task'"),
        (changed(study="S9"), "'S1'"),
        (changed(task={"genres": "ab"}), "a list"),
        (changed(task={"genres": ["a"]}), "two different"),
        (changed(task={"genres": ["a", "a"]}), "two different"),
        (changed(task={"genres": ["a", "b", "c"], "head": "binary"}), "exactly two"),
        (changed(task={"genres": ["a", "b"], "rules": {"c": ["x"]}}), "only name genres"),
        (changed(input={"size": 8}), "32, 1024"),
        (changed(input={"size": True}), "type int"),
        (changed(input={"size": "64"}), "type int"),
        (changed(input=64), "a table"),
        (changed(training={"epochs": 0}), "epochs"),
        (changed(training={"epochs": 1.5}), "type int"),
        (changed(training={"epochs": 1, "learning_rate": 0}), "learning_rate"),
        (changed(training={"epochs": 1, "optimizer": "adma"}), "'adam'"),
        (changed(training={"epochs": 1, "label_smoothing": 0.9}), "label_smoothing"),
        (changed(augment={"crop": 0}), "crop"),
        (changed(augment={"aspect": 0.6}), "aspect"),
        (changed(augment={"flip": 1}), "type bool"),
    ],
)
def test_wrong_settings(values: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match="Received") as error:
        from_dict(Experiment, values)
    assert said in str(error.value)


def test_n_logits_follows_the_head() -> None:
    assert Task(genres=("a", "b")).n_logits == 2
    assert Task(genres=("a", "b"), head="binary").n_logits == 1
    assert Task(genres=("a", "b", "c"), head="multilabel").n_logits == 3


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CoverInput(size=64).size = 32  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Training(epochs=1).epochs = 2  # type: ignore[misc]


@pytest.mark.parametrize("content", ["= broken", "name = 3", "\x00"])
def test_a_broken_file(content: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(ParameterError, match="Received"):
        load_experiment(path)


def test_a_missing_file_and_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received"):
        load_experiment(tmp_path / "none.toml")
    with pytest.raises(ParameterError, match="Did you mean 'prog_lite2'"):
        load_experiment("prog_lite")
