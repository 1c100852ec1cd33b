"""Lessons: what a stored result says is what the page says, and blank maps are shown live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.lessons import stored
from genre_core.lessons.length_models import MODELS
from genre_core.lessons.scaling import TESTED, TRAINED
from genre_core.lessons.song_length import FEATURES
from genre_core.lessons.stored import save_lesson
from pages.ui import figures
from tests.app_words import everything

Open = Callable[..., AppTest]


def made_result(apart: float = 0.98, swapped: float = 0.1) -> dict[str, Any]:
    def area(trained_on: str, tested_on: str) -> dict[str, float]:
        known = {
            ("scaled apart", "scaled apart"): apart,
            ("scaled apart", "scaled the other way"): swapped,
        }
        value = known.get((trained_on, tested_on), 0.62)
        return {"value": value, "low": value - 0.05, "high": min(1.0, value + 0.05)}

    maps = [
        {
            "trained_on": name,
            "tested_on": name,
            "n": 10,
            "n_located": 9,
            "stage": "conv_5",
            "border_share": 0.31,
            "border_area": 0.28,
            "contour_correlation": 0.12,
            "mean_heat": [[0.1, 0.2], [0.3, 0.4]],
        }
        for name in TRAINED
    ]
    maps[0] = {"trained_on": "as they are", "tested_on": "as they are", "n": 10, "n_located": 0}
    return {
        "command": "python -m genre_core scaling --data made",
        "data": {"name": "made", "title": "Made covers", "n_train": 80, "n_val": 20, "n_test": 22},
        "experiment": {
            "architecture": "s1_prog_covers",
            "training": {"epochs": 3, "repeats": 2},
            "notes": ["A choice of ours."],
        },
        "treatment": "covers of prog scaled to 60 % and back",
        "alike": "every cover scaled to 30 % and back",
        "genres": ["other", "prog"],
        "majority": 0.55,
        "rows": [
            {"trained_on": a, "tested_on": b, "roc_auc": area(a, b), "accuracy": 0.6}
            for a in TRAINED
            for b in TESTED
        ],
        "maps": maps,
    }


def test_the_answer_follows_the_figures(empty_home: Path, open_app: Open) -> None:
    save_lesson("scaling_question", made_result())
    words = everything(open_app("lessons"))
    assert "cures it" in words
    for said in ("**0.98**", "**0.10**", "**Yes.**", "Made covers", "accuracy 0.550"):
        assert said in words
    assert "no map located anything." in words
    save_lesson("scaling_question", made_result(apart=0.6, swapped=0.61))
    words = everything(open_app("lessons"))
    assert "**0.61**" in words
    assert "**Yes.**" not in words
    assert "reads sharpness" not in words


def test_what_scaling_alike_leaves_is_said_by_its_figures(empty_home: Path, open_app: Open) -> None:
    def answer(swapped: float) -> str:
        result = made_result()
        for row in result["rows"]:
            if row["trained_on"] == "scaled apart, then all alike":
                value = swapped if row["tested_on"] == "scaled the other way" else 0.64
                row["roc_auc"] = {"value": value, "low": value, "high": value}
        save_lesson("scaling_question", result)
        return everything(open_app("lessons"))

    words = answer(0.66)
    assert "**the shortcut is gone**" in words
    assert "**0.64** with the prog covers scaled and **0.66**" in words
    assert "every cover scaled to 30 % and back" in words
    assert "part of the shortcut is left" in answer(0.4)


def test_a_result_of_an_older_version_is_told_without_what_it_lacks(
    empty_home: Path, open_app: Open
) -> None:
    result = made_result()
    del result["alike"]
    for part in ("rows", "maps"):
        result[part] = [each for each in result[part] if "alike" not in each["trained_on"]]
    save_lesson("scaling_question", result)
    app = open_app("lessons")
    assert not app.exception
    words = everything(app)
    assert "**Yes.**" in words
    assert "alike" not in words


def test_the_shipped_result_is_what_the_page_tells(genre_home: Path, open_app: Open) -> None:
    result = stored.load_lesson("scaling_question")
    area = {(r["trained_on"], r["tested_on"]): r["roc_auc"]["value"] for r in result["rows"]}
    assert len(area) == len(TRAINED) * len(TESTED)
    assert area["scaled apart", "scaled apart"] > area["as they are", "as they are"]
    assert area["scaled apart", "scaled the other way"] < 0.5
    words = everything(open_app("lessons"))
    assert f"**{area['scaled apart', 'scaled the other way']:.2f}**" in words
    assert "**Yes.**" in words


def test_without_a_result_the_command_is_given(
    empty_home: Path, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "SHIPPED_LESSONS", tmp_path / "none")
    app = open_app("lessons")
    assert not app.exception
    assert "python -m genre_core scaling" in everything(app)


def test_three_blank_maps_and_their_cures(empty_home: Path, open_app: Open) -> None:
    app = open_app("lessons", lesson="Blank heat maps")
    assert not app.exception
    words = everything(app)
    for said in ("A saturated sigmoid", "Dead ReLUs", "A last map of one cell"):
        assert said in words
    assert len(app.error) == 3
    assert words.count("**Cure**") == 3
    assert "1 of 1 cells into 0 / 0" in words


def test_a_figure_without_an_interval_has_no_whisker() -> None:
    alone = {"value": 0.75, "no_interval": "3 groups"}
    rows = [{"trained_on": "as they are", "tested_on": "neutralised", "roc_auc": alone}]
    [dots] = figures.trained_and_tested(rows).figure.data
    assert list(dots.error_x.array) == list(dots.error_x.arrayminus) == [0]


def test_every_training_is_one_trace_with_its_tests() -> None:
    chart = figures.trained_and_tested(made_result()["rows"])
    assert [trace.name for trace in chart.figure.data] == list(TRAINED)
    # Each can be told from every other by its mark and its colour.
    for told_by in ("symbol", "color"):
        assert len({trace.marker[told_by] for trace in chart.figure.data}) == len(TRAINED)
    apart = chart.figure.data[1]
    assert list(apart.customdata) == list(TESTED)
    assert list(apart.x)[1:3] == [0.98, 0.1]
    # No two dots lie on one another, whatever their values.
    places = [y for trace in chart.figure.data for y in trace.y]
    assert len(set(places)) == len(places) == len(TRAINED) * len(TESTED)


def made_lengths(everything: float, without: float, alone: float) -> dict[str, Any]:
    means = dict(zip(FEATURES, (everything, without, alone), strict=True))

    def spread(mean: float) -> dict[str, float]:
        return {"mean": mean, "lowest": mean - 0.02, "highest": mean + 0.03}

    rows = [
        {
            "features": features,
            "n_columns": n_columns,
            "model": model,
            "accuracy": spread(means[features]),
            "balanced_accuracy": spread(means[features] - 0.01),
            "roc_auc": spread(means[features] + 0.01),
            "kept": {
                "seed": 0,
                "accuracy": {
                    "value": means[features],
                    "low": means[features] - 0.06,
                    "high": means[features] + 0.06,
                },
                "roc_auc": {"value": 0.61, "low": 0.5, "high": 0.7},
            },
            "each": [],
        }
        for features, n_columns in zip(FEATURES, (41, 40, 1), strict=True)
        for model in MODELS
    ]
    windows = [
        {"part": part, "label": label, "windows": 1_000, "songs": 10, "mean_s": mean_s}
        for part, lengths in (("training", (546.0, 225.4)), ("test", (593.1, 303.8)))
        for label, mean_s in zip(("prog", "non-prog"), lengths, strict=True)
    ]
    facts = {"songs": 30, "prog": 12, "mean_s": {"prog": 774.2, "non-prog": 281.2}}
    printed = {"how": "as trained", "right": 129, "songs": 202, "accuracy": 0.64, "printed": 0.638}
    return {
        "command": "python -m genre_core song-length --data made",
        "repeats": 10,
        "epochs": 50,
        "data": {"name": "made_songs", "train": facts, "test": facts},
        "columns": {
            "n": 41,
            "duration": "Duration",
            "left_out": ["Duration"],
            "closest": [{"column": "MFCC 1", "train": -0.3, "test": -0.2}],
            "whole_numbers": [{"column": "ZCR", "train": -0.15, "test": -0.1}],
        },
        "majority": 0.53,
        "rows": rows,
        "study": {"windows": windows, "mlp": [printed]},
    }


def test_how_long_is_it_says_what_the_figures_say(empty_home: Path, open_app: Open) -> None:
    def words(*means: float) -> str:
        save_lesson("song_length", made_lengths(*means))
        app = open_app("lessons", lesson="How long is it?")
        assert not app.exception
        return everything(app)

    said = words(0.66, 0.55, 0.73)
    for each in ("**66 %**", "**55 %**", "**73 %**", "gives 53 %", "**Mostly, it is only long.**"):
        assert each in said
    assert "is no better than always giving" in said
    assert "63.8 % (129 of 202 songs, as trained)" in said
    assert "MFCC 1, rank correlation -0.30: left in" in said
    assert "python -m genre_core song-length --data made" in said
    assert "**It is mostly long.**" in words(0.70, 0.55, 0.69)
    said = words(0.80, 0.75, 0.60)
    assert "long.**" not in said
    assert "is no better than" not in said


def test_the_shipped_lengths_are_what_the_page_tells(genre_home: Path, open_app: Open) -> None:
    result = stored.load_lesson("song_length")
    assert (result["repeats"], result["data"]["test"]["songs"]) == (10, 225)
    means = {
        row["features"]: row["accuracy"]["mean"]
        for row in result["rows"]
        if row["model"] == "S5's MLP"
    }
    # The lesson: length alone is worth more than all columns, and without it little is left.
    assert means["length alone"] > means["all"] > means["without length"]
    said = everything(open_app("lessons", lesson="How long is it?"))
    assert all(f"**{100 * mean:.0f} %**" in said for mean in means.values())
    assert "**546 s**" in said
    assert "**225 s**" in said


def test_without_lengths_the_command_is_given(
    empty_home: Path, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "SHIPPED_LESSONS", tmp_path / "none")
    app = open_app("lessons", lesson="How long is it?")
    assert not app.exception
    assert "python -m genre_core song-length" in everything(app)


def test_every_model_is_a_bar_at_its_mean_with_its_spread() -> None:
    chart = figures.worth_of_columns(made_lengths(0.66, 0.55, 0.73)["rows"], 0.53)
    bars = chart.figure.data
    assert [bar.name for bar in bars] == list(MODELS)
    assert len({bar.marker.color for bar in bars}) == len(MODELS)
    assert [list(bar.x) for bar in bars] == [[0.66, 0.55, 0.73]] * 3
    assert list(bars[0].error_x.array) == pytest.approx([0.03] * 3)
    assert list(bars[0].error_x.arrayminus) == pytest.approx([0.02] * 3)
    assert [shape.x0 for shape in chart.figure.layout.shapes] == [0.53]
    assert "Length alone: S5's MLP 0.73" in chart.alt
    assert "Always the commoner answer: 0.53" in chart.alt


def test_lengths_of_both_kinds_stand_side_by_side() -> None:
    chart = figures.lengths([("a", 546.0, 225.4), ("b", 593.1, 303.8)])
    assert [list(bar.x) for bar in chart.figure.data] == [[546.0, 593.1], [225.4, 303.8]]
    assert [list(bar.text) for bar in chart.figure.data] == [["546 s", "593 s"], ["225 s", "304 s"]]
    assert "b: prog 593 s, not prog 304 s" in chart.alt


def made_votes() -> dict[str, Any]:
    def area(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.04, "high": value + 0.03}

    rules = ("mean", "majority", "mean and length, learned", "length alone")
    return {
        "command": "python -m genre_core song-votes --data made",
        "repeats": 3,
        "n_folds": 10,
        "data": {
            "snippets": 1_200,
            "snippet_s": 10,
            "songs": 40,
            "prog": 15,
            "median_s": {"prog": 480.0, "other": 240.0},
            "matched": {"snippets": [24, 35], "songs": 12, "prog": 6},
        },
        "rows": [
            {
                "rule": rule,
                "roc_auc": area(0.9 - 0.01 * k),
                "matched_roc_auc": area(0.8 - 0.01 * k),
                "gain": area(-0.01 * k),
                "matched_gain": area(-0.02 * k),
                "balanced_accuracy": area(0.7),
            }
            for k, rule in enumerate(rules)
        ],
        "pairs": {"within": 0.1, "n": 1_618, "mean": 0.85, "length": 0.55},
        "within": {"prog": 0.16, "other": 0.18},
        "parts": [{"part": "the middle minute", "roc_auc": area(0.84)}],
        "between": [{"threshold": 0.5, "share": 0.3, "wrong": 0.4, "wrong_others": 0.1}],
        "ties": {"songs": 5, "right_by_mean": 4, "right_as_no": 2},
        "chosen": {"rule": "mean", "reason": "no other rule gains more"},
    }


def test_the_lesson_on_votes_says_what_the_figures_say(empty_home: Path, open_app: Open) -> None:
    save_lesson("song_votes", made_votes())
    app = open_app("lessons", lesson="A real prog score")
    assert not app.exception
    said = everything(app)
    for words in (
        "**90 %** of the time",
        "**87 %** of the time",
        "8.0 minutes",
        "in **85 %**, length in 55 %",
        "**The mean**: no other rule gains more",
        "right for 4 of them, and always saying no for 2",
        "the middle minute 0.840",
        "(30 % of them, at a half) 40 % are judged wrong, of the others 10 %",
        "song-votes --data made",
    ):
        assert words in said


def test_a_rule_without_an_interval_has_no_whisker_and_no_dot_hides_another() -> None:
    rows = made_votes()["rows"]
    rows[0]["roc_auc"] = {"value": 0.9, "no_interval": "3 groups"}
    every, like = figures.rules_compared(rows).figure.data
    assert (every.error_x.array[0], every.error_x.arrayminus[0]) == (0, 0)
    places = [*every.y, *like.y]
    assert len(set(places)) == len(places) == 2 * len(rows)
