"""The question of length: how much of telling prog from the rest is telling long from short."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core import __version__
from genre_core.config import require
from genre_core.errors import DatasetError, describe
from genre_core.evaluation.report import figure_of, interval_dict
from genre_core.lessons.length_models import MODELS, VAL_PART, Labels, Numbers, Outcome, fit_and_ask
from genre_core.lessons.song_table import (
    FILES,
    SongTable,
    correlations,
    length_columns,
    read_song_table,
    whole_numbers,
)
from genre_core.metrics.classification import (
    accuracy,
    balanced_accuracy,
    majority_baseline,
    roc_auc,
)
from genre_core.metrics.intervals import bootstrap_interval, exact_interval
from genre_core.progress import Log

FEATURES = ("all", "without length", "length alone")
FIGURES = ("accuracy", "balanced_accuracy", "roc_auc")

S5_WINDOWS = {
    "training": {"prog": (40_927, 75), "non-prog": (68_763, 305)},
    "test": {"prog": (59_900, 101), "non-prog": (30_681, 101)},
}
"""Windows of one second and songs that study S5 prints for its network of windows."""

S5_MLP = {
    "trained on the training songs": (34, 95, 202, 0.638),
    "with the validation songs added": (38, 100, 202, 0.683),
}
"""Of S5's own MLP on test: right prog songs, right other songs, all songs, printed accuracy."""


def song_length(
    data: str | Path,
    *,
    command: str,
    log: Log,
    repeats: int = 10,
    epochs: int = 50,
    seed: int = 0,
) -> dict[str, Any]:
    """Train S5's MLP and two plain models on all columns, on all but length, and on length alone.

    Every repeat cuts another fifth off the songs to learn from, with each class's share in it,
    and fits all models on the rest: the network takes the epoch with the least cross-entropy on
    that fifth. Each is then measured on the test table.

    Parameters
    ----------
    data : str or Path
        What `song_table.read_song_table` takes.
    command : str
        How this was started, for the record.
    log : callable
        Takes one line at a time.
    repeats, epochs : int
        At least 1 each; S5 trains 50 epochs.
    seed : int
        Of the first repeat; the others count on from it.

    Returns
    -------
    dict
        JSON values: `data` (name, digest, counts, mean lengths), `columns` (which tell length, and
        how far the rest goes with it), `majority`, `rows` (one for each set of columns and model:
        mean, lowest and highest figure of the repeats, all repeats, and the one kept by its
        cross-entropy on its fifth, with intervals) and `study` (what S5 printed).
    """
    for name, value in (("repeats", repeats), ("epochs", epochs)):
        require(value >= 1, f"{name} must be at least 1.", value, "Leave it out.")
    require(0 <= seed < 2**31, "seed must lie in [0, 2**31).", seed, "Give 0.")
    table = read_song_table(data)
    rows = []
    for features in FEATURES:
        names = columns_of(table, features)
        places = [table.columns.index(name) for name in names]
        train, test = (table.values[part][:, places] for part in FILES)
        for model in MODELS:
            outcomes = [
                fit_and_ask(
                    model,
                    train,
                    table.is_prog["train"],
                    test,
                    seed=seed + k,
                    epochs=epochs,
                )
                for k in range(repeats)
            ]
            row = _row(outcomes, table.is_prog["test"])
            rows.append({"features": features, "n_columns": len(names), "model": model, **row})
            log(
                f"{features}, {model}: accuracy {row['accuracy']['mean']:.3f} "
                f"[{row['accuracy']['lowest']:.3f}, {row['accuracy']['highest']:.3f}]"
            )
    majority = majority_baseline(table.is_prog["train"], table.is_prog["test"], 2)
    return {
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": command,
        "version": __version__,
        "versions": _versions(),
        "seed": seed,
        "repeats": repeats,
        "epochs": epochs,
        "val_part": VAL_PART,
        "data": _facts(table),
        "columns": _length_facts(table),
        "majority": round(majority["accuracy"], 4),
        "interval": "accuracy: exact 95 %; ROC AUC: 95 % bootstrap over songs, 2,000 resamples",
        "rows": rows,
        "study": {
            "windows": [
                {
                    "part": part,
                    "label": label,
                    "windows": n,
                    "songs": songs,
                    # Two digits: 225.45 s must not become 226 by way of 225.5.
                    "mean_s": round(n / songs, 2),
                }
                for part, labels in S5_WINDOWS.items()
                for label, (n, songs) in labels.items()
            ],
            "mlp": [
                {
                    "how": how,
                    "right": prog + other,
                    "songs": songs,
                    "accuracy": round((prog + other) / songs, 4),
                    "printed": printed,
                }
                for how, (prog, other, songs, printed) in S5_MLP.items()
            ],
        },
    }


