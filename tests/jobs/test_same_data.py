"""A training resumes on the data that it started with, or names what changed."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import sha256_file
from genre_core.data.item import items_frame
from genre_core.errors import JobError
from genre_core.jobs.same_data import keep_data, need_same_data


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    rows = []
    for k in range(6):
        path = tmp_path / "data" / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes([k]) * 9)
        os.utime(path, (1e9, 1e9))
        row = {"item_id": path.name, "path": path.name, "checksum": sha256_file(path)}
        rows.append(row | {"labels": ["Rock"], "split": "train", "year": 1970 if k else None})
    head = DatasetHead("mine", "Mine", "unknown", "unknown", labels=("Rock",))
    return Catalog(head, tmp_path / "data", items_frame(rows))


@pytest.fixture
def states(catalog: Catalog, tmp_path: Path) -> Path:
    """States of a training that has an epoch behind it."""
    keep_data(catalog, tmp_path / "states")
    (tmp_path / "states" / "run-0.npz").touch()
    return tmp_path / "states"


def test_the_same_data_pass_also_where_a_file_was_written_anew(
    catalog: Catalog, states: Path
) -> None:
    need_same_data(catalog, states)
    (catalog.root / "2.png").touch()
    need_same_data(catalog, states)


def test_another_content_under_the_same_name_is_named(catalog: Catalog, states: Path) -> None:
    (catalog.root / "2.png").write_bytes(b"another")
    with pytest.raises(JobError, match=r"Received a change since then: 2\.png is another file"):
        need_same_data(catalog, states)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(index=3), "3.png is gone"),
        (lambda frame: frame.assign(split="val"), "0.png has another split; .* and 3 more"),
        (lambda frame: frame.assign(checksum="0" * 64), "0.png is another file"),
        (
            lambda frame: frame.assign(weights=[[0.5]] * 2 + [[]] * 4),
            "0.png has another weights; 1.png has another weights",
        ),
        (
            lambda frame: frame.replace({"item_id": {"5.png": "6.png"}}),
            "5.png is gone; 6.png is new",
        ),
    ],
)
def test_items_that_changed_are_named(change, said: str, catalog: Catalog, states: Path) -> None:  # type: ignore[no-untyped-def]
    now = dataclasses.replace(catalog, frame=change(catalog.frame).reset_index(drop=True))
    with pytest.raises(JobError, match=f"Received a change since then: {said}"):
        need_same_data(now, states)


def test_before_the_first_epoch_any_data_will_do(catalog: Catalog, tmp_path: Path) -> None:
    keep_data(catalog, tmp_path / "none")
    fewer = dataclasses.replace(catalog, frame=catalog.frame[:3])
    need_same_data(fewer, tmp_path / "none")
    keep_data(fewer, tmp_path / "none")
    (tmp_path / "none" / "run-0.npz").touch()
    need_same_data(fewer, tmp_path / "none")
