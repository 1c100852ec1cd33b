"""Measure a head on songs by folds, beside its baseline: the same folds, the same rule."""

from __future__ import annotations

from collections.abc import Callable
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
from genre_core.metrics.classification import confusion_matrix, majority_baseline, per_genre_table
from genre_core.metrics.probabilities import predicted
from genre_core.training.heads import Songs, choose_strength, fit_head, folds, head_probs

Log = Callable[[str], None]

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
    n_genres = len(task.genres)
    together = groups if fold_groups == "group" else None
    log(f"{len(frame)} songs in {n_folds} folds" + (", by group" if together is not None else ""))
    probs, fold = fold_probs(features, genre, together, n_folds)
    network = Scored(genre, probs, groups)
    baseline = Scored(genre, fold_probs(mfcc, genre, together, n_folds)[0], groups)
    headline = headline_of(n_genres)
    chosen = predicted(probs)
    majority = majority_baseline(genre, genre, n_genres)
    metrics: dict[str, Any] = {
        "split": "folds",
        "split_rule": _rule(n_folds, together is not None),
        "n": len(frame),
        "n_groups": len(np.unique(groups)),
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
        "confusion": confusion_matrix(genre, chosen, n_genres).tolist(),
        "per_genre": per_genre_table(genre, chosen, task.genres),
        "extra": [],
    }
    if together is not None:
        log("the same with random folds")
        apart = {
            name: Scored(genre, fold_probs(each, genre, None, n_folds)[0], groups).figures()
            for name, each in (("network", features), (BASELINE, mfcc))
        }
        metrics["random_folds"] = apart
    tested = frame.assign(split="test")
    table = predictions_table(tested, chosen, probs, np.log(np.maximum(probs, 1e-12)))
    return Evaluation(metrics, table.assign(fold=fold))


def _rule(n_folds: int, grouped: bool) -> str:
    kept = "no group (artist) in two of them" if grouped else "dealt at random: artists are unknown"
    return f"{n_folds} folds with each genre's share, {kept}; each song tested once"
