"""Parts of the page Errors alone: filters, slices, two networks, and the form that asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from genre_core.analysis.selection import Selection
from genre_core.jobs import run_control
from genre_core.jobs.evaluating import evaluation_request
from genre_core.runs.run_folder import Request, Status, new_run
from pages.ui import cached as shared
from pages.ui import permission
from pages.ui.errors import evaluating, slices, state
from pages.ui.media.linked import WAY_BACK
from pages.ui.permission import Visit
from tests.app_words import everything
from tests.made_evaluations import GENRES, made_evaluation, made_predictions
from tests.made_results import with_card
from tests.made_songs_set import write_song_bundle, write_songs

Open = Callable[..., AppTest]
Select = Callable[..., AppTest]


def page(part: str, second: str = "") -> None:
    """Draw one part of the page for made.test."""
    from genre_core.runs.evaluations import find_evaluation
    from pages.ui.errors import beside, cached, choosing, filters, slices, state

    record = find_evaluation("made.test@made")
    state.begin()
    evaluation = cached.opened(record)
    if part == "chips":
        rows = cached.rows_of(evaluation, state.selection(), {})
        state.chips(len(rows), len(evaluation.predictions), evaluation.items)
    elif part == "filters":
        filters.section(evaluation)
    elif part == "slices":
        slices.section(evaluation)
    else:
        beside.section(evaluation, choosing.on_same_data(record, cached.records()))
    state.end(record.name)


@pytest.fixture
def draw(empty_home: Path) -> Select:
    """Draw a part alone: `draw("filters", only="outcome.wrong")`, with a link's parameters."""

    def draw_(part: str, **query: str) -> AppTest:
        app = AppTest.from_function(page, default_timeout=60, kwargs={"part": part})
        app.query_params.update(query)
        app.run()
        assert not app.exception
        return app

    return draw_


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


def chosen(app: AppTest) -> Selection:
    return Selection.from_query(app.query_params.get("only", ""))


def test_all_takes_every_chip_away_and_stands_only_beside_some(draw: Select) -> None:
    made_evaluation(20)
    app = draw("chips")
    assert [button.key for button in app.button] == []
    assert "**20 covers**" in everything(app)
    app = draw("chips", only=Selection(true=("Pop",), outcome="wrong").to_query())
    assert [button.key for button in app.button] == ["chip_true", "chip_outcome", "chip_all"]
    assert " of 20 covers**" in everything(app)


def test_a_link_that_says_something_new_is_followed(draw: Select) -> None:
    made_evaluation(20)
    app = draw("chips", only="outcome.wrong", item="000003.jpg")
    assert (chosen(app).outcome, app.session_state[state.ITEM]) == ("wrong", "000003.jpg")
    # As after a step back in the browser: the session is the same, the link another.
    app.query_params["only"], app.query_params["item"] = "outcome.right", "000004.jpg"
    app.run()
    assert app.session_state[state.SELECTION] == Selection(outcome="right")
    assert app.session_state[state.ITEM] == "000004.jpg"
    app.button("chip_outcome").click().run()
    assert chosen(app) == Selection()


def test_the_item_stands_in_the_link_and_not_on_the_way_back_to_it(draw: Select) -> None:
    made_evaluation(20)
    app = draw("chips", item="000003.jpg")
    assert app.query_params["item"] == "000003.jpg"
    assert app.session_state[WAY_BACK] == {"evaluation": "made.test@made"}
    app.session_state[state.ITEM] = ""
    app.run()
    assert "item" not in app.query_params


def test_what_is_looked_at_closely_is_left(session: dict[str, Any]) -> None:
    state.look_at("000003.jpg")
    assert state.item() == "000003.jpg"
    state.look_away()
    assert state.item() == ""


