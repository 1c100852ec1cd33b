"""Labels of a data set mean genres of a network: by recipe, by name, by spelling, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from genre_core.config import Task
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import WEIGHTS, items_frame
from genre_core.errors import DatasetError, ParameterError
from genre_core.evaluation.mapping import OTHERS, GenreMapping, label_meanings, map_genres

TASK = Task(genres=("Hip-Hop", "Rock", "Pop"))
TAGS = Task(genres=("sad", "rock", "90s", "hip hop"), head="multilabel", sources=("a", "b"))
BINARY = Task(genres=("other", "prog"), head="binary")


def catalog_of(*labels: list[str], sources: str = "") -> Catalog:
    rows = [
        {"item_id": str(k), "labels": own, "source": sources[k : k + 1]}
        for k, own in enumerate(labels)
    ]
    return Catalog(DatasetHead("mine", "Mine", "", ""), Path(), items_frame(rows))


def shared(*rows: tuple[list[str], list[float]]) -> Catalog:
    items = [{"item_id": str(k), "labels": own, WEIGHTS: w} for k, (own, w) in enumerate(rows)]
    return Catalog(DatasetHead("mine", "Mine", "", ""), Path(), items_frame(items))


def genres_of(mapping: GenreMapping) -> dict[str, int]:
    return dict(zip(mapping.items["item_id"], mapping.items["genre_index"], strict=True))


def test_by_name_and_by_spelling() -> None:
    mapping = map_genres(catalog_of(["hip hop"], ["Rock"], ["HIP-HOP", "Rap"], ["Rock"]), TASK)
    assert genres_of(mapping) == {"0": 0, "1": 1, "2": 0, "3": 1}
    assert {own.label: (own.n, own.genre, own.how) for own in mapping.meanings} == {
        "Rock": (2, "Rock", "name"),
        "HIP-HOP": (1, "Hip-Hop", "spelling"),
        "Rap": (1, "", ""),
        "hip hop": (1, "Hip-Hop", "spelling"),
    }
    assert mapping.notes() == ()


def test_by_hand_before_all_else() -> None:
    mapping = map_genres(
        catalog_of(["Rock"], ["Metal"], ["Pop"]), TASK, {"Metal": "Rock", "Rock": "", "Pop": "Pop"}
    )
    assert genres_of(mapping) == {"1": 1, "2": 2}
    assert mapping.to_dict() == {"Metal": "Rock", "Pop": "Pop"}
    assert mapping.n_unmapped == 1


def test_what_is_not_mapped_and_what_means_two_genres_is_counted_and_said() -> None:
    mapping = map_genres(catalog_of(["Rock", "Pop"], ["Rock", "rock"], ["Polka"], []), TASK)
    assert genres_of(mapping) == {"1": 1}
    assert (mapping.n_unmapped, mapping.n_double) == (2, 1)
    assert mapping.notes() == (
        "2 items take no part: no label means a genre: Polka.",
        "1 item takes no part: labels mean two genres or more.",
    )


def test_all_others_are_those_with_labels_that_nothing_names() -> None:
    catalog = catalog_of(["prog"], ["Rock"], ["prog", "Rock"], [], ["spoken"])
    mapping = map_genres(catalog, BINARY, {OTHERS: "other", "spoken": ""})
    assert genres_of(mapping) == {"0": 1, "1": 0, "2": 1}
    assert mapping.to_dict() == {"prog": "prog", "*": "other"}
    assert mapping.meanings[-1].n == 1


def test_the_recipe_decides_on_data_with_items_of_every_genre() -> None:
    task = Task(genres=("other", "prog"), sources=("a", "b"), rules={"other": ("Rock",)})
    catalog = catalog_of(["Rock", "90s"], ["prog"], ["Rock"], sources="abc")
    mapping = map_genres(catalog, task)
    assert mapping.is_by_recipe
    assert genres_of(mapping) == {"0": 0, "1": 1}
    assert mapping.to_dict() == {"Rock": "other", "prog": "prog"}
    assert mapping.notes() == (
        "1 item takes no part: the recipe leaves their sources or labels out.",
    )
    # Of other sources, and by hand, labels decide.
    assert genres_of(map_genres(catalog_of(["prog"], ["Rock"]), task)) == {"0": 1}
    assert genres_of(map_genres(catalog, task, {"Rock": "other"})) == {"0": 0, "1": 1, "2": 0}


@pytest.mark.parametrize(
    ("by_hand", "error", "words"),
    [
        ({"Rok": "Rock"}, ParameterError, "Did you mean 'Rock'"),
        ({"Rock": "Rokc"}, ParameterError, "Did you mean 'Rock'"),
        ({"Rock": "", "Polka": ""}, DatasetError, "labels Polka, Rock and genres Hip-Hop, Rock"),
    ],
)
def test_what_cannot_be_mapped(by_hand: dict[str, str], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        map_genres(catalog_of(["Rock"], ["Polka"]), TASK, by_hand)


def test_of_items_that_are_several_genres_by_shares_the_largest_counts() -> None:
    rows = (
        (["Rock", "Pop"], [0.3, 0.7]),
        (["Pop", "rock"], [0.5, 0.5]),
        (["Rock", "rock", "Pop"], [0.3, 0.3, 0.4]),
        (["Rock", "Pop"], []),
        (["Metal", "Pop"], [1.0, 0.2]),
    )
    mapping = map_genres(shared(*rows), TASK)
    assert genres_of(mapping) == {"0": 2, "1": 1, "2": 1, "4": 2}
    assert (mapping.n_double, mapping.n_by_share) == (1, 3)
    assert "3 items take part as one genre: that of the largest share." in mapping.notes()
    task = Task(genres=("Rock", "Else"), rules={"Else": ("Pop",)})
    mapping = map_genres(shared(*rows[:2], (["Rock"], [])), task)
    assert (mapping.is_by_recipe, mapping.n_by_share) == (True, 1)
    assert genres_of(mapping) == {"0": 1, "1": 1, "2": 0}
    assert {(own.label, own.genre) for own in mapping.meanings} == {
        ("Rock", "Rock"),
        ("Pop", "Else"),
    }


def test_of_a_network_that_gives_tags_those_count_that_a_label_means() -> None:
    catalog = catalog_of(["Hip-Hop", "live"], ["Rock"], ["Rock", "90s"], ["90s"], ["Polka"])
    mapping = map_genres(catalog, TAGS, {"90s": ""})
    assert mapping.genres == ("rock", "hip hop")
    assert genres_of(mapping) == {"0": 1, "1": 0, "2": 0}
    assert "gives 4 tags; its answer is the highest of the 2" in mapping.notes()[0]
    assert "(rock, hip hop)" in mapping.tags_rule
    # Two tags that are meant at once: no one answer would be right.
    both = map_genres(catalog, TAGS)
    assert genres_of(both) == {"0": 2, "1": 0, "3": 1}
    assert (both.genres, both.n_double) == (("rock", "90s", "hip hop"), 1)
    assert map_genres(catalog_of(["Rock"]), TASK).tags_rule == ""


def test_tags_by_the_recipe_leave_out_what_is_several() -> None:
    labels = (["sad"], ["rock"], ["90s"], ["hip hop"], ["rock", "sad"])
    mapping = map_genres(catalog_of(*labels, sources="aabbb"), TAGS)
    assert mapping.is_by_recipe
    assert genres_of(mapping) == {"0": 0, "1": 1, "2": 2, "3": 3}
    assert (mapping.n_double, mapping.n_unmapped) == (1, 0)
    rows = [{"item_id": str(k), "labels": own, "source": "a"} for k, own in enumerate(labels)]
    weights = [[1.0], [1.0], [1.0], [1.0], [0.8, 0.2]]
    items = items_frame([row | {WEIGHTS: w} for row, w in zip(rows, weights, strict=True)])
    shares = map_genres(Catalog(DatasetHead("mine", "Mine", "", ""), Path(), items), TAGS)
    assert genres_of(shares) == {"0": 0, "1": 1, "2": 2, "3": 3, "4": 1}  # by the largest share
    assert shares.n_by_share == 1


@pytest.mark.parametrize(
    ("labels", "by_hand", "said"),
    [
        ((["Rock"], ["Polka"]), {}, "must mean two or more. Received labels Polka, Rock"),
        ((["Rock"], ["Polka"]), {"Polka": "rock"}, "must mean two or more"),
        ((["Rock", "sad"],), {}, "each here is several"),
        ((["Polka"],), {}, "At least one label"),
    ],
)
def test_tags_that_no_two_labels_mean_are_refused(
    labels: tuple[list[str], ...], by_hand: dict[str, str], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        map_genres(catalog_of(*labels), TAGS, by_hand)


def test_what_labels_mean_is_told_where_nothing_fits() -> None:
    told = label_meanings(catalog_of(["Polka"], ["ROCK", "Polka"]), TAGS)
    assert [(own.label, own.n, own.genre, own.how) for own in told] == [
        ("Polka", 2, "", ""),
        ("ROCK", 1, "rock", "spelling"),
    ]
    with pytest.raises(ParameterError, match="must be a label of the data"):
        label_meanings(catalog_of(["Polka"]), TAGS, {"Waltz": "sad"})
