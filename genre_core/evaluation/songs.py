"""Measure networks of songs: by folds beside a baseline of MFCCs, by segments and by majority."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.config import Report, Task
from genre_core.data.shares import Learnt, learnt_genres, one_genre
from genre_core.data.song_folds import folds
from genre_core.evaluation.calibration import calibration_report
from genre_core.evaluation.report import (
    Evaluation,
    Scored,
    gain,
    genre_report,
    item_groups,
    predictions_table,
)
from genre_core.evaluation.stored_predictions import fold_figures
from genre_core.metrics.classification import accuracy, balanced_accuracy
from genre_core.metrics.probabilities import predicted
from genre_core.metrics.reliability import indicators
from genre_core.metrics.temperature import cross_calibrated
from genre_core.metrics.votes import majority
from genre_core.progress import Log
from genre_core.training.heads import Songs, choose_strength, fit_head, segment_scores

BASELINE, LENGTH = "mfcc", "length"
_N_MFCC, _WINDOW = 20, 2_048
MFCC_SR = 22_050


def mfcc_statistics(clip: Clip) -> NDArray[np.float32]:
    """Describe a song at 22,050 Hz by the mean and deviation of 20 MFCCs, for the plain baseline.

    Gives one segment [shape=(1, 40), dtype=float32]. **Source**: `librosa.feature.mfcc` with its
    defaults.
    """
    import librosa

    # Shorter than its window, librosa pads it as well, and complains.
    y = np.pad(clip.y, (0, max(0, _WINDOW - clip.n_samples)))
    mfcc = librosa.feature.mfcc(y=y, sr=clip.sr, n_mfcc=_N_MFCC)  # (20, n_frames)
    descriptors = np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)])
    return descriptors.astype(np.float32)[np.newaxis]


def log_length(clip: Clip) -> NDArray[np.float32]:
    """Describe a song by the logarithm of its length alone [shape=(1, 1), dtype=float32]."""
    return np.log([[max(clip.duration_s, 1e-3)]]).astype(np.float32)


def beside_length(
    metrics: dict[str, Any], network: Scored, probs: NDArray[np.float64]
) -> dict[str, Any]:
    """Set what length alone reaches, `probs` on the same songs, beside a network's figures.

    Gives `metrics` with the baseline `length` and `gain_over_length`, the paired difference of the
    headline figure. **Source**: study S5, whose prog songs are longer than its others.
    """
    length = Scored(network.true, probs, network.groups)
    return metrics | {
        "baselines": metrics["baselines"] | {LENGTH: length.figures()},
        f"gain_over_{LENGTH}": gain(network, length, network.headline),
    }


def fold_probs(
    songs: Songs,
    learnt: Learnt,
    groups: NDArray[np.str_] | None,
    n_folds: int,
    *,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Score every song as `fold_scores`, by the mean over its segments (n_songs, n_genres)."""
    scores, fold = fold_scores(songs, learnt, groups, n_folds, seed=seed)
    return np.stack([song.mean(axis=0) for song in scores]), fold


def fold_scores(
    songs: Songs,
    learnt: Learnt,
    groups: NDArray[np.str_] | None,
    n_folds: int,
    *,
    seed: int = 0,
) -> tuple[list[NDArray[np.float64]], NDArray[np.int64]]:
    """Score the segments of every song by a head that was fitted on the other folds.

    Gives the scores song by song (n_segments, n_genres), and each song's fold. The head's strength
    is chosen anew in each fold, by folds of the songs it learns from alone. `songs` are each song's
    features, `learnt` its genre or shares of all, `groups` as for `data.song_folds.folds`.
    """
    genre = one_genre(learnt)
    scores: list[NDArray[np.float64]] = [np.empty((0, 0))] * len(songs)
    fold = np.zeros(len(songs), np.int64)
    for k, (learn, test) in enumerate(folds(genre, groups, n_folds, seed=seed)):
        own = [songs[i] for i in learn]
        strength = choose_strength(own, learnt[learn], None if groups is None else groups[learn])
        kernel, bias = fit_head(own, learnt[learn], strength)
        tested = segment_scores([songs[i] for i in test], kernel, bias)
        for place, song in zip(test, tested, strict=True):
            scores[place] = song
        fold[test] = k
    return scores, fold


