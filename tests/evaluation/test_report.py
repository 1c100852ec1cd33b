"""One layout of metrics.json, whatever was measured."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genre_core.evaluation.report import Scored, genre_report, lay_out

pytestmark = pytest.mark.usefixtures("few_resamples")

COMMON = (
    "split", "split_rule", "n", "n_groups", "n_runs", "interval", "headline", "values", "baselines",
    "extra",
)  # fmt: skip


def scored(n_genres: int, *, several: bool = False, seed: int = 0) -> Scored:
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.ones(n_genres), 60)
    true = rng.random((60, n_genres)) < 0.5 if several else np.arange(60) % n_genres
    return Scored(true, probs, np.arange(60).astype(str))


@pytest.mark.parametrize(
    ("n_genres", "several", "headline"),
    [(2, False, "roc_auc"), (3, False, "macro_f1"), (2, True, "roc_auc"), (3, True, "roc_auc")],
)
def test_every_kind_has_the_same_keys(n_genres: int, several: bool, headline: str) -> None:
    network = scored(n_genres, several=several)
    baseline = Scored(network.true, scored(n_genres, seed=1).probs, network.groups)
    report = genre_report(
        network,
        baseline,
        compared_with="colour",
        learnt=network.true,
        genres=("a", "b", "c")[:n_genres],
        split_rule="made",
    )
    json.dumps(report, allow_nan=False)
    assert set(COMMON) < set(report)
    assert report["headline"] == headline
    assert set(report["baselines"]) == {"majority", "colour"}
    assert set(report["values"]) == set(report["baselines"]["colour"])
    assert set(report["values"]) <= set(report["baselines"]["majority"])
    assert len(report["per_genre"]) == n_genres
    assert ("confusion" in report) is not several


def test_what_only_one_kind_has_stands_behind_the_figures() -> None:
    report = lay_out(
        split_rule="made",
        groups=np.array(["a", "a", "b"]),
        headline="specificity",
        values={"specificity": {"value": 0.9}},
        baselines={},
        false_alarms={"n": 3},
    )
    assert tuple(report) == (*COMMON[:-1], "false_alarms", "extra")
    assert (report["n"], report["n_groups"]) == (3, 2)
