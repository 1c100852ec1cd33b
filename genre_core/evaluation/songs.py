"""Measure a head on songs by folds, beside its baseline: the same folds, the same rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.config import Task
from genre_core.evaluation.evaluate import (
    Evaluation,
    Scored,
    gain,
    headline_of,
    item_groups,
    predictions_table,
)
from genre_core.metrics.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    macro_f1,
    majority_baseline,
    per_genre_table,
)
from genre_core.metrics.probabilities import predicted
from genre_core.progress import Log
from genre_core.training.heads import Songs, choose_strength, fit_head, folds, head_probs

BASELINE = "mfcc"
_N_MFCC, _WINDOW = 20, 2_048
MFCC_SR = 22_050


def mfcc_statistics(clip: Clip) -> NDArray[np.float32]:
    """Describe a song by the mean and deviation of 20 MFCCs: the plain baseline of songs.

    Parameters
    ----------
    clip : Clip
        At 22,050 Hz.

    Returns
    -------
    np.ndarray [shape=(1, 40), dtype=float32]
        As one segment.

    Notes
    -----
    **Source**: `librosa.feature.mfcc` with its defaults.
    """
    import librosa

    # Shorter than its window, librosa pads it as well, and complains.
    y = np.pad(clip.y, (0, max(0, _WINDOW - clip.n_samples)))
    mfcc = librosa.feature.mfcc(y=y, sr=clip.sr, n_mfcc=_N_MFCC)  # (20, n_frames)
    found = np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)])
    return found.astype(np.float32)[np.newaxis]


def fold_probs(
    songs: Songs,
    genre: NDArray[np.int64],
    groups: NDArray[np.str_] | None,
    n_folds: int,
    *,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Score every song by a head that was fitted on the other folds.

    The head's strength is chosen anew in each fold, by folds of the songs it learns from alone.

    Parameters
    ----------
    songs : sequence of np.ndarray [shape=(n_segments, d)]
        Features of each song.
    genre : np.ndarray [shape=(n_songs,), dtype=int64]
        Their genres.
    groups : np.ndarray [shape=(n_songs,)], optional
        Songs of one group stay in one fold; None deals songs at random.
    n_folds : int
        At least 2.
    seed : int
        Of the folds.

    Returns
    -------
    probs : np.ndarray [shape=(n_songs, n_genres), dtype=float64]
    fold : np.ndarray [shape=(n_songs,), dtype=int64]
        In which each song was tested.
    """
    probs = np.zeros((len(songs), int(genre.max()) + 1))
    fold = np.zeros(len(songs), np.int64)
    for k, (learn, test) in enumerate(folds(genre, groups, n_folds, seed=seed)):
        own = [songs[i] for i in learn]
        strength = choose_strength(own, genre[learn], None if groups is None else groups[learn])
        kernel, bias = fit_head(own, genre[learn], strength)
        probs[test] = head_probs([songs[i] for i in test], kernel, bias)
        fold[test] = k
    return probs, fold


def evaluate_by_folds(
    frame: pd.DataFrame,
    features: Songs,
    mfcc: Songs,
    task: Task,
    *,
    n_folds: int,
    fold_groups: str,
    log: Log,
) -> Evaluation:
    """Measure the recipe of a head by folds over all songs of a task.

    Parameters
    ----------
    frame : pandas.DataFrame [shape=(n_songs, ...)]
        The task's songs with `genre_index` and `group`.
    features, mfcc : sequence of np.ndarray [shape=(n_segments, d)]
        What the head and what the baseline reads of each.
    task : Task
        Its genres.
    n_folds : int
        Folds.
    fold_groups : {"group", "none"}
        Whether groups stay together. If so, the figures of random folds are measured too: what
        they are higher by is what knowing the artist is worth.
    log : callable
        Takes one line at a time.

    Returns
    -------
    Evaluation
        Figures of the folds; intervals by a bootstrap over groups. Every song was tested once, by
        a head that knew none of its fold.
    """
    genre = frame["genre_index"].to_numpy()
    groups = item_groups(frame)
    together = groups if fold_groups == "group" else None
    log(f"{len(frame)} songs in {n_folds} folds" + (", by group" if together is not None else ""))
    probs, fold = fold_probs(features, genre, together, n_folds)
    baseline = fold_probs(mfcc, genre, together, n_folds)[0]
    evaluation = report_folds(
        frame, probs, fold, baseline, task, n_folds=n_folds, fold_groups=fold_groups
    )
    if together is not None:
        log("the same with random folds")
        evaluation.metrics["random_folds"] = {
            name: Scored(genre, fold_probs(each, genre, None, n_folds)[0], groups).figures()
            for name, each in (("network", features), (BASELINE, mfcc))
        }
    return evaluation


