"""The real covers of GENRE_DATA, where they are present."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genre_core.config import CoverInput, Task, load_experiment
from genre_core.data.audit import validate
from genre_core.data.cover_cache import cached_covers
from genre_core.data.importers import ImportResult
from tests.made_imports import import_as

# Read once, at the start: other tests change the setting.
_SETTING = os.environ.get("GENRE_DATA", "")
_TABLE = Path(_SETTING) / "covers" / "labels.csv"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not (_SETTING and _TABLE.is_file()), reason="GENRE_DATA names no folder with covers/"
    ),
]


@pytest.fixture(scope="module")
def imported() -> ImportResult:
    return import_as("csv", _TABLE, name="covers")


def test_whole_table_imports_as_it_is(imported: ImportResult) -> None:
    catalog = imported.catalog
    assert imported.problems == ()
    assert len(catalog) == 5295
    assert catalog.splits() == {"train": 3416, "val": 939, "test": 940, "": 0}
    assert validate(catalog) == []
    assert catalog.frame["year"].notna().sum() > 0


def test_tasks_have_the_counts_that_the_data_states(imported: ImportResult) -> None:
    gaid5 = imported.catalog.select(load_experiment("gaid5_lite2").task)
    assert gaid5["split"].value_counts().to_dict() == {"train": 2135, "val": 583, "test": 581}
    rules = {"rest": ("non-prog",), "prog": ("prog",)}
    task = Task(genres=("rest", "prog"), rules=rules, head="binary")
    test = imported.catalog.select(task).query("split == 'test'")
    assert test["genre_index"].value_counts().to_dict() == {0: 637, 1: 107}


def test_covers_decode_to_the_asked_size(imported: ImportResult, own_home: Path) -> None:
    frame = imported.catalog.frame.iloc[::100]
    covers = cached_covers(imported.catalog, frame, CoverInput(size=64))
    assert covers.shape == (len(frame), 64, 64, 3)
    assert covers.std() > 20
