"""Corrected data sets: noted labels, and nothing else, take the place of the old ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from genre_core.data.catalog import Catalog
from genre_core.data.importers import ImportResult, find_dataset, list_datasets, save_import
from genre_core.data.importers.corrected import corrected_dataset
from genre_core.data.importers.stored import delete_stored
from genre_core.data.item import WEIGHTS
from genre_core.data.notes import note
from genre_core.data.splits import merge_groups
from genre_core.errors import DatasetError
from tests.data.test_notes import made_set


@pytest.fixture(autouse=True)
def _no_other_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENRE_DATA", raising=False)


def split_set(tmp_path: Path) -> Catalog:
    mine = made_set()
    frame = mine.frame.assign(
        split=["train", "test"] * 6, group=[f"artist {k}" for k in range(12)]
    ).astype({"split": "str", "group": "str"})
    return replace(mine, root=tmp_path / "covers", frame=frame)


def test_only_what_was_relabelled_differs(tmp_path: Path) -> None:
    mine = split_set(tmp_path)
    note(mine, "0.jpg", text="looks fine", flag=True, who="Ann")
    note(mine, "1.jpg", labels=["Rock"], who="Ann")  # was Pop; in test
    note(mine, "2.jpg", labels=["Rock"], who="Ann")  # as it was
    note(mine, "4.jpg", labels=["Hip-Hop"], who="Bo")
    note(mine, "6.jpg", labels=["Rock"])
    made = corrected_dataset(mine)
    assert made.head.name == "mine_corrected"
    changed = made.frame["labels"] != mine.frame["labels"]
    assert made.frame["item_id"][changed].tolist() == ["1.jpg", "4.jpg", "6.jpg"]
    assert made.frame["labels"][changed].tolist() == [["Rock"], ["Hip-Hop"], ["Rock"]]
    assert made.frame.drop(columns="labels").equals(mine.frame.drop(columns="labels"))
    assert made.root == mine.root
    assert made.digest != mine.digest
    assert made.head.title == "Mine (labels corrected: 3)"
    assert made.head.derived == (
        f"Labels corrected by hand: 3 of 12 items of mine (digest {mine.digest[:12]}), by Ann (1), "
        "Bo (1), nobody named (1); 1 of them test items."
    )
    found = find_dataset("mine_corrected")
    assert found.head == made.head
    assert found.frame.equals(made.frame)
    assert found.digest == made.digest
    assert (found.head.citation, found.head.licence) == (mine.head.citation, mine.head.licence)
    assert "mine_corrected" in list_datasets()


def test_shares_come_along(tmp_path: Path) -> None:
    mine = split_set(tmp_path)
    note(mine, "1.jpg", weights={"Rock": 0.25, "Pop": 0.75})
    note(mine, "2.jpg", weights={"Rock": 1.0})  # as it was
    made = corrected_dataset(mine, "soft")
    assert made.frame[WEIGHTS].tolist()[1] == [0.25, 0.75]
    assert sum(map(len, made.frame[WEIGHTS])) == 2
    assert made.head.derived.endswith("1 of them test items, 1 several genres at once.")
    note(made, "1.jpg", labels=["Pop"], who="Ann")
    whole = corrected_dataset(made)
    assert whole.head.name == "soft_corrected"
    assert whole.head.title == "Mine (labels corrected: 1)"
    assert whole.digest == mine.digest
    assert "Before that: Labels corrected" in whole.head.derived


def test_the_same_again_is_the_same_and_more_is_another(tmp_path: Path) -> None:
    mine = split_set(tmp_path)
    note(mine, "1.jpg", labels=["Rock"])
    made = corrected_dataset(mine)
    assert corrected_dataset(mine).head == made.head
    assert list_datasets() == ("mine_corrected",)
    note(mine, "4.jpg", labels=["Rock"])
    assert corrected_dataset(mine).head.name == "mine_corrected_2"
    with pytest.raises(DatasetError, match="name of its own"):
        corrected_dataset(mine, "mine_corrected")


def test_copies_of_a_file_share_the_correction(tmp_path: Path) -> None:
    mine = split_set(tmp_path)
    frame = mine.frame.copy()
    frame.loc[5, ["checksum", "split"]] = frame.loc[1, ["checksum", "split"]]
    frame["group"] = merge_groups(frame["group"], frame["checksum"])
    twice = replace(mine, frame=frame.astype({"group": "str"}))
    note(twice, "1.jpg", labels=["Hip-Hop"])
    assert corrected_dataset(twice).frame["labels"].tolist()[1::4] == [
        ["Hip-Hop"],
        ["Hip-Hop"],
        ["Hip-Hop"],
    ]


def test_a_data_set_whose_files_another_needs_stays(own_home: Path) -> None:
    mine = split_set(own_home)
    mine = replace(mine, root=own_home / "datasets" / "mine" / "files")
    save_import(ImportResult(mine, ()))
    note(mine, "1.jpg", labels=["Rock"])
    corrected_dataset(mine)
    with pytest.raises(DatasetError, match="whose files mine_corrected uses"):
        delete_stored("mine")
    delete_stored("mine_corrected")
    delete_stored("mine")
    assert list_datasets() == ()


def test_without_another_label_there_is_nothing_to_make(tmp_path: Path) -> None:
    mine = split_set(tmp_path)
    note(mine, "1.jpg", text="x")
    with pytest.raises(
        DatasetError, match="Received none among the 12 items of 'mine', of which 1"
    ):
        corrected_dataset(mine)
    assert list_datasets() == ()
