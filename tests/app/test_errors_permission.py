"""Errors for who may only look: no changing control is on, and what is sent anyhow is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from genre_core.data import notes
from genre_core.data.catalog import Catalog
from genre_core.data.importers import list_datasets
from genre_core.jobs import run_control
from genre_core.jobs.embedding_maps import map_request
from genre_core.runs.evaluations import find_evaluation
from genre_core.runs.run_folder import Status, list_runs, new_run
from pages.ui import permission
from pages.ui.acting import _WENT_WRONG
from pages.ui.errors import cached, state
from pages.ui.errors import notes as notes_of_page
from pages.ui.permission import NotAllowedError, Visit
from tests.app_words import everything
from tests.made_evaluations import GENRES, made_evaluation, made_items, made_predictions
from tests.made_songs_set import write_song_bundle, write_songs

Open = Callable[..., AppTest]
HERE = Visit(None, {"Host": "localhost:8501"})
FAR = Visit("192.168.1.7", {"Host": "localhost:8501"})
N = 30
ITEM = f"{0:06d}.jpg"
REFUSED = "Only whom this server lets may change anything here"
KINDS = (
    *("button", "checkbox", "toggle", "multiselect", "selectbox", "slider", "button_group"),
    *("text_input", "text_area", "number_input", "file_uploader", "data_editor"),
)
LOOKS = (
    *("chip_", "filter_", "errors_evaluation", "errors_order", "errors_beside", "errors_others"),
    *("cells", "off_diagonal", "further", "detail", "map_", "spread_by", "look_", "only_"),
    *("errors_coverage", "errors_curve", "beside_cells", "evaluate_network", "evaluate_data"),
    *("evaluate_split", "see_", "page_"),
)
"""How the keys begin of what only looks."""


@pytest.fixture
def noted(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Covers that a network was evaluated on, with notes, and another network and its songs."""
    rows = made_predictions(N)
    catalog = made_items(empty_home / "datasets" / "made", rows)
    made_evaluation(predictions=rows, digest=catalog.digest)
    notes.note(catalog, ITEM, text="by ear", weights={GENRES[0]: 0.6, GENRES[1]: 0.4})
    write_songs(empty_home / "datasets" / "made_songs")
    write_song_bundle(empty_home / "models", "tiny.songs")
    new_run(map_request("made.test@made")).write_status(Status("stopped", "stopped"))
    own = psutil.Process()
    new_run(map_request("made.test@made")).write_status(
        Status("running", "at work", pid=own.pid, pid_started=own.create_time())
    )
    monkeypatch.setattr(run_control, "launch", lambda run, *_: None)
    monkeypatch.setattr(permission, "visitor", lambda: FAR)
    return catalog


def stands(catalog: Catalog) -> object:
    """All that somebody might have changed."""
    runs = [(run.name, run.status().state, (run.path / "stop").exists()) for run in list_runs()]
    return notes.notes_of(catalog).astype(str).values.tolist(), list_datasets(), runs


@pytest.mark.parametrize(
    "asked",
    [
        {"item": ITEM},
        {"further": "Map", "map_by": "UMAP"},
        {"further": "Suspected labels"},
        {"further": "Corrections"},
        {"further": "Export"},
    ],
    ids=str,
)
def test_nothing_that_changes_is_on(noted: Catalog, open_app: Open, asked: dict[str, str]) -> None:
    app = open_app("errors", **asked)
    app.session_state["evaluate"], app.session_state["evaluate_data"] = True, "made_songs"
    app.run()
    assert not app.exception
    assert "Evaluate on " in everything(app)
    (listed,) = (
        each for each in app.get("bidi_component") if "genre_explorer_items" in str(each.proto)
    )
    assert '"can_note":false' in listed.proto.json.replace(" ", "")
    widgets = [widget for kind in KINDS for widget in app.get(kind)]
    assert len(widgets) > 10
    on = {str(widget.key or widget.proto.label) for widget in widgets if not widget.proto.disabled}
    assert {key for key in on if not key.startswith(LOOKS)} == set()


def press(key: str) -> Callable[[AppTest], Any]:
    return lambda app: next(one for one in app.button if str(one.key).startswith(key)).click()


def note_it(app: AppTest) -> None:
    app.text_area[0].set_value("from afar")
    app.button(app.text_area[0].key.replace("note_", "keep_")).click()


def give_table(app: AppTest) -> None:
    table = f"item_id,labels\n{ITEM},{GENRES[2]}\n".encode()
    app.file_uploader("notes_table").upload("mine.csv", table, "text/csv")


@pytest.mark.parametrize(
    ("asked", "act"),
    [
        ({"item": ITEM}, note_it),
        ({"further": "Map", "map_by": "UMAP"}, press("make_umap")),
        ({"further": "Corrections"}, press("correct")),
        ({"further": "Corrections"}, give_table),
        ({}, press("evaluate_start")),
        ({"further": "Map", "map_by": "UMAP"}, press("Cancel_")),
        ({"further": "Map", "map_by": "UMAP"}, press("Resume_")),
        ({"further": "Map", "map_by": "UMAP"}, press("Forget_")),
    ],
    ids=["note", "map", "correct", "table", "evaluate", "cancel", "resume", "forget"],
)
def test_what_is_sent_anyhow_is_refused(
    noted: Catalog,
    open_app: Open,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, str],
    act: Callable[[AppTest], Any],
) -> None:
    # The page was drawn for somebody who may; when it is sent, the server asks again.
    monkeypatch.setattr(permission, "visitor", lambda: HERE)
    app = open_app("errors", **asked)
    app.session_state["evaluate"], app.session_state["evaluate_data"] = True, "made_songs"
    app.run()
    before = stands(noted)
    monkeypatch.setattr(permission, "visitor", lambda: FAR)
    act(app)
    app.run()
    assert not app.exception
    assert REFUSED in everything(app)
    assert stands(noted) == before


@pytest.mark.parametrize(
    ("what", "value"), [("flag", True), ("note", "from afar"), ("label", GENRES[2]), ("label", "")]
)
def test_keys_of_the_list_are_refused(
    noted: Catalog, monkeypatch: pytest.MonkeyPatch, what: str, value: object
) -> None:
    said: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", said)
    before = stands(noted)
    done = notes_of_page.keeper(cached.opened(find_evaluation("made.test@made")))
    done(what, ITEM, value)
    assert isinstance(said[_WENT_WRONG], NotAllowedError)
    assert stands(noted) == before
    done("open", ITEM, None)  # whoever may only look may look closely
    assert state.item() == ITEM
    monkeypatch.setattr(permission, "visitor", lambda: HERE)
    done(what, ITEM, value)
    assert stands(noted) != before
