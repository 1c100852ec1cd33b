"""Labels that a network contradicts with confidence, and how far such a list can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from genre_core.analysis.columns import need_columns, probs_of, true_and_predicted
from genre_core.config import require
from genre_core.metrics.indices import genre_indices, require_finite

FLIPPED = 0.05
"""Share of labels that `flip_check` turns wrong, and of the list that it looks into."""

_TINY = 1e-9  # Below it a probability is none.

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """Labels that a network contradicts with confidence.

    counts: items by label (row) and by what they are likelier to be (column), as counted
        [shape=(n_genres, n_genres), dtype=int64]; an item that is confidently nothing is not in it
    joint: the same as an estimate for all items: each row scaled to its label's items
        [shape=(n_genres, n_genres)]
    table: one row a suspect, the clearest first: `row` in the predictions, `item_id`, `label`,
        `proposed`, `p_label`, `p_proposed`, `margin` (nats: ln of how many times likelier another
        genre is than the label)
    n_used, n_refused: rows that were looked at; rows that the network may have learnt from
    """

    genres: tuple[str, ...]
    counts: NDArray[np.int64]
    joint: Array
    table: pd.DataFrame
    n_used: int
    n_refused: int

    @property
    def estimated_share(self) -> float:
        """Estimated share of wrong labels, 0 to 1: what of `joint` is off its diagonal."""
        return float(1 - np.trace(self.joint) / self.joint.sum())


@dataclass(frozen=True, slots=True)
class FlipCheck:
    """How many of the labels that were turned wrong on purpose a ranking gives back.

    n, n_flipped: items, and those whose label was turned
    recall, precision: of the first `n_looked_at` of the ranking: share of the turned labels among
        them, and share of them that was turned; a ranking by chance has `n_looked_at / n` and
        `n_flipped / n`
    list_recall, list_precision: the same of all `n_listed` suspects; precision is nan for none

    Labels that were wrong before count as false alarms, so precision is a lower bound.
    """

    n: int
    n_flipped: int
    n_looked_at: int
    recall: float
    precision: float
    n_listed: int
    list_recall: float
    list_precision: float


def out_of_sample(predictions: pd.DataFrame, n_seen: int) -> NDArray[np.int64]:
    """Give the rows whose probabilities the network did not learn [shape=(m,)].

    All where it may have learnt from none of them (`n_seen` = 0 in the evaluation's record) or
    where folds made them (a column `fold`); else those that the column `seen` says were not learnt
    from; without it those of the split test. Raises `ParameterError` where the splits do not tell
    which items were seen: where fewer than `n_seen` are not of test.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": ["a", "b", "c"], "split": ["train", "test", "val"]})
    >>> out_of_sample(rows, n_seen=0), out_of_sample(rows, n_seen=2)
    (array([0, 1, 2]), array([1]))
    >>> out_of_sample(rows, n_seen=3)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Suspected labels need probabilities of items that the \
network did not learn from. Received '3 seen items, 2 outside of test' (str). Evaluate the network \
on other items, or by folds.
    """
    if not n_seen or "fold" in predictions:
        return np.arange(len(predictions))
    if "seen" in predictions:
        return np.flatnonzero(~predictions["seen"].to_numpy(bool))
    need_columns(predictions, ("split",))
    is_test = (predictions["split"] == "test").to_numpy(bool)
    require(
        n_seen <= (~is_test).sum(),
        "Suspected labels need probabilities of items that the network did not learn from.",
        f"{n_seen} seen items, {(~is_test).sum()} outside of test",
        "Evaluate the network on other items, or by folds.",
    )
    return np.flatnonzero(is_test)


def suspect_labels(predictions: pd.DataFrame, genres: Sequence[str], *, n_seen: int) -> Suspects:
    """List the labels that a network contradicts with confidence (confident learning).

    A genre j has the threshold t_j, the mean probability of j over the items labelled j. An item
    counts as the likeliest of the genres whose threshold its probability reaches; where that is not
    its label, the label is suspected. **In-sample probabilities must not be used**: a network
    repeats the labels that it learnt, wrong ones too. So rows that it may have learnt from are
    refused: left out and counted (`out_of_sample`).

    Parameters
    ----------
    predictions : pd.DataFrame
        As `EvaluationRecord.predictions`.
    genres : sequence of str
        In the order of `prob_<k>`.
    n_seen : int
        Items that the network may have learnt from, as the evaluation's record says. Where that
        does not know (`is_seen_known`), the caller has to say so beside the list.

    Raises
    ------
    ParameterError
        No row is left, or it cannot be told which were learnt from.

    Notes
    -----
    **Source**: Northcutt, Jiang and Chuang, Confident Learning, JAIR 70 (2021), section 3; written
    anew from the paper. Where they rank by the difference of the two probabilities (normalised
    margin), we rank by that of their logarithms, the same order for two genres: of labels turned on
    purpose it brings more to the top for networks of several genres (a test of this file's measures
    both on stored predictions). It suspects what the network finds odd: where that is simply bad,
    right labels too. `flip_check` says how far it can be trusted.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": list("abcd"), "genre_index": [0, 0, 1, 1],
    ...                      "predicted": [0, 1, 1, 1], "prob_0": [0.9, 0.1, 0.2, 0.2],
    ...                      "prob_1": [0.1, 0.9, 0.8, 0.8]})
    >>> suspects = suspect_labels(rows, ["Rock", "Pop"], n_seen=0)
    >>> suspects.table[["item_id", "label", "proposed", "margin"]].round(2).values.tolist()
    [['b', 'Rock', 'Pop', 2.2]]
    >>> suspects.counts.tolist(), suspects.estimated_share
    ([[1, 1], [0, 2]], 0.25)
    """
    rows = out_of_sample(predictions, n_seen)
    require(
        len(rows) > 0,
        "Suspected labels need items that the network did not learn from.",
        f"{len(predictions)} items, none of them",
        "Evaluate the network on other items, or by folds.",
    )
    part = predictions.iloc[rows]
    probs, (labels, _) = probs_of(part, genres), true_and_predicted(part)
    proposed, margins = _contradictions(labels, probs)
    n_genres, at = len(genres), np.arange(len(rows))
    is_counted = proposed >= 0
    cells = labels[is_counted] * n_genres + proposed[is_counted]
    counts = np.bincount(cells, minlength=n_genres**2).reshape(n_genres, n_genres)
    suspected = np.flatnonzero(is_counted & (proposed != labels))
    table = pd.DataFrame(
        {
            "row": rows[suspected],
            "item_id": part["item_id"].to_numpy()[suspected],
            "label": [genres[k] for k in labels[suspected]],
            "proposed": [genres[k] for k in proposed[suspected]],
            "p_label": probs[at, labels][suspected],
            "p_proposed": probs[at, proposed][suspected],
            "margin": margins[suspected],
        }
    ).sort_values(["margin", "item_id"], ascending=[False, True], ignore_index=True)
    return Suspects(
        genres=tuple(genres),
        counts=counts,
        joint=_calibrated(counts, np.bincount(labels, minlength=n_genres)),
        table=table,
        n_used=len(rows),
        n_refused=len(predictions) - len(rows),
    )


def flip_check(
    labels: ArrayLike,
    predict: Callable[[NDArray[np.int64]], ArrayLike],
    *,
    share: float = FLIPPED,
    seed: int = 0,
) -> FlipCheck:
    """Turn a share of the labels wrong on purpose and see how many come first in the ranking.

    Which labels, and to which other genre, is drawn evenly. All items are ranked by their margin;
    looked at are as many of the first as were turned.

    Parameters
    ----------
    labels : array-like [shape=(n,), dtype=int]
        Genre indices, at least two genres.
    predict : callable
        Gets the turned labels and gives each item's probabilities [shape=(n, n_genres)] by networks
        that did not learn from that item: folds trained on the turned labels. Stored probabilities
        (`lambda turned: probs`) come from networks that learnt the labels as they were: that is
        measured in no time, and flatters where the wrong labels would have been learnt from.
    share : float
        In (0, 1).

    Examples
    --------
    >>> true = np.arange(100) % 2
    >>> check = flip_check(true, lambda turned: np.eye(2)[true] * 0.8 + 0.1)
    >>> check.n_flipped, check.recall, check.precision, check.n_listed
    (5, 1.0, 1.0, 5)
    """
    true = genre_indices(labels, "labels").astype(np.int64)
    n, n_genres = len(true), int(true.max()) + 1
    require(0 < share < 1, "share must lie in (0, 1).", share, "Give 0.05 for 5 %.")
    require(n_genres > 1, "A flip needs two genres.", n_genres, "Give labels of two genres.")
    rng = np.random.default_rng(seed)
    flipped = rng.choice(n, max(1, round(share * n)), replace=False)
    turned = true.copy()
    turned[flipped] = (true[flipped] + rng.integers(1, n_genres, len(flipped))) % n_genres
    probs = np.asarray(predict(turned), np.float64)
    require(
        probs.shape[0] == n and probs.ndim == 2 and probs.shape[1] >= n_genres,
        "predict must give one row an item and one column a genre.",
        probs,
        f"Give probabilities of the shape ({n}, {n_genres}).",
    )
    proposed, margins = _contradictions(turned, probs)
    first = np.argsort(-margins, kind="stable")[: len(flipped)]
    listed = np.flatnonzero((proposed >= 0) & (proposed != turned))
    n_first, n_listed = (int(np.isin(rows, flipped).sum()) for rows in (first, listed))
    return FlipCheck(
        n=n,
        n_flipped=len(flipped),
        n_looked_at=len(first),
        recall=n_first / len(flipped),
        precision=n_first / len(first),
        n_listed=len(listed),
        list_recall=n_listed / len(flipped),
        list_precision=n_listed / len(listed) if len(listed) else float("nan"),
    )


def _contradictions(labels: NDArray[np.int64], probs: Array) -> tuple[NDArray[np.int64], Array]:
    """Give what each item is confidently, -1 for nothing, and its margin against the label."""
    require_finite(probs)
    at, n_genres = np.arange(len(labels)), probs.shape[1]
    own = probs[at, labels]
    n_of = np.bincount(labels, minlength=n_genres)
    sums = np.bincount(labels, weights=own, minlength=n_genres)
    # A genre that no item is labelled with is proposed for none.
    thresholds = np.divide(sums, n_of, out=np.full(n_genres, np.inf), where=n_of > 0)
    # A hair below: rounding must not put a genre whose items are all alike above its own mean.
    reached = np.where(probs >= thresholds - 1e-9, probs, -1.0)
    proposed = np.where(reached.max(axis=1) >= 0, reached.argmax(axis=1), -1)
    others = probs.copy()
    others[at, labels] = 0
    logs = np.log(np.maximum(others.max(axis=1), _TINY)) - np.log(np.maximum(own, _TINY))
    return proposed, np.asarray(logs)


def _calibrated(counts: NDArray[np.int64], n_of: NDArray[np.int64]) -> Array:
    """Scale each row of counts to the items of its label, of which one at least is counted."""
    return np.asarray(counts * (n_of / np.maximum(counts.sum(axis=1), 1))[:, None])
