"""Verdicts on songs: study S5's two rules, and the rank score of a weak tag."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_core.errors import ParameterError
from genre_core.evaluation.songs import by_majority
from genre_core.metrics.votes import find_half_at, judge, majority, rank_score

scores = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@pytest.mark.parametrize(
    "values", [[], [[0.5]], [1.1], [-0.1], [float("nan")], [0.5, float("inf")]]
)
def test_a_song_needs_scores_between_0_and_1(values):
    with pytest.raises(ParameterError, match="Received"):
        judge(values)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_outside_is_refused(threshold):
    with pytest.raises(ParameterError, match="Received"):
        judge([0.5], threshold=threshold)


@pytest.mark.parametrize(
    ("values", "by_majority", "by_mean"),
    [
        ([0.9, 0.9, 0.1], True, True),
        ([0.6, 0.6, 0.0], True, False),
        ([1.0, 0.4, 0.4], False, True),
        ([0.9, 0.2], True, True),  # of an even split the mean decides
        ([0.8, 0.1], False, False),
        ([0.9, 0.1], False, False),  # even in both: not above
        ([0.5], False, False),  # at the threshold is not above it
    ],
)
def test_both_rules_of_the_study(values, by_majority, by_mean):
    verdict = judge(values)
    assert (verdict.by_majority, verdict.by_mean) == (by_majority, by_mean)
    assert verdict.agrees == (by_majority == by_mean)


@given(scores)
def test_two_genres_and_a_score_above_a_half_are_one_rule(values):
    prog = np.array(values)
    by_score = judge(prog).by_majority
    # Sums of probabilities are rounded: a mean of exactly a half has no place in this law.
    if by_score != (by_majority(np.column_stack([1 - prog, prog])) == 1):
        assert prog.mean() == pytest.approx(0.5, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1)), min_size=1, max_size=9))
def test_the_majority_has_most_votes_and_of_those_the_highest_mean(answers):
    votes, means = zip(*answers, strict=True)
    chosen = majority(votes, means)
    assert votes[chosen] == max(votes)
    assert means[chosen] == max(m for v, m in answers if v == max(votes))


@given(scores, st.floats(0, 1))
def test_a_verdict_does_not_depend_on_the_order_of_the_segments(values, threshold):
    one, other = judge(values, threshold=threshold), judge(values[::-1], threshold=threshold)
    assert one.n_above == other.n_above
    assert one.mean == pytest.approx(other.mean)


@given(scores, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_counts_more_segments(values, one, other):
    low, high = sorted((one, other))
    assert judge(values, threshold=low).n_above >= judge(values, threshold=high).n_above


def test_a_verdict_as_plain_values():
    plain = judge([0.2, 0.9, 0.8]).to_dict()
    assert plain["share"] == pytest.approx(2 / 3, abs=1e-4)
    assert (plain["n_segments"], plain["n_above"], plain["by_majority"]) == (3, 2, True)


@pytest.mark.parametrize(("values", "half_at"), [([0.1], 0.0), ([0.1], -1.0), ([-0.1], 1.0)])
def test_a_rank_score_needs_positive_numbers(values, half_at):
    with pytest.raises(ParameterError, match="Received"):
        rank_score(values, half_at)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.floats(1e-4, 1))
def test_a_rank_score_keeps_the_order_and_the_range(values, half_at):
    ordered = rank_score(np.sort(values), half_at)
    assert (np.diff(ordered) >= 0).all()
    assert ((ordered >= 0) & (ordered < 1)).all()


def test_half_at_becomes_one_half():
    assert rank_score(0.013, 0.013) == pytest.approx(0.5)


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.95])
def test_the_quantile_of_the_songs_lands_at_one_half(quantile):
    rng = np.random.default_rng(0)
    songs = [rng.beta(1, 60, size=rng.integers(1, 30)) for _ in range(40)]
    half_at = find_half_at(songs, quantile=quantile)
    means = [rank_score(song, half_at).mean() for song in songs]
    assert np.quantile(means, quantile) == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("songs", [[], [np.zeros(3)], [np.ones(3), np.empty(0)]])
def test_without_known_songs_there_is_no_map(songs):
    with pytest.raises(ParameterError, match="Received"):
        find_half_at(songs)


@pytest.mark.parametrize("quantile", [0.0, 1.0])
def test_a_quantile_lies_inside(quantile):
    with pytest.raises(ParameterError, match="Received"):
        find_half_at([np.ones(1)], quantile=quantile)
