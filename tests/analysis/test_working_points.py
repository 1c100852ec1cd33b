"""Curves and working points against scikit-learn, and answers held back by laws."""

import numpy as np
import pytest
from sklearn import metrics

from genre_core.analysis.working_points import (
    MAX_POINTS,
    at_confidence,
    at_coverage,
    coverage_curve,
    genre_curves,
)
from genre_core.errors import ParameterError
from tests.made_predictions import GENRES, made_predictions


def rounded(n: int):
    """Predictions with many equal probabilities."""
    frame = made_predictions(n)
    for k in range(len(GENRES)):
        frame[f"prob_{k}"] = frame[f"prob_{k}"].round(1)
    return frame


@pytest.mark.parametrize("frame", [made_predictions(200), rounded(200)], ids=["all", "ties"])
def test_curves_and_points_are_scikit_learns(frame) -> None:
    true, predicted = frame["genre_index"], frame["predicted"]
    for k, curves in enumerate(genre_curves(frame, GENRES)):
        scores, own = frame[f"prob_{k}"].to_numpy(np.float64), true == k
        fpr, tpr, _ = metrics.roc_curve(own, scores, drop_intermediate=False)
        np.testing.assert_allclose(curves.fpr, fpr)
        np.testing.assert_allclose(curves.tpr, tpr)
        precision, recall, _ = metrics.precision_recall_curve(own, scores)
        np.testing.assert_allclose(curves.precision, precision[::-1])
        np.testing.assert_allclose(curves.tpr, recall[::-1])
        assert curves.roc_auc == pytest.approx(metrics.roc_auc_score(own, scores))
        average = metrics.average_precision_score(own, scores)
        assert curves.average_precision == pytest.approx(average)
        assert (curves.genre, curves.n, curves.n_items) == (GENRES[k], own.sum(), 200)
        said = predicted == k
        assert curves.at_recall == pytest.approx(metrics.recall_score(own, said))
        assert curves.at_precision == pytest.approx(metrics.precision_score(own, said))
        assert curves.at_fpr == pytest.approx(metrics.recall_score(~own, said))


def test_of_two_genres_the_point_lies_on_the_curve() -> None:
    frame = made_predictions(150, genres=GENRES[:2])
    for curves in genre_curves(frame, GENRES[:2]):
        near = np.hypot(curves.fpr - curves.at_fpr, curves.tpr - curves.at_recall)
        assert near.min() == pytest.approx(0, abs=1e-12)


def test_long_curves_are_thinned_but_keep_their_ends_and_areas() -> None:
    frame = made_predictions(5_000)
    for k, curves in enumerate(genre_curves(frame, GENRES)):
        assert len(curves.fpr) == len(curves.tpr) == len(curves.precision) == MAX_POINTS
        assert (curves.fpr[0], curves.tpr[0], curves.fpr[-1], curves.tpr[-1]) == (0, 0, 1, 1)
        expected = metrics.roc_auc_score(frame["genre_index"] == k, frame[f"prob_{k}"])
        assert curves.roc_auc == pytest.approx(expected)


def test_a_genre_of_no_items_or_of_all_has_no_area() -> None:
    frame = made_predictions(50).assign(genre_index=0, predicted=[0, 1] * 25)
    pop, rock, jazz = genre_curves(frame, GENRES)
    assert np.isnan([pop.roc_auc, pop.at_fpr, rock.roc_auc, rock.at_recall]).all()
    assert (pop.average_precision, pop.at_recall, rock.at_fpr) == (1.0, 0.5, 0.5)
    assert np.isnan(rock.average_precision)
    assert np.isnan(jazz.at_precision)
    with pytest.raises(ParameterError, match="Received"):
        genre_curves(frame.iloc[:0], GENRES)


def test_answers_held_back_are_those_below_the_slider() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(400).round(2)
    right = rng.random(400) < confidence
    curve = coverage_curve(right, confidence)
    assert len(curve.confidence) == len(set(confidence))
    assert curve.coverage[-1] == 1
    assert curve.accuracy[-1] == pytest.approx(right.mean())
    for slider in (0.0, 0.5, 0.505, *confidence[:5], confidence.max()):
        kept = confidence >= slider
        point = at_confidence(curve, slider)
        assert (point.n_answered, point.n_right) == (kept.sum(), right[kept].sum())
        assert point.accuracy == pytest.approx(right[kept].mean())
        assert point.coverage == pytest.approx(kept.mean())
    none = at_confidence(curve, 1.01)
    assert (none.n_answered, none.coverage) == (0, 0)
    assert np.isnan(none.accuracy)


def test_a_coverage_is_reached_at_the_highest_confidence_that_does() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(97).round(2)
    curve = coverage_curve(np.ones(97, bool), confidence)
    for coverage in (*curve.coverage[::7], 0.01, 0.5, 1.0):
        point = at_coverage(curve, coverage)
        assert point.coverage >= coverage - 1e-9
        assert at_confidence(curve, point.confidence + 1e-9).coverage < coverage
    with pytest.raises(ParameterError, match="Received"):
        at_coverage(curve, 0)


@pytest.mark.parametrize(
    ("right", "confidence"), [([], []), ([True], [0.5, 0.6]), ([True, False], [0.5, np.nan])]
)
def test_bad_answers_are_refused(right, confidence) -> None:
    with pytest.raises(ParameterError, match="Received"):
        coverage_curve(right, confidence)