def test_filters_show_what_is_chosen_and_give_it_back(draw: Select) -> None:
    table = made_predictions(80)
    made_evaluation(predictions=table.assign(fold=np.arange(80) % 2))
    asked = Selection(outcome="wrong", mark="flagged", confidence=(0.25, 0.75), text="Title")
    app = draw("filters", only=asked.to_query())
    assert app.button_group("filter_outcome").value == "wrong"
    assert app.selectbox("filter_mark").value == "flagged"
    assert app.slider("filter_confidence").value == (25, 75)
    assert app.text_input("filter_text").value == "Title"
    assert app.multiselect("filter_fold").options == ["0", "1"]
    # Each on its own back to all that there is
    app.button_group("filter_outcome").set_value("both").run()
    app.selectbox("filter_mark").set_value("any").run()
    app.slider("filter_confidence").set_value((0, 100)).run()
    assert chosen(app) == Selection(text="Title")
    app.text_input("filter_text").set_value("  ").run()
    assert chosen(app) == Selection()


def test_filters_offer_only_columns_with_a_few_values(draw: Select) -> None:
    many = [f"shop {k}" for k in range(80)]
    made_evaluation(predictions=made_predictions(80).assign(source=many))
    keys = {widget.key for widget in draw("filters").multiselect}
    # One split, no fold, and more sources than a list can hold.
    assert keys == {"filter_true", "filter_predicted"}


def test_a_link_of_other_data_leaves_filters_that_work(draw: Select) -> None:
    made_evaluation(40)
    app = draw("filters", only="true.Polka~source.nowhere~mark.lost")
    assert app.multiselect("filter_true").value == []
    assert app.multiselect("filter_source").value == []
    assert app.selectbox("filter_mark").value == "any"
    app.multiselect("filter_true").set_value(["Pop"]).run()
    assert chosen(app).true == ("Pop",)


def planted(n: int = 600, **changed: object) -> pd.DataFrame:
    """Answers that are wrong in one source only, of its Pop twice as often."""
    table = made_predictions(n, seed=1).assign(**changed)
    rng = np.random.default_rng(0)
    rate = np.where(table["source"] == "shop", np.where(table["genre_index"] == 1, 0.9, 0.5), 0.05)
    wrong = rng.random(n) < rate
    return table.assign(predicted=(table["genre_index"] + wrong) % len(GENRES))


def test_slices_say_how_many_are_flagged_and_which(draw: Select) -> None:
    table = planted(fact_brightness=np.arange(600) % 200.0, artist=[f"a {k}" for k in range(600)])
    made_evaluation(predictions=table.assign(group=table["artist"]))
    app = draw("slices")
    [shown] = [each.value for each in app.dataframe]
    n = int(shown["flagged"].sum())
    assert 0 < n < len(shown)
    words = everything(app)
    assert f"**{n} of " in words
    assert "size, brightness, colourfulness" in words
    assert "keep no facts" not in words
    assert set(shown.loc[shown["by"] == "source", "true genre"]) >= {"any", "Pop"}
    ranges = shown.loc[shown["by"] == "brightness", "value"]
    assert len(ranges) > 0
    assert ranges.str.fullmatch(r"[\d.]+ to [\d.]+").all()


def test_slices_without_facts_or_without_enough_items_say_so(draw: Select) -> None:
    table = planted()
    bare = table[[name for name in table if not name.startswith("fact_")]]
    made_evaluation(predictions=bare)
    words = everything(draw("slices"))
    assert "keep no facts of the files" in words
    assert "brightness" not in words
    made_evaluation(12)
    assert "**No slice can be tried**" in everything(draw("slices"))


def test_a_row_of_slices_that_is_unselected_changes_nothing(session: dict[str, Any]) -> None:
    state.choose(Selection(outcome="wrong"))
    session[slices._KEY] = {"selection": {"rows": []}}
    slices._take(None)  # type: ignore[arg-type]
    assert state.selection() == Selection(outcome="wrong")
    assert (slices._percent(0.254), slices._percent(float("nan"))) == ("25 %", "")


