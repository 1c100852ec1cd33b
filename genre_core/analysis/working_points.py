"""What other thresholds would bring: ROC, precision and recall, and answers held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from genre_core.analysis.columns import probs_of, true_and_predicted
from genre_core.config import require
from genre_core.metrics.indices import ratio, require_finite

MAX_POINTS = 400
"""Points of a curve that are kept to draw it; areas are of all of them."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GenreCurves:
    """One genre against all others, as a threshold on its probability falls.

    n, n_items: items of the genre, and all
    fpr, tpr, precision: false and true positive rate and precision at each threshold, from (0, 0)
        to (1, 1) [shape=(m,)]; recall is tpr. Without an answer precision is 1, by convention.
    roc_auc, average_precision: areas; by chance 0.5 and `n / n_items`; nan where the genre has no
        items, the former also where it has all
    at_fpr, at_recall, at_precision: where the network works: an item is of the genre that is
        likeliest. With more than two genres that is no threshold on one probability, so the point
        may lie off the curve. nan where undefined (a genre never predicted has no precision).
    """

    genre: str
    n: int
    n_items: int
    fpr: Array
    tpr: Array
    precision: Array
    roc_auc: float
    average_precision: float
    at_fpr: float
    at_recall: float
    at_precision: float


@dataclass(frozen=True, slots=True, eq=False)
class CoverageCurve:
    """What a network would be worth that answers only where it is sure.

    confidence: each probability of an answer that occurs, falling [shape=(m,)]: where answers
        below it are held back,
    n_answered: items are still answered, and
    n_right: of these are right
    n: all items
    """

    confidence: Array
    n_answered: NDArray[np.int64]
    n_right: NDArray[np.int64]
    n: int

    @property
    def coverage(self) -> Array:
        """Share of items that are answered, rising to 1."""
        return np.asarray(self.n_answered / self.n)

    @property
    def accuracy(self) -> Array:
        """Share of right answers among those given."""
        return np.asarray(self.n_right / self.n_answered)


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """A place on a `CoverageCurve`: answers of at least `confidence` are given.

    coverage is 0 and accuracy nan where none is.
    """

    confidence: float
    n_answered: int
    n_right: int
    coverage: float
    accuracy: float


def genre_curves(
    predictions: pd.DataFrame, genres: Sequence[str], *, ranked_by: str = "prob"
) -> list[GenreCurves]:
    """Draw each genre's ROC and precision-recall curve, in the order of `genres`.

    Thresholds are on the columns `EvaluationRecord.ranked_by`.

    **Source**: equal to scikit-learn's `roc_curve`, `precision_recall_curve`, `roc_auc_score` and
    `average_precision_score`; curves of more than `MAX_POINTS` points are thinned evenly.

    Examples
    --------
    >>> rows = pd.DataFrame({"genre_index": [0, 0, 1], "predicted": [0, 1, 1],
    ...                      "prob_0": [0.9, 0.4, 0.2], "prob_1": [0.1, 0.6, 0.8]})
    >>> rock, pop = genre_curves(rows, ["Rock", "Pop"])
    >>> rock.fpr.tolist(), rock.tpr.tolist(), rock.roc_auc
    ([0.0, 0.0, 0.0, 1.0], [0.0, 0.5, 1.0, 1.0], 1.0)
    >>> (rock.at_fpr, rock.at_recall, rock.at_precision), (pop.at_fpr, pop.at_recall)
    ((0.0, 0.5, 1.0), (0.5, 1.0))
    """
    true, predicted = true_and_predicted(predictions)
    require(len(true) > 0, "Curves need items.", len(true), "Choose a split that has some.")
    scores = probs_of(predictions, genres, ranked_by)
    require_finite(scores)
    return [
        _curves(str(genre), true == k, predicted == k, scores[:, k])
        for k, genre in enumerate(genres)
    ]


