"""The form before a training: fields of the recipe, refusals beside it, and its cost on demand."""

import contextlib
import io
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core import cli
from genre_core.config import Experiment, changed, difference, from_dict, load_experiment
from genre_core.data.importers import save_import
from pages.ui.training import costs
from tests.app_words import everything
from tests.made_bundles import write_bundle
from tests.made_imports import import_as

RECIPE = "gaid5_s3_model_3"


def page() -> None:
    """Stand in for the page: draws the form and keeps what it gives."""
    import streamlit as st

    from genre_core.config import to_dict
    from pages.ui.training.form import training_form

    asked = training_form(may_start=st.session_state.get("may_start", True))
    st.session_state["asked"] = {
        "experiment": None if asked.experiment is None else to_dict(asked.experiment),
        "data": asked.data,
        "is_start": asked.is_start,
    }


def write_covers(folder: Path, genres: tuple[str, ...]) -> Path:
    rng = np.random.default_rng(0)
    for genre in genres:
        (folder / genre).mkdir(parents=True)
        for i in range(20):
            Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(
                folder / genre / f"{i}.png"
            )
    return folder


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both data sets, as an import stores them; they are only copied."""
    folder = tmp_path_factory.mktemp("imported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENRE_HOME", str(folder))
        covers = write_covers(folder / "mine", ("Pop", "Zydeco"))
        save_import(import_as("folders", covers, name="mine"))
        covers = write_covers(folder / "gaid5", load_experiment(RECIPE).task.genres)
        result = import_as("folders", covers, name="five")
        result.catalog.frame["source"] = "gaid5"
        save_import(result)
    return folder / "datasets"


@pytest.fixture
def data(empty_home: Path, imported: Path) -> Path:
    """Home with one data set of covers, `mine`, of two genres that no recipe has both."""
    shutil.copytree(imported / "mine", empty_home / "datasets" / "mine")
    return empty_home


@pytest.fixture
def five(empty_home: Path, imported: Path) -> Path:
    """Home with one data set of covers, `five`, that has the genres of the recipes of ours."""
    shutil.copytree(imported / "five", empty_home / "datasets" / "five")
    return empty_home


def opened(recipe: str = RECIPE, *, set: str = "", **state: object) -> AppTest:
    app = AppTest.from_function(page, default_timeout=120)
    app.query_params["recipe"] = recipe
    if set:
        app.query_params["set"] = set
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def widget(app: AppTest, kind: str, path: str) -> object:
    (one,) = (each for each in getattr(app, kind) if each.key and each.key.endswith(f"/{path}"))
    return one


def result(app: AppTest) -> Experiment | None:
    values = app.session_state["asked"]["experiment"]
    return None if values is None else from_dict(Experiment, values)


def labels(app: AppTest) -> set[str]:
    kinds = (app.number_input, app.text_input, app.selectbox, app.multiselect, app.checkbox)
    return {each.label for kind in kinds for each in kind}


def test_what_was_filled_in_survives_a_refresh_and_a_step_back_undoes_it(five: Path) -> None:
    app = opened()
    assert "set" not in app.query_params
    widget(app, "number_input", "training.epochs").set_value(3)
    app.run()
    assert app.query_params["set"] == "training.epochs=3"
    again = opened(set="training.epochs=3")
    assert result(again).training.epochs == 3
    del app.query_params["set"]
    assert result(app.run()) == load_experiment(RECIPE)
    for nonsense in ("training.epochs=-3", "no", "training.epocs=3"):
        bad = opened(set=nonsense)
        assert "Received" in bad.error[0].value
        assert result(bad) == load_experiment(RECIPE)


def test_without_a_data_set_it_says_how_to_get_one(empty_home: Path) -> None:
    app = opened()
    assert "There is no data set here yet" in app.info[0].value
    assert app.session_state["asked"] == {"experiment": None, "data": "", "is_start": False}


def test_untouched_it_is_the_recipe_and_every_field_has_its_words(five: Path) -> None:
    app = opened()
    assert result(app) == load_experiment(RECIPE)
    assert app.session_state["asked"]["data"] == "five"
    assert not app.session_state["asked"]["is_start"]
    assert not app.error
    assert app.code[0].value == f"python -m genre_core train {RECIPE} --data five"
    assert "s3_model_3.gaid5" in everything(app)
    drawn = [*app.number_input, *app.checkbox, *app.text_input, *app.multiselect]
    assert len(drawn) > 20
    assert all(each.help for each in drawn)
    # Only recipes of the data set's medium are offered, study by study.
    offered = next(each for each in app.selectbox if each.label == "Recipe").options
    assert "Study S3 · S3's model 3 on five genres" in offered
    assert not [each for each in offered if "song" in each.lower()]
    studies = [each.split(" · ")[0] for each in offered]
    assert studies == sorted(studies)  # "Ours" stands before "Study"
    assert len(set(studies)) >= 4
    # A start is told once.
    app.button(key="training_start").click().run()
    assert app.session_state["asked"]["is_start"]
    app.run()
    assert not app.session_state["asked"]["is_start"]


def test_a_change_reaches_the_command_stays_with_its_recipe_and_is_undone(five: Path) -> None:
    app = opened()
    assert "Back to the recipe" not in everything(app)
    widget(app, "number_input", "training.epochs").set_value(3)
    widget(app, "checkbox", "augment.flip").check()
    widget(app, "number_input", "training.learning_rate").set_value(2e-5)
    app.run()
    found, base = result(app), load_experiment(RECIPE)
    wanted = {"training.epochs": 3, "augment.flip": True, "training.learning_rate": 2e-5}
    assert found == changed(base, wanted)
    assert set(difference(base, found)) == set(wanted)
    assert "--set training.epochs=3" in app.code[0].value
    assert "training.epochs 10 → 3" in everything(app)
    picker = next(each for each in app.selectbox if each.label == "Recipe")
    picker.set_value("gaid5_lite2").run()
    assert result(app) == load_experiment("gaid5_lite2")
    assert "recipe" not in app.query_params  # the first of them
    assert "set" not in app.query_params
    next(each for each in app.selectbox if each.label == "Recipe").set_value(RECIPE).run()
    assert result(app).training.epochs == 3
    app.button(key="training_reset").click().run()
    assert result(app) == load_experiment(RECIPE)
    assert widget(app, "number_input", "training.epochs").value == 10
    # A value set back by hand is no change.
    for epochs in (3, 10):
        widget(app, "number_input", "training.epochs").set_value(epochs)
        app.run()
    assert result(app) == load_experiment(RECIPE)


def test_what_does_not_hold_is_said_and_cannot_be_started(five: Path) -> None:
    app = opened()
    for path, value, said in (
        ("training.epochs", 0, "epochs must be at least 1"),
        ("training.parts", 5, "parts must divide batch_size"),
        ("training.learning_rate", -1.0, "learning_rate must be"),
        ("input.size", 8, "size must lie in"),
    ):
        field = widget(app, "number_input", path)
        right = field.value
        field.set_value(value)
        app.run()
        assert not app.exception
        assert said in app.error[0].value.replace("\\", "")
        assert "Received" in app.error[0].value
        assert result(app) is None
        assert app.button(key="training_start").disabled
        assert app.button(key="training_estimate").disabled
        widget(app, "number_input", path).set_value(right)
    widget(app, "selectbox", "training.train_on").set_value("train+val")
    app.run()
    assert not app.exception
    assert result(app) is not None


def test_what_means_nothing_is_not_asked_and_goes_back(five: Path) -> None:
    app = opened("gaid5_lite2")
    assert {"Weight decay", "Patience", "Views"} <= labels(app)
    assert not {"Folds", "Teacher", "Clip s"} & labels(app)
    widget(app, "selectbox", "training.optimizer").set_value("adam")
    widget(app, "selectbox", "training.select").set_value("last_epoch")
    app.run()
    app.run()
    assert not {"Weight decay", "Patience"} & labels(app)
    found = result(app).training
    assert (found.optimizer, found.weight_decay, found.patience) == ("adam", 0.0, 0)


def test_where_genres_are_not_there_the_data_set_s_own_are_taken_until_somebody_says_otherwise(
    data: Path,
) -> None:
    app = opened()
    assert not app.error
    assert result(app).task.genres == ("Pop", "Zydeco")
    app.button(key="training_reset").click().run()
    assert "Every genre of the task needs an item" in app.error[0].value
    assert result(app) is None
    app.button(key="training_take_genres").click().run()
    assert not app.error
    found = result(app)
    assert found.task.genres == ("Pop", "Zydeco")
    assert (found.task.sources, found.tag) == ((), "mine")
    widget(app, "number_input", "training.epochs").set_value(2)
    app.run()
    assert result(app).task.genres == ("Pop", "Zydeco")
    assert result(app).training.epochs == 2


def test_taking_genres_leaves_what_was_tied_to_others(data: Path) -> None:
    app = opened("s1_prog_vs_rock")
    assert not app.error
    found = result(app)
    assert (found.task.genres, found.task.rules, found.reports) == (("Pop", "Zydeco"), {}, ())
    assert found.task.head == "binary"  # two genres are enough for it


def test_who_may_not_train_cannot_start_but_may_look(five: Path) -> None:
    app = opened(may_start=False)
    assert app.button(key="training_start").disabled
    assert not app.button(key="training_estimate").disabled
    assert result(app) is not None


def test_a_model_of_the_same_name_stays_and_another_name_is_proposed(five: Path) -> None:
    assert "One of this name is there and stays" not in everything(opened())
    write_bundle(five / "models", name="s3_model_3.gaid5")
    app = opened()
    assert "One of this name is there and stays" in everything(app)
    app.button(key="training_take_tag").click()
    app.run()
    assert "One of this name is there and stays" not in everything(app)
    assert "s3_model_3.gaid5-2" in everything(app)


class Child:
    """Stands in for a process: over at once, or never."""

    def __init__(self, out: io.BytesIO, err: io.BytesIO, code: int | None) -> None:
        self.out, self.err, self.code, self.killed = out, err, code, False

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.killed, self.code = True, -9

    def wait(self) -> None:
        pass


FOUND = {
    "total_s": 3600.0 * 2, "epoch_s": 42.0, "step_s": 0.21, "n_measured": 5, "device": "CPU",
    "n_fits": 3, "steps_per_epoch": 67, "items": "covers", "n_train": 2135, "prepare_s": 90.0,
    "n_parameters": 6_498_949, "n_trainable": 100, "memory_bytes": 731_000_000,
    "disk_bytes": {"checkpoint": 26_000_000, "covers": 162_000_000},
    "unknown": ["An early stop makes it shorter."],
}  # fmt: skip


def answering(
    monkeypatch: pytest.MonkeyPatch, out: str = "", err: str = "", code: int | None = 0
) -> list[list[str]]:
    """Have every child answer so; give the commands they were started by."""
    started: list[list[str]] = []

    def popen(words: list[str], *, stdout: io.BytesIO, stderr: io.BytesIO, **_: object) -> Child:
        started.append(words)
        stdout.write(out.encode())
        stderr.write(err.encode())
        return Child(stdout, stderr, code)

    monkeypatch.setattr(costs.subprocess, "Popen", popen)
    return started


def test_an_estimate_is_asked_of_a_child_and_shown_until_settings_change(
    five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = answering(monkeypatch, json.dumps(FOUND))
    app = opened()
    assert not started
    widget(app, "number_input", "training.batch_size").set_value(16)
    app.button(key="training_estimate").click().run()
    (words,) = started
    command = f"train {RECIPE} --data five --set training.batch_size=16 --estimate --json"
    assert words == [sys.executable, "-m", "genre_core", *command.split()]
    shown = {each.label: each.value for each in app.metric}
    assert (shown["In total"], shown["One step"], shown["Disk"]) == ("2.0 h", "0.21 s", "188 MB")
    assert (shown["First, once"], shown["Memory for a step"]) == ("90 s", "0.7 GB")
    assert "An early stop makes it shorter." in everything(app)
    widget(app, "number_input", "training.epochs").set_value(2)
    app.run()
    assert not app.metric
    assert "Settings changed since the last estimate" in everything(app)


def test_an_estimate_that_fails_says_why(five: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened()
    for err, said in (
        ("noise\nerror: A rule. Received 3. A cure.\n", "Received A rule. Received 3. A cure."),
        ("", "Received nothing at all"),
    ):
        answering(monkeypatch, "", err, 1)
        app.button(key="training_estimate").click().run()
        assert said in app.error[0].value.replace("\\", "")
        assert not app.metric


def test_a_second_question_ends_the_first_and_one_without_end_is_given_up(
    five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "", "", None)
    app = opened()
    app.button(key="training_estimate").click().run()
    assert "timing a few steps" in everything(app)
    first = app.session_state["training_costs"]
    app.button(key="training_estimate").click().run()
    second = app.session_state["training_costs"].process
    assert (first.process.killed, second.killed) == (True, False)
    assert first.out.closed
    app.run()
    assert not second.killed
    monkeypatch.setattr(costs, "MAX_S", -1.0)
    app.run()
    assert second.killed
    assert app.error


def in_this_process(
    words: list[str], *, stdout: io.BytesIO, stderr: io.BytesIO, **_: object
) -> Child:
    """Stand in for `subprocess.Popen`: carry the command out here, where TensorFlow is loaded."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = cli.main(words[3:])
    stdout.write(said.getvalue().encode())
    return Child(stdout, stderr, code)


@pytest.mark.parametrize(
    "is_child", [False, pytest.param(True, marks=[pytest.mark.sweep, pytest.mark.slow])]
)
def test_an_estimate_by_the_real_command(
    data: Path, monkeypatch: pytest.MonkeyPatch, is_child: bool
) -> None:
    if not is_child:
        monkeypatch.setattr(costs.subprocess, "Popen", in_this_process)
    app = opened("s3_model_5")
    for path, value in (("input.size", 64), ("training.batch_size", 4), ("training.repeats", 1)):
        widget(app, "number_input", path).set_value(value)
    app.button(key="training_estimate").click().run()
    app.session_state["training_costs"].process.wait()
    app.run()
    assert not app.error
    shown = {each.label: each.value for each in app.metric}
    assert (shown["Parameters"], shown["In total"] != "not known") == ("0.1 M", True)
