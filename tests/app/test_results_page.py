"""Results, Start and About: figures in words, covers behind a cell, and no TensorFlow."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_words import everything
from tests.made_results import (
    with_card,
    write_batch,
    write_evaluated,
    write_multilabel,
)

Open = Callable[..., AppTest]
PROJECT = Path(__file__).resolve().parents[2]


def test_start_shows_a_live_result_and_honest_figures(made_home: Path, open_app: Open) -> None:
    app = open_app("start")
    assert not app.exception
    assert not app.error
    assert "most probably" in everything(app)
    assert app.metric[0].value == "0.695"
    assert "a model that sees only colours reaches 0.55" in everything(app)


def test_a_gain_whose_interval_holds_zero_is_chance_and_an_old_bundle_has_no_repeats(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("results")
    assert not app.exception
    drawn = everything(app)
    assert "may be chance" in drawn
    assert "Rows are the true genre" in drawn
    # Without counts and repeats, neither is drawn.
    assert "Learning curves of loss, mean of 2 runs with their range" in drawn
    assert "Dotted:" not in drawn.split("Learning curves")[1]
    assert "runs of the same recipe" not in drawn


def test_networks_of_one_task_are_ranked_and_others_left_out(
    made_home: Path, open_app: Open
) -> None:
    assert "for the same task" not in everything(open_app("results"))  # alone
    better = write_evaluated(made_home / "models", "made.better")
    metrics = better.metrics()
    metrics["values"]["roc_auc"]["value"] = 0.9
    (better.folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    other = write_evaluated(made_home / "models", "made.other")
    with_card(other, data={"split_rule": "another"})
    app = open_app("results", network="made.test")
    assert not app.exception
    [ranked] = [table.value for table in app.dataframe if "in plain words" in table.value]
    assert list(ranked["name"]) == ["made.better", "made.test"]
    assert list(ranked[""]) == ["", "this one"]
    assert ranked["ROC AUC"][0].startswith("0.900")


def test_a_source_probe_as_good_as_the_network_is_a_warning(
    made_home: Path, open_app: Open
) -> None:
    path = next((made_home / "models").glob("*/metrics.json"))
    metrics = json.loads(path.read_text(encoding="utf-8"))
    assert "Do not trust this figure" not in everything(open_app("results"))
    metrics["extra"][0]["source_probe"] = {"value": 0.99}
    path.write_text(json.dumps(metrics), encoding="utf-8")
    assert "Do not trust this figure" in open_app("results").warning[0].value


def test_counts_and_shares_are_the_same_cells(made_home: Path, open_app: Open) -> None:
    app = open_app("results", cells="per cent of its row")
    assert not app.exception
    drawn = everything(app)
    assert "75" in drawn
    assert "Confusion matrix, rows = true. Jazz: 75 % right of 4. Pop: 67 % right of 6." in drawn


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        ("loss", "Dotted: knowing only how common each genre is, 0.653."),
        ("accuracy", "Dotted: always the most common genre, 0.650."),
        ("balanced accuracy", "Dotted: always one genre, 0.500."),
        ("macro-F1", "Dotted: always the most common genre, 0.394."),
        ("ROC AUC", "Dotted: chance, 0.500."),
    ],
)
def test_every_curve_stands_on_its_line_and_marks_what_is_kept(
    batch_home: Path, open_app: Open, curve: str, said: str
) -> None:
    # Validation: 7 Jazz, 13 Pop; training: 40 Jazz, 60 Pop. -.35 ln .4 - .65 ln .6 = .653.
    app = open_app("results", curve=curve)
    assert not app.exception
    drawn = everything(app)
    assert f"Learning curves of {curve}, mean of 3 runs with their range" in drawn
    assert said in drawn
    assert "Kept: run 2, epoch 2." in drawn


def test_repeats_are_drawn_as_single_lines(batch_home: Path, open_app: Open) -> None:
    drawn = everything(open_app("results", singles="true"))
    assert "Learning curves of loss, each of 3 runs: training goes" in drawn


def test_the_pair_that_is_confused_most_is_named_and_leads_to_its_covers(
    batch_home: Path, open_app: Open
) -> None:
    drawn = everything(open_app("results"))
    # 2 of 6 are a larger share of a genre than 1 of 4.
    assert "true genre: Pop taken for Jazz, 2 of 6 covers: too few to build on." in drawn
    assert "What is behind that cell" in drawn


def test_a_recipe_without_validation_says_so(empty_home: Path, open_app: Open) -> None:
    write_batch(empty_home / "models", watched=False)
    app = open_app("results", curve="accuracy")
    assert not app.exception
    drawn = everything(app)
    assert "There is no validation curve" in drawn
    assert "the last epoch of the first run is kept" in drawn
    assert "validation goes from" not in drawn
    assert "Dotted: always the most common genre, 0.600." in drawn  # of training: 60 of 100


def test_stuck_runs_are_named(empty_home: Path, open_app: Open) -> None:
    write_batch(empty_home / "models", stuck=True)
    drawn = everything(open_app("results"))
    assert "All 3 runs answer Pop for every cover: stuck on the most common genre." in drawn
    assert "accuracy: 0.600, 0.600, 0.600; mean 0.600; always the most common genre 0.600" in drawn


def test_a_batch_is_one_result_with_a_mean_and_a_range_and_its_figure_is_chosen(
    batch_home: Path, open_app: Open
) -> None:
    drawn = everything(open_app("results"))
    assert "1 of 3 runs answers one genre for every cover** (Pop)" in drawn
    assert "0.658 in accuracy (0.600 to 0.700)" in drawn
    assert "accuracy: 0.700, 0.675, 0.600; mean 0.658" in drawn
    assert "ROC AUC: this network 0.695" in drawn
    drawn = everything(open_app("results", figure="macro-F1"))
    assert "macro-F1: this network 0.560 (0.300 to 0.800), always the most common" in drawn


def test_a_network_for_several_genres_leaves_out_what_it_has_not(
    empty_home: Path, open_app: Open
) -> None:
    write_multilabel(empty_home / "models")
    app = open_app("results")
    assert not app.exception
    assert not app.error
    drawn = everything(app)
    assert "there is no confusion matrix" in drawn
    assert "macro auc: this network 0.610 (0.500 to 0.700)" in drawn
    assert "Genre by genre" not in drawn
    assert not everything(open_app("start")).count("KeyError")


def test_about_explains_words_limits_and_licences(made_home: Path, open_app: Open) -> None:
    app = open_app("about")
    assert not app.exception
    titles = [header.value for header in app.header]
    assert titles == ["Method", "Limits", "Glossary", "Sources", "Licences"]
    assert "no weights of others" in everything(app)


def test_results_and_about_never_load_tensorflow(made_home: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from genre_core.runs import bundle; bundle.SHIPPED_DIR = Path('none')\n"
        "from streamlit.testing.v1 import AppTest\n"
        "for page in ('judge/results.py', 'learn/about.py'):\n"
        "    app = AppTest.from_file('pages/main.py', default_timeout=120)\n"
        "    app.switch_page(page).run(); assert not app.exception\n"
        "    assert app.main\n"
        "sys.exit(', '.join({'tensorflow', 'keras'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=os.environ | {"GENRE_HOME": str(made_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
