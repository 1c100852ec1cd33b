"""Shortcuts of a data set from the page Data: asked for, run, kept, and shown on Errors too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.jobs import run_control
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.run_folder import RunFolder
from pages.ui import permission
from pages.ui.permission import Visit
from tests.app_words import everything
from tests.made_evaluations import made_evaluation
from tests.made_framed_covers import write_framed_covers

Open = Callable[..., AppTest]
HERE = Visit(None, {"Host": "localhost:8501"})
FAR = Visit("192.168.1.7", {"Host": "localhost:8501"})
NAMED = re.compile(r"\*\*Shortcuts: [\w, ]*border")
MINE = {"data_of": "Imported here", "data_set": "covers"}


@pytest.fixture
def started(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    runs: list[RunFolder] = []
    monkeypatch.setattr(run_control, "launch", runs.append)
    monkeypatch.setattr(permission, "visitor", lambda: HERE)
    return runs


def test_an_audit_is_run_kept_and_shown_again(
    started: list[RunFolder], tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    catalog.path_of("Blue/00.png").unlink()
    app = open_app("data", **MINE)
    assert "Measures size, compression, sharpness, border, colour" in everything(app)
    app.button("find_shortcuts").click().run()
    assert not app.exception
    (run,) = started
    carry_out(run)
    app = open_app("data", **MINE)
    assert not app.exception
    words = everything(app)
    assert NAMED.search(words)
    assert "covers was audited" in words
    assert "1 files could not be read" in words
    [table] = [each.value for each in app.dataframe if "its AUC" in each.value]
    assert "border" in table["facts"][table["named"]].tolist()
    # "Look at it" leads there from another data set.
    app = open_app("data", data_of="Built in")
    app.button(f"see_{run.name}").click().run()
    assert app.session_state["data_set"] == "covers"
    # On Errors it stands beside what an evaluation's own facts tell.
    made_evaluation(40, genres=("Blue", "Red"), data="covers", digest=catalog.digest)
    app = open_app("errors", further="Shortcuts")
    assert not app.exception
    assert "No shortcut is named" in everything(app)
    assert NAMED.search(everything(app))
    # Whoever comes next sees it, and starts nothing.
    monkeypatch.setattr(permission, "visitor", lambda: FAR)
    app = open_app("data", **MINE)
    assert NAMED.search(everything(app))
    assert app.button("find_shortcuts").disabled


def test_who_may_only_look_starts_none(
    started: list[RunFolder], tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_framed_covers(tmp_path / "covers")
    app = open_app("data", **MINE)
    monkeypatch.setattr(permission, "visitor", lambda: FAR)
    app.button("find_shortcuts").click().run()
    assert "Only whom this server lets may change anything here" in everything(app)
    assert started == []


def test_errors_leads_to_the_audit_that_is_not_there_yet(
    started: list[RunFolder], tmp_path: Path, open_app: Open
) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    made_evaluation(40, genres=("Blue", "Red"), data="covers", digest=catalog.digest)
    app = open_app("errors", further="Shortcuts")
    [link] = [each for each in app.get("page_link") if "data_set=covers" in each.proto.query_string]
    assert link.proto.page.endswith("data")


def test_of_what_comes_with_the_app_none_is_offered(
    started: list[RunFolder], open_app: Open
) -> None:
    app = open_app("data", data_of="Built in")
    assert "too little to tell whether size" in everything(app)
    assert "find_shortcuts" not in {each.key for each in app.button}
