"""Settings: every key, type and range is checked, and what is read can be written back."""

import dataclasses
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


def test_every_cover_study_has_its_recipes() -> None:
    s3 = ("1", "2", "3", "4_1", "4_2", "5", "6", "7_1", "7_2", "7_3", "8")
    corrected = ("7_1_corrected", "7_2_corrected", "7_3_corrected")
    expected = {f"s3_model_{each}" for each in (*s3, *corrected)}
    expected |= {"s1_prog_covers", "s1_prog_vs_rock", "s1_prog_vs_all", "s3_multilabel"}
    expected |= {f"s2_{each}" for each in ("resnet50", "densenet169", "inceptionv3", "vgg16")}
    assert set(list_experiments()) >= expected


def test_bundles_of_shipped_experiments_do_not_share_a_name() -> None:
    names = [load_experiment(name).bundle_name for name in list_experiments()]
    assert len(names) > 20
    assert len(set(names)) == len(names)


@pytest.mark.slow
def test_shipped_experiments_of_covers_build_their_networks() -> None:
    from genre_core.architectures import ARCHITECTURES, build

    settings = {}
    for name in list_experiments():
        made = load_experiment(name)
        network = {key: value for key, value in made.network.items() if key != "weights"}
        settings[made.architecture, made.input.shape, str(network)] = (made, network)
    # A backbone's head for 224 px has 26 million weights: the contract builds them small.
    small = [
        each
        for (name, _, _), each in settings.items()
        if ARCHITECTURES[name].media == "cover" and not name.startswith("s2_")
    ]
    assert len(small) >= 8
    for made, network in small:
        built = build(
            made.architecture,
            n_logits=made.task.n_logits,
            input_shape=made.input.shape,
            **network,
        )
        assert built.output_shape == (None, made.task.n_logits)


def test_what_is_trained_in_parts_by_default_has_no_norm() -> None:
    from genre_core.architectures import build

    parted = [made for made in map(load_experiment, list_experiments()) if made.training.parts > 1]
    assert len(parted) >= 3
    for made in parted:
        shape = {"n_logits": made.task.n_logits, "input_shape": made.input.shape}
        network = build(made.architecture, **shape, **made.network)
        # Else the update would not be that of the whole batch, which a study printed.
        assert not [layer for layer in network.layers if "norm" in type(layer).__name__.lower()]


@pytest.mark.parametrize(
    ("faithful", "slip"),
    [
        ("s3_model_7_1", "scaled_twice"),
        ("s3_model_7_2", "cast_to_8_bit"),
        ("s3_model_7_3", "cast_to_8_bit"),
    ],
)
def test_a_corrected_recipe_differs_by_the_slip_alone(faithful: str, slip: str) -> None:
    printed, corrected = load_experiment(faithful), load_experiment(f"{faithful}_corrected")
    assert (printed.augment.slip, corrected.augment.slip) == (slip, "none")
    assert dataclasses.replace(printed.augment, slip="none") == corrected.augment
    for part in ("task", "input", "training", "network", "architecture"):
        assert getattr(printed, part) == getattr(corrected, part)


def test_s3_recipes_hold_what_its_table_says() -> None:
    table = {
        # batch, rate, epochs, runs, class weights, trained on
        "1": (32, 1e-3, 10, 5, False, "train"),
        "2": (32, 1e-3, 10, 10, False, "train"),
        "3": (32, 1e-2, 10, 10, False, "train"),
        "4_1": (32, 1e-3, 10, 10, False, "train"),
        "4_2": (32, 1e-3, 10, 10, False, "train"),
        "5": (32, 1e-3, 6, 10, False, "train"),
        "6": (32, 1e-3, 6, 10, False, "train+val"),
        "7_1": (64, 1e-3, 6, 10, False, "train"),
        "7_2": (64, 1e-3, 6, 10, False, "train+val"),
        "7_3": (32, 1e-3, 6, 10, False, "train+val"),
        "8": (32, 1e-3, 6, 10, True, "train+val"),
    }
    for model, expected in table.items():
        made = load_experiment(f"s3_model_{model}")
        t = made.training
        found = (t.batch_size, t.learning_rate, t.epochs, t.repeats, t.class_weights, t.train_on)
        assert found == expected, model
        assert (t.optimizer, t.select, len(made.task.genres)) == ("adam", "last_epoch", 12)
        assert made.input.size == (90 if model == "2" else 128)
        assert bool(made.augment.rotation) is model.startswith("7")


def test_a_base_is_merged_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('base = "s3_model_7_1"\nname = "mine"\n[training]\nepochs = 2\n')
    mine, base = load_experiment(path), load_experiment("s3_model_7_1")
    assert (mine.training.epochs, mine.training.batch_size) == (2, 64)
    assert (mine.augment, mine.task, mine.tag) == (base.augment, base.task, base.tag)


def test_experiments_that_are_each_other_s_base(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(f'base = "{two.as_posix()}"\n')
    two.write_text(f'base = "{one.as_posix()}"\n')
    with pytest.raises(ParameterError, match=r"one\.toml > two\.toml > one\.toml"):
        load_experiment(one)
    one.write_text("base = 3\n")
    with pytest.raises(ParameterError, match="Received 3"):
        load_experiment(one)


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
        (changed(training={"epochs": 1, "parts": 0}), "parts must be at least 1"),
        (changed(training={"epochs": 1, "parts": -4}), "parts must be at least 1"),
        (changed(training={"epochs": 1, "parts": 2.0}), "type int"),
        (changed(training={"epochs": 1, "parts": 5}), "divide batch_size, here 32"),
        (changed(training={"epochs": 1, "batch_size": 4, "parts": 8}), "divide batch_size"),
        (changed(training={"epochs": 1, "optimizer": "adma"}), "'adam'"),
        (changed(training={"epochs": 1, "label_smoothing": 0.9}), "label_smoothing"),
        (changed(augment={"crop": 0}), "crop"),
        (changed(augment={"aspect": 0.6}), "aspect"),
        (changed(augment={"flip": 1}), "type bool"),
        (changed(augment={"shift": 0.6}), "shift"),
        (changed(augment={"slip": "typo"}), "'scaled_twice'"),
        (changed(training={"epochs": 1, "train_on": "train+val"}), "last_epoch"),
        (
            changed(training={"epochs": 1, "select": "last_epoch", "patience": 2}),
            "patience",
        ),
    ],
)
def test_wrong_settings(values: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match="Received") as error:
        from_dict(Experiment, values)
    assert said in str(error.value)


def test_settings_of_before_there_were_parts() -> None:
    values = to_dict(from_dict(Experiment, MINIMAL))
    assert values["training"].pop("parts") == 1
    assert from_dict(Experiment, values).training == Training(epochs=1, batch_size=32, parts=1)


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
