"""Figures of the lessons on sounds: read off what is stored, and what is right follows."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.lessons.first.sound import (
    BANDS_HZ,
    FEATURES,
    classical_facts,
    curve_facts,
    false_alarm_rows,
    length_accuracy,
    length_facts,
    stretch,
)
from genre_core.lessons.stored import load_lesson
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle


@pytest.mark.parametrize(
    ("scores", "right"), [([0.5, 0.55], 0), ([0.5, 0.7], 1), ([0.1, 0.9, 0.2], 2), ([0.4], 0)]
)
def test_a_curves_range_decides(scores: list[float], right: int) -> None:
    facts, place = curve_facts(scores, "x")
    assert place == right
    assert facts["n"] == str(len(scores))
    assert curve_facts(scores[::-1], "x") == (facts, place)


def made_lengths(alone: float) -> dict:
    rows = [
        {"features": one, "model": "S5's MLP", "n_columns": 41, "accuracy": {"mean": value}}
        for one, value in zip(FEATURES, (0.66, 0.55, alone), strict=True)
    ]
    means = {"prog": 600.0, "non-prog": 240.0}
    return {"rows": rows, "majority": 0.53, "data": {"train": {"mean_s": means}}}


@pytest.mark.parametrize(("alone", "right"), [(0.55, 0), (0.6, 1), (0.65, 1), (0.73, 2)])
def test_length_alone_decides(alone: float, right: int) -> None:
    facts, place = length_facts(made_lengths(alone))
    assert place == right
    assert (facts["prog_minutes"], facts["other_minutes"]) == ("10", "4")
    assert facts["alone"] == f"{100 * alone:.0f} %"


def test_the_shipped_lengths_are_read() -> None:
    result = load_lesson("song_length")
    facts, _ = length_facts(result)
    assert facts["alone"] == f"{100 * length_accuracy(result, 'length alone'):.0f} %"
    with pytest.raises(ParameterError, match="Received"):
        length_accuracy(result, "colour")


@pytest.mark.parametrize(("called", "right"), [(0, 0), (5, 0), (10, 1), (15, 2), (20, 2)])
def test_what_is_called_prog_decides(called: int, right: int) -> None:
    metrics = {"by_genre": [{"genre": "Classical", "n_known": 20, "k": called}]}
    facts, place = classical_facts(metrics) or ({}, -1)
    assert place == right
    assert facts["called"] == ("all" if called == 20 else str(called))


def test_few_songs_are_no_share_and_no_classical_piece_no_question() -> None:
    metrics = {"by_genre": [{"genre": "Classical", "n_known": 4, "k": 4}]}
    assert classical_facts(metrics) is None
    shipped = open_bundle(SHIPPED_DIR / "s5_cnn.soft_prog").metrics()
    rows = false_alarm_rows(shipped)
    assert [k / n for _, n, k in rows] == sorted((k / n for _, n, k in rows), reverse=True)
    assert sum(n for _, n, _ in rows) <= shipped["false_alarms"]["n"]


def test_bands_meet_and_cover_what_is_heard() -> None:
    edges = [band for band in BANDS_HZ.values() if band is not None]
    assert edges[0][0] == 0
    assert [a[1] for a in edges[:-1]] == [b[0] for b in edges[1:]]


def test_a_stretch_keeps_its_extremes_and_its_place() -> None:
    y = np.random.default_rng(2).normal(0, 0.1, 22_050).astype(np.float32)
    y[5_000], y[9_000] = 0.9, -0.8
    times, samples, n = stretch(y, 22_050, 0.0, 1.0)
    assert n == 22_050
    assert len(samples) == len(times) == 1_600
    assert samples.max() == pytest.approx(0.9)
    assert samples.min() == pytest.approx(-0.8)
    assert (np.diff(times) > 0).all()
    times, samples, n = stretch(y, 22_050, 0.5, 0.002)
    np.testing.assert_array_equal(samples, y[11_025 : 11_025 + n])
    assert times[0] == pytest.approx(0.5)
    assert stretch(y, 22_050, 99.0, 1.0)[2] == 1  # behind the end: the last sample
