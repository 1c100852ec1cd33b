"""Thresholds: what known songs say of one, and when it may say prog or not prog of a song."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_core.errors import ParameterError
from genre_core.metrics.thresholds import (
    above,
    answer,
    at_false_alarms,
    no_better_than_a_coin,
    share,
    thirds_agree,
)
from genre_core.metrics.votes import clock_time, judge, most_prog, shared_most_prog
from tests.made_references import KINDS, made_references

scores = st.lists(st.floats(0, 1), min_size=3, max_size=40)


def test_prog_songs_come_first_and_each_kind_is_counted() -> None:
    rows = above(made_references(), 0.4)
    assert [row.name for row in rows] == [
        "Progressive Rock (rendered)",
        *("Pop", "Rock", "Jazz"),
        "Rock/Pop (rendered)",
    ]
    prog, *others = rows
    made = made_references()
    assert prog.n_above == (made.scores[made.prog == 1] > 0.4).sum()
    assert (prog.n_songs, prog.n_artists, prog.is_rendered) == (10, 5, True)
    # Classical's label is not known: it stands on neither side.
    assert sum(row.n_songs for row in others) == (made.prog == 0).sum()


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_lets_fewer_through(one: float, other: float) -> None:
    low, high = (above(made_references(), value) for value in sorted((one, other)))
    assert all(a.n_above >= b.n_above for a, b in zip(low, high, strict=True))


@given(st.floats(0, 1))
def test_two_scales_meet_where_they_are_wrong_equally_often(highest: float) -> None:
    thresholds = np.linspace(0, 1, 101)
    alarms, found = 1 - thresholds, np.sqrt(1 - thresholds)
    own, sensitivity = at_false_alarms(alarms, found, highest)
    assert own <= highest + 1e-12
    assert highest - own < 0.0101
    assert sensitivity == pytest.approx(np.sqrt(own))


def test_prog_is_held_against_what_was_played_in_the_same_way() -> None:
    rows = above(made_references(), 0.4)
    prog = [row for row in rows if row.is_prog]
    other = [row for row in rows if not row.is_prog and row.is_rendered]
    assert share(prog) == 0.8
    assert share(other) == 0.4
    assert share([]) is None
    assert not no_better_than_a_coin(rows)
    assert no_better_than_a_coin(above(made_references(), 0.95))  # finds nobody
    assert no_better_than_a_coin(above(made_references(), 0.0))  # calls everybody
    # Where nothing is known to be prog nothing is told.
    without = tuple(row for row in KINDS if row[4] != 1)
    assert not no_better_than_a_coin(above(made_references(without), 0.4))


@pytest.mark.parametrize(
    ("values", "threshold", "is_prog", "reason"),
    [
        ([0.9, 0.9], 0.4, None, "too few"),
        ([0.9, 0.9, 0.9], 0.4, True, ""),
        ([0.1, 0.2, 0.3], 0.4, False, ""),
        ([0.9, 0.9, 0.1], 0.4, None, "both sides"),
        ([0.9, 0.9, 0.9], 0.95, None, "no better than a coin"),
    ],
)
def test_when_an_answer_is_given(
    values: list[float], threshold: float, is_prog: bool | None, reason: str
) -> None:
    said = answer(values, threshold, made_references())
    assert said.is_prog is is_prog
    assert (reason in said.reason) if reason else said.reason == ""


def test_a_network_that_hears_a_minute_at_once_may_answer() -> None:
    assert answer([0.9], 0.4, heard_s=60).is_prog is True
    assert "too few" in answer([0.9], 0.4, heard_s=29).reason


@given(scores, st.floats(0, 1), st.booleans())
def test_an_answer_is_the_verdict_of_its_rule_or_none(
    values: list[float], threshold: float, by_majority: bool
) -> None:
    said = answer(values, threshold, by_majority=by_majority)
    verdict = judge(values, threshold=threshold)
    if said.is_prog is None:
        assert not thirds_agree(values, threshold)
    else:
        assert said.is_prog is (verdict.by_majority if by_majority else verdict.by_mean)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_outside_is_refused(threshold: float) -> None:
    with pytest.raises(ParameterError, match="Received"):
        answer([0.1, 0.2, 0.3], threshold)


@given(scores)
def test_the_most_prog_moment_is_the_best_stretch_of_ten_seconds(values: list[float]) -> None:
    starts = np.arange(len(values), dtype=float)
    start, end, mean = most_prog(values, starts, starts + 1)
    width = min(10, len(values))
    best = max(np.mean(values[k : k + width]) for k in range(len(values) - width + 1))
    assert mean == pytest.approx(best)
    assert end - start == width
    assert mean == pytest.approx(np.mean(values[int(start) : int(end)]))


def test_one_long_segment_is_its_own_moment_and_overlaps_count_once() -> None:
    assert most_prog([0.2, 0.8], [0, 30], [30, 60]) == (30.0, 60.0, 0.8)
    start, end, mean = most_prog([0.2, 0.8, 0.6, 0.1], [0, 5, 10, 15], [10, 15, 20, 25])
    assert (start, end, mean) == (5.0, 20.0, pytest.approx(0.7))
    with pytest.raises(ParameterError, match="Received"):
        most_prog([], [], [])


def test_the_shared_moment_goes_by_ranks_where_all_networks_heard() -> None:
    def network(scores: list[float], seconds: float, skipped: float = 0.0):
        starts = skipped + seconds * np.arange(len(scores))
        return np.array(scores), starts, starts + seconds

    # Two small scales outvote one large: ranks count, not sizes.
    loud = network([0.9, 0.1, 0.1, 0.1], 20)
    quiet, other = network([0.01, 0.01, 0.02, 0.01], 20), network([0.3] * 4 + [0.31] * 4, 10)
    assert shared_most_prog([loud, quiet, other]) == (40.0, 50.0)
    # One network's own moment is that of its best stretch.
    assert shared_most_prog([loud])[0] == most_prog(*loud)[0] == 0.0
    # What one of them did not hear is no shared moment.
    assert shared_most_prog([loud, network([0.5, 0.6], 20, skipped=20)])[0] >= 20
    # A stretch alone, networks that heard nothing together, and none have no moment.
    for networks in ([network([0.5], 10)], [network([0.5], 20), network([0.5], 20, 40)], []):
        assert shared_most_prog(networks) is None


def test_a_moment_is_written_as_players_do() -> None:
    assert [clock_time(s) for s in (0.0, 59.99, 60.0, 3_725.0)] == ["0:00", "0:59", "1:00", "62:05"]
