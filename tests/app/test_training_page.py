"""The training page: what a run's folder says is what the page says, and who may act on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.jobs import engines, run_control
from genre_core.runs.grid_table import GridTable, Trial
from genre_core.runs.run_folder import LIVE_FILE, LOG_FILE, Request, RunFolder, Status, new_run
from pages.ui import permission
from pages.ui.training import runs
from pages.ui.training.device_picker import DeviceChoice
from pages.ui.training.form import Plan
from pages.ui.training.words import DATA_KEY
from tests.app_words import everything
from tests.made_training import small_recipe, small_request, write_covers

Open = Callable[..., AppTest]
HERE = permission.Visit(None, {"Host": "localhost:8501"})
ELSEWHERE = permission.Visit("203.0.113.7", {"Host": "example.org"})


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: HERE)


def made_run(home: Path, state: str, *, n_epochs: int = 3, text: str = "", **settings: object):
    run = new_run(small_request(home / "covers", **settings))
    rows = [
        {"part": "", "run": 0, "epoch": k + 1, "loss": 1 / (k + 1), "val_loss": 0.5 + k % 2}
        for k in range(n_epochs)
    ]
    if rows:
        pd.DataFrame(rows).to_csv(run.path / LIVE_FILE, index=False)
    (run.path / LOG_FILE).write_text("the last line of the log\n", encoding="utf-8")
    me = psutil.Process()
    run.write_status(
        Status(
            state,
            text or state,
            done=3,
            total=5,
            unit="steps",
            place="epoch 4 of 9",
            items_per_s=41.5,
            remaining_s=130,
            pid=me.pid,
            pid_started=me.create_time(),
            started=time.time() - 60,
            device="CPU",
            memory_mb=1234,
        )
    )
    return run


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_without_data_covers_are_drawn_and_the_form_comes(empty_home: Path, open_app: Open) -> None:
    app = open_app("training")
    assert not app.exception
    assert app.session_state["desk"] == "New training"
    assert "There is no data set here yet" in everything(app)
    assert "Start training" not in labels(app)
    next(button for button in app.button if button.label.startswith("Use 240")).click().run()
    assert not app.exception
    assert "Start training" in labels(app)
    assert app.selectbox[0].value == "drawn-covers"


def test_drawn_covers_are_offered_beside_data_that_nobody_has_chosen(
    empty_home: Path, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers" / "labels.csv").write_text("path,genre\na.jpg,Rock\n", encoding="utf-8")
    (tmp_path / "covers" / "a.jpg").write_bytes(b"")
    monkeypatch.setenv("GENRE_DATA", str(tmp_path))
    app = open_app("training")
    assert not app.exception
    assert "There is no data set here yet" not in everything(app)
    assert "Start training" not in labels(app)
    next(button for button in app.button if button.label.startswith("Use 240")).click().run()
    assert not app.exception
    assert app.selectbox(key=DATA_KEY).value == "drawn-covers"
    assert "Start training" in labels(app)
    assert not any(label.startswith("Use 240") for label in labels(app))


def test_a_shipped_training_stands_for_the_first(made_home: Path, open_app: Open) -> None:
    app = open_app("training", desk="Runs")
    assert not app.exception
    assert "Nothing was trained here yet" in everything(app)


def test_a_run_at_work(empty_home: Path, open_app: Open) -> None:
    run = made_run(empty_home, "running")
    app = open_app("training")
    assert not app.exception
    words = everything(app)
    for told in ("Running", "41.5", "2 min 10 s", "1.2 GB", "epoch 4 of 9", "the last line of"):
        assert told in words, told
    assert {"Stop"} <= labels(app)
    assert not {"Resume", "Delete"} & labels(app)
    next(button for button in app.button if button.label == "Stop").click().run()
    assert (run.path / "stop").is_file()


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted"])
def test_a_run_that_can_go_on(state: str, empty_home: Path, open_app: Open) -> None:
    made_run(empty_home, state, text="the disk was full")
    app = open_app("training")
    assert not app.exception
    assert "the disk was full" in everything(app)
    assert {"Resume", "Finish with the best epoch so far", "Delete"} <= labels(app)
    assert "Stop" not in labels(app)


def test_resume_starts_its_process(
    empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_run(empty_home, "stopped")
    started: list[tuple[RunFolder, bool]] = []
    monkeypatch.setattr(
        run_control, "resume", lambda run, finish=False: started.append((run, finish))
    )
    app = open_app("training")
    next(b for b in app.button if b.label == "Resume").click().run()
    next(b for b in app.button if b.label.startswith("Finish")).click().run()
    assert started == [(run, False), (run, True)]


def test_deleting_is_asked_first(empty_home: Path, open_app: Open) -> None:
    run = made_run(empty_home, "failed")
    app = open_app("training")
    next(b for b in app.button if b.label == "Delete").click().run()
    assert run.path.is_dir()
    next(b for b in app.button if b.label == "Delete it").click().run()
    assert not run.path.exists()


def test_tags_are_kept_and_bounded(empty_home: Path, open_app: Open) -> None:
    run = made_run(empty_home, "done")
    app = open_app("training")
    box = next(each for each in app.text_input if each.label == "Tags")
    box.set_value("baseline, baseline, " + "x" * 90 + ", " + ", ".join("abcdefghij")).run()
    assert run.tags()[0] == "baseline"
    assert len(run.tags()) == 8
    assert max(map(len, run.tags())) == 40


@pytest.mark.parametrize("setting", ["local", "signed-in", "nobody", "whatever"])
def test_a_visitor_from_elsewhere_looks_and_changes_nothing(
    setting: str, empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_run(empty_home, "running")
    monkeypatch.setenv(permission.SETTING, setting)
    monkeypatch.setattr(permission, "visitor", lambda: ELSEWHERE)
    app = open_app("training")
    assert not app.exception
    assert "You can look at everything here" in everything(app)
    assert "41.5" in everything(app)
    assert not {"Stop", "Delete", "Resume"} & labels(app)
    assert not (run.path / "stop").exists()


def test_a_button_pressed_after_the_right_was_lost_does_nothing(
    empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_run(empty_home, "running")
    app = open_app("training")
    stop = next(button for button in app.button if button.label == "Stop")
    monkeypatch.setattr(permission, "visitor", lambda: ELSEWHERE)
    stop.click().run()
    assert not (run.path / "stop").exists()
    assert "Only whom this server lets" in everything(app)


def test_start_asks_for_the_right_itself(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(run_control, "start", started.append)
    monkeypatch.setattr(permission, "visitor", lambda: ELSEWHERE)
    with pytest.raises(permission.NotAllowedError, match="Received"):
        runs.start(Plan(small_recipe(), "covers", True), DeviceChoice())
    assert started == []


def test_a_grid_on_a_cluster_is_asked_for_as_one_run(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(run_control, "start", lambda own: asked.append(own) or new_run(own))
    monkeypatch.setattr(runs, "load_experiment", lambda _: small_recipe())
    monkeypatch.setattr(engines, "find_spec", lambda _: True)
    grid = {"training.epochs": (1, 2)}
    choice = DeviceChoice(engine="ray", address="auto")
    runs.start(Plan(small_recipe(), "covers", True, grid), choice)
    [request] = asked
    assert request.settings["grid"] == {"training.epochs": [1, 2]}
    assert request.settings["engine"] == {"name": "ray", "address": "auto"}
    words = request.settings["command"]
    assert words.endswith("--grid training.epochs=1,2 --engine ray --address auto")


def test_a_grid_s_combinations_are_listed_and_the_chosen_one_named(
    empty_home: Path, open_app: Open
) -> None:
    run = made_run(empty_home, "running")
    trials = (
        Trial(1, {"training.epochs": 2}, (0.25,), (2,)),
        Trial(2, {"training.epochs": 3}, error="Loss must stay finite."),
    )
    GridTable("val_loss", trials).write(run.path)
    app = open_app("training")
    assert not app.exception
    [table] = [own.value for own in app.dataframe if "trial" in own.value.columns]
    assert table["epochs"].tolist() == [2, 3]
    assert table["note"].tolist() == ["", "Loss must stay finite."]
    assert "was chosen among" not in everything(app)
    GridTable("val_loss", trials, chosen=1).write(run.path)
    app.run()
    assert "Epochs 2 was chosen among 1 combinations by val_loss 0.2500" in everything(app)


def page_that_started(name: str) -> None:
    """What stands under the form after a start; AppTest runs it by itself."""
    import streamlit as st

    from pages.ui.training import runs

    if "told" not in st.session_state:
        st.session_state["told"], st.session_state["training_started"] = True, name
    runs.say_what_started()


@pytest.mark.parametrize(("state", "n"), [("running", 1), ("done", 0)])
def test_that_a_run_started_is_said_while_it_runs(empty_home: Path, state: str, n: int) -> None:
    run = made_run(empty_home, state)
    app = AppTest.from_function(page_that_started, kwargs={"name": run.name}).run()
    assert not app.exception
    assert len(app.success) == n
    if n:
        app.button("watch_started").click().run()
        assert not app.success
        assert (app.session_state["desk"], app.session_state["run"]) == ("Runs", run.name)
        assert app.session_state["to_top"]


def test_two_runs_are_compared_by_what_differs(empty_home: Path, open_app: Open) -> None:
    write_covers(empty_home / "covers")
    made_run(empty_home, "done", title="first")
    made_run(empty_home, "done", title="second", training={"batch_size": 4})
    app = open_app("training", desk="Compare")
    assert not app.exception
    tables = [frame.value for frame in app.dataframe if "setting" in frame.value]
    assert tables[0]["setting"].tolist() == ["training.batch_size"]
    assert sorted(tables[0].iloc[0, 1:]) == ["4", "8"]


def test_the_list_is_filtered_by_words_and_state(empty_home: Path, open_app: Open) -> None:
    made_run(empty_home, "done", title="first")
    made_run(empty_home, "failed", title="second")
    app = open_app("training")
    box = next(each for each in app.text_input if each.label == "Filter")
    box.set_value("SECOND").run()
    table = next(frame.value for frame in app.dataframe if "what" in frame.value)
    assert table["what"].tolist() == ["second"]
    box.set_value("third").run()
    assert "No run matches." in everything(app)


def test_the_alarm_is_raised(empty_home: Path, open_app: Open) -> None:
    run = made_run(empty_home, "running")
    losses = {"loss": [0.9, 0.6, 0.4, 0.3, 0.2], "val_loss": [0.8, 0.7, 0.75, 0.8, 0.9]}
    table = pd.DataFrame(losses | {"part": "", "run": 0, "epoch": range(1, 6)})
    table.to_csv(run.path / LIVE_FILE, index=False)
    app = open_app("training")
    assert "learns by heart" in everything(app)


def test_a_live_curve_stands_beside_guessing_where_its_data_are_here(
    empty_home: Path, open_app: Open
) -> None:
    made_run(empty_home, "running")
    line = "Dotted: knowing only how common each genre is"
    assert line not in everything(open_app("training"))
    write_covers(empty_home / "covers")
    assert line in everything(open_app("training"))


def test_an_import_has_no_epochs_and_no_best_figure(empty_home: Path, open_app: Open) -> None:
    new_run(Request("import", "mine, imported", {"source": "mine", "name": "mine"}))
    made_run(empty_home, "done", title="second")
    table = next(f.value for f in open_app("training").dataframe if "what" in f.value)
    row = table.set_index("what").loc["mine, imported"]
    assert row["of"] == ""
    assert pd.isna(row["epochs"])
    assert pd.isna(row["best"])
