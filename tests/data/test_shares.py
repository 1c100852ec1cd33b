"""Items that are several genres by shares: how they are stored, selected and laid out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genre_core.config import Task
from genre_core.data.audit import validate
from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, Catalog, DatasetHead, load_catalog
from genre_core.data.item import ITEM_COLUMNS, WEIGHTS, items_frame
from genre_core.data.shares import item_shares, learnt_genres, one_genre
from genre_core.errors import DatasetError

ROWS: list[tuple[str, list[str], list[float]]] = [
    ("a", ["Rock"], []),
    ("b", ["Rock", "Pop"], [0.25, 0.75]),
    ("c", ["Pop", "Rock"], [0.5, 0.5]),
    ("d", ["Jazz", "Pop", "Rock"], [0.6, 0.1, 0.3]),
    ("e", ["Jazz"], [0.4]),
]
TASK = Task(genres=("Rock", "Pop"))


def make(rows: list[tuple[str, list[str], list[float]]] = ROWS, source: str = "x") -> Catalog:
    items: list[dict[str, Any]] = [
        {
            "item_id": name,
            "path": f"{name}.jpg",
            "checksum": name * 64,
            "labels": labels,
            "source": source,
            WEIGHTS: weights,
        }
        for name, labels, weights in rows
    ]
    head = DatasetHead("mine", "Mine", "unknown", "unknown", labels=("Jazz", "Pop", "Rock"))
    return Catalog(head, Path(), items_frame(items))


def test_shares_are_kept_and_part_of_the_digest(tmp_path: Path) -> None:
    mine = make()
    again = load_catalog(mine.save(tmp_path))
    assert again.frame.equals(mine.frame)
    assert again.digest == mine.digest != make([*ROWS[:4], ("e", ["Jazz"], [0.5])]).digest
    assert "format_version = 2" in (tmp_path / HEAD_FILE).read_text()
    assert validate(mine) == []
    # What an older program makes of it: another data set, which it refuses.
    without = replace(mine, frame=mine.frame.loc[:, list(ITEM_COLUMNS)])
    without.frame.to_parquet(tmp_path / CATALOG_FILE, index=False)
    with pytest.raises(DatasetError, match="not the one"):
        load_catalog(tmp_path)


def test_without_a_share_a_data_set_is_what_it_always_was(tmp_path: Path) -> None:
    whole = make([(name, labels[:1], []) for name, labels, _ in ROWS])
    assert WEIGHTS not in whole.frame
    emptied = replace(whole, frame=whole.frame.assign(weights=[[]] * len(whole)))
    assert emptied.digest == whole.digest
    emptied.save(tmp_path)
    assert load_catalog(tmp_path).frame.equals(whole.frame)
    assert "format_version = 1" in (tmp_path / HEAD_FILE).read_text()
    assert item_shares(whole.select(TASK)) is None


def test_the_largest_share_is_an_item_s_genre() -> None:
    frame = make().select(TASK)
    assert frame["item_id"].tolist() == list("abcd")  # e is neither
    assert frame["genre_index"].tolist() == [0, 1, 0, 0]
    expected = [[1, 0], [0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]
    np.testing.assert_allclose(learnt_genres(frame), expected)
    assert one_genre(learnt_genres(frame)).tolist() == frame["genre_index"].tolist()


def test_rules_and_sources_count_as_for_whole_labels() -> None:
    task = Task(genres=("Rock", "Else"), rules={"Else": ("Jazz", "Pop")}, sources=("x",))
    np.testing.assert_allclose(
        learnt_genres(make().select(task)), [[1, 0], [0.25, 0.75], [0.5, 0.5], [0.3, 0.7], [0, 1]]
    )
    with pytest.raises(DatasetError, match="needs an item"):
        make(source="y").select(task)
    task = Task(genres=("Rock", "Else"), rules={"Else": ("x:Pop",)})
    np.testing.assert_allclose(learnt_genres(make().select(task))[1:3], [[0.25, 0.75], [0.5, 0.5]])


def test_whole_labels_of_two_genres_are_still_refused() -> None:
    with pytest.raises(DatasetError, match="1 items that match two") as caught:
        make([*ROWS, ("f", ["Rock", "Pop"], [])]).select(TASK)
    assert [problem.where for problem in caught.value.problems] == ["f"]


def test_a_multilabel_task_takes_each_share_by_itself() -> None:
    task = Task(genres=("Jazz", "Rock", "Pop"), head="multilabel")
    frame = make([*ROWS, ("f", ["Rock", "Pop"], [])]).select(task)
    np.testing.assert_allclose(
        learnt_genres(frame)[[3, 4, 5]], [[0.6, 0.3, 0.1], [0.4, 0, 0], [0, 1, 1]]
    )
    assert frame["genre_indices"].iloc[3] == (0, 1, 2)


@pytest.mark.parametrize(
    ("weights", "what"),
    [([0.5], "has 1 weights for 2 labels"), ([0.0, 1.0], "above 0"), ([0.5, 1.5], "up to 1")],
)
def test_what_no_shares_are_is_listed(weights: list[float], what: str) -> None:
    (problem,) = validate(make([("a", ["Rock", "Pop"], weights)]))
    assert what in problem.what