def test_two_networks_are_told_apart_and_each_may_be_looked_at(draw: Select) -> None:
    one, two = made_predictions(60, seed=2), made_predictions(60, seed=2)
    two["predicted"] = two["genre_index"]  # B is always right
    two.loc[0, "genre_index"] = (two["genre_index"][0] + 1) % 3  # and holds one for another genre
    made_evaluation(predictions=one)
    made_evaluation(predictions=two, model="made.other")
    assert "Choose a second network" in everything(draw("beside"))
    app = draw("beside", beside="made.other@made")
    words = everything(app)
    n_right = int((one["predicted"] == one["genre_index"])[1:].sum())
    assert f"is right for **{n_right}**" in words
    assert "for **59**. A's accuracy" in words
    # Both are called "Made": their own names say which is which.
    assert "**A: made.test@made**" in words
    assert "**B: made.other@made**" in words
    assert "more than chance explains" in words
    assert "1 covers are left out" in words
    assert app.button("only_a").disabled
    app.button("only_b").click().run()
    wrong = one["item_id"][1:][(one["predicted"] != one["genre_index"])[1:]]
    assert app.session_state[state.SELECTION].lasso == tuple(wrong)
    charts = [each.proto.spec for each in app.get("plotly_chart")]
    assert len(charts) == 2
    assert charts[0] != charts[1]


def test_two_networks_that_hardly_differ_may_do_so_by_chance(draw: Select) -> None:
    one = made_predictions(400, seed=2)
    two = one.assign(predicted=np.roll(one["predicted"], 1))
    two.loc[:, "genre_index"] = one["genre_index"]
    made_evaluation(predictions=one)
    made_evaluation(predictions=two, model="made.other")
    app = draw("beside", beside="made.other@made")
    assert "(chi-squared " in everything(app)
    few = one[:40].assign(group="one band", artist="one band")
    alike = few.copy()
    alike.loc[0, "predicted"] = (alike["predicted"][0] + 1) % 3
    made_evaluation(predictions=few)
    made_evaluation(predictions=alike, model="made.other")
    words = everything(draw("beside", beside="made.other@made"))
    assert "(exact)" in words
    assert "no interval can be given: fewer than 5 groups" in words
    lone = [f"band {k}" for k in range(40)]
    made_evaluation(predictions=few.assign(group=lone, artist=lone))
    made_evaluation(predictions=alike.assign(group=lone, artist=lone), model="made.other")
    assert "which chance alone may explain" in everything(draw("beside", beside="made.other@made"))


