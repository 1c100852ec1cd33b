"""Nearest training covers: pictures where the data set is here, words where it is not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.catalog import Catalog, load_catalog
from genre_core.inference.neighbours import write_neighbours
from genre_core.runs.bundle import VECTORS_FILE
from pages.ui import cached
from tests.app_words import everything
from tests.made_bundles import write_bundle, write_dataset

Open = Callable[..., AppTest]

VIEW = "What is it near to?"


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set and a network that stored its training covers."""
    folder = tmp_path_factory.mktemp("learnt")
    catalog = write_dataset(folder / "files")
    data = {"name": "made", "digest": catalog.digest}
    bundle = write_bundle(folder / "models", name="made.near", data=data)
    write_neighbours(bundle, catalog, log=lambda line: None)
    return folder


@pytest.fixture
def catalog(empty_home: Path, tmp_path: Path, learnt: Path) -> Catalog:
    """That network, for this test alone; the data set itself is not imported."""
    shutil.copytree(learnt / "models", empty_home / "models")
    return load_catalog(shutil.copytree(learnt / "files", tmp_path / "files"))


def test_without_stored_covers_it_says_how_to_store_them(made_home: Path, open_app: Open) -> None:
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert "genre_core neighbours made.test --data made" in everything(app)


def test_without_the_data_set_they_are_words(catalog: Catalog, open_app: Open) -> None:
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert not app.error
    [table] = [each.value for each in app.dataframe if "similarity" in each.value]
    assert len(table) == 8
    assert table["similarity"].is_monotonic_decreasing
    assert set(table["item"]) == {f"{k:03d}.png" for k in range(8)}
    assert "no picture of it is shipped" in everything(app)
    assert "Training cover: " not in everything(app)
    assert "4 Blue, 4 Red" in everything(app) or "4 Red, 4 Blue" in everything(app)


def test_with_the_very_data_set_they_are_pictures(
    catalog: Catalog, empty_home: Path, open_app: Open
) -> None:
    catalog.save(empty_home / "datasets" / "by_another_name")
    catalog.path_of("002.png").unlink()
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert everything(app).count("Training cover: Title") == 7
    assert "Its file is gone or damaged" in everything(app)
    assert "Title 3, Artist 3" in everything(app)


def test_a_changed_data_set_is_another_one(
    catalog: Catalog, empty_home: Path, tmp_path: Path, open_app: Open
) -> None:
    write_dataset(tmp_path / "more", n=15).save(empty_home / "datasets" / "made")
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert "Training cover: " not in everything(app)


def test_a_cover_that_it_was_trained_on_is_called_so(catalog: Catalog, open_app: Open) -> None:
    app = open_app("covers", view=VIEW)
    assert not app.warning
    content = catalog.path_of("005.png").read_bytes()
    app.file_uploader[0].upload("mine.png", content).run()
    assert not app.exception
    assert "remembered, not guessed" in app.warning[0].value
    [table] = [each.value for each in app.dataframe if "similarity" in each.value]
    assert table["item"][0] == "005.png"
    assert {"title", "artist"} <= set(table)
    assert list(table["the same"]) == [True] + [False] * 7


def test_damaged_ones_are_a_message_and_no_wrong_neighbour(
    catalog: Catalog, empty_home: Path, open_app: Open
) -> None:
    path = empty_home / "models" / "made.near" / VECTORS_FILE
    path.write_bytes(path.read_bytes()[:-2] + b"xx")
    cached.neighbours.clear()
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert "checksum" in app.error[0].value
    assert not any("similarity" in each.value for each in app.dataframe)
