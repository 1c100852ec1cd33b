"""Laws of logits becoming probabilities, for every head."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genre_core.errors import ParameterError
from genre_core.metrics import predicted, probabilities

N_LOGITS = {"softmax": 4, "binary": 1, "multilabel": 4}
HEADS = tuple(N_LOGITS)


def any_logits(n_logits: int) -> st.SearchStrategy[np.ndarray]:
    # No subnormals: a library built with -ffast-math in the same process flushes them to zero.
    far = st.floats(-(2.0**99), 2.0**99, width=32, allow_subnormal=False)
    return st.integers(1, 6).flatmap(lambda n: hnp.arrays(np.float32, (n, n_logits), elements=far))


@pytest.mark.parametrize("head", HEADS)
@given(data=st.data())
def test_any_finite_logits_give_probabilities(head: str, data: st.DataObject) -> None:
    logits = data.draw(any_logits(N_LOGITS[head]))
    probs = probabilities(logits, head)
    assert probs.shape == (len(logits), 2 if head == "binary" else N_LOGITS[head])
    assert probs.dtype == np.float64
    assert np.isfinite(probs).all()
    assert (probs >= 0).all()
    assert (probs <= 1).all()
    if head != "multilabel":
        np.testing.assert_allclose(probs.sum(axis=1), 1.0, atol=1e-12)


@pytest.mark.parametrize("head", HEADS)
def test_a_row_does_not_depend_on_its_neighbours(head: str) -> None:
    logits = np.random.default_rng(0).normal(0, 5, (6, N_LOGITS[head]))
    together = probabilities(logits, head)
    alone = np.concatenate([probabilities(row[None], head) for row in logits])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("head", HEADS)
def test_the_highest_logit_has_the_highest_probability(head: str) -> None:
    logits = np.random.default_rng(1).normal(0, 5, (50, N_LOGITS[head]))
    expected = logits[:, 0] > 0 if head == "binary" else logits.argmax(axis=1)
    np.testing.assert_array_equal(predicted(probabilities(logits, head)), expected)


def test_softmax_ignores_a_shift_of_all_logits() -> None:
    logits = np.random.default_rng(2).normal(size=(5, 3))
    np.testing.assert_allclose(
        probabilities(logits + 700.0, "softmax"), probabilities(logits, "softmax"), rtol=1e-11
    )


def test_softmax_permutes_with_the_genres() -> None:
    logits = np.random.default_rng(3).normal(size=(5, 3))
    order = [2, 0, 1]
    np.testing.assert_allclose(
        probabilities(logits[:, order], "softmax"), probabilities(logits, "softmax")[:, order]
    )


def test_a_binary_head_is_a_softmax_over_zero_and_the_logit() -> None:
    logits = np.linspace(-30, 30, 13)
    both = np.stack([np.zeros_like(logits), logits], axis=1)
    np.testing.assert_allclose(
        probabilities(logits, "binary"), probabilities(both, "softmax"), rtol=1e-12
    )


def test_binary_turns_round_with_the_sign_even_far_out() -> None:
    logits = np.array([-800.0, -50.0, 0.0, 50.0, 800.0])
    np.testing.assert_array_equal(
        probabilities(-logits, "binary"), probabilities(logits, "binary")[:, ::-1]
    )
    assert probabilities([[50.0]], "binary")[0, 0] > 0  # 1 - sigmoid(50) would be 0


def test_binary_takes_a_column_or_a_flat_array() -> None:
    logits = np.array([-1.0, 2.0])
    np.testing.assert_array_equal(
        probabilities(logits, "binary"), probabilities(logits[:, None], "binary")
    )


def test_the_columns_of_a_multilabel_head_are_independent() -> None:
    logits = np.zeros((1, 3))
    changed = np.array([[0.0, 9.0, 0.0]])
    np.testing.assert_array_equal(
        probabilities(logits, "multilabel")[:, [0, 2]],
        probabilities(changed, "multilabel")[:, [0, 2]],
    )


def test_known_values() -> None:
    log = np.log([[1.0, 2.0, 5.0]])
    np.testing.assert_allclose(probabilities(log, "softmax"), [[1 / 8, 2 / 8, 5 / 8]])
    np.testing.assert_allclose(probabilities([[np.log(3.0)]], "binary"), [[0.25, 0.75]])
    np.testing.assert_allclose(probabilities(log, "multilabel"), [[1 / 2, 2 / 3, 5 / 6]])


@pytest.mark.parametrize("head", HEADS)
def test_no_rows_give_no_rows(head: str) -> None:
    n_genres = 2 if head == "binary" else N_LOGITS[head]
    probs = probabilities(np.empty((0, N_LOGITS[head])), head)
    assert probs.shape == (0, n_genres)
    assert predicted(probs).shape == (0,)


@pytest.mark.parametrize("head", HEADS)
def test_the_logits_are_left_as_they_were(head: str) -> None:
    logits = np.ones((2, N_LOGITS[head]))
    probs = probabilities(logits, head)
    probs[:] = 7
    np.testing.assert_array_equal(logits, np.ones((2, N_LOGITS[head])))


@pytest.mark.parametrize(
    ("logits", "head"),
    [
        ([[0.0, 1.0]], "sigmoid"),
        ([[0.0, 1.0]], "binary"),
        (np.zeros((2, 1, 1)), "binary"),
        ([0.0, 1.0], "softmax"),
        ([[0.0]], "softmax"),
        ([[0.0]], "multilabel"),
        (np.zeros((1, 2, 3)), "softmax"),
        ([[0.0, np.nan]], "softmax"),
        ([[np.inf, 0.0]], "softmax"),
        ([[-np.inf]], "binary"),
        ([[0.0, np.nan]], "multilabel"),
    ],
)
def test_bad_logits(logits: object, head: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        probabilities(logits, head)


@pytest.mark.parametrize("probs", [[0.2, 0.8], [[1.0]], [[0.5, np.nan]], np.zeros((1, 2, 2))])
def test_bad_probabilities(probs: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        predicted(probs)


def test_the_message_names_the_first_bad_row() -> None:
    with pytest.raises(ParameterError, match="Received 2 values that are not, the first in row 1"):
        probabilities([[0.0, 1.0], [np.nan, np.nan]], "softmax")


def test_equal_probabilities_go_to_the_first_genre() -> None:
    assert predicted([[0.5, 0.5], [0.2, 0.8]]).tolist() == [0, 1]
    assert predicted([[0.5, 0.5]]).dtype == np.int64
