"""Figures of each fold: bad tables, laws, and scikit-learn fold by fold."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from genre_core.errors import ParameterError
from genre_core.evaluation.stored_predictions import FIGURES, NEEDED, fold_figures, mean_of_folds
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle


def made(n: int = 60, n_folds: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "item_id": [f"song {k}" for k in range(n)],
            "group": [f"artist {k % 17}" if k % 5 else "" for k in range(n)],
            "genre_index": rng.integers(0, 3, n),
            "predicted": rng.integers(0, 3, n),
            "fold": rng.integers(0, n_folds, n),
        }
    )


@pytest.mark.parametrize("missing", [name for name in NEEDED if name != "fold"])
def test_a_missing_column_is_refused(missing: str) -> None:
    with pytest.raises(ParameterError, match=f"Received 'without {missing}'"):
        fold_figures(made().drop(columns=missing))


def test_without_folds_there_are_none() -> None:
    assert fold_figures(made().drop(columns="fold")) == []
    assert mean_of_folds([], "accuracy") is None
    assert mean_of_folds([{"accuracy": None}], "accuracy") is None


def test_each_fold_agrees_with_scikit_learn() -> None:
    rows = made()
    folds = fold_figures(rows)
    assert [each["fold"] for each in folds] == [0, 1, 2, 3]
    for each in folds:
        part = rows[rows["fold"] == each["fold"]]
        true, said = part["genre_index"], part["predicted"]
        assert each["n"] == len(part)
        assert each["accuracy"] == pytest.approx(sk.accuracy_score(true, said), abs=5e-5)
        assert each["macro_f1"] == pytest.approx(
            sk.f1_score(true, said, average="macro", labels=sorted(set(true) | set(said))), abs=5e-5
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            balanced = sk.balanced_accuracy_score(true, said)
        assert each["balanced_accuracy"] == pytest.approx(balanced, abs=5e-5)
        groups = [g or item for g, item in zip(part["group"], part["item_id"], strict=True)]
        assert each["n_groups"] == len(set(groups))


def test_the_order_of_the_songs_does_not_matter_and_every_song_counts_once() -> None:
    rows = made()
    turned = rows.sample(frac=1.0, random_state=1)
    assert fold_figures(turned) == fold_figures(rows)
    folds = fold_figures(rows)
    assert sum(each["n"] for each in folds) == len(rows)
    right = sum(each["accuracy"] * each["n"] for each in folds)
    assert right == pytest.approx((rows["genre_index"] == rows["predicted"]).sum(), abs=0.01)


@pytest.mark.parametrize(
    ("name", "n_folds"), [("msd_musicnn.emotify4", 5), ("msd_musicnn.gtzan10", 9)]
)
def test_the_shipped_heads_have_folds_that_make_up_their_figures(name: str, n_folds: int) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    folds = fold_figures(bundle.predictions())
    metrics = bundle.metrics()
    assert len(folds) == n_folds
    assert sum(each["n"] for each in folds) == metrics["n"]
    pooled = sum(each["accuracy"] * each["n"] for each in folds) / metrics["n"]
    assert pooled == pytest.approx(metrics["values"]["accuracy"]["value"], abs=2e-4)
    for figure in FIGURES:
        mean = mean_of_folds(folds, figure)
        assert mean is not None
        assert mean == pytest.approx(metrics["values"][figure]["value"], abs=0.05)
