"""Songs from segments: which rule makes a song's score of its segments', and what is length."""

from __future__ import annotations

import datetime
import functools
import importlib.metadata
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from genre_core import __version__
from genre_core.config import require
from genre_core.evaluation.report import Figure, figure_of
from genre_core.lessons.vote_rules import (
    BOTH,
    LEARNED,
    LENGTH,
    MEAN,
    RULES,
    best_threshold,
    learned_scores,
    stratified_folds,
)
from genre_core.lessons.vote_table import SNIPPET_S, VoteTable, read_votes
from genre_core.metrics.classification import balanced_accuracy, roc_auc
from genre_core.metrics.intervals import Interval, Metric, bootstrap_interval
from genre_core.metrics.thresholds import thirds_agree
from genre_core.progress import Log

MATCHED = (24, 35)
"""Snippets of the songs of like length, 4 to 6 minutes: where prog and other songs are both
common."""

LIKE = 0.1
"""Two songs are of like length where the longer is at most a tenth longer."""

MIDDLE = 6
"""Snippets of a song's middle minute."""

BETWEEN = (0.4, 0.5, 0.6)
"""Thresholds at which songs are asked whether their thirds agree."""

THRESHOLDS = tuple(round(k / 100, 2) for k in range(101))

Scores = Sequence[NDArray[np.float64]]
"""A score of each song, once or once a repeat."""

Bootstrap = Callable[..., Interval]


def song_votes(
    data: str | Path,
    *,
    command: str,
    log: Log,
    repeats: int = 10,
    n_folds: int = 10,
    n_resamples: int = 2_000,
    seed: int = 0,
) -> dict[str, Any]:
    """Compare rules from segments to songs on real songs' votes, with length alone beside them.

    Every rule gives each song one score. Rules that learn are fitted on the other folds of songs;
    so is every threshold for balanced accuracy. Folds are drawn anew in each repeat, with each
    class's share.

    Parameters
    ----------
    data : str or Path
        What `vote_table.read_votes` takes.
    command : str
        How this was started, for the record.
    log : callable
        Takes one line at a time.
    repeats, n_folds : int
        At least 1 and 2.
    n_resamples : int
        Of each interval, see `metrics.intervals.bootstrap_interval`.
    seed : int
        Of the first repeat; the others count on from it.

    Returns
    -------
    dict
        JSON values: `data`, `rows` (one a rule: roc_auc and gain over the mean, on all songs and on
        those of like length; balanced_accuracy with the threshold of the other folds, and at a
        half where the rule keeps the votes' scale), `pairs` (prog and other songs of like length),
        `within` (rank correlation of the mean with length within each kind), `parts` (the mean of
        less than the song), `ties` (songs whose votes split evenly), `between` (songs whose thirds
        do not agree, and how often those are judged wrong), `thresholds` (sensitivity and false
        alarms of the mean) and `chosen`, the rule with its reason.
    """
    require(repeats >= 1, "repeats must be at least 1.", repeats, "Leave it out.")
    require(n_folds >= 2, "n_folds must be at least 2.", n_folds, "Leave it out.")
    table = read_votes(data)
    folds = [stratified_folds(table.is_prog, n_folds, seed + k) for k in range(repeats)]
    scores: dict[str, Scores] = {
        name: [np.array([rule(votes) for votes in table.votes])] for name, rule in RULES.items()
    }
    scores |= {
        name: [learned_scores(describe(table), table.is_prog, one) for one in folds]
        for name, describe in LEARNED.items()
    }
    scores[LENGTH] = [table.n_snippets.astype(np.float64)]
    bootstrap = functools.partial(bootstrap_interval, n_resamples=n_resamples)
    rows = []
    for name, songs in scores.items():
        figures = _figures(table, songs, scores[MEAN], folds, bootstrap)
        rows.append({"rule": name, "kind": _kind(name), **figures})
        log("{rule}: ROC AUC {roc_auc[value]:.3f}".format(**rows[-1]))
    return {
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": command,
        "version": __version__,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in ("numpy", "scikit-learn", "scipy")},
        "seed": seed,
        "repeats": repeats,
        "n_folds": n_folds,
        "interval": "95 % bootstrap over songs, 2,000 resamples; artists are not known",
        "data": _facts(table),
        "rows": rows,
        "pairs": _pairs(table, scores[MEAN][0]),
        "within": {
            kind: round(float(stats.spearmanr(scores[MEAN][0][own], table.n_snippets[own])[0]), 3)
            for kind, own in (("prog", table.is_prog == 1), ("other", table.is_prog == 0))
        },
        "parts": _parts(table, seed, bootstrap),
        "ties": _ties(table),
        "between": [_between(table, threshold) for threshold in BETWEEN],
        "thresholds": _thresholds(table, scores[MEAN][0]),
        "chosen": _chosen(rows),
    }


