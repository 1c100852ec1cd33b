"""Laws of the figures, then equality with scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.exceptions import UndefinedMetricWarning

from genre_core.errors import ParameterError
from genre_core.metrics import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    macro_f1,
    majority_baseline,
    per_genre_table,
    roc_auc,
)

N_GENRES = 4
FIGURES = (accuracy, balanced_accuracy, macro_f1)

genre = st.integers(0, N_GENRES - 1)
pairs = st.lists(st.tuples(genre, genre), min_size=1, max_size=40).map(lambda p: np.array(p).T)
# Few different scores, so that ties are common.
score_table = st.lists(
    st.tuples(genre, st.lists(st.integers(0, 5), min_size=N_GENRES, max_size=N_GENRES)),
    min_size=1,
    max_size=30,
).map(lambda rows: (np.array([y for y, _ in rows]), np.array([s for _, s in rows], dtype=float)))


def many_items(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, N_GENRES, n)
    scores = rng.random((n, N_GENRES)) + 0.7 * np.eye(N_GENRES)[y_true]
    return y_true, scores.argmax(axis=1), scores


@given(pairs=pairs)
def test_a_confusion_matrix_adds_up(pairs: np.ndarray) -> None:
    y_true, y_pred = pairs
    counts = confusion_matrix(y_true, y_pred, N_GENRES)
    assert counts.shape == (N_GENRES, N_GENRES)
    assert counts.dtype == np.int64
    assert counts.sum() == len(y_true)
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(y_true, minlength=N_GENRES))
    np.testing.assert_array_equal(counts.sum(axis=0), np.bincount(y_pred, minlength=N_GENRES))
    assert counts.trace() / len(y_true) == pytest.approx(accuracy(y_true, y_pred))


@given(pairs=pairs)
def test_exchanging_true_and_predicted_transposes(pairs: np.ndarray) -> None:
    y_true, y_pred = pairs
    np.testing.assert_array_equal(
        confusion_matrix(y_pred, y_true, N_GENRES), confusion_matrix(y_true, y_pred, N_GENRES).T
    )
    assert macro_f1(y_pred, y_true) == pytest.approx(macro_f1(y_true, y_pred))


@given(pairs=pairs, order=st.permutations(range(N_GENRES)))
def test_renaming_genres_permutes_rows_and_columns(pairs: np.ndarray, order: list[int]) -> None:
    y_true, y_pred = pairs
    place = np.array(order)
    renamed = confusion_matrix(place[y_true], place[y_pred], N_GENRES)
    np.testing.assert_array_equal(
        renamed[np.ix_(place, place)], confusion_matrix(y_true, y_pred, N_GENRES)
    )
    for figure in FIGURES:
        assert figure(place[y_true], place[y_pred]) == pytest.approx(figure(y_true, y_pred))


@given(pairs=pairs, seed=st.integers(0, 99))
def test_the_order_of_the_items_does_not_matter(pairs: np.ndarray, seed: int) -> None:
    y_true, y_pred = pairs
    order = np.random.default_rng(seed).permutation(len(y_true))
    for figure in FIGURES:
        assert figure(y_true[order], y_pred[order]) == figure(y_true, y_pred)


@given(pairs=pairs)
def test_every_item_twice_changes_no_figure(pairs: np.ndarray) -> None:
    y_true, y_pred = pairs
    for figure in FIGURES:
        assert figure(np.tile(y_true, 2), np.tile(y_pred, 2)) == pytest.approx(
            figure(y_true, y_pred)
        )


@given(y=st.lists(genre, min_size=1, max_size=20))
def test_all_right_gives_one(y: list[int]) -> None:
    for figure in FIGURES:
        assert figure(y, y) == 1.0


@pytest.mark.parametrize("figure", FIGURES)
def test_all_wrong_gives_zero(figure: object) -> None:
    assert figure([0, 1, 2], [1, 2, 0]) == 0.0


def test_small_whole_number_types_do_not_overflow() -> None:
    y = np.full(3, 200, dtype=np.uint8)
    assert confusion_matrix(y, y, 201)[200, 200] == 3
    assert macro_f1(y, y) == 1.0


@given(pairs=pairs)
def test_figures_equal_scikit_learn(pairs: np.ndarray) -> None:
    y_true, y_pred = pairs
    np.testing.assert_array_equal(
        confusion_matrix(y_true, y_pred, N_GENRES),
        sk.confusion_matrix(y_true, y_pred, labels=range(N_GENRES)),
    )
    assert accuracy(y_true, y_pred) == pytest.approx(sk.accuracy_score(y_true, y_pred))
    assert macro_f1(y_true, y_pred) == pytest.approx(
        sk.f1_score(y_true, y_pred, average="macro", zero_division=0.0)
    )
    with warnings.catch_warnings():
        # scikit-learn warns of a predicted genre without items; the value is defined all the same.
        warnings.simplefilter("ignore", UserWarning)
        assert balanced_accuracy(y_true, y_pred) == pytest.approx(
            sk.balanced_accuracy_score(y_true, y_pred)
        )


@given(pairs=pairs)
def test_the_table_equals_scikit_learn(pairs: np.ndarray) -> None:
    y_true, y_pred = pairs
    table = per_genre_table(y_true, y_pred, list("abcd"))
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        y_true, y_pred, labels=range(N_GENRES), zero_division=np.nan
    )
    assert [row["genre"] for row in table] == list("abcd")
    assert [row["support"] for row in table] == support.tolist()
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        np.testing.assert_allclose([row[name] for row in table], expected, equal_nan=True)
    # The macro figures are means of the table's defined cells.
    assert np.nanmean([row["f1"] for row in table]) == pytest.approx(macro_f1(y_true, y_pred))
    assert np.nanmean([row["recall"] for row in table]) == pytest.approx(
        balanced_accuracy(y_true, y_pred)
    )


def test_an_absent_genre_is_undefined_in_the_table_and_left_out_of_the_means() -> None:
    absent = per_genre_table([0, 0, 1], [0, 0, 1], ["a", "b", "c"])[2]
    assert absent["support"] == 0
    assert np.isnan([absent["precision"], absent["recall"], absent["f1"]]).all()
    assert macro_f1([0, 0, 1], [0, 0, 1]) == balanced_accuracy([0, 0, 1], [0, 0, 1]) == 1.0


def test_a_genre_only_predicted_counts_in_macro_f1_alone() -> None:
    assert macro_f1([0, 0], [0, 1]) == pytest.approx((2 / 3 + 0) / 2)
    assert balanced_accuracy([0, 0], [0, 1]) == 0.5
    row = per_genre_table([0, 0], [0, 1], ["a", "b"])[1]
    assert row["precision"] == 0.0
    assert np.isnan(row["recall"])
    assert row["f1"] == 0.0


@given(table=score_table)
def test_auc_equals_scikit_learn(table: tuple[np.ndarray, np.ndarray]) -> None:
    y_true, scores = table
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        each = [sk.roc_auc_score(y_true == k, scores[:, k]) for k in range(N_GENRES)]
    for k, expected in enumerate(each):
        np.testing.assert_allclose(roc_auc(y_true == k, scores[:, k]), expected, equal_nan=True)
    expected = np.nan if np.isnan(each).all() else np.nanmean(each)
    np.testing.assert_allclose(roc_auc(y_true, scores), expected, equal_nan=True)


def test_auc_of_many_genres_equals_scikit_learn_one_vs_rest() -> None:
    y_true, _, scores = many_items()
    probs = scores / scores.sum(axis=1, keepdims=True)
    assert roc_auc(y_true, probs) == pytest.approx(
        sk.roc_auc_score(y_true, probs, multi_class="ovr", average="macro")
    )


@given(table=score_table)
def test_auc_laws(table: tuple[np.ndarray, np.ndarray]) -> None:
    y_true, scores = table
    is_first, first = y_true == 0, scores[:, 0]
    area = roc_auc(is_first, first)
    np.testing.assert_equal(roc_auc(is_first, np.exp(first)), area)  # only the order counts
    np.testing.assert_allclose(roc_auc(~is_first, first), 1 - area, equal_nan=True)
    np.testing.assert_allclose(roc_auc(is_first, -first), 1 - area, equal_nan=True)
    np.testing.assert_equal(roc_auc(is_first[::-1], first[::-1]), area)
    order = np.array([2, 0, 3, 1])
    np.testing.assert_allclose(
        roc_auc(np.argsort(order)[y_true], scores[:, order]),
        roc_auc(y_true, scores),
        equal_nan=True,
    )


def test_auc_edges() -> None:
    assert roc_auc([0, 0, 1], [0.1, 0.2, 0.9]) == 1.0
    assert roc_auc([0, 1, 1], np.zeros(3)) == 0.5
    assert np.isnan(roc_auc([0, 0], [0.1, 0.2]))
    assert np.isnan(roc_auc([2, 2], np.zeros((2, 3))))
    # Genre 2 has no items: the mean of the other two.
    scores = np.array([[0.9, 0.0, 0.1], [0.2, 0.0, 0.1], [0.4, 0.5, 0.1]])
    assert roc_auc([0, 0, 1], scores) == pytest.approx((0.5 + 1.0) / 2)


def test_two_columns_are_the_second_genres_score() -> None:
    y_true = np.array([0, 1, 0, 1, 1])
    second = np.array([0.3, 0.2, 0.1, 0.8, 0.5])
    assert roc_auc(y_true, np.stack([1 - second, second], axis=1)) == roc_auc(y_true, second)


def test_the_majority_guess_is_taken_from_training_only() -> None:
    baseline = majority_baseline([2, 2, 1], [1, 1, 1, 2], n_genres=3)
    assert baseline == {
        "genre_index": 2,
        "accuracy": 0.25,
        "balanced_accuracy": 0.5,
        "macro_f1": pytest.approx((0 + 2 / 5) / 2),
        "roc_auc": 0.5,
    }
    assert majority_baseline([1, 0], [0, 1], 2)["genre_index"] == 0  # a tie: the first
    assert np.isnan(majority_baseline([0, 1], [1, 1], 2)["roc_auc"])


@given(y=st.lists(genre, min_size=1, max_size=30))
def test_a_constant_guess_has_the_recall_of_chance(y: list[int]) -> None:
    baseline = majority_baseline(y, y, N_GENRES)
    assert baseline["balanced_accuracy"] == pytest.approx(1 / len(set(y)))
    assert baseline["accuracy"] == pytest.approx(np.bincount(y).max() / len(y))


BAD_PAIRS = [
    ([], []),
    ([0, 1], [0]),
    ([0.0, 1.0], [0, 1]),
    ([0, 1], [0.2, 0.8]),
    ([0, 1], [[0.2, 0.8], [0.3, 0.7]]),
    ([-1, 0], [0, 0]),
    ([0, 0], [0, -1]),
    (["Pop", "Rock"], ["Pop", "Pop"]),
    ([None, 1], [0, 1]),
    (3, 3),
]


@pytest.mark.parametrize(("y_true", "y_pred"), BAD_PAIRS)
@pytest.mark.parametrize("figure", FIGURES)
def test_bad_pairs(figure: object, y_true: object, y_pred: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        figure(y_true, y_pred)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "n_genres"),
    [
        *((y_true, y_pred, 2) for y_true, y_pred in BAD_PAIRS),
        ([0, 2], [0, 1], 2),
        ([0, 1], [0, 2], 2),
        ([0, 0], [0, 0], 1),
        ([0, 0], [0, 0], 2.5),
    ],
)
def test_bad_confusion(y_true: object, y_pred: object, n_genres: int) -> None:
    with pytest.raises(ParameterError, match="Received"):
        confusion_matrix(y_true, y_pred, n_genres)


@pytest.mark.parametrize(
    ("y_true", "scores"),
    [
        ([], []),
        ([0, 1], [0.1]),
        ([0, 1], [0.1, np.nan]),
        ([0, 1], [[0.1, 0.9, np.inf], [0.1, 0.9, 0.0]]),
        ([0, 2], [0.1, 0.2]),
        ([0, 3], np.zeros((2, 3))),
        ([0, 2], np.zeros((2, 2))),
        ([0, 1], np.zeros((2, 3, 1))),
        ([0, 1], np.zeros((2, 0))),
        ([0, 1], 0.5),
        ([0.5, 1.0], [0.1, 0.2]),
    ],
)
def test_bad_scores(y_true: object, scores: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        roc_auc(y_true, scores)


@pytest.mark.parametrize(
    ("y_train", "y_test", "n_genres"),
    [([], [0], 2), ([0], [], 2), ([0], [2], 2), ([2], [0], 2), ([0], [0], 1)],
)
def test_bad_baseline(y_train: object, y_test: object, n_genres: int) -> None:
    with pytest.raises(ParameterError, match="Received"):
        majority_baseline(y_train, y_test, n_genres)


def test_a_table_needs_a_name_for_every_genre() -> None:
    with pytest.raises(ParameterError, match="Received"):
        per_genre_table([0, 2], [0, 1], ["a", "b"])
