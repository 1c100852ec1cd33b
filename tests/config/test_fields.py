"""Fields of a form: every setting of every recipe, with the words of its class and its use."""

import dataclasses

import pytest

from genre_core.config import (
    Augment,
    CoverInput,
    Experiment,
    SongInput,
    Task,
    Training,
    class_fields,
    fields_of,
    list_experiments,
    load_experiment,
    to_dict,
)
from genre_core.config.fields import parameter_texts

CLASSES = (Augment, CoverInput, SongInput, Task, Training)


def applying(name: str, changes: dict[str, object] | None = None) -> set[str]:
    return {each.path for each in fields_of(load_experiment(name), changes) if each.applies}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_field_of_a_class_is_described_in_its_own_words(cls: type) -> None:
    found = class_fields(cls, "here")
    assert [each.path for each in found] == [f"here.{f.name}" for f in dataclasses.fields(cls)]
    assert all(len(each.help) >= 10 for each in found)
    assert all(each.help.endswith((".", "]")) for each in found)
    assert all(bool(each.choices) == (each.kind == "choice") for each in found)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_defaults_and_types_are_those_of_the_class(cls: type) -> None:
    types = {"int": int, "float": float, "bool": bool, "text": str, "choice": str, "table": dict}
    by_name = {each.path: each for each in class_fields(cls)}
    for field in dataclasses.fields(cls):
        found = by_name[field.name]
        if field.default is not dataclasses.MISSING:
            plain = list(field.default) if isinstance(field.default, tuple) else field.default
            assert found.default == plain
            assert isinstance(found.default, types.get(found.kind, list))
        elif field.default_factory is dataclasses.MISSING:
            assert found.default is None


@pytest.mark.parametrize("name", list_experiments())
def test_every_value_of_a_recipe_has_its_field(name: str) -> None:
    values = to_dict(load_experiment(name))
    paths = {
        f"{table}.{key}"
        for table in ("task", "input", "network", "augment", "training")
        for key in values[table]
    }
    found = fields_of(load_experiment(name))
    assert paths <= {each.path for each in found}
    assert len({each.path for each in found}) == len(found)


def test_names_that_share_a_line_share_its_text() -> None:
    texts = parameter_texts(Augment)
    assert texts["contrast"] == texts["brightness"]
    assert texts["contrast"].startswith("Contrast factor")
    assert texts["slip"].endswith("leaves 0 or 1 of 255.")  # a text of several lines


def test_without_a_docstring_there_are_no_texts() -> None:
    class Bare:
        pass

    assert parameter_texts(Bare) == {}


def test_what_is_of_songs_means_nothing_for_covers_and_the_other_way_round() -> None:
    covers, songs = applying("gaid5_lite2"), applying("s5_cnn")
    of_songs = {"task.clip_s", "prog_genre", "training.teacher", "training.folds"}
    assert not of_songs & covers
    assert of_songs <= songs
    assert {"augment.flip", "input.size"} <= covers
    assert not [path for path in songs if path.startswith("augment.")]


UNTAUGHT = {"training.teacher": "", "training.prog_teachers": ()}


@pytest.mark.parametrize(
    ("name", "changes", "lost"),
    [
        ("gaid5_lite2", {"training.optimizer": "adam"}, {"training.weight_decay"}),
        ("gaid5_lite2", {"training.select": "last_epoch"}, {"training.patience"}),
        ("gaid5_lite2", {"task.head": "multilabel"}, {"training.class_weights"}),
        ("s5_cnn", {"training.folds": 0}, {"training.fold_groups"}),
        ("s5_cnn_soft", UNTAUGHT, {"training.copies"}),
    ],
)
def test_a_change_takes_the_meaning_of_others(
    name: str, changes: dict[str, object], lost: set[str]
) -> None:
    base = {"training.folds": 5} if "fold_groups" in str(lost) else {}
    before, after = applying(name, base), applying(name, base | changes)
    assert before - after == lost


def test_a_frozen_part_with_one_view_is_never_augmented() -> None:
    assert "augment.flip" in applying("gaid5_lite2")
    assert "augment.flip" not in applying("gaid5_lite2", {"training.views": 1})
    whole = applying("gaid5_lite2", {"training.views": 1, "training.frozen_until": ""})
    assert "augment.flip" in whole
    assert "training.views" not in whole


def test_what_fits_nothing_has_no_steps_to_set() -> None:
    head, tagger = applying("gtzan_musicnn"), applying("msd_musicnn_tagger")
    assert {"training.folds", "training.fold_groups", "training.method"} <= head
    assert not {"training.epochs", "training.batch_size", "training.seed"} & (head | tagger)
    assert "training.folds" not in tagger
    assert "prog_quantile" in tagger - head
    on_covers = {"training.method": "logistic", "training.views": 1}
    covers = applying("gaid5_lite2", on_covers)
    assert {"training.method", "training.views"} <= covers
    assert not [path for path in covers if path.startswith(("augment.", "training.seed"))]
    changed = applying("gaid5_lite2", on_covers | {"training.views": 2})
    assert {"augment.flip", "training.seed"} <= changed - covers


def test_a_teacher_leaves_no_folds() -> None:
    assert "training.folds" not in applying("s5_cnn_soft")
    assert "training.train_on" not in applying("s5_cnn_soft")
    assert "training.folds" in applying("s5_cnn_soft", UNTAUGHT)


def test_settings_of_a_network_are_those_that_its_recipe_names() -> None:
    found = {each.path: each for each in fields_of(load_experiment("gaid5_lite2"))}
    assert found["network.dropout"].kind == "float"
    assert found["network.weights"].default == "imagenet"
    assert "network" not in found


def test_the_recipe_itself_has_words_too() -> None:
    found = {each.path: each for each in class_fields(Experiment)}
    assert found["tag"].help == "Second half of the bundle's name, `<architecture>.<tag>`."
    assert found["study"].choices == ("S1", "S2", "S3", "S4", "S5", "ours")
    assert "task" not in found
    assert found["tag"].name == "tag"
