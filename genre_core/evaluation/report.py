"""One report of a measurement, as `metrics.json` holds it, for covers and songs alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from genre_core.config import Head
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    macro_f1,
    majority_baseline,
    per_genre_table,
    roc_auc,
)
from genre_core.metrics.intervals import (
    MIN_GROUPS,
    Interval,
    NoIntervalError,
    bootstrap_interval,
    paired_gain,
)
from genre_core.metrics.multilabel import (
    multilabel_macro_f1,
    multilabel_roc_auc,
    multilabel_table,
    top_hit,
)
from genre_core.metrics.probabilities import predicted
from genre_core.metrics.reliability import indicators

BOOTSTRAP = "95 % bootstrap over groups, 2,000 resamples"
COVER_SPLIT_RULE = "official split; no group (artist or near-duplicate) in two parts"

Figure = dict[str, Any]
"""value, low and high of a figure; without an interval value and `no_interval`, the reason."""

Rule = Callable[[np.ndarray, np.ndarray], float]
_OF_ANSWERS: dict[str, Rule] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}
FIGURES = (*_OF_ANSWERS, "roc_auc")
"""Figures of items with one genre each."""

_OF_SEVERAL: dict[str, Rule] = {
    "roc_auc": multilabel_roc_auc,
    "macro_f1": multilabel_macro_f1,
    "top_hit": top_hit,
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures (`metrics.json`) and one row a test item (`predictions.parquet`) of one test.

    segments: of songs that were tested by folds, in the order of `predictions`: scores of each
        one's segments (n_segments, n_genres), by a network that never saw its fold; else None
    """

    metrics: dict[str, Any]
    predictions: pd.DataFrame
    segments: Sequence[np.ndarray] | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """Predictions of something (a network or a baseline) on the same items.

    true [shape=(n,), dtype=int]: genre of each item; with several genres [shape=(n, n_genres)], 1
        where the item has the genre
    probs [shape=(n, n_genres)]: probabilities
    groups [shape=(n,)]: artist or near-duplicate group of each item
    own [shape=(n, n_genres)]: a network's own probabilities, by which it answers, where `probs` are
        calibrated; None where they are its own
    ranked [shape=(n, n_genres)]: scores of tags, of which `probs` are shares: each tag's ROC AUC
        goes by them. None elsewhere
    """

    true: np.ndarray
    probs: np.ndarray
    groups: np.ndarray
    own: np.ndarray | None = None
    ranked: np.ndarray | None = None

    @classmethod
    def served(
        cls,
        true: np.ndarray,
        own: np.ndarray,
        groups: np.ndarray,
        head: Head,
        calibration: Calibration | None,
    ) -> Self:
        """Take a network's own probabilities to what is served of it."""
        if calibration is None:
            return cls(true, own, groups)
        return cls(true, calibration.apply(own, head), groups, own)

    def at(self, rows: np.ndarray) -> Scored:
        """Give some of the items, by a mask or by their places."""
        own, ranked = (None if part is None else part[rows] for part in (self.own, self.ranked))
        return Scored(self.true[rows], self.probs[rows], self.groups[rows], own, ranked)

    @property
    def answers(self) -> np.ndarray:
        """Each item's answer [shape=(n,)]."""
        return predicted(self.probs if self.own is None else self.own)

    @property
    def is_multilabel(self) -> bool:
        """Whether an item may have several genres."""
        return self.true.ndim == 2

    @property
    def headline(self) -> str:
        """The figure that sums the task up: AUC for two or several genres, macro-F1 for more."""
        return "roc_auc" if self.is_multilabel or self.probs.shape[1] == 2 else "macro_f1"

    def measure(self, figure: str) -> Callable[[np.ndarray], float]:
        """Give a figure as a function of item indices, for a bootstrap."""
        rule: Rule
        if self.is_multilabel:
            rule, answers = _OF_SEVERAL[figure], self.probs
        elif figure == "roc_auc" and self.ranked is not None:
            rule, answers = _tags_roc_auc, self.ranked
        elif figure == "roc_auc":
            rule, answers = roc_auc, self.probs
        else:
            rule, answers = _OF_ANSWERS[figure], self.answers
        return lambda index: rule(self.true[index], answers[index])

    def values(self) -> dict[str, float]:
        """Every figure on all items, rounded to four digits."""
        every = np.arange(len(self.true))
        return {name: round(self.measure(name)(every), 4) for name in self._names}

    def figures(self) -> dict[str, Figure]:
        """Every figure with its 95 % bootstrap interval over groups, see `figure_of`."""
        return {name: self._with_interval(name) for name in self._names}

    def figure(self, name: str) -> Figure:
        """One figure, with its interval only where at least 5 groups stand behind every genre.

        A genre on fewer groups would be missing from many resamples.
        """
        genres = np.unique(self.true)
        n_groups = min(len(np.unique(self.groups[self.true == genre])) for genre in genres)
        if n_groups >= MIN_GROUPS and len(genres) >= 2:
            return self._with_interval(name)
        reason = f"a genre of {n_groups} group{'' if n_groups == 1 else 's'}"
        return _alone(
            self.measure(name)(np.arange(len(self.true))),
            reason if len(genres) >= 2 else "one genre alone",
        )

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(_OF_SEVERAL) if self.is_multilabel else FIGURES

    def _with_interval(self, name: str) -> Figure:
        return figure_of(bootstrap_interval, self.measure(name), self.groups)


