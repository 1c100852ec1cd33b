"""Figures of the lessons on the studies: what each printed, recomputed, and what ours give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from genre_core.config import require
from genre_core.lessons.first.facts import majority_facts, per_cent
from genre_core.lessons.first.sound import MODEL, place_in
from genre_core.lessons.studies import Study, load_study


def written(study: Study) -> dict[str, str]:
    """Give every value that is recomputed from a study's printed ones, as it is written."""
    return {one.name: study.written(one.name) for one in study.recomputed}


def answer_shares(confusion: ArrayLike) -> np.ndarray:
    """Say how often each genre is the answer [shape=(n_genres,)], of a matrix with true rows.

    >>> answer_shares([[3, 1], [4, 0]])
    array([0.875, 0.125])
    """
    counts = np.asarray(confusion, dtype=np.float64)
    return np.asarray(counts.sum(axis=0) / counts.sum())


def expected_best(values: Sequence[float], n: int) -> float:
    """Say what the best of `n` tries is on average, drawn without putting back from `values`.

    The k-th smallest of m values is the largest of n drawn ones in C(k - 1, n - 1) of C(m, n)
    draws.

    Parameters
    ----------
    values : sequence of float
        A figure of each try that was made.
    n : int
        Tries, 1 to the number of values.

    Returns
    -------
    float
        From the mean (one try) to the largest value (all of them).

    Examples
    --------
    >>> expected_best([0.6, 0.7, 0.8], 2)  # (0.7 + 0.8 + 0.8) / 3
    0.7667
    >>> expected_best([0.6], 2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: n must be 1 to the number of tries that were made. \
Received 2 (int). Make more tries.
    """
    require(
        1 <= n <= len(values),
        "n must be 1 to the number of tries that were made.",
        n,
        "Make more tries.",
    )
    ordered, m = sorted(values), len(values)
    total = sum(value * math.comb(k, n - 1) for k, value in enumerate(ordered))
    return round(total / math.comb(m, n), 4)


def tries(result: Mapping[str, Any], features: str = "all") -> tuple[list[float], float]:
    """Read the test accuracy of each training of study S5's small network, and of the chosen one.

    The chosen one is the one with the least loss on songs kept apart from the test.
    """
    row = next(
        one for one in result["rows"] if (one["features"], one["model"]) == (features, MODEL)
    )
    each = [float(one["accuracy"]) for one in row["each"]]
    chosen = min(row["each"], key=lambda one: float(one["val_loss"]))
    return each, float(chosen["accuracy"])


def s1_facts(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Write study S1's first round beside its majority line, and what ours found."""
    study, ours = load_study("S1"), majority_facts(metrics)
    return written(study) | {
        "n_prog": f"{study.numbers['n_prog']:,.0f}",
        "n_other": f"{study.numbers['n_other']:,.0f}",
        "accuracy": ours["network_accuracy"],
        "found": ours["found"],
        "n_rare": ours["n_prog"],
    }


def s2_facts(metrics: Mapping[str, Any], genres: Sequence[str]) -> dict[str, str]:
    """Write study S2's best figure beside chance, and what our copy of a network answers."""
    study, ours = load_study("S2"), majority_facts(metrics)
    named = answer_shares(metrics["confusion"])
    return written(study) | {
        "best": study.figures[0].written,
        "ours": ours["network_accuracy"],
        "line": ours["line"],
        "line_answer": ours["line_answer"],
        "most": genres[int(named.argmax())],
        "most_share": per_cent(float(named.max())),
    }


def s4_facts(history: pd.DataFrame) -> tuple[dict[str, str], int]:
    """Write study S4's figures in training and on test, and ours; their ratio decides."""
    study, last = load_study("S4"), history.iloc[-1]
    facts = written(study) | {
        "our_train": per_cent(float(last["accuracy"])),
        "our_val": per_cent(float(last["val_accuracy"])),
        "epochs": str(len(history)),
    }
    ratio = study.values["test"] / study.values["train"]
    return facts, 2 - place_in(ratio, [0.25, 0.75])


def s5_facts(result: Mapping[str, Any]) -> dict[str, str]:
    """Write how far the tries on the test songs lie apart, and what an honest choice gives."""
    each, honest = tries(result)
    return written(load_study("S5")) | {
        "n_runs": str(len(each)),
        "lowest": per_cent(min(each)),
        "highest": per_cent(max(each)),
        "mean": per_cent(float(np.mean(each))),
        "honest": per_cent(honest),
    }