def _kind(name: str) -> str:
    if name in RULES:
        return "plain"
    return "length" if name == LENGTH else "with length" if name == BOTH else "learned"


def _figures(
    table: VoteTable,
    songs: Scores,
    means: Scores,
    folds: Sequence[NDArray[np.int64]],
    bootstrap: Bootstrap,
) -> dict[str, Any]:
    matched = np.flatnonzero(_matched(table))
    every = np.arange(len(table.is_prog))
    figures: dict[str, Any] = {}
    for name, own in (("", every), ("matched_", matched)):
        area, of_mean = (_mean_auc(table, one, own) for one in (songs, means))
        figures[f"{name}roc_auc"] = figure_of(bootstrap, area, own)
        figures[f"{name}gain"] = figure_of(bootstrap, _difference(area, of_mean), own)
    answers = [_answers(table, songs[k % len(songs)], one) for k, one in enumerate(folds)]
    figures["balanced_accuracy"] = _balanced(table, answers, bootstrap)
    if min(map(np.min, songs)) >= 0 and max(map(np.max, songs)) <= 1:
        figures["at_a_half"] = _balanced(table, [one > 0.5 for one in songs], bootstrap)
    return figures


def _difference(one: Metric, other: Metric) -> Metric:
    return lambda index: one(index) - other(index)


def _mean_auc(table: VoteTable, songs: Scores, own: NDArray[np.int64]) -> Metric:
    def measure(index: NDArray[np.int64]) -> float:
        drawn = own[index]
        return float(np.mean([roc_auc(table.is_prog[drawn], one[drawn]) for one in songs]))

    return measure


def _answers(
    table: VoteTable, scores: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.bool_]:
    answers = np.zeros(len(scores), bool)
    for k in np.unique(fold):
        learn = fold != k
        answers[~learn] = scores[~learn] > best_threshold(scores[learn], table.is_prog[learn])
    return answers


def _balanced(
    table: VoteTable, answers: Sequence[NDArray[np.bool_]], bootstrap: Bootstrap
) -> Figure:
    def measure(index: NDArray[np.int64]) -> float:
        truth = table.is_prog[index]
        return float(np.mean([balanced_accuracy(truth, one[index].astype(int)) for one in answers]))

    return figure_of(bootstrap, measure, np.arange(len(table.is_prog)))


def _facts(table: VoteTable) -> dict[str, Any]:
    seconds = SNIPPET_S * table.n_snippets
    matched = _matched(table)
    return {
        "name": table.name,
        "digest": table.digest,
        "snippet_s": SNIPPET_S,
        "snippets": int(table.n_snippets.sum()),
        "songs": len(table.is_prog),
        "prog": int(table.is_prog.sum()),
        "median_s": {
            "prog": float(np.median(seconds[table.is_prog == 1])),
            "other": float(np.median(seconds[table.is_prog == 0])),
        },
        "matched": {
            "snippets": list(MATCHED),
            "songs": int(matched.sum()),
            "prog": int(table.is_prog[matched].sum()),
        },
    }


