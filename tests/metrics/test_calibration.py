"""A temperature and the weights of genres, fitted on items that were not learnt from."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from genre_core.errors import ParameterError
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.probabilities import probabilities
from genre_core.metrics.reliability import log_losses
from genre_core.metrics.temperature import MIN_ITEMS, cross_calibrated, fit_calibration

Drawn = tuple[NDArray[np.float64], NDArray[np.int64]]


def drawn(n: int = 3_000, n_genres: int = 4, seed: int = 0) -> Drawn:
    """Logits, and genres drawn from just the probabilities that they stand for."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(n, n_genres))
    sums = special.softmax(logits, axis=1).cumsum(axis=1)
    return logits, (rng.random((n, 1)) > sums).sum(axis=1)


@pytest.mark.parametrize("times", [0.5, 1.5, 4.0])
def test_the_temperature_that_was_put_in_is_found(times: float) -> None:
    logits, genre = drawn()
    fitted = fit_calibration(
        special.softmax(times * logits, axis=1), genre, "softmax", fitted_on=""
    )
    assert fitted is not None
    assert fitted.temperature == pytest.approx(times, rel=0.06)
    assert fitted.n == 3_000


def test_what_holds_already_stays_as_it_is() -> None:
    logits, genre = drawn(300)
    probs = special.softmax(logits, axis=1)
    fitted = fit_calibration(probs, genre, "softmax", fitted_on="val")
    assert fitted is not None
    assert fitted.temperature == pytest.approx(1, abs=0.1)
    # Outputs without any order beside the genres: nothing found helps the left-out fifths.
    blind = fit_calibration(np.full((300, 4), 0.25), genre, "softmax", fitted_on="val")
    assert blind == Calibration(temperature=1.0, fitted_on="val", n=300)


def test_too_few_items_give_none() -> None:
    logits, genre = drawn(MIN_ITEMS - 1)
    assert fit_calibration(special.softmax(logits), genre, "softmax", fitted_on="") is None


def test_a_network_without_an_error_is_not_taken_to_be_sure_for_ever() -> None:
    genre = np.arange(60) % 2
    fitted = fit_calibration(np.eye(2)[genre] * 0.2 + 0.4, genre, "softmax", fitted_on="")
    assert fitted is not None
    assert fitted.apply(np.array([[0.4, 0.6]]), "softmax").max() < 1 - 1 / 200


def test_class_weights_are_taken_back() -> None:
    shares = np.array([0.9, 0.1])
    rng = np.random.default_rng(0)
    genre = (rng.random(4_000) < shares[1]).astype(int)
    evidence = rng.normal(np.where(genre, 1.0, -1.0), 1.5)  # as if both were as common
    logit = 2 * evidence / 1.5**2
    probs = probabilities(logit, "binary")
    fitted = fit_calibration(probs, genre, "binary", fitted_on="", shares=shares)
    assert fitted is not None
    held = fitted.apply(probs, "binary")
    assert held[:, 1].mean() == pytest.approx(genre.mean(), abs=0.01)
    exact = special.expit(logit + np.log(shares[1] / shares[0]))
    assert np.abs(held[:, 1] - exact).max() < 0.08
    order = np.argsort(probs[:, 1])
    assert (np.diff(held[order, 1]) >= 0).all()  # the order of items stays


@pytest.mark.parametrize("head", ["softmax", "binary", "multilabel"])
def test_probabilities_and_tempered_logits_are_the_same(head: str) -> None:
    logits = 5 * np.random.default_rng(1).normal(size=(20, 1 if head == "binary" else 3))
    tempered = Calibration(temperature=2.5).apply(probabilities(logits, head), head)  # type: ignore[arg-type]
    np.testing.assert_allclose(tempered, probabilities(logits / 2.5, head), rtol=1e-9)  # type: ignore[arg-type]


def test_a_temperature_changes_no_answer_and_survives_certainty() -> None:
    probs = np.array([[1.0, 0.0, 0.0], [0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
    for temperature in (0.1, 1.0, 100.0):
        held = Calibration(temperature=temperature).apply(probs, "softmax")
        assert np.isfinite(held).all()
        np.testing.assert_allclose(held.sum(axis=1), 1)
        assert held.argmax(axis=1).tolist() == [0, 1, 0]
    sure = Calibration(temperature=3.0).apply([[0.0, 1.0]], "multilabel")
    assert sure.tolist() == [[0.0, 1.0]]


def test_several_genres_an_item_share_one_temperature() -> None:
    logits, _ = drawn()
    hits = np.random.default_rng(2).random(logits.shape) < special.expit(logits)
    fitted = fit_calibration(special.expit(3 * logits), hits, "multilabel", fitted_on="")
    assert fitted is not None
    assert fitted.temperature == pytest.approx(3, rel=0.06)


def test_a_fold_is_calibrated_by_the_others_alone() -> None:
    logits, genre = drawn(600)
    probs, fold = special.softmax(3 * logits, axis=1), np.arange(600) % 3
    held = cross_calibrated(probs, genre, fold, "softmax")
    assert held is not None
    own = fold == 1
    rest, parts = genre[~own], fold[~own]
    others = fit_calibration(probs[~own], rest, "softmax", fitted_on="", parts=parts)
    assert others is not None
    np.testing.assert_array_equal(held[own], others.apply(probs[own], "softmax"))
    assert log_losses(genre, held).mean() < log_losses(genre, probs).mean()
    assert cross_calibrated(probs[:60], genre[:60], fold[:60], "softmax") is None


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"temperature": 0.0}, "temperature.*Received"),
        ({"weights": (1.0, 0.0)}, "weights.*Received"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, object], match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        dataclasses.replace(Calibration(temperature=1.0), **changed)  # type: ignore[arg-type]