def coverage_curve(right: ArrayLike, confidence: ArrayLike) -> CoverageCurve:
    """Count what is answered, and rightly, as the least confidence of an answer falls.

    Answers of one confidence come together. `right` [shape=(n,), dtype=bool], `confidence`
    [shape=(n,)] in [0, 1], such as the probability of the predicted genre.

    Examples
    --------
    >>> curve = coverage_curve([True, True, False, True], [0.9, 0.8, 0.6, 0.6])
    >>> curve.confidence.tolist(), curve.coverage.tolist(), curve.accuracy.tolist()
    ([0.9, 0.8, 0.6], [0.25, 0.5, 1.0], [1.0, 1.0, 0.75])
    """
    hits, values = np.asarray(right, bool), np.asarray(confidence, np.float64)
    require(
        hits.shape == values.shape and hits.ndim == 1 and len(hits) > 0,
        "right and confidence must have one value an item, of one item at least.",
        (hits.shape, values.shape),
        "Give both of the same items.",
    )
    require_finite(values)
    order, last = _steps(values)
    return CoverageCurve(
        confidence=values[order][last],
        n_answered=last + 1,
        n_right=hits[order].cumsum()[last],
        n=len(hits),
    )


def at_confidence(curve: CoverageCurve, confidence: float) -> CoveragePoint:
    """Say what is left where answers below a confidence are held back.

    >>> curve = coverage_curve([True, True, False, True], [0.9, 0.8, 0.6, 0.6])
    >>> at_confidence(curve, 0.7)
    CoveragePoint(confidence=0.7, n_answered=2, n_right=2, coverage=0.5, accuracy=1.0)
    """
    place = int((curve.confidence >= confidence).sum()) - 1
    n_answered = int(curve.n_answered[place]) if place >= 0 else 0
    n_right = int(curve.n_right[place]) if place >= 0 else 0
    return CoveragePoint(
        confidence=float(confidence),
        n_answered=n_answered,
        n_right=n_right,
        coverage=n_answered / curve.n,
        accuracy=ratio(n_right, n_answered),
    )


def at_coverage(curve: CoverageCurve, coverage: float) -> CoveragePoint:
    """Give the highest confidence at which at least a share of the items is answered, in (0, 1].

    >>> curve = coverage_curve([True, True, False, True], [0.9, 0.8, 0.6, 0.6])
    >>> at_coverage(curve, 0.5).confidence, at_coverage(curve, 0.75).confidence
    (0.8, 0.6)
    """
    require(0 < coverage <= 1, "coverage must lie in (0, 1].", coverage, "Give 0.9 for 90 %.")
    place = int((curve.coverage < coverage - 1e-12).sum())
    return at_confidence(curve, float(curve.confidence[place]))


def _curves(
    genre: str, is_genre: NDArray[np.bool_], is_answer: NDArray[np.bool_], scores: Array
) -> GenreCurves:
    order, last = _steps(scores)
    hits = is_genre[order].cumsum()[last]
    misses = last + 1 - hits
    n, n_items = int(is_genre.sum()), len(is_genre)
    nothing = np.full(len(last), np.nan)
    tpr = np.r_[0, hits / n if n else nothing]
    fpr = np.r_[0, misses / (n_items - n) if n < n_items else nothing]
    precision = np.r_[1, hits / (last + 1)]
    n_hits = int((is_genre & is_answer).sum())
    kept = _thinned(len(tpr))
    return GenreCurves(
        genre=genre,
        n=n,
        n_items=n_items,
        fpr=fpr[kept],
        tpr=tpr[kept],
        precision=precision[kept],
        roc_auc=float(np.trapezoid(tpr, fpr)),
        average_precision=float((np.diff(tpr) * precision[1:]).sum()),
        at_fpr=ratio(int(is_answer.sum()) - n_hits, n_items - n),
        at_recall=ratio(n_hits, n),
        at_precision=ratio(n_hits, int(is_answer.sum())),
    )


def _steps(scores: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order scores from high to low; give the last place of each value."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    return order, np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])


def _thinned(n: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n - 1, min(n, MAX_POINTS)).round().astype(np.int64))
