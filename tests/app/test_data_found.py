"""A data set that was imported, changed or deleted a moment ago is so on every page at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.config import to_dict
from genre_core.data import importers
from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError
from pages.ui import cached
from pages.ui.training import cached as training_cached
from tests.app_words import everything
from tests.made_bundles import make_experiment, write_dataset
from tests.made_evaluations import made_evaluation

Open = Callable[..., AppTest]


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that were really looked for, not remembered."""
    names: list[str] = []
    find, find_very = importers.find_dataset, importers.dataset_of

    def count(name: str) -> Catalog:
        names.append(name)
        return find(name)

    def count_very(digest: str, name: str) -> Catalog | None:
        names.append(digest)
        return find_very(digest, name)

    monkeypatch.setattr(importers, "find_dataset", count)
    monkeypatch.setattr(importers, "dataset_of", count_very)
    return names


def write(home: Path, n: int = 12) -> Catalog:
    folder = home / "datasets" / "made"
    shutil.rmtree(folder, ignore_errors=True)
    return write_dataset(folder, n)


def test_what_is_imported_a_moment_later_is_found(empty_home: Path, looked_for: list[str]) -> None:
    for _ in range(3):  # as at every click
        assert cached.dataset("made") is None
        assert cached.dataset_of("1" * 64, "made") is None
    assert looked_for == ["made", "1" * 64]
    catalog = write(empty_home)
    for _ in range(3):
        found, very = cached.dataset("made"), cached.dataset_of(catalog.digest, "made")
        assert found is not None
        assert very is not None
        assert found.digest == very.digest == catalog.digest
    assert looked_for[2:] == ["made", catalog.digest]


def test_what_changed_or_went_is_looked_for_anew(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(empty_home)
    assert cached.dataset_of(first.digest, "made") is not None
    second = Catalog(first.head, first.root, first.frame[:9])
    second.save(first.root)  # in its place
    found = cached.dataset("made")
    assert found is not None
    assert found.digest == second.digest != first.digest
    assert cached.dataset_of(first.digest, "made") is None
    shutil.rmtree(empty_home / "datasets" / "made")
    assert cached.dataset("made") is None
    # One of the user's own folder too, and its table when it changes.
    root = tmp_path / "data"
    monkeypatch.setenv("GENRE_DATA", str(root))
    assert cached.dataset("own") is None
    covers = write_dataset(root / "own")
    for file in ("catalog.parquet", "dataset.toml"):
        (root / "own" / file).unlink()
    table = root / "own" / "labels.csv"
    lines = [f"{path},{labels[0]}" for path, labels in covers.frame[["path", "labels"]].to_numpy()]
    for some in (lines, lines[:10], lines[:8]):
        table.write_text("\n".join(["path,genre", *some]))
        for _ in range(2):  # the first time it is imported, which changes what is here
            own = cached.dataset("own")
            assert own is not None
            assert len(own) == len(some)
    # And one that has no table, a folder a genre.
    assert cached.dataset("folders") is None
    for path, labels in covers.frame[["path", "labels"]].to_numpy():
        (root / "folders" / labels[0]).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / "own" / path, root / "folders" / labels[0] / path)
    folders = cached.dataset("folders")
    assert folders is not None
    assert len(folders) == len(covers)


def test_another_home_has_its_own(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = write(empty_home)
    assert cached.dataset("made") is not None
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "other"))
    assert cached.dataset("made") is None
    assert cached.dataset_of(catalog.digest, "made") is None


def test_what_a_training_learns_from_is_counted_anew(empty_home: Path) -> None:
    recipe = json.dumps(to_dict(make_experiment()))
    assert training_cached.counts("made", recipe) == {}
    for n, in_train in ((12, 4), (18, 6)):
        write(empty_home, n)
        assert training_cached.counts("made", recipe)["train"] == {
            "Blue": in_train,
            "Red": in_train,
        }


def test_errors_shows_covers_that_are_here_since_a_moment(empty_home: Path, open_app: Open) -> None:
    made_evaluation(12, genres=("Blue", "Red"))
    missing = "Till then the list has names and scores."
    assert missing in everything(open_app("errors"))
    write(empty_home)
    assert missing not in everything(open_app("errors"))


def test_what_lacks_in_one_folder_lacks_in_no_copy(empty_home: Path, tmp_path: Path) -> None:
    first = write_dataset(tmp_path / "one")
    copy = Catalog(first.head, tmp_path / "two", first.frame)
    cached.training_notes(make_experiment(), first)
    with pytest.raises(DatasetError, match="file"):
        cached.training_notes(make_experiment(), copy)
