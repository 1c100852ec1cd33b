"""Suspected labels: the counts a second way, and what is found of labels flipped on purpose."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import cross_val_predict

from genre_core.analysis.columns import probs_of
from genre_core.analysis.suspects import flip_check, out_of_sample, suspect_labels
from genre_core.errors import ParameterError
from tests.made_predictions import GENRES, made_predictions

PROJECT = Path(__file__).resolve().parents[2]


def test_counts_and_suspects_are_those_of_the_papers_words() -> None:
    frame = made_predictions(400)
    probs = frame[["prob_0", "prob_1", "prob_2"]].to_numpy(np.float64)
    labels = frame["genre_index"].to_numpy()
    thresholds = [probs[labels == k, k].mean() for k in range(3)]
    counts, listed = np.zeros((3, 3), int), {}
    for row, (label, p) in enumerate(zip(labels, probs, strict=True)):
        if reached := [k for k in range(3) if p[k] >= thresholds[k]]:
            likeliest = max(reached, key=lambda k: p[k])
            counts[label, likeliest] += 1
            if likeliest != label:
                listed[row] = np.log(max(np.delete(p, label)) / p[label])
    suspects = suspect_labels(frame, GENRES, n_seen=0)
    np.testing.assert_array_equal(suspects.counts, counts)
    assert suspects.table["row"].tolist() == sorted(listed, key=lambda k: -listed[k])
    assert suspects.table["margin"].tolist() == pytest.approx(sorted(listed.values())[::-1])
    assert (suspects.table["label"] != suspects.table["proposed"]).all()
    np.testing.assert_allclose(suspects.joint.sum(axis=1), np.bincount(labels))
    off = 1 - np.sum(counts.diagonal() / counts.sum(axis=1) * np.bincount(labels)) / 400
    assert suspects.estimated_share == pytest.approx(off)
    assert (suspects.n_used, suspects.n_refused) == (400, 0)


def test_a_suspect_whose_label_is_likeliest_has_a_margin_below_zero() -> None:
    # Rock is said too easily: 0.55 is less than its items have, 0.45 more than Pop's have.
    p = np.array([0.95, 0.95, 0.55, 0.55, 0.6])
    frame = pd.DataFrame({"item_id": list("abcde"), "genre_index": [0, 0, 0, 1, 1],
                          "predicted": 0, "prob_0": p, "prob_1": 1 - p})  # fmt: skip
    table = suspect_labels(frame, ["Rock", "Pop"], n_seen=0).table
    assert table["item_id"].tolist() == ["c"]
    assert table["margin"][0] == pytest.approx(np.log(0.45 / 0.55))


def test_a_genre_without_items_is_proposed_for_none() -> None:
    frame = made_predictions(100)
    frame = frame[frame["genre_index"] != 2].reset_index(drop=True)
    suspects = suspect_labels(frame, GENRES, n_seen=0)
    assert suspects.counts[:, 2].tolist() == suspects.counts[2].tolist() == [0, 0, 0]
    assert "Jazz" not in set(suspects.table["proposed"])
    assert len(suspects.table)


def test_rows_that_the_network_learnt_from_are_refused() -> None:
    frame = made_predictions(90).drop(columns="fold")
    frame["split"] = ["train", "val", "test"] * 30
    own = suspect_labels(frame, GENRES, n_seen=60)
    assert (own.n_used, own.n_refused) == (30, 60)
    assert set(own.table["row"] % 3) == {2}
    alone = suspect_labels(frame[frame["split"] == "test"], GENRES, n_seen=0)
    assert own.table["item_id"].tolist() == alone.table["item_id"].tolist()
    # Another network may have learnt from none of them; folds learnt from none that they answer.
    assert suspect_labels(frame, GENRES, n_seen=0).n_used == 90
    assert len(out_of_sample(frame.assign(fold=0), n_seen=60)) == 90
    # What is said item by item holds, whatever the splits of that data mean.
    seen = frame.assign(seen=frame["split"] == "test")
    assert set(suspect_labels(seen, GENRES, n_seen=30).table["row"] % 3) == {0, 1}
    with pytest.raises(ParameterError, match="Received"):
        suspect_labels(frame, GENRES, n_seen=61)
    with pytest.raises(ParameterError, match="none of them"):
        suspect_labels(frame[frame["split"] != "test"], GENRES, n_seen=60)


@pytest.mark.parametrize("seed", range(3))
def test_most_flipped_labels_come_first_where_networks_learnt_the_flipped_ones(seed: int) -> None:
    # Real pictures, and folds trained on the labels as they were turned.
    pictures, true = load_digits(return_X_y=True)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)

    def predict(turned: np.ndarray) -> np.ndarray:
        return cross_val_predict(model, pictures, turned, cv=5, method="predict_proba")

    check = flip_check(true, predict, seed=seed)
    assert (check.n, check.n_flipped, check.n_looked_at) == (1797, 90, 90)
    assert check.recall == check.precision > 0.7  # 0.05 by chance
    assert check.list_recall > 0.8


@pytest.mark.parametrize(
    ("network", "expected"), [("msd_musicnn.emotify4", 0.59), ("msd_musicnn.gtzan10", 0.84)]
)
def test_ratios_bring_more_flipped_labels_to_the_top_than_differences(
    network: str, expected: float
) -> None:
    # Stored predictions of folds; 5 % of the labels, recall in the first 5 %, mean of 20 draws.
    rows = pd.read_parquet(PROJECT / "models" / network / "predictions.parquet")
    true = rows["genre_index"].to_numpy()
    probs = probs_of(rows, range(true.max() + 1))
    ours, theirs = [], []
    for seed in range(20):
        turned = {}
        check = flip_check(true, lambda t, kept=turned: kept.update(labels=t) or probs, seed=seed)
        at, labels = np.arange(len(true)), turned["labels"]
        others = np.where(np.eye(probs.shape[1])[labels], -1, probs).max(axis=1)
        first = np.argsort(probs[at, labels] - others, kind="stable")[: check.n_looked_at]
        ours.append(check.recall)
        theirs.append((labels != true)[first].sum() / check.n_flipped)
    assert np.mean(ours) == pytest.approx(expected, abs=0.01)
    assert np.mean(ours) > np.mean(theirs) + 0.1


def test_a_network_that_knows_nothing_finds_what_chance_finds() -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 4_000)
    probs = rng.dirichlet([1, 1, 1], 4_000)
    check = flip_check(true, lambda turned: probs)
    assert check.recall == pytest.approx(0.05, abs=0.03)
    assert check.list_precision == pytest.approx(0.05, abs=0.03)
    sure = flip_check(true, lambda turned: np.eye(3)[turned])
    assert (sure.n_listed, sure.list_recall) == (0, 0)
    assert np.isnan(sure.list_precision)


def test_every_flip_changes_a_label_and_draws_every_other_genre() -> None:
    true = np.repeat([0, 1, 2, 3], 500)
    seen = {}

    def predict(turned: np.ndarray) -> np.ndarray:
        changed = np.flatnonzero(turned != true)
        seen["n"] = len(changed)
        seen["pairs"] = set(zip(true[changed], turned[changed], strict=True))
        return np.eye(4)[true]

    flip_check(true, predict, share=0.1)
    assert seen["n"] == 200
    assert len(seen["pairs"]) == 12


@pytest.mark.parametrize(
    ("labels", "share", "probs"),
    [
        ([0, 1], 0.0, np.eye(2)),
        ([0, 0], 0.5, np.eye(2)),
        ([0, 1, 2], 0.5, np.eye(2)),
        ([0, 1], 0.5, np.eye(3)),
        ([0, 1], 0.5, np.full((2, 2), np.nan)),
    ],
)
def test_a_flip_that_cannot_be_is_refused(labels, share: float, probs: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        flip_check(labels, lambda turned: probs, share=share)


def test_no_suspects_give_an_empty_table_with_its_columns() -> None:
    frame = pd.DataFrame({"item_id": ["a", "b"], "genre_index": [0, 1], "predicted": [0, 1],
                          "prob_0": [0.9, 0.1], "prob_1": [0.1, 0.9]})  # fmt: skip
    suspects = suspect_labels(frame, ["Rock", "Pop"], n_seen=0)
    assert len(suspects.table) == 0
    assert {"row", "label", "proposed", "margin"} <= {*suspects.table.columns}
    assert suspects.estimated_share == 0