def _matched(table: VoteTable) -> NDArray[np.bool_]:
    return np.asarray((table.n_snippets >= MATCHED[0]) & (table.n_snippets <= MATCHED[1]))


def _pairs(table: VoteTable, mean: NDArray[np.float64]) -> dict[str, Any]:
    """Share of pairs of a prog song and another of like length in which the prog one is ahead."""
    prog, other = (np.flatnonzero(table.is_prog == kind) for kind in (1, 0))
    longer = table.n_snippets[prog][:, np.newaxis] / table.n_snippets[other]
    like = np.maximum(longer, 1 / longer) <= 1 + LIKE
    values: dict[str, Any] = {"within": LIKE, "n": int(like.sum())}
    for name, scores in (("mean", mean), ("length", table.n_snippets.astype(float))):
        ahead = scores[prog][:, np.newaxis] - scores[other]
        values[name] = round(float(((ahead > 0) + 0.5 * (ahead == 0))[like].mean()), 4)
    return values


def _parts(table: VoteTable, seed: int, bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """Of the mean over less than the song: what hearing more of it is worth."""
    draw = np.random.default_rng(seed)
    starts = [max(0, (len(votes) - MIDDLE) // 2) for votes in table.votes]
    middle = [votes[k : k + MIDDLE].mean() for votes, k in zip(table.votes, starts, strict=True)]
    one = [np.array([draw.choice(votes) for votes in table.votes]) for _ in range(20)]
    every = np.arange(len(table.is_prog))
    return [
        {
            "part": part,
            "roc_auc": figure_of(bootstrap, _mean_auc(table, scores, every), every),
        }
        for part, scores in (
            ("the middle minute", [np.array(middle)]),
            ("ten seconds, drawn at random", one),
        )
    ]


def _ties(table: VoteTable) -> dict[str, int]:
    """Of songs whose snippets split evenly: how many are right if the mean decides, and if no."""
    even = [k for k, votes in enumerate(table.votes) if 2 * (votes > 0.5).sum() == len(votes)]
    by_mean = [int(table.votes[k].mean() > 0.5) == table.is_prog[k] for k in even]
    return {
        "songs": len(even),
        "right_by_mean": int(sum(by_mean)),
        "right_as_no": int(sum(table.is_prog[k] == 0 for k in even)),
    }


def _between(table: VoteTable, threshold: float) -> dict[str, float]:
    """Share of songs whose thirds do not agree, and how often the mean is wrong of them."""
    wrong = np.array(
        [
            (votes.mean() > threshold) != y
            for votes, y in zip(table.votes, table.is_prog, strict=True)
        ]
    )
    between = np.array([not thirds_agree(votes, threshold) for votes in table.votes])
    return {
        "threshold": threshold,
        "share": round(float(between.mean()), 4),
        "wrong": round(float(wrong[between].mean()), 4) if between.any() else 0.0,
        "wrong_others": round(float(wrong[~between].mean()), 4) if not between.all() else 0.0,
    }


def _thresholds(table: VoteTable, mean: NDArray[np.float64]) -> dict[str, Any]:
    above = mean[:, np.newaxis] > np.array(THRESHOLDS)  # (n_songs, n_thresholds)
    return {
        "threshold": list(THRESHOLDS),
        "sensitivity": above[table.is_prog == 1].mean(axis=0).round(4).tolist(),
        "false_alarms": above[table.is_prog == 0].mean(axis=0).round(4).tolist(),
    }


def _chosen(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Take the plain mean unless another rule without length gains more than chance explains."""
    better = [
        row for row in rows if row["kind"] in ("plain", "learned") and row["gain"].get("low", 0) > 0
    ]
    if not better:
        return {"rule": MEAN, "reason": "no other rule gains more than chance explains"}
    best = max(better, key=lambda row: row["gain"]["value"])
    return {"rule": best["rule"], "reason": "its gain over the mean is more than chance explains"}
