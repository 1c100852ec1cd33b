"""Lines that need no cover: laws, SciPy and scikit-learn, and bad counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss

from genre_core.errors import ParameterError
from genre_core.metrics.priors import majority_share, prior_entropy, prior_lines

COUNTS = st.lists(st.integers(1, 200), min_size=2, max_size=8)


@pytest.mark.parametrize(
    "counts", [[], [3], [0, 0], [1, -1], [1.5, 2], [1, np.nan], [[1, 2], [3, 4]], [np.inf, 1]]
)
def test_what_is_no_count_is_refused(counts: list) -> None:
    for function in (majority_share, prior_entropy):
        with pytest.raises(ParameterError, match="Received"):
            function(counts)


def test_shares_of_other_genres_are_refused() -> None:
    with pytest.raises(ParameterError, match="Received 2 and 3"):
        prior_entropy([1, 2], [1, 2, 3])


@given(COUNTS)
def test_bounds_order_and_scipy(counts: list[int]) -> None:
    n = len(counts)
    assert 1 / n <= majority_share(counts) <= 1
    assert 0 <= prior_entropy(counts) <= np.log(n) + 1e-12
    assert prior_entropy(counts) == pytest.approx(stats.entropy(counts))
    assert prior_entropy(counts[::-1]) == pytest.approx(prior_entropy(counts))


@given(COUNTS, st.data())
def test_other_peoples_shares_never_do_better(counts: list[int], data: st.DataObject) -> None:
    seen = data.draw(st.lists(st.integers(1, 200), min_size=len(counts), max_size=len(counts)))
    assert prior_entropy(counts, seen) >= prior_entropy(counts) - 1e-12


def test_a_genre_that_was_never_seen_costs_everything_and_an_absent_one_nothing() -> None:
    assert prior_entropy([1, 1], [1, 0]) == np.inf
    assert prior_entropy([1, 0], [1, 1]) == pytest.approx(np.log(2))


def test_the_lines_are_a_dummys() -> None:
    train, measured = [5, 20, 9], [6, 3, 4]
    y_train, y = (np.repeat(np.arange(3), counts) for counts in (train, measured))
    blank = np.zeros((len(y), 1))
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((len(y_train), 1)), y_train)
    said = dummy.predict(blank)
    lines = prior_lines(train, measured)
    assert lines["accuracy"] == dummy.score(blank, y)
    assert lines["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(y, said))
    assert lines["macro_f1"] == pytest.approx(f1_score(y, said, average="macro"))
    assert lines["loss"] == pytest.approx(log_loss(y, dummy.predict_proba(blank)))
    assert lines["roc_auc"] == 0.5
