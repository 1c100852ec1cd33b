"""The plain baseline beside every network: a logistic regression on descriptors."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from genre_core.config import require
from genre_core.data.shares import by_shares, one_genre
from genre_core.evaluation.report import Scored, item_groups
from genre_core.metrics.classification import macro_f1, roc_auc
from genre_core.metrics.indices import genre_indices
from genre_core.metrics.probabilities import predicted

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Values of scikit-learn's C that are tried, the most regularised first."""

WEIGHTS = (None, "balanced")
"""Class weights that are tried: rare genres as they come, or each genre counting the same."""

MAX_STEPS = 500


def fit_baseline(frame: pd.DataFrame, features: np.ndarray, n_genres: int) -> Scored:
    """Fit a logistic regression on train, choose its settings on val, and score test.

    `frame` has `split`, `genre_index`, `group` and `item_id`; `features` (n, d) a row an item.
    """
    genre = frame["genre_index"].to_numpy()
    part = {name: (frame["split"] == name).to_numpy() for name in ("train", "val", "test")}
    probs = baseline_predictions(
        features[part["train"]],
        genre[part["train"]],
        features[part["val"]],
        genre[part["val"]],
        features[part["test"]],
        n_genres=n_genres,
    )
    return Scored(genre[part["test"]], probs, item_groups(frame[part["test"]]))


def baseline_predictions(
    train_x: ArrayLike,
    train_y: ArrayLike,
    val_x: ArrayLike,
    val_y: ArrayLike,
    test_x: ArrayLike,
    *,
    n_genres: int,
) -> np.ndarray:
    """Fit a logistic regression on train, choose its settings on val, and score test.

    Features are brought to mean 0 and deviation 1 with train's own figures; `choose_baseline` says
    how the settings are chosen. Nothing is random and val never trains, as for the networks.

    Descriptors are (n, d) and finite (`test_x` may have no rows), genres are indices of which train
    and val have at least two each. Returns probabilities (n_test, n_genres), rows summing to 1; 0
    for a genre without a training item.

    **Source**: `sklearn.linear_model.LogisticRegression` (L2, lbfgs) after `StandardScaler`.

    Examples
    --------
    >>> x, y = np.arange(8.0)[:, None], np.repeat([0, 1], 4)
    >>> baseline_predictions(x, y, x, y, [[-5.0], [20.0]], n_genres=2).argmax(axis=1)
    array([0, 1])
    >>> baseline_predictions(x, y, x, y[:3], x, n_genres=2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: val must have as many genres as rows. \
Received (8, 3) (tuple). Select both from the same items.
    """
    train, test = _features(train_x, "train"), _features(test_x, "test")
    _require_width(test, train, "test")
    fitted = choose_baseline(train, train_y, val_x, val_y, n_genres=n_genres)
    return _probabilities(fitted, test, n_genres)


def choose_baseline(
    train_x: ArrayLike, train_y: ArrayLike, val_x: ArrayLike, val_y: ArrayLike, *, n_genres: int
) -> Pipeline:
    """Fit every setting of the baseline on train and keep the best on val.

    The settings are `STRENGTHS` by `WEIGHTS`; the best has the highest AUC on val for two genres,
    the highest macro-F1 for more: what the networks are judged by, so that the baseline is as
    strong as it can be. Among equals the first, the most regularised, is kept.

    `train_y` may also be shares of all genres (n, n_genres): an item counts as each by its share.

    Returns the fitted steps `standardscaler` and `logisticregression`; raises as
    `baseline_predictions`.

    Examples
    --------
    >>> x, y = np.arange(8.0)[:, None], np.repeat([0, 1], 4)
    >>> choose_baseline(x, y, x, y, n_genres=2).named_steps["logisticregression"].C
    0.0001
    """
    learnt = np.asarray(train_y)
    train, genre = _part(train_x, one_genre(learnt), "train", n_genres)
    train, train_genre, shares = by_shares(train, learnt if learnt.ndim == 2 else genre)
    val, val_genre = _part(val_x, val_y, "val", n_genres)
    _require_width(val, train, "val")
    # Each item counts once in mean and deviation too.
    counts = {f"{step}__sample_weight": shares for step in ("standardscaler", "logisticregression")}
    best, best_value = None, -1.0
    for strength in STRENGTHS:
        for weight in WEIGHTS:
            model = make_pipeline(
                StandardScaler(),
                LogisticRegression(C=strength, class_weight=weight, max_iter=MAX_STEPS),
            )
            # One thread: sums this small are split at a loss, up to 40 times where cores are busy.
            with threadpool_limits(1), warnings.catch_warnings():
                # A fit that is cut short is a fit all the same: val judges it as it is.
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(train, train_genre, **counts)
            probs = _probabilities(model, val, n_genres)
            two = n_genres == 2
            value = roc_auc(val_genre, probs) if two else macro_f1(val_genre, predicted(probs))
            if value > best_value:
                best, best_value = model, value
    return best


def _probabilities(model: Pipeline, features: np.ndarray, n_genres: int) -> np.ndarray:
    probs = np.zeros((len(features), n_genres))
    if len(features):
        probs[:, model.classes_] = model.predict_proba(features)
    return probs  # (n, n_genres)


def _part(x: ArrayLike, y: ArrayLike, name: str, n_genres: int) -> tuple[np.ndarray, np.ndarray]:
    features, genre = _features(x, name), genre_indices(y, f"{name}_y")
    require(
        len(features) == len(genre),
        f"{name} must have as many genres as rows.",
        (len(features), len(genre)),
        "Select both from the same items.",
    )
    require(
        int(genre.max()) < n_genres,
        f"{name}_y must hold genre indices in [0, {n_genres}).",
        int(genre.max()),
        "Genres count from 0 in the order of the taxonomy.",
    )
    require(
        len(np.unique(genre)) >= 2,
        f"{name} must hold items of at least two genres.",
        int(genre[0]),
        "Check how the data set is split.",
    )
    return features, genre


def _features(x: ArrayLike, name: str) -> np.ndarray:
    features = np.asarray(x, dtype=np.float64)
    require(
        features.ndim == 2 and features.shape[1] >= 1,
        f"Descriptors of {name} must have the shape (n, d), d at least 1.",
        features,
        "Give one row an item.",
    )
    is_bad = ~np.isfinite(features).all(axis=1)
    require(
        not is_bad.any(),
        f"Descriptors of {name} must be finite.",
        np.flatnonzero(is_bad)[:5].tolist(),
        "These rows hold NaN or infinity: describe them again or leave them out.",
    )
    return features


def _require_width(features: np.ndarray, train: np.ndarray, name: str) -> None:
    require(
        features.shape[1] == train.shape[1],
        f"{name} must have the {train.shape[1]} descriptors of train.",
        features.shape,
        "Describe all parts the same way.",
    )
