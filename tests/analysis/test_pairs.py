"""Two networks on the same items, against SciPy, scikit-learn and a resampling by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from genre_core.analysis.pairs import EXACT_BELOW, compare, mcnemar
from genre_core.errors import ParameterError
from genre_core.metrics.resampling import group_codes, group_resamples
from tests.made_predictions import GENRES, made_predictions


def two_networks(n: int = 300):
    one = made_predictions(n)
    two = made_predictions(n, seed=1)
    two["genre_index"] = one["genre_index"]
    return one, two


@pytest.mark.parametrize(("b", "c"), [(0, 0), (0, 1), (5, 5), (12, 12), (0, 24), (3, 21), (14, 9)])
def test_few_differences_are_tested_exactly(b: int, c: int) -> None:
    found = mcnemar(b, c)
    assert found.statistic is None
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    assert found.p == pytest.approx(expected)


@pytest.mark.parametrize(("b", "c"), [(12, 13), (0, 25), (40, 20), (150, 151), (500, 300)])
def test_many_are_tested_by_chi_squared_near_the_exact_p(b: int, c: int) -> None:
    found = mcnemar(b, c)
    assert b + c >= EXACT_BELOW
    assert found.p == pytest.approx(stats.chi2.sf((abs(b - c) - 1) ** 2 / (b + c), 1))
    assert found.p == pytest.approx(stats.binomtest(b, b + c).pvalue, abs=0.01)
    assert mcnemar(c, b).p == found.p


def test_rows_and_matrices_are_those_of_both_networks() -> None:
    one, two = two_networks()
    turned = two.iloc[100:].sample(frac=1, random_state=0).reset_index(drop=True)
    both = compare((one, GENRES), (turned, [genre.lower() for genre in GENRES]), n_resamples=200)
    true = one["genre_index"].to_numpy()
    a, b = (frame["predicted"].to_numpy() for frame in (one, two))
    rows = np.arange(300)
    expected = rows[(a == true) & (b != true) & (rows >= 100)]
    np.testing.assert_array_equal(both.only_a, expected)
    np.testing.assert_array_equal(both.only_b, rows[(a != true) & (b == true) & (rows >= 100)])
    assert len(expected) > 10
    for matrix, answers in zip(both.matrices, (a, b), strict=True):
        np.testing.assert_array_equal(
            matrix, metrics.confusion_matrix(true[100:], answers[100:], labels=[0, 1, 2])
        )
    assert (both.mcnemar.n_only_a, both.mcnemar.n_only_b) == (len(both.only_a), len(both.only_b))
    assert (turned["item_id"].iloc[both.shared.rows[1]] == both.shared.ids).all()


def test_gains_are_resampled_by_groups() -> None:
    one, two = two_networks()
    both = compare((one, GENRES), (two, GENRES), n_resamples=100)
    columns = (one["genre_index"], one["predicted"], two["predicted"])
    true, a, b = (column.to_numpy() for column in columns)
    codes, _ = group_codes(one["group"])
    for gain, figure in (
        (both.accuracy_gain, metrics.accuracy_score),
        (both.macro_f1_gain, lambda t, p: metrics.f1_score(t, p, average="macro")),
    ):
        assert gain is not None
        assert gain.value == pytest.approx(figure(true, a) - figure(true, b))
        drawn = [
            figure(true[index], a[index]) - figure(true[index], b[index])
            for index in group_resamples(codes, 100, 0)
        ]
        assert [gain.low, gain.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))


def test_a_network_against_itself_and_of_few_groups() -> None:
    one, _ = two_networks(60)
    same = compare((one, GENRES), (one, GENRES), n_resamples=100)
    assert len(same.only_a) == len(same.only_b) == 0
    assert same.mcnemar.p == 1
    assert same.accuracy_gain is not None
    assert same.accuracy_gain.low == same.accuracy_gain.high == 0
    few = one.assign(group=np.where(np.arange(60) < 30, "x", "y"))
    assert compare((few, GENRES), (few, GENRES)).accuracy_gain is None


def test_networks_of_other_items_or_genres_are_told_so() -> None:
    one, two = two_networks(10)
    for other in ((two.assign(item_id=list("abcdefghij")), GENRES), (two, ["A", "B", "C"])):
        with pytest.raises(ParameterError, match="Received"):
            compare((one, GENRES), other)