@pytest.fixture
def form(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Songs that a network can be asked about; gives what is started."""
    write_songs(empty_home / "datasets" / "made_songs")
    write_song_bundle(empty_home / "models", "tiny.songs", genres=("Beats", "Hiss"))
    gone = write_song_bundle(empty_home / "models", "tiny.gone")
    gone.model_path.unlink()
    tags = ("noise", "loud", "hiss", "Drums")
    write_song_bundle(empty_home / "models", "tiny.tags", genres=tags, head="multilabel")
    asked: list[Request] = []
    monkeypatch.setattr(run_control, "start", asked.append)
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost:8501"}))
    return asked


def asking() -> None:
    from pages.ui.errors import evaluating

    evaluating.section()


def test_the_form_asks_for_what_was_chosen_and_mapped(form: list[Request]) -> None:
    app = AppTest.from_function(asking, default_timeout=60)
    app.session_state["evaluate"] = True
    app.run()
    assert not app.exception
    # Only what can answer.
    assert app.selectbox("evaluate_network").options == [
        "Title of tiny.songs",
        "Title of tiny.tags",
    ]
    assert "16 items take no part: no label means a genre" in everything(app)
    [table] = [each.value for each in app.dataframe if "told by" in each.value]
    told = table.set_index("label")[["genre", "told by"]]
    assert told.loc["Beats"].tolist() == ["Beats", "name"]
    assert told.loc["Tones"].tolist() == ["", "nothing"]
    rows = {label: str(place) for place, label in enumerate(table["label"])}
    by_hand = {"Tones": "Hiss", "Noise": "Hiss", "Beats": ""}
    app.session_state["evaluate_map_tiny.songs_made_songs"] = {
        "edited_rows": {rows[name]: {"genre": genre or None} for name, genre in by_hand.items()},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.selectbox("evaluate_split").set_value("all").run()
    assert not app.exception
    start = app.button("evaluate_start")
    assert start.label == "Evaluate on 16 items"
    start.click().run()
    assert not app.exception
    [request] = form
    assert (request.settings["split"], request.settings["mapping"]) == ("all", by_hand)


def test_the_form_asks_a_network_that_gives_tags_once_two_are_meant(form: list[Request]) -> None:
    app = AppTest.from_function(asking, default_timeout=60)
    app.session_state["evaluate"] = True
    app.run()
    app.selectbox("evaluate_network").set_value("tiny.tags").run()
    assert not app.exception
    # Of one tag no answer can be told: what labels mean stands there all the same.
    assert "must mean two or more" in everything(app)
    assert not [button for button in app.button if button.key == "evaluate_start"]
    [table] = [each.value for each in app.dataframe if "told by" in each.value]
    told = table.set_index("label")[["genre", "told by"]]
    assert told.loc["Noise"].tolist() == ["noise", "spelling"]
    rows = {label: str(place) for place, label in enumerate(table["label"])}
    app.session_state["evaluate_map_tiny.tags_made_songs"] = {
        "edited_rows": {rows["Beats"]: {"genre": "Drums"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    assert "gives 4 tags; its answer is the highest of the 2" in everything(app)
    app.button("evaluate_start").click().run()
    [request] = form
    assert request.settings["mapping"] == {"Beats": "Drums"}


def test_what_a_recipe_tells_by_its_rules_is_said_by_hand_when_asked_for(
    form: list[Request], empty_home: Path
) -> None:
    tiny = write_song_bundle(empty_home / "models", genres=("Other", "Beats"))
    rules = {"Other": ["made:Tones", "made:Noise"]}
    recipe = {**tiny.card.experiment, "task": {**tiny.card.experiment["task"], "rules": rules}}
    with_card(tiny, experiment=recipe)
    app = AppTest.from_function(asking, default_timeout=60)
    app.session_state["evaluate"] = True
    app.run()
    assert not app.exception
    [table] = [each.value for each in app.dataframe if "told by" in each.value]
    assert dict(zip(table["label"], table["told by"], strict=True)) == dict.fromkeys(
        ("made:Tones", "made:Noise", "Beats"), "recipe"
    )
    app.button("evaluate_start").click().run()
    assert form[0].settings["mapping"] == {}
    app.toggle("evaluate_by_hand_tiny.songs_made_songs").set_value(True).run()
    [table] = [each.value for each in app.dataframe if "told by" in each.value]
    place = table["label"].tolist().index("Noise")
    app.session_state["evaluate_map_tiny.songs_made_songs"] = {
        "edited_rows": {str(place): {"genre": "Other"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    start = app.button("evaluate_start")
    assert start.label == "Evaluate on 4 items"
    start.click().run()
    said = {"Beats": "Beats", "Noise": "Other"}
    unsaid = dict.fromkeys(("Tones", "non-prog", "non-prog (presumed)"), "")
    assert form[1].settings["mapping"] == said | unsaid


def test_the_form_says_what_it_lacks(form: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "dataset", lambda name: None)
    app = AppTest.from_function(asking, default_timeout=60)
    app.session_state["evaluate"] = True
    app.run()
    assert not app.exception
    assert "cannot be read" in everything(app)
    monkeypatch.setattr(evaluating.data_sets, "names", list)
    app.run()
    assert not app.exception
    assert "import one under Data" in everything(app)


def test_a_data_set_that_was_never_read_waits_to_be_chosen(
    form: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(shared, "dataset", read.append)
    monkeypatch.setattr(evaluating.data_sets, "names", lambda: ["huge", "made_songs"])
    app = AppTest.from_function(asking, default_timeout=60)
    app.session_state["evaluate"] = True
    app.run()
    assert not app.exception
    assert read == []
    app.selectbox(key="evaluate_data").set_value("huge").run()
    assert read == ["huge"]


def test_what_was_evaluated_can_be_looked_at(form: list[Request]) -> None:
    run = new_run(evaluation_request("tiny.songs", "made_songs"))
    run.write_status(Status("done", "ready", result="tiny.songs@made_songs"))
    app = AppTest.from_function(asking, default_timeout=60).run()
    app.button(f"see_{run.name}").click().run()
    assert not app.exception
    assert app.session_state["errors_evaluation"] == "tiny.songs@made_songs"