def evaluate_by_folds(
    frame: pd.DataFrame,
    features: Songs,
    baselines: Mapping[str, Songs],
    task: Task,
    *,
    n_folds: int,
    fold_groups: str,
    log: Log,
    n_dealings: int = 1,
    reports: Sequence[tuple[Report, NDArray[np.bool_]]] = (),
) -> Evaluation:
    """Measure the recipe of a head by folds over all songs of a task.

    Parameters
    ----------
    frame : pandas.DataFrame [shape=(n_songs, ...)]
        The task's songs with `genre_index` and `group`.
    features : sequence of np.ndarray [shape=(n_segments, d)]
        What the head reads of each.
    baselines : mapping
        By name what a plain head reads of each; the network is compared with the first.
    task : Task
        Its genres.
    n_folds : int
        Folds.
    fold_groups : {"group", "none"}
        Whether groups stay together. If so, the figures of random folds are measured too: what
        they are higher by is what knowing the artist is worth.
    log : callable
        Takes one line at a time.
    n_dealings : int
        The folds are dealt so often; all figures but `dealings` are those of the first time.
    reports : sequence of (Report, np.ndarray [shape=(n_songs,), dtype=bool])
        Further tests on some of the songs, in the same folds and beside the first baseline.

    Returns
    -------
    Evaluation
        Figures of the folds; intervals by a bootstrap over groups. Every song was tested once, by
        a head that knew none of its fold.
    """
    genre = frame["genre_index"].to_numpy()
    learnt = learnt_genres(frame)
    groups = item_groups(frame)
    together = groups if fold_groups == "group" else None
    log(f"{len(frame)} songs in {n_folds} folds" + (", by group" if together is not None else ""))
    scores, fold = fold_scores(features, learnt, together, n_folds)
    probs = np.stack([song.mean(axis=0) for song in scores])
    plain = {
        name: fold_probs(songs, learnt, together, n_folds)[0] for name, songs in baselines.items()
    }
    rival = next(iter(baselines))
    evaluation = report_folds(
        frame, probs, fold, plain, task, n_folds=n_folds, fold_groups=fold_groups
    )
    if together is not None:
        log("the same with random folds")
        evaluation.metrics["random_folds"] = {
            name: Scored(genre, fold_probs(songs, learnt, None, n_folds)[0], groups).figures()
            for name, songs in (("network", features), (rival, baselines[rival]))
        }
    if n_dealings > 1:
        dealt = [Scored(genre, probs, groups).values()]
        for seed in range(1, n_dealings):
            log(f"folds dealt anew, {seed + 1} of {n_dealings}")
            again = fold_probs(features, learnt, together, n_folds, seed=seed)[0]
            dealt.append(Scored(genre, again, groups).values())
        evaluation.metrics["dealings"] = {name: [own[name] for own in dealt] for name in dealt[0]}
    for report, rows in reports:
        network, facts = (Scored(genre[rows], p[rows], groups[rows]) for p in (probs, plain[rival]))
        evaluation.metrics["extra"].append(
            {
                "title": report.title,
                "note": report.note,
                "n": len(network.true),
                "n_per_genre": np.bincount(network.true, minlength=len(task.genres)).tolist(),
                "n_groups": len(np.unique(network.groups)),
                "figure": network.headline,
                "network": network.figure(network.headline),
                "source_probe": facts.figure(network.headline),
            }
        )
    return dataclasses.replace(evaluation, segments=scores)


