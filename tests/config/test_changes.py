"""Changes by path: checked like TOML, told apart again, written and read back."""

import pytest

from genre_core.config import (
    Experiment,
    changed,
    difference,
    fields_of,
    list_experiments,
    load_experiment,
    read_settings,
    to_dict,
    write_settings,
)
from genre_core.errors import ParameterError

BASE = "gaid5_lite2"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"training.epoch": 3}, "Did you mean 'training.epochs'"),
        ({"epochs": 3}, "Did you mean 'training.epochs'"),
        ({"trainig.epochs": 3}, "Did you mean 'training.epochs'"),
        ({"zzz.qqq": 3}, "augment, input, network, task, training"),
        ({"network": {}}, "A setting is named by its path"),
        ({"network.": 1}, "A setting is named by its path"),
        ({"training": {"epochs": 3}}, "A setting is named by its path"),
        ({"training.epochs": 0}, "epochs must be at least 1"),
        ({"training.epochs": "3"}, "training.epochs must be of type int"),
        ({"training.epochs": 2.5}, "training.epochs must be of type int"),
        ({"training.learning_rate": "fast"}, "training.learning_rate must be a number"),
        ({"training.optimizer": "adma"}, "training.optimizer must be one of 'adam'"),
        ({"training.parts": 5}, "parts must divide batch_size"),
        ({"augment.flip": 1}, "augment.flip must be of type bool"),
        ({"augment.crop": 0.0}, "crop must lie in (0, 1]"),
        ({"task.genres": ["Rock"]}, "genres must be at least two"),
        ({"task.genres": "Rock"}, "task.genres must be a list"),
        ({"input.size": 8}, "size must lie in [32, 1024]"),
        ({"input.n_frames": 8}, "A setting is named by its path"),  # of songs
        ({"training.select": "last_epoch"}, "patience needs a validation figure"),
    ],
)
def test_wrong_changes(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match="Received") as error:
        changed(load_experiment(BASE), changes)
    assert said in str(error.value)


@pytest.mark.parametrize("name", list_experiments())
def test_no_change_changes_nothing(name: str) -> None:
    experiment = load_experiment(name)
    assert changed(experiment, {}) == experiment
    assert changed(experiment, {}, reset_idle=True) == experiment
    assert difference(experiment, experiment) == {}
    assert write_settings(experiment, experiment) == []


@pytest.mark.parametrize("name", list_experiments())
def test_own_values_set_again_change_nothing(name: str) -> None:
    experiment = load_experiment(name)
    values = to_dict(experiment)
    own = {}
    for each in fields_of(experiment):
        table, _, key = each.path.rpartition(".")
        own[each.path] = (values[table] if table else values)[key]
    assert len(own) > 40
    assert changed(experiment, own, reset_idle=True) == experiment


def test_a_change_changes_that_alone_and_leaves_the_given_one() -> None:
    base = load_experiment(BASE)
    after = changed(base, {"training.batch_size": 16, "network.width": 7})
    assert base == load_experiment(BASE)
    assert difference(base, after) == {
        "training.batch_size": (32, 16),
        "network.width": (None, 7),
    }
    assert after.network["width"] == 7
    assert difference(after, base) == {
        "training.batch_size": (16, 32),
        "network.width": (7, None),
    }


def test_a_difference_of_covers_and_songs_names_both_sides() -> None:
    found = difference(load_experiment("gaid5_lite2"), load_experiment("s5_cnn"))
    assert found["input.size"] == (260, None)
    assert found["input.n_frames"] == (None, 43)
    assert found["study"] == ("ours", "S5")
    assert "training.seed" not in found


def test_what_loses_its_meaning_goes_back_to_its_default_if_asked_for() -> None:
    base = load_experiment(BASE)
    adam = {"training.optimizer": "adam", "training.select": "last_epoch"}
    after = changed(base, adam, reset_idle=True)
    assert (base.training.weight_decay, base.training.patience) == (0.02, 5)
    assert (after.training.weight_decay, after.training.patience) == (0.0, 0)
    assert set(difference(base, after)) == {*adam, "training.weight_decay", "training.patience"}


def test_what_had_no_meaning_before_stays_as_it_was() -> None:
    head = load_experiment("gtzan_musicnn")
    after = changed(head, {"training.folds": 3}, reset_idle=True)
    assert difference(head, after) == {"training.folds": (9, 3)}


def test_one_lost_meaning_takes_the_next_with_it() -> None:
    base = changed(load_experiment("s5_cnn"), {"training.folds": 5, "training.seed": 3})
    base = changed(base, {"training.fold_groups": "none"})
    after = changed(base, {"training.method": "none"}, reset_idle=True)
    assert (after.training.folds, after.training.fold_groups, after.training.seed) == (
        0,
        "group",
        0,
    )
    assert after.training.epochs == base.training.epochs  # has no default to go back to


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("training.batch_size=16", 16),
        ("training.learning_rate=1e-05", 1e-5),
        (" augment.flip = true", True),
        ('task.genres=["Pop", "Rock"]', ["Pop", "Rock"]),
        ('task.rules={Pop = ["x:*"]}', {"Pop": ["x:*"]}),
        ("training.optimizer=sgd", "sgd"),
        ("training.optimizer='sgd'", "sgd"),
        ('training.frozen_until=""', ""),
        ("tag=a-b.c", "a-b.c"),
        ("network.weights=none", "none"),
        ("network.new=word", "word"),
    ],
)
def test_words_of_the_command_line(word: str, value: object) -> None:
    found = read_settings(load_experiment(BASE), [word])
    assert found == {word.partition("=")[0].strip(): value}
    assert type(next(iter(found.values()))) is type(value)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("training.batch_size", "PATH=VALUE"),
        ("training.batchsize=16", "Did you mean 'training.batch_size'"),
        ("training.batch_size=", "TOML value"),
        ("training.batch_size=sixteen", "TOML value"),
        ("training.batch_size=1\nx = 2", "TOML value"),
        ("task.genres=Rock", "TOML value"),
        ("title=two words", "TOML value"),
        ('tag="open', "TOML value"),
    ],
)
def test_wrong_words(word: str, said: str) -> None:
    with pytest.raises(ParameterError, match="Received") as error:
        read_settings(load_experiment(BASE), [word])
    assert said in str(error.value)


def test_what_is_written_is_read_again() -> None:
    base = load_experiment(BASE)
    after = changed(
        base,
        {
            "title": 'Two "words" \\ and a line\nmore \x7f é',
            "task.genres": ["Pop", "R & B"],
            "task.rules": {"R & B": ["a:b", "c=d"], "Pop": []},
            "task.sources": [],
            "training.learning_rate": 3e-5,
            "augment.flip": False,
            "reports": [{"title": "Another", "sources": ["x"]}],
        },
    )
    words = write_settings(base, after)
    assert len(words) == 7
    assert changed(base, read_settings(base, words)) == after
    assert isinstance(after, Experiment)
