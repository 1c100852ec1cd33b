"""What can be reached by knowing only how common each genre is: the lines under every curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from genre_core.errors import ParameterError, describe
from genre_core.metrics.classification import majority_baseline


def majority_share(counts: ArrayLike) -> float:
    """Give the share of the most common genre: the accuracy of always answering it.

    `counts` are the covers of each genre [shape=(n_genres,)], whole numbers from 0, two genres or
    more, not all 0; anything else raises `ParameterError`.

    Examples
    --------
    >>> majority_share([30, 10])
    0.75
    >>> majority_share([4])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: counts must hold a whole number from 0 for each of two or \
    more genres, not all 0. Received [4] (list). Count the covers of each genre.
    """
    numbers = _counts(counts, "counts")
    return float(numbers.max() / numbers.sum())


def prior_entropy(counts: ArrayLike, seen: ArrayLike | None = None) -> float:
    """Give the loss of always answering the genres' shares, in nats: cross-entropy, or entropy.

    -sum_k q_k ln p_k with p the shares in `seen`, the covers that were learnt from, and q those in
    `counts`; infinite where a genre has covers in `counts` and none in `seen`. With `seen` left out
    both are the same and this is the entropy of the class prior (`scipy.stats.entropy`), the lowest
    loss of a network that ignores its input.

    Examples
    --------
    >>> round(prior_entropy([10, 10]), 4)
    0.6931
    >>> prior_entropy([10, 10], [10, 10, 10])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: counts and seen must have one number for each genre. \
Received 2 and 3. Give both in the order of the taxonomy.
    """
    here = _counts(counts, "counts")
    there = here if seen is None else _counts(seen, "seen")
    if len(here) != len(there):
        raise ParameterError(
            "counts and seen must have one number for each genre.",
            received=f"{len(here)} and {len(there)}",
            cure="Give both in the order of the taxonomy.",
        )
    with np.errstate(divide="ignore"):
        logs = np.log(there / there.sum())
    # q ln p with 0 where q is 0, whatever p is.
    terms = np.where(here > 0, here / here.sum() * np.where(here > 0, logs, 0.0), 0.0)
    return max(0.0, float(-terms.sum()))


def prior_lines(train: Sequence[int], measured: Sequence[int]) -> dict[str, float]:
    """Give what a network that ignores its covers reaches, by the names of a history's columns.

    `train` and `measured` are the covers of each genre that were learnt from, and that the figures
    are of: `accuracy`, `balanced_accuracy` and `macro_f1` of always answering train's most common
    genre, `roc_auc` of a constant score, and `loss` of always answering train's shares.

    Examples
    --------
    >>> lines = prior_lines([60, 40], [3, 2])
    >>> lines["accuracy"], lines["balanced_accuracy"], round(lines["loss"], 3)
    (0.6, 0.5, 0.673)
    """
    loss = prior_entropy(measured, train)
    genres = np.arange(len(train))
    always = majority_baseline(np.repeat(genres, train), np.repeat(genres, measured), len(genres))
    return {
        "loss": loss,
        **{name: always[name] for name in ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc")},
    }


def _counts(values: ArrayLike, name: str) -> np.ndarray:
    numbers = np.asarray(values, dtype=np.float64)
    if (
        numbers.ndim != 1
        or len(numbers) < 2
        or not np.isfinite(numbers).all()
        or (numbers < 0).any()
        or (numbers % 1 != 0).any()
        or numbers.sum() == 0
    ):
        raise ParameterError(
            f"{name} must hold a whole number from 0 for each of two or more genres, not all 0.",
            received=describe(values),
            cure="Count the covers of each genre.",
        )
    return numbers
