"""Errors: what a click, a filter or a button selects, and what an evaluation is asked for."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from genre_core.analysis.histogram import histogram
from genre_core.analysis.selection import Selection, Slice, select
from genre_core.runs.evaluations import EvaluationRecord
from genre_core.runs.run_folder import Request
from pages.ui import permission
from pages.ui.errors import cached, embedding_map, evaluating, matrix, slices, spread, state
from pages.ui.permission import Visit
from tests.app_words import everything
from tests.made_evaluations import GENRES, made_evaluation, made_predictions
from tests.made_songs_set import write_song_bundle, write_songs

Open = Callable[..., AppTest]
TICKS = map(float, count(1))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state of a session, which callbacks read and write."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


def opened_now(record: EvaluationRecord) -> cached.Opened:
    """Open an evaluation as the page does, past what other tests left in memory."""
    return cached._opened.__wrapped__(record.name, next(TICKS), record)


def clicked(*points: dict[str, Any]) -> dict[str, Any]:
    return {"selection": {"points": list(points)}}


def test_a_cell_keeps_what_else_is_chosen(session: dict[str, Any]) -> None:
    state.choose(Selection(source=("shop",), outcome="right"))
    session["errors_matrix"] = clicked({"x": "Pop", "y": "Rock"})
    matrix._take_cell()
    assert state.selection() == Selection(true=("Rock",), predicted=("Pop",), source=("shop",))


def test_a_lasso_selects_and_one_point_opens(session: dict[str, Any], genre_home: Path) -> None:
    opened = opened_now(made_evaluation(9))
    ids = opened.predictions["item_id"]
    session[embedding_map._KEY] = clicked({"customdata": 2}, {"customdata": 5}, {"x": 1})
    embedding_map._take(opened)
    assert state.selection().lasso == (ids[2], ids[5])
    session[embedding_map._KEY] = clicked({"customdata": 7})
    embedding_map._take(opened)
    assert state.item() == ids[7]
    assert state.selection().lasso == (ids[2], ids[5])


def test_a_bar_selects_its_range(session: dict[str, Any]) -> None:
    table = made_predictions(200)
    counted = histogram(table["fact_brightness"], np.arange(3), np.zeros(200, bool))
    assert counted is not None
    session[spread._KEY] = clicked({"customdata": 4})
    spread._take(counted, "fact_brightness")
    assert len(select(table, GENRES, state.selection())) == counted.counts[4]
    sure = histogram(table["prob_0"], np.arange(3), np.zeros(200, bool))
    assert sure is not None
    spread._take(sure, spread._SURE)
    assert state.selection().confidence == sure.ends(4)
    session[spread._KEY] = clicked({"x": 3})  # the line of what is wrong is no bar
    state.choose(Selection())
    spread._take(counted, "fact_brightness")
    assert state.selection() == Selection()


def test_a_row_of_slices_selects_its_items(session: dict[str, Any], genre_home: Path) -> None:
    table = made_predictions(400, seed=1)
    table["predicted"] = np.where(table["source"] == "shop", 0, table["genre_index"])
    opened = opened_now(made_evaluation(400, predictions=table))
    report = cached.slices(opened)
    session[slices._KEY] = {"selection": {"rows": [0]}}
    slices._take(report)
    rows = select(opened.predictions, GENRES, state.selection())
    assert len(rows) == report.table["n"][0]
    assert report.table["column"][0] == "source"


def test_slices_leave_out_what_the_network_learnt_from(genre_home: Path) -> None:
    table = made_predictions(300, seed=1).assign(seen=False)
    table.loc[:99, "seen"] = True
    record = made_evaluation(300, predictions=table, n_seen=100)
    report = cached.slices(opened_now(record))
    assert report.n == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda app: app.button_group("filter_outcome").set_value("wrong"), {"outcome": "wrong"}),
        (lambda app: app.multiselect("filter_true").set_value(["Pop"]), {"true": ("Pop",)}),
        (lambda app: app.multiselect("filter_source").set_value(["shop"]), {"source": ("shop",)}),
        (lambda app: app.text_input("filter_text").set_value(" 00001 "), {"text": "00001"}),
        (lambda app: app.slider("filter_confidence").set_value((0, 60)), {"confidence": (0, 0.6)}),
        (lambda app: app.selectbox("filter_mark").set_value("flagged"), {"mark": "flagged"}),
    ],
)
def test_a_filter_becomes_a_chip(
    empty_home: Path, open_app: Open, change: Callable[[AppTest], Any], expected: dict[str, Any]
) -> None:
    record = made_evaluation(80)
    app = open_app("errors")
    change(app).run()
    assert not app.exception
    chosen = Selection(**expected)
    n = len(select(record.predictions(), GENRES, chosen, marks={}))
    assert f"{n} of 80 covers" in everything(app)
    assert Selection.from_query(app.query_params["only"]) == chosen


def test_answers_held_back_can_be_looked_at(empty_home: Path, open_app: Open) -> None:
    made_evaluation(80)
    app = open_app("errors", further="Curves")
    app.slider("errors_coverage").set_value(25).run()
    assert "Answering the 20 of 80" in everything(app)
    next(one for one in app.button if "held back" in one.label).click().run()
    low, high = Selection.from_query(app.query_params["only"]).confidence or (1, 0)
    assert low == 0
    assert 0 < high < 1


def test_an_evaluation_asks_for_what_was_mapped_by_hand(
    empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_songs(empty_home / "datasets" / "made_songs")
    write_song_bundle(empty_home / "models", "tiny.songs")
    made_evaluation(10)
    asked: list[Request] = []
    monkeypatch.setattr(evaluating.run_control, "start", asked.append)
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost:8501"}))
    monkeypatch.setattr(evaluating, "_by_hand", lambda *_: {"Beats": "Tones"})
    app = open_app("errors")
    app.session_state["evaluate"] = True
    app.run()
    app.button("evaluate_start").click().run()
    assert not app.exception
    [request] = asked
    assert (request.kind, request.settings["mapping"]) == ("evaluate", {"Beats": "Tones"})
    assert "--map 'Beats=Tones'" in request.settings["command"]


def test_a_slice_in_a_link_is_a_chip(empty_home: Path, open_app: Open) -> None:
    record = made_evaluation(80)
    chosen = Selection(slice=Slice("decade", "1970"))
    app = open_app("errors", only=chosen.to_query())
    n = len(select(record.predictions(), GENRES, chosen))
    assert f"{n} of 80 covers" in everything(app)