def report_folds(
    frame: pd.DataFrame,
    probs: NDArray[np.float64],
    fold: NDArray[np.int64],
    baselines: Mapping[str, NDArray[np.float64]],
    task: Task,
    *,
    n_folds: int,
    fold_groups: str,
    weighted: bool = False,
    length_probs: NDArray[np.float64] | None = None,
) -> Evaluation:
    """Sum up what was said of every song by something fitted on the other folds.

    `probs` and `baselines` (n_songs, n_genres) are the network's and plain models' on the same
    folds, `fold` (n_songs,) says in which each song was tested; the rest is as for
    `evaluate_by_folds`. The metrics' `folds` has a row a fold, to show how far folds differ. Each
    fold is calibrated by the others; `weighted` networks learnt with class weights. `length_probs`
    are what the songs' length alone says.
    """
    genre, groups = frame["genre_index"].to_numpy(), item_groups(frame)
    shares = indicators(genre, len(task.genres)).mean(axis=0)
    weights = tuple(shares) if weighted else ()
    calibrated = cross_calibrated(probs, learnt_genres(frame), fold, task.head, shares=weights)
    network = Scored(genre, probs, groups)
    if calibrated is not None:
        network = Scored(genre, calibrated, groups, probs)
    table = predictions_table(frame.assign(split="test"), network).assign(fold=fold)
    apart = "no group (artist) in two of them"
    if fold_groups != "group":
        is_known = bool((frame["artist"] != "").any())
        apart = "dealt at random: artists " + (
            "may stand in two of them" if is_known else "are unknown"
        )
    (rival, first), *others = baselines.items()
    metrics = song_report(
        network,
        Scored(genre, first, groups),
        genre,
        task,
        compared_with=rival,
        split="folds",
        split_rule=f"{n_folds} folds with each genre's share, {apart}; each song tested once",
    )
    metrics["baselines"] |= {name: Scored(genre, own, groups).figures() for name, own in others}
    if length_probs is not None:
        metrics = beside_length(metrics, network, length_probs)
    report = calibration_report(network, shares)
    return Evaluation(metrics | {"calibration": report, "folds": fold_figures(table)}, table)


def song_report(
    network: Scored,
    baseline: Scored,
    learnt: NDArray[np.int64],
    task: Task,
    *,
    compared_with: str = BASELINE,
    **layout: Any,
) -> dict[str, Any]:
    """Report a network of songs beside majority and a plain model, see `report.genre_report`."""
    return genre_report(
        network,
        baseline,
        compared_with=compared_with,
        learnt=learnt,
        genres=task.genres,
        about={"compared_with": compared_with},
        **layout,
    )


def by_majority(probs: NDArray[np.float64]) -> int:
    """Give the genre that most segments of a song [shape=(n, n_genres)] have first: `majority`.

    Examples
    --------
    >>> by_majority(np.array([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0]]))
    0
    >>> by_majority(np.array([[0.6, 0.4], [0.0, 1.0]]))
    1
    """
    votes = np.bincount(predicted(probs), minlength=probs.shape[1])
    return majority(votes.tolist(), probs.mean(axis=0).tolist())


def segment_report(
    genre: NDArray[np.int64], probs: Sequence[NDArray[np.float64]]
) -> dict[str, dict[str, Any]]:
    """Give the figures of single segments and of songs judged by majority.

    `segments` and `by_majority` have n, accuracy and balanced_accuracy each. Segments of one song
    resemble each other: no interval is given for them.

    Examples
    --------
    >>> probs = [np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), np.array([[0.4, 0.6]])]
    >>> report = segment_report(np.array([0, 1]), probs)
    >>> report["segments"]["accuracy"], report["by_majority"]["accuracy"]
    (0.75, 1.0)
    """
    of_segments = np.repeat(genre, [len(song) for song in probs])
    answers = {
        "segments": (of_segments, predicted(np.concatenate(probs))),
        "by_majority": (genre, np.array([by_majority(song) for song in probs])),
    }
    return {
        name: {
            "n": len(true),
            "accuracy": round(accuracy(true, chosen), 4),
            "balanced_accuracy": round(balanced_accuracy(true, chosen), 4),
        }
        for name, (true, chosen) in answers.items()
    }
