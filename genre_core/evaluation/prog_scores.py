"""Measure prog scores where hardly any song is labelled prog: orders and false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from genre_core.data.catalog import Catalog
from genre_core.evaluation.prog_rates import (
    Scores,
    called_prog,
    is_known_non_prog,
    share_over_artists,
)
from genre_core.evaluation.report import Figure, Scored, figure_of, item_groups
from genre_core.metrics.classification import roc_auc
from genre_core.metrics.intervals import bootstrap_interval
from genre_core.metrics.votes import judge

RENDERED = "rendered60"
EACH_TEACHER = ("prog_teachers", "tagger")
"""Columns of further tests: two teachers, each alone."""

_NOTE = (
    "Transcriptions played by one synthesizer, a test only: label and transcriber coincide, and "
    "notes per second with the number of instruments alone reach .81, as those who made the set "
    "report. A stress set, no evidence. No interval where fewer than 5 artists stand behind one "
    "of the two kinds."
)


def songs_of(catalog: Catalog, sources: tuple[str, ...]) -> pd.DataFrame:
    """Select the songs of some sources; of every source where none is named."""
    frame = catalog.frame
    return frame[frame["source"].isin(sources)] if sources else frame


def known_non_prog(catalog: Catalog, sources: tuple[str, ...], split: str) -> pd.DataFrame:
    """Select the songs of a split that are known not to be prog (not only presumed)."""
    frame = songs_of(catalog, sources)
    is_known = frame["labels"].map(is_known_non_prog)
    return frame[is_known.astype(bool) & (frame["split"] == split)]


def false_alarms(
    scores: Scores, groups: NDArray[np.str_], *, threshold: float = 0.5
) -> dict[str, Any]:
    """Count songs known not to be prog that are called prog.

    `scores` are each song's prog scores, `groups` their artists, `threshold` as in
    `metrics.votes.judge`. Gives n, and for `by_mean` and `by_majority` k and the share with its
    interval over artists.

    Examples
    --------
    >>> songs = [np.array([0.9, 0.8]), *[np.array([0.1])] * 4]
    >>> false_alarms(songs, np.arange(5))["by_mean"]["k"]
    1
    >>> false_alarms(songs[:2], np.arange(2))["by_mean"]
    {'k': 1, 'value': 0.5, 'no_interval': '2 groups'}
    """
    verdicts = [judge(song, threshold=threshold) for song in scores]
    shares: dict[str, Any] = {"n": len(verdicts), "threshold": threshold}
    for rule in ("by_mean", "by_majority"):
        hits = np.array([getattr(verdict, rule) for verdict in verdicts], bool)
        shares[rule] = {"k": int(hits.sum()), **share_over_artists(hits, groups)}
    return shares


def specificity_of(alarms: dict[str, Any]) -> Figure:
    """Turn false alarms by the mean score into the specificity with its interval."""
    share = alarms["by_mean"]
    if "no_interval" in share:
        value = None if share["value"] is None else round(1 - share["value"], 4)
        return {"value": value, "no_interval": share["no_interval"]}
    return {
        "value": round(1 - share["value"], 4),
        "low": round(1 - share["high"], 4),
        "high": round(1 - share["low"], 4),
    }


def rank_correlation(scores: Scores, teacher: Scores, groups: NDArray[np.str_]) -> Figure:
    """Compare two orders of the same songs by their mean scores: Spearman's correlation.

    Segments may differ; `groups` are the artists, for the bootstrap. Gives value, low, high (95 %
    over groups). **Source**: `scipy.stats.spearmanr`.
    """
    own, theirs = _means(scores), _means(teacher)
    return figure_of(bootstrap_interval, lambda index: _spearman(own[index], theirs[index]), groups)


def segment_correlation(scores: Scores, teacher: Scores, groups: NDArray[np.str_]) -> Figure:
    """Compare two orders of all segments of some songs, which are the same ones, as above."""

    def measure(index: NDArray[np.int64]) -> float:
        own, theirs = (
            np.concatenate([song[i] for i in index.tolist()]) for song in (scores, teacher)
        )
        return _spearman(own, theirs)

    return figure_of(bootstrap_interval, measure, groups)


def correlation_within(
    frame: pd.DataFrame, scores: Scores, teacher: Scores, *, at_least: int = 8
) -> dict[str, Figure]:
    """Give `rank_correlation` among the songs of each genre, where a genre has so many songs."""
    genre = frame["labels"].map(lambda labels: labels[0]).to_numpy(dtype=object)
    groups = item_groups(frame)
    within = {}
    for name in sorted(set(genre)):
        places = np.flatnonzero(genre == name)
        if len(places) >= at_least:
            own, theirs = ([songs[i] for i in places.tolist()] for songs in (scores, teacher))
            within[name] = rank_correlation(own, theirs, groups[places]) | {"n": len(places)}
    return within


def _spearman(own: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    if min(np.ptp(own), np.ptp(theirs)) == 0:
        return float("nan")  # one song drawn again and again has no order
    return float(stats.spearmanr(own, theirs).statistic)


def rendered_reports(
    frame: pd.DataFrame, scores: Scores, teachers: Sequence[Scores] = ()
) -> list[dict[str, Any]]:
    """Ask whether prog scores above pop and rock, with and without the commonest prog artist.

    `frame` are songs of `RENDERED`, labelled prog or non-prog, with artists; `scores` are the
    network's prog scores, `teachers` those it learnt from, and where there were two each of them
    alone: first networks of real prog, then the tagger. Gives reports as in a bundle's
    `metrics.json`: the first has `artists`, each prog artist's songs against all others; the second
    leaves out the artist of most prog songs, where that leaves a prog song.
    """
    is_prog = frame["labels"].map(lambda labels: "prog" in labels).to_numpy().astype(np.int64)
    artist = frame["artist"].to_numpy(dtype=object)
    named = zip(("network", "teacher", *EACH_TEACHER), (scores, *teachers), strict=False)
    mean_scores = {name: _means(given) for name, given in named}
    counts = frame.loc[is_prog == 1, "artist"].value_counts()
    whole = _report("rendered prog against rendered pop and rock", frame, is_prog, mean_scores)
    whole["note"] = _NOTE
    whole["called_prog"] = called_prog(is_prog == 1, scores, item_groups(frame), threshold=0.5)
    whole["artists"] = [
        _of_artist(name, (artist == name) & (is_prog == 1), is_prog, mean_scores["network"])
        for name in counts.index
    ]
    if len(counts) < 2:
        return [whole]
    stays = ~((artist == counts.index[0]) & (is_prog == 1))
    title = f"the same without {counts.index[0]}"
    kept = {name: means[stays] for name, means in mean_scores.items()}
    return [whole, _report(title, frame[stays], is_prog[stays], kept)]


def _means(scores: Scores) -> NDArray[np.float64]:
    return np.array([song.mean() for song in scores])


def _report(
    title: str,
    frame: pd.DataFrame,
    is_prog: NDArray[np.int64],
    mean_scores: dict[str, NDArray[np.float64]],
) -> dict[str, Any]:
    groups = item_groups(frame)
    n_artists = [len(np.unique(groups[is_prog == kind])) for kind in (0, 1)]
    report: dict[str, Any] = {
        "title": title,
        "n": len(frame),
        "n_per_genre": [int((is_prog == 0).sum()), int(is_prog.sum())],
        "n_artists": n_artists,
        "figure": "roc_auc",
    }
    for name, means in mean_scores.items():
        probs = np.stack([1 - means, means], axis=1)  # (n_songs, 2)
        report[name] = Scored(is_prog, probs, groups).figure("roc_auc")
    return report


def _of_artist(
    name: str, own: NDArray[np.bool_], is_prog: NDArray[np.int64], means: NDArray[np.float64]
) -> dict[str, Any]:
    compared = own | (is_prog == 0)
    return {
        "artist": name,
        "n": int(own.sum()),
        "mean_score": round(float(means[own].mean()), 4),
        "roc_auc": round(roc_auc(own[compared].astype(np.int64), means[compared]), 4),
    }
