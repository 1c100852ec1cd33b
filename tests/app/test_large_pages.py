"""Data and Errors open without reading a whole index, or all columns of all answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data import catalog_index
from genre_core.data.catalog import Catalog, load_catalog
from genre_core.data.notes import note
from genre_core.runs.evaluations import EvaluationRecord
from pages.ui.errors import cached
from tests.app_words import everything
from tests.made_large import NAME, write_made_evaluation, write_made_index

Open = Callable[..., AppTest]
N = 2_000


@pytest.fixture
def large(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Two thousand songs, which count as many, and their evaluation."""
    folder = empty_home / "datasets" / NAME
    write_made_index(folder, N)
    catalog = load_catalog(folder)
    write_made_evaluation(N, digest=catalog.digest)

    def refuse(*_: object) -> Catalog:
        raise AssertionError("the whole index was read")

    monkeypatch.setattr(catalog_index, "load_catalog", refuse)
    monkeypatch.setattr(cached, "LARGE", 1_000)
    return catalog


def test_data_says_what_a_large_set_holds(large: Catalog, open_app: Open) -> None:
    app = open_app("data", data_of="Imported here", data_set=NAME)
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown == {"Songs": "2,000", "Genres": "5", "Artists": "100", "In test": "420"}
    assert "artists in two splits: artist 0, artist 50" in everything(app)


def test_errors_lists_what_a_large_evaluation_got_wrong(
    large: Catalog, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = large.frame["item_id"].iloc[3]
    note(large, song, flag=True)
    read: list[list[str] | None] = []
    real = EvaluationRecord.predictions

    def watched(record: EvaluationRecord, columns: list[str] | None = None) -> object:
        read.append(columns)
        return real(record, columns)

    monkeypatch.setattr(EvaluationRecord, "predictions", watched)
    app = open_app("errors", evaluation=f"made.large@{NAME}")
    assert not app.exception
    assert "2,000 songs" in everything(app)
    assert None not in read
    app.selectbox("filter_mark").select("flagged").run()
    assert "1 of 2,000 songs" in everything(app)
    assert None not in read
    # What looks at all of them waits to be asked.
    app.toggle("errors_try_slices").set_value(True).run()
    assert not app.exception
    assert "slices** are wrong more" in everything(app)
    assert None in read