def figure_of(find: Callable[..., Interval], *arguments: Any) -> Figure:
    """Give the figure of an interval that is found by `find(*arguments)`, for JSON.

    Where there can be no interval the value stands alone, with `no_interval`, why.

    >>> from genre_core.metrics.intervals import exact_interval
    >>> figure_of(exact_interval, 1, 3)
    {'value': 0.3333, 'no_interval': '3 groups'}
    """
    try:
        return {**interval_dict(find(*arguments))}
    except NoIntervalError as error:
        return _alone(error.value, error.reason)


def interval_dict(interval: Interval) -> dict[str, float]:
    """Round an interval to four digits, for JSON."""
    return {name: round(getattr(interval, name), 4) for name in ("value", "low", "high")}


def gain(better: Scored, worse: Scored, figure: str) -> Figure:
    """Paired bootstrap of a figure's difference on the same items, see `figure_of`."""
    return figure_of(paired_gain, better.measure(figure), worse.measure(figure), better.groups)


def _tags_roc_auc(true: np.ndarray, scores: np.ndarray) -> float:
    return multilabel_roc_auc(indicators(true, scores.shape[1]), scores)


def _alone(value: float, reason: str) -> Figure:
    # nan, a figure that the items do not define, is no JSON; null is.
    return {"value": None if value != value else round(value, 4), "no_interval": reason}


def item_groups(frame: pd.DataFrame) -> np.ndarray:
    """Give each item's group; an item without one stands for itself."""
    group = frame["group"].to_numpy(dtype=object)
    item_id = frame["item_id"].to_numpy(dtype=object)
    return np.where(group == "", item_id, group).astype(str)


def lay_out(
    *,
    split: str = "test",
    split_rule: str,
    groups: np.ndarray,
    headline: str,
    values: dict[str, Any],
    baselines: dict[str, Any],
    n_runs: int = 1,
    interval: str = BOOTSTRAP,
    about: dict[str, Any] | None = None,
    **further: Any,
) -> dict[str, Any]:
    """Lay out what `metrics.json` holds of every kind of network.

    Parameters
    ----------
    split, split_rule : str
        What was tested, and what keeps it apart from what was learnt from.
    groups : np.ndarray [shape=(n,)]
        Group of each item that was tested.
    headline : str
        The figure of `values` that is shown first.
    values, baselines : dict
        Figures of the network by name; of each baseline by its name and theirs.
    n_runs : int
        Runs that the network was chosen from.
    interval : str
        How the intervals were made, for people.
    about : dict, optional
        Facts to stand in front of the figures.
    **further
        What only this kind has: gains, a confusion matrix, a row a genre.
    """
    return {
        "split": split,
        "split_rule": split_rule,
        "n": len(groups),
        "n_groups": len(np.unique(groups)),
        "n_runs": n_runs,
        "interval": interval,
        "headline": headline,
        **(about or {}),
        "values": values,
        "baselines": baselines,
        **further,
        "extra": [],
    }


def genre_report(
    network: Scored,
    baseline: Scored | None,
    *,
    compared_with: str,
    learnt: np.ndarray,
    genres: Sequence[str],
    **layout: Any,
) -> dict[str, Any]:
    """Report a network that names genres, beside the majority and a plain baseline if there is one.

    `learnt` holds the genres of the items that were learnt from, in the form of `Scored.true`: the
    commonest is the majority's answer, or each genre's share where an item may have several.
    `compared_with` names the baseline; `layout` is as for `lay_out`.
    """
    chosen = network.answers
    further: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    if baseline is not None:
        further[f"gain_over_{compared_with}"] = gain(network, baseline, network.headline)
        plain[compared_with] = baseline.figures()
    if network.is_multilabel:  # an item with two genres has no single cell of a confusion matrix
        majority: dict[str, Any] = {}
        prior = np.broadcast_to(learnt.mean(axis=0), network.probs.shape)
        guess = Scored(network.true, prior, network.groups).values()
        rows = multilabel_table(network.true, network.probs, genres)
    else:
        guess = majority_baseline(learnt, network.true, len(genres))
        majority = {"genre": genres[int(guess.pop("genre_index"))]}
        further["confusion"] = confusion_matrix(network.true, chosen, len(genres)).tolist()
        rows = per_genre_table(network.true, chosen, genres)
    majority |= {
        name: {"value": None if value != value else round(value, 4)}
        for name, value in guess.items()
    }
    further["per_genre"] = [
        {name: None if value != value else value for name, value in row.items()} for row in rows
    ]
    return lay_out(
        groups=network.groups,
        headline=network.headline,
        values=network.figures(),
        baselines={"majority": majority, **plain},
        **layout,
        **further,
    )


def predictions_table(
    test: pd.DataFrame, network: Scored, logits: np.ndarray | None = None
) -> pd.DataFrame:
    """Lay out one row a test item, as a bundle stores it: answer, `prob_<k>` and `logit_<k>`.

    The logits are the network's own; of songs they are the logarithms of the mean over the
    segments, before any calibration.
    """
    kept = test[["item_id", "title", "artist", "source", "group", "split", "genre_index"]]
    table = kept.reset_index(drop=True).assign(predicted=network.answers)
    table["title"] = table["title"].where(table["title"] != "", test["album"].to_numpy())
    if logits is None:
        own = network.probs if network.own is None else network.own
        logits = np.log(np.maximum(own, 1e-12))
    for name, columns in (("prob", network.probs), ("logit", logits)):
        for place, column in enumerate(columns.T):
            table[f"{name}_{place}"] = column.astype(np.float32)
    return table
