"""Report how far a network's probabilities hold, beside those of always saying the shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from genre_core.config import Head
from genre_core.evaluation.report import Scored, figure_of
from genre_core.metrics.intervals import bootstrap_interval, paired_gain
from genre_core.metrics.probabilities import probabilities
from genre_core.metrics.reliability import (
    brier_scores,
    calibration_error,
    chance_error,
    claims,
    log_losses,
    reliability,
)


def calibration_report(network: Scored, shares: ArrayLike) -> dict[str, Any]:
    """Report log loss, Brier score, expected calibration error and reliability on a test.

    `shares` [shape=(n_genres,)] are those of the genres in what was learnt from: always saying them
    is the baseline. `log_loss` and `brier` have 95 % bootstrap intervals over groups,
    `gain_over_shares` is what the log loss is lower by (paired), `ece_by_chance` what `ece` would
    be if the probabilities held, `reliability` the bins of `metrics.reliability`. Where `network`
    is calibrated, `own` has the figures of its own probabilities.
    """
    several, groups = network.is_multilabel, network.groups
    prior = np.broadcast_to(np.asarray(shares, np.float64), network.probs.shape)

    def losses(probs: NDArray[np.float64]) -> NDArray[np.float64]:
        return log_losses(network.true, probs, several=several)

    def briers(probs: NDArray[np.float64]) -> NDArray[np.float64]:
        return brier_scores(network.true, probs, several=several)

    def mean_of(values: NDArray[np.float64]) -> dict[str, Any]:
        return figure_of(bootstrap_interval, lambda index: values[index].mean(), groups)

    loss, always = losses(network.probs), losses(prior)
    said, came_true = claims(network.true, network.probs, several=several)
    report = {
        "is_calibrated": network.own is not None,
        "log_loss": mean_of(loss),
        "log_loss_of_shares": round(float(always.mean()), 4),
        "gain_over_shares": figure_of(
            paired_gain, lambda i: always[i].mean(), lambda i: loss[i].mean(), groups
        ),
        "brier": mean_of(briers(network.probs)),
        "brier_of_shares": round(float(briers(prior).mean()), 4),
        "ece": round(calibration_error(said, came_true), 4),
        "ece_by_chance": round(chance_error(said), 4),
        "reliability": reliability(said, came_true),
    }
    if network.own is not None:
        own_said, own_true = claims(network.true, network.own, several=several)
        report["own"] = {
            "log_loss": round(float(losses(network.own).mean()), 4),
            "brier": round(float(briers(network.own).mean()), 4),
            "ece": round(calibration_error(own_said, own_true), 4),
        }
    return report


def own_probabilities(predictions: pd.DataFrame, head: Head) -> NDArray[np.float64]:
    """Read a network's own probabilities (n, n_genres) off a bundle's stored logits.

    Examples
    --------
    >>> own_probabilities(pd.DataFrame({"logit_0": [0.0], "prob_0": [0.9]}), "binary").tolist()
    [[0.5, 0.5]]
    """
    n_logits = sum(name.startswith("logit_") for name in predictions)
    logits = predictions[[f"logit_{place}" for place in range(n_logits)]].to_numpy(np.float64)
    # Of songs with two genres there are two columns, whatever the head.
    return probabilities(logits, "softmax" if head == "binary" and n_logits == 2 else head)
