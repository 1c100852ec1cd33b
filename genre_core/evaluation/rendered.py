"""Prog scores of songs that one synthesizer plays: a stress set, no evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.evaluation.evaluate import interval_dict, item_groups
from genre_core.evaluation.prog_scores import Scores
from genre_core.metrics.intervals import MIN_GROUPS, Interval, bootstrap_interval
from genre_core.metrics.ranking import roc_auc

RENDERED = "rendered60"
_NOTE = (
    "Transcriptions played by one synthesizer, a test only: label and transcriber coincide, and "
    "notes per second with the number of instruments alone reach .81, as those who made the set "
    "report. A stress set, no evidence. No interval where fewer than 5 artists stand behind one "
    "of the two kinds."
)


def rendered_reports(
    frame: pd.DataFrame, scores: Scores, teacher: Scores | None = None
) -> list[dict[str, Any]]:
    """Ask whether prog scores above pop and rock, with and without the commonest prog artist.

    Parameters
    ----------
    frame : pandas.DataFrame
        Songs of `RENDERED`, labelled prog or non-prog, with artists.
    scores, teacher : sequence of np.ndarray [shape=(n_segments,)]
        Prog scores of each song, by the network and by what it learnt from.

    Returns
    -------
    list of dict
        Reports as in a bundle's `metrics.json`. The first has `artists`: each prog artist's songs
        against all others. The second leaves out the artist of most prog songs; there is none
        where that leaves no prog song.
    """
    is_prog = frame["labels"].map(lambda labels: "prog" in labels).to_numpy().astype(np.int64)
    artist = frame["artist"].to_numpy(dtype=object)
    said = {"network": _means(scores)} | ({"teacher": _means(teacher)} if teacher else {})
    counts = frame.loc[is_prog == 1, "artist"].value_counts()
    whole = _report("rendered prog against rendered pop and rock", frame, is_prog, said)
    whole["note"] = _NOTE
    whole["artists"] = [
        _of_artist(name, (artist == name) & (is_prog == 1), is_prog, said["network"])
        for name in counts.index
    ]
    if len(counts) < 2:
        return [whole]
    stays = ~((artist == counts.index[0]) & (is_prog == 1))
    title = f"the same without {counts.index[0]}"
    kept = {name: each[stays] for name, each in said.items()}
    return [whole, _report(title, frame[stays], is_prog[stays], kept)]


def _means(scores: Scores) -> NDArray[np.float64]:
    return np.array([each.mean() for each in scores])


def _report(
    title: str,
    frame: pd.DataFrame,
    is_prog: NDArray[np.int64],
    said: dict[str, NDArray[np.float64]],
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
    for name, means in said.items():
        if min(n_artists) < MIN_GROUPS:
            report[name] = {"value": round(roc_auc(is_prog, means), 4)}
        else:
            report[name] = interval_dict(_interval(is_prog, means, groups))
    return report


def _interval(
    is_prog: NDArray[np.int64], means: NDArray[np.float64], groups: NDArray[np.str_]
) -> Interval:
    return bootstrap_interval(lambda index: roc_auc(is_prog[index], means[index]), groups)


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
