"""Genres that are spelt twice, lists that were read as one genre, files under two genres."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.importers.genres import name_comma_lists
from genre_core.data.taxonomy import spelling_key
from genre_core.errors import Problem
from tests.made_imports import import_as

WriteCover = Callable[..., Path]

SPELLINGS = [
    ("Rock", "rock"),
    ("Rock", "ROCK"),
    ("Hip Hop", "Hip  Hop"),
    ("Hip Hop", "HipHop"),
    ("Hip Hop", "hip-hop"),
    ("Hip Hop", "hip_hop"),
    ("Hip Hop", "Hip\u00a0Hop"),
    ("Hip Hop", "Hip\u200bHop"),
    ("R&B", "R & B"),
    ("R&B", "\uff32\uff06\uff22"),
    ("\u00c9lectro", "\u00e9lectro"),
    ("Weiss", "WEISS"),
    ("Stra\u00dfe", "STRASSE"),
]


@pytest.mark.parametrize(("kept", "other"), SPELLINGS)
@pytest.mark.parametrize("layout", ["folders", "csv"])
def test_spellings_of_one_genre_are_named_and_merged_on_request(
    tmp_path: Path, write_cover: WriteCover, layout: str, kept: str, other: str
) -> None:
    root = tmp_path / "mine"
    rows = ["path,genre"]
    for k, genre in enumerate((kept, kept, other, "Jazz")):
        write_cover(root / genre / f"{k}.png", seed=k)
        rows.append(f"{genre}/{k}.png,{genre}")
    if layout == "csv":
        (root / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    result = import_as(layout, root)
    assert set(result.catalog.head.labels) == {kept, other, "Jazz"}
    (problem,) = result.problems
    assert problem.is_note
    assert str(problem).startswith(f"genre {kept!r} (2): spelt {other!r} (1) too")
    assert "--merge-spellings" in problem.what
    merged = import_as(layout, root, merge_spellings=True)
    assert merged.catalog.head.labels == tuple(sorted((kept, "Jazz")))
    assert [str(problem) for problem in merged.problems] == [
        f"genre {kept!r} (2): {other!r} (1) became this"
    ]
    assert validate(merged.catalog) == []


def test_an_item_with_two_spellings_has_one_genre_when_they_are_merged(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    for k in range(3):
        write_cover(tmp_path / f"{k}.png", seed=k)
    text = "path,genre\n0.png,Rock|rock|Pop\n1.png,rock\n2.png,rock\n"
    (tmp_path / "labels.csv").write_text(text)
    labels = import_as("csv", tmp_path, merge_spellings=True).catalog.frame["labels"].tolist()
    assert labels == [["rock", "Pop"], ["rock"], ["rock"]]


def test_other_genres_are_not_alike() -> None:
    names = ["Rock", "Rocks", "Folk Rock", "Folk", "Pop", "K-Pop", "R&B", "RnB", "2-Step", "4-Step"]
    assert len({spelling_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_the_form_of_unicode_does_not_matter(form: str) -> None:
    for name in ("Beyonc\u00e9", "\u1e9b\u0323", "\u0130", "\ud55c\uad6d"):
        assert spelling_key(unicodedata.normalize(form, name)) == spelling_key(name)


@pytest.mark.parametrize(
    ("labels", "lists"),
    [
        (["Rock, Prog", "Pop, Prog"], ["Pop, Prog", "Rock, Prog"]),
        (["Rock,Pop", "rock"], ["Rock,Pop"]),
        (["Theatrical, Incidental & Program Music", "Rock"], []),
        (["Crosby, Stills", "Earth, Wind"], []),
        (["Rock, Pop", "Jazz, Soul", "Folk, Pop"], ["Folk, Pop", "Rock, Pop"]),
    ],
)
def test_what_seems_a_list_with_commas_is_named(labels: list[str], lists: list[str]) -> None:
    problems: list[Problem] = []
    name_comma_lists([{"labels": [label]} for label in labels], problems)
    assert [str(problem).partition(":")[0] for problem in problems] == [
        f"genre {', '.join(map(repr, lists))}"
    ] * bool(lists)


@pytest.mark.parametrize("layout", ["folders", "csv"])
def test_a_file_under_two_genres_is_a_conflict_and_both_stay(
    tmp_path: Path, write_cover: WriteCover, layout: str
) -> None:
    rows = ["path,genre"]
    for k, (genre, seed) in enumerate(
        [("Rock", 0), ("Pop", 0), ("Rock", 1), ("Rock", 1), ("Pop", 2), ("Jazz", 0)]
    ):
        write_cover(tmp_path / genre / f"{k}.png", seed=seed)
        rows.append(f"{genre}/{k}.png,{genre}")
    if layout == "csv":
        (tmp_path / "labels.csv").write_text("\n".join(rows))
    result = import_as(layout, tmp_path)
    assert [str(problem) for problem in result.problems] == [
        "Jazz/5.png: Jazz here, but the same file is Pop/1.png (Pop), Rock/0.png (Rock): all are "
        "kept, in one split"
    ]
    same = result.catalog.frame[result.catalog.frame["item_id"].isin(["Jazz/5.png", "Pop/1.png"])]
    assert same["split"].nunique() == same["group"].nunique() == 1
