"""Results, the studies: lesson, picture, slips, and ours apart from what was published."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.lessons.studies import list_studies, load_study
from tests.app_words import everything
from tests.made_results import with_card, write_batch, write_evaluated, write_multilabel

Open = Callable[..., AppTest]


def studies(open_app: Open, study: str, **query: str) -> AppTest:
    return open_app("results", view="The studies", study=study, **query)


def text_of(app: AppTest) -> str:
    return everything(app).replace("\u00a0", " ")


@pytest.mark.parametrize("name", list_studies())
def test_each_study_shows_lesson_figures_and_every_slip(
    empty_home: Path, open_app: Open, name: str
) -> None:
    app = studies(open_app, name)
    assert not app.exception
    assert not app.error
    study = load_study(name)
    said = " ".join(element.value for element in app.markdown).replace("\\", "")
    said = said.replace("\u00a0", " ")
    assert study.lesson in said
    assert study.apart in said
    assert study.slips
    for slip in study.slips:
        assert slip.claim in said
        assert slip.found in said
        assert slip.matters in said
    assert "No such network is trained here yet" in app.info[0].value
    assert f"studies {name}" in app.code[0].value
    assert f"train {study.rerun} --data" in app.code[0].value


def test_s1_sits_on_its_majority_line(empty_home: Path, open_app: Open) -> None:
    drawn = text_of(studies(open_app, "S1"))
    assert "Learning curves of accuracy: training goes from 0.971" in drawn
    assert "Dotted: always the most common answer, 0.972." in drawn
    loss = text_of(studies(open_app, "S1", study_curve="loss"))
    assert "Dotted: knowing only how common each answer is, 0.128." in loss


def test_s2_says_what_is_not_known(empty_home: Path, open_app: Open) -> None:
    drawn = text_of(studies(open_app, "S2"))
    assert "DenseNet169 0.220, ResNet-50 0.200, InceptionV3 0.190" in drawn
    assert "blind guess among 15 0.067" in drawn
    assert "Not stated: The share of the most common genre" in drawn


def test_s3_shows_both_matrices_and_its_table_of_models(empty_home: Path, open_app: Open) -> None:
    app = studies(open_app, "S3")
    assert [metric.value for metric in app.metric] == ["26.9 %", "10.9 %", "11.7 %", "13.2 %"]
    drawn = text_of(app)
    assert "model 6, rows = true: Alternative Rock is answered for 2,957 of 3,733" in drawn
    assert "model 8, rows = true: Classical is answered for 760 of 3,733" in drawn
    models = next(table.value for table in app.table if "parameters" in table.value)
    assert len(models) == 11
    assert models["parameters"].tolist()[0] == "3,268,428"


def test_s4_shows_its_matrix_and_its_genres_in_order(empty_home: Path, open_app: Open) -> None:
    app = studies(open_app, "S4")
    drawn = text_of(app)
    assert "network B, rows = true, in per cent of each row. Right: Blues 15 %" in drawn
    assert "Rock 6.5 %" in drawn
    (genres,) = (table.value for table in app.dataframe)
    assert genres["genre"].tolist()[0] == "Old-Time"
    assert genres["genre"].tolist()[-1] == "Pop"
    assert len(genres) == 20
    assert "covers" not in " ".join(each.value for each in app.caption)


def test_s5_keeps_songs_and_windows_in_tables_of_their_own(
    empty_home: Path, open_app: Open
) -> None:
    app = studies(open_app, "S5")
    counted = [table.value for table in app.table if "recomputed" in table.value]
    songs, windows = counted
    assert len(songs) == 12
    assert len(windows) == 2
    differing = songs[songs["the two"] == "differ"]
    assert differing["as printed"].tolist() == ["73.27 %", "74.26 %"]
    assert differing["recomputed"].tolist() == ["72.55 %", "73.53 %"]
    drawn = text_of(app)
    assert "LSTM (majority vote): 72.5 % (65.9 to 78.5), printed 73.3 %; prog 85.3 %" in drawn
    assert "Prog score of each segment of Folklore, first to last: 0.35, 0.02" in drawn
    assert "7 of 19 segments are above a half" in drawn
    lists = [each.label for each in app.expander if "taken for" in each.label]
    assert len(lists) == 2
    assert lists[0].startswith("27 prog")


def test_ours_never_stands_in_a_column_with_the_published(empty_home: Path, open_app: Open) -> None:
    write_batch(empty_home / "models")
    write_batch(empty_home / "models", "made.stuck", stuck=True)
    write_evaluated(empty_home / "models", "made.apart")
    app = studies(open_app, "S3")
    assert not app.exception
    tables = [*(each.value for each in app.table), *(each.value for each in app.dataframe)]
    ours = [table for table in tables if "made.batch" in table.to_string()]
    assert len(ours) == 1
    (own,) = ours
    assert not any("made.apart" in table.to_string() for table in tables)
    assert set(own["network"]) == {"made.batch", "made.stuck"}
    assert own["figure"].unique().tolist() == ["accuracy", "balanced accuracy", "macro-F1"]
    stuck = own[(own["network"] == "made.stuck") & (own["figure"] == "accuracy")]
    assert stuck["all runs"].tolist() == ["0.600 to 0.600"]
    assert stuck["always the most common genre"].tolist() == ["0.600"]
    published = next(table for table in tables if "as written" in table)
    assert "made" not in published.to_string()
    drawn = text_of(app)
    assert "Jazz, Pop. 100 covers to train on, 20 to choose by, 10 to measure on" in drawn
    assert "Split: by hand" in drawn


def test_a_bundle_of_another_task_gets_a_table_of_its_own(empty_home: Path, open_app: Open) -> None:
    models = empty_home / "models"
    write_batch(models)
    several = write_multilabel(models)
    with_card(several, study="S3")
    with_card(write_batch(models, "made.turned"), genres=("Pop", "Jazz"))
    app = studies(open_app, "S3")
    assert not app.exception
    tables = [each.value for each in app.dataframe]
    assert len(tables) == 3
    own = next(table for table in tables if "made.several" in table.to_string())
    assert isinstance(own, pd.DataFrame)
    assert own["figure"].tolist() == ["macro auc"]