def columns_of(table: SongTable, features: str) -> tuple[str, ...]:
    """Name the columns of one of `FEATURES`; refused where every column tells length."""
    if features == "length alone":
        return (table.duration,)
    if features == "all":
        return table.columns
    left_out = length_columns(table)
    kept = tuple(name for name in table.columns if name not in left_out)
    if not kept:
        raise DatasetError(
            "A table of songs needs a column that does not tell their length.",
            received=f"only {describe(list(left_out))}",
            cure="Add one.",
        )
    return kept


def _row(outcomes: Sequence[Outcome], is_prog: Labels) -> dict[str, Any]:
    figures = [_figures(outcome.probs, is_prog) for outcome in outcomes]
    kept = min(range(len(outcomes)), key=lambda k: outcomes[k].val_loss)
    probs = outcomes[kept].probs
    right = int(((probs > 0.5) == is_prog).sum())

    def area(songs: NDArray[np.int64]) -> float:
        return roc_auc(is_prog[songs], _both(probs[songs]))

    return {
        **{name: _spread([values[name] for values in figures]) for name in FIGURES},
        "kept": {
            "seed": outcomes[kept].seed,
            "accuracy": interval_dict(exact_interval(right, len(is_prog))),
            "balanced_accuracy": round(figures[kept]["balanced_accuracy"], 4),
            "roc_auc": figure_of(bootstrap_interval, area, np.arange(len(is_prog))),
        },
        "each": [
            {
                "seed": outcome.seed,
                "epoch": outcome.epoch,
                "val_loss": round(outcome.val_loss, 4),
                **{name: round(value, 4) for name, value in figure.items()},
            }
            for outcome, figure in zip(outcomes, figures, strict=True)
        ],
    }


def _figures(probs: Numbers, is_prog: Labels) -> dict[str, float]:
    predicted = (probs > 0.5).astype(np.int64)
    return {
        "accuracy": accuracy(is_prog, predicted),
        "balanced_accuracy": balanced_accuracy(is_prog, predicted),
        "roc_auc": roc_auc(is_prog, _both(probs)),
    }


def _both(probs: Numbers) -> Numbers:
    return np.stack([1 - probs, probs], axis=1)  # (n_songs, 2)


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "mean": round(float(np.mean(values)), 4),
        "lowest": round(min(values), 4),
        "highest": round(max(values), 4),
    }


def _facts(table: SongTable) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": table.name, "digest": table.digest}
    for part in FILES:
        is_prog, seconds = table.is_prog[part], table.column(table.duration, part)
        facts[part] = {
            "songs": len(is_prog),
            "prog": int(is_prog.sum()),
            "mean_s": {
                label: round(float(seconds[is_prog == value].mean()), 1)
                for value, label in ((1, "prog"), (0, "non-prog"))
            },
        }
    return facts


def _length_facts(table: SongTable) -> dict[str, Any]:
    ranked = correlations(table)
    left_out = length_columns(table)
    whole = whole_numbers(table)
    return {
        "n": len(table.columns),
        "duration": table.duration,
        "left_out": list(left_out),
        "closest": [row for row in ranked if row["column"] not in left_out][:5],
        "whole_numbers": [row for row in ranked if row["column"] in whole],
    }


def _versions() -> dict[str, str]:
    packages = ("numpy", "scikit-learn", "keras", "tensorflow")
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in packages
    }