def report_folds(
    frame: pd.DataFrame,
    probs: NDArray[np.float64],
    fold: NDArray[np.int64],
    mfcc_probs: NDArray[np.float64],
    task: Task,
    *,
    n_folds: int,
    fold_groups: str,
) -> Evaluation:
    """Sum up what was said of every song by something fitted on the other folds.

    Parameters
    ----------
    frame : pandas.DataFrame [shape=(n_songs, ...)]
        The task's songs with `genre_index` and `group`.
    probs, mfcc_probs : np.ndarray [shape=(n_songs, n_genres)]
        Of the network and of the baseline, on the same folds.
    fold : np.ndarray [shape=(n_songs,), dtype=int64]
        In which each song was tested.
    task, n_folds, fold_groups
        As for `evaluate_by_folds`.

    Returns
    -------
    Evaluation
        Its metrics' `folds` has a row a fold, to show how far folds differ.
    """
    genre = frame["genre_index"].to_numpy()
    metrics = song_report(
        Scored(genre, probs, item_groups(frame)),
        Scored(genre, mfcc_probs, item_groups(frame)),
        genre,
        task,
        split="folds",
        split_rule=_rule(n_folds, fold_groups == "group"),
    )
    metrics["folds"] = [_one_fold(frame, probs, fold == k, k) for k in range(n_folds)]
    table = predictions_table(
        frame.assign(split="test"), predicted(probs), probs, np.log(np.maximum(probs, 1e-12))
    )
    return Evaluation(metrics, table.assign(fold=fold))


def song_report(
    network: Scored,
    baseline: Scored,
    learnt: NDArray[np.int64],
    task: Task,
    *,
    split: str,
    split_rule: str,
) -> dict[str, Any]:
    """Lay out the figures of a network of songs beside majority and MFCCs.

    Parameters
    ----------
    network, baseline : Scored
        Predictions for the same songs.
    learnt : np.ndarray [dtype=int64]
        Genres of the songs that were learnt from: the commonest is the majority's answer.
    task : Task
        Its genres.
    split, split_rule : str
        What was tested, and what keeps it apart.

    Returns
    -------
    dict
        As stored in a bundle's `metrics.json`.
    """
    n_genres = len(task.genres)
    headline = headline_of(n_genres)
    chosen = predicted(network.probs)
    majority = majority_baseline(learnt, network.true, n_genres)
    return {
        "split": split,
        "split_rule": split_rule,
        "n": len(network.true),
        "n_groups": len(np.unique(network.groups)),
        "n_runs": 1,
        "interval": "95 % bootstrap over groups, 2,000 resamples",
        "headline": headline,
        "compared_with": BASELINE,
        "values": network.figures(),
        "baselines": {
            "majority": {
                "genre": task.genres[int(majority.pop("genre_index"))],
                **{name: {"value": round(value, 4)} for name, value in majority.items()},
            },
            BASELINE: baseline.figures(),
        },
        f"gain_over_{BASELINE}": gain(network, baseline, headline),
        "confusion": confusion_matrix(network.true, chosen, n_genres).tolist(),
        # nan, a figure that the songs do not define, is no JSON; null is.
        "per_genre": [
            {name: None if value != value else value for name, value in each.items()}
            for each in per_genre_table(network.true, chosen, task.genres)
        ],
        "extra": [],
    }


def _one_fold(
    frame: pd.DataFrame, probs: NDArray[np.float64], is_tested: NDArray[np.bool_], fold: int
) -> dict[str, float | None]:
    genre, chosen = frame["genre_index"].to_numpy()[is_tested], predicted(probs[is_tested])
    rules = {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy, "macro_f1": macro_f1}
    figures = {name: rule(genre, chosen) for name, rule in rules.items()}
    return {
        "fold": fold,
        "n": len(genre),
        "n_groups": len(np.unique(item_groups(frame[is_tested]))),
        **{name: None if value != value else round(value, 4) for name, value in figures.items()},
    }


def _rule(n_folds: int, grouped: bool) -> str:
    kept = "no group (artist) in two of them" if grouped else "dealt at random: artists are unknown"
    return f"{n_folds} folds with each genre's share, {kept}; each song tested once"
