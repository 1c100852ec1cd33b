"""The page Errors with 10,000 items: what a click costs the server."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from genre_core.analysis.selection import Selection
from genre_core.data import notes
from genre_core.runs.evaluations import find_evaluation
from pages.ui import permission
from pages.ui.errors import cached, state
from pages.ui.errors import notes as notes_of_page
from pages.ui.permission import Visit
from tests.benchmarks.timing import print_rows, row
from tests.made_evaluations import GENRES, made_evaluation, made_items, made_predictions

ROOT = Path(__file__).resolve().parents[2]
ORDER = "errors_order"
N = 10_000
N_NOTED = 10_000
ROUNDS = 5
AIM_S = 0.3
TABS = (
    "Where it fails most",
    "Spread",
    "Map",
    "Suspected labels",
    "Two networks",
    "Curves",
    "Corrections",
)

Click = Callable[[AppTest, int], object]


def measure() -> list[dict[str, Any]]:
    """Run the page's script in this process as clicks do, each `ROUNDS` times after a warm-up.

    What is measured is the processor time of a run: on a shared machine the clock tells of others
    too. Evaluations are listed anew each time, as for a visitor who looks for some seconds.
    """
    rows = []
    for media in ("cover", "song"):
        with tempfile.TemporaryDirectory() as folder, _home(Path(folder), media):
            rows += _clicks(media) + _tabs(media)
    return rows


@contextmanager
def _home(home: Path, media: str) -> Iterator[None]:
    """Make a data set, two networks' evaluations of it and notes; the visitor may note more."""
    at_home = Visit(None, {"Host": "localhost:8501"})
    st.cache_data.clear()
    st.cache_resource.clear()
    with (
        mock.patch.dict(os.environ, {"GENRE_HOME": str(home), "GENRE_WARM_UP": "0"}),
        mock.patch.object(permission, "visitor", return_value=at_home),
        mock.patch.object(manifest_scanner, "scan_component_manifests", return_value=[]),
    ):
        catalog = made_items(home / "datasets" / "made", made_predictions(N, media=media), media)
        for seed, model in enumerate(("made.other", "made.test")):
            made_evaluation(N, media=media, seed=seed, model=model, digest=catalog.digest)
        with notes.writing() as db:
            marks = [notes.Note("heard twice", True, (GENRES[k % 3],)) for k in range(N_NOTED)]
            files = zip(catalog.frame["checksum"], catalog.frame["item_id"], marks, strict=False)
            notes.write_notes(db, "made", list(files))
        yield


def _open(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=300)
    app.query_params.update(query)
    app.switch_page("judge/errors.py")
    return _run(app)


def _run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def _clicks(media: str) -> list[dict[str, Any]]:
    """Time what is done to the selection, to the list and by its keys."""
    (item_id,) = made_predictions(1, media=media)["item_id"]
    done = notes_of_page.keeper(cached.opened(find_evaluation("made.test@made")))

    def chosen(app: AppTest, selection: Selection) -> None:
        app.session_state[state.SELECTION] = selection

    def cell(app: AppTest, k: int) -> None:
        chosen(app, Selection(true=(GENRES[k % 3],), predicted=(GENRES[(k + 1) % 3],)))

    def noted(what: str, of_round: Callable[[int], object]) -> Click:
        return lambda app, k: done(what, item_id, of_round(k))

    clicks: dict[str, Click] = {
        "a cell": cell,
        "all chips taken away": lambda app, k: chosen(app, Selection()),
        "words": lambda app, k: chosen(app, Selection(text=f"Artist {k}")),
        "a mark": lambda app, k: chosen(app, Selection(mark=("flagged", "with a note")[k % 2])),
        "another order": lambda app, k: app.selectbox(ORDER).select(("loss", "artist")[k % 2]),
        "another page": lambda app, k: app.pagination[0].set_value(2 + k),
        "a flag": noted("flag", lambda k: k % 2 == 0),
        "a new label": noted("label", lambda k: GENRES[k % 3]),
        "an item opened": noted_open(item_id),
    }
    app = _open()
    return [_row(f"{media}s, {name}, s", app, click) for name, click in clicks.items()]


def noted_open(item_id: str) -> Click:
    def click(app: AppTest, k: int) -> None:
        app.session_state[state.ITEM] = item_id if k % 2 == 0 else ""

    return click


def _tabs(media: str) -> list[dict[str, Any]]:
    """Time a cell that is clicked while each of the tabs is open, once it was computed."""
    rows = []
    for tab in TABS:
        app = _open(further=tab, beside="made.other@made")

        def cell(app: AppTest, k: int) -> None:
            app.session_state[state.SELECTION] = Selection(true=(GENRES[k % 3],))

        rows.append(_row(f"{media}s, a cell beside {tab}, s", app, cell))
    return rows


def _row(name: str, app: AppTest, click: Click) -> dict[str, Any]:
    """Give the median of `ROUNDS` runs after two, since the first fill caches."""
    seconds = []
    for k in range(2 + ROUNDS):
        cached.records_in.clear()
        started = time.process_time()
        click(app, k)
        _run(app)
        seconds.append(time.process_time() - started)
    return row(name, statistics.median(seconds[2:]), at_most=AIM_S)


if __name__ == "__main__":
    raise SystemExit(print_rows(measure()))
