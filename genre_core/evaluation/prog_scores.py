"""Measure prog scores where hardly any song is labelled prog: orders, and false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from genre_core.data.catalog import Catalog
from genre_core.evaluation.evaluate import interval_dict
from genre_core.metrics.intervals import bootstrap_interval, exact_interval
from genre_core.metrics.votes import judge

NON_PROG = "non-prog"
Scores = Sequence[NDArray[np.float64]]
"""Prog score of each segment of each song."""


def songs_of(catalog: Catalog, sources: tuple[str, ...]) -> pd.DataFrame:
    """Select the songs of some sources; of every source where none is named."""
    frame = catalog.frame
    return frame[frame["source"].isin(sources)] if sources else frame


def known_non_prog(catalog: Catalog, sources: tuple[str, ...], split: str) -> pd.DataFrame:
    """Select the songs of a split that are known not to be prog (not only presumed)."""
    frame = songs_of(catalog, sources)
    is_known = frame["labels"].map(lambda labels: NON_PROG in labels)
    return frame[is_known.astype(bool) & (frame["split"] == split)]


def false_alarms(scores: Scores, *, threshold: float = 0.5) -> dict[str, Any]:
    """Count songs known not to be prog that are called prog.

    Parameters
    ----------
    scores : sequence of np.ndarray [shape=(n_segments,)]
        Prog scores of each song; at least 5 songs.
    threshold : float
        As in `metrics.votes.judge`.

    Returns
    -------
    dict
        n; `by_mean` and `by_majority`: k and the exact 95 % interval of k / n.

    Raises
    ------
    ParameterError
        Fewer than 5 songs, or a song without a score.

    Examples
    --------
    >>> songs = [np.array([0.9, 0.8]), *[np.array([0.1])] * 4]
    >>> false_alarms(songs)["by_mean"]["k"]
    1
    >>> false_alarms(songs[:2])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: No interval where fewer than 5 groups stand behind it. \
Received 2 groups. Report the value alone and the number of groups.
    """
    verdicts = [judge(each, threshold=threshold) for each in scores]
    found: dict[str, Any] = {"n": len(verdicts), "threshold": threshold}
    for rule in ("by_mean", "by_majority"):
        k = sum(getattr(verdict, rule) for verdict in verdicts)
        found[rule] = {"k": k, **interval_dict(exact_interval(k, len(verdicts)))}
    return found


def specificity_of(alarms: dict[str, Any]) -> dict[str, float]:
    """Turn false alarms by the mean score into the specificity with its interval."""
    share = alarms["by_mean"]
    return {
        "value": round(1 - share["value"], 4),
        "low": round(1 - share["high"], 4),
        "high": round(1 - share["low"], 4),
    }


def rank_correlation(scores: Scores, teacher: Scores, groups: NDArray[np.str_]) -> dict[str, float]:
    """Compare two orders of songs by their mean scores: Spearman's correlation.

    Parameters
    ----------
    scores, teacher : sequence of np.ndarray [shape=(n_segments,)]
        Of the same songs; the segments may differ.
    groups : np.ndarray [shape=(n_songs,)]
        Artists, for the bootstrap.

    Returns
    -------
    dict
        value, low, high (95 % over groups).

    Notes
    -----
    **Source**: `scipy.stats.spearmanr`.
    """
    own = np.array([each.mean() for each in scores])
    theirs = np.array([each.mean() for each in teacher])

    def measure(index: NDArray[np.int64]) -> float:
        if min(np.ptp(own[index]), np.ptp(theirs[index])) == 0:
            return float("nan")  # one song drawn again and again has no order
        return float(stats.spearmanr(own[index], theirs[index]).statistic)

    return interval_dict(bootstrap_interval(measure, groups))
