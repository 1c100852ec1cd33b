"""Songs of one synthesizer: with and without the commonest artist, no interval on four artists."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.evaluation.prog_scores import RENDERED, rendered_reports


def rendered(prog_artists: dict[str, int], n_others: int = 20) -> pd.DataFrame:
    """One song an artist that is not prog, and so many of each prog artist."""
    songs = [(f"Pop {k}", "non-prog") for k in range(n_others)]
    songs += [(artist, "prog") for artist, n in prog_artists.items() for _ in range(n)]
    items = [
        {
            "item_id": str(k),
            "source": RENDERED,
            "labels": [label],
            "artist": artist,
            "group": artist.lower(),
            "split": "test",
        }
        for k, (artist, label) in enumerate(songs)
    ]
    return Catalog(DatasetHead("made", "Made", "none", "CC0"), Path(), items_frame(items)).frame


def some_scores(n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.random(1 + k % 4) for k in range(n)]


def area(frame: pd.DataFrame, scores: list[np.ndarray], keep: np.ndarray) -> float:
    truth = np.array([label == ["prog"] for label in frame["labels"]])
    means = np.array([each.mean() for each in scores])
    return float(roc_auc_score(truth[keep], means[keep]))


def test_the_second_report_leaves_the_commonest_prog_artist_out() -> None:
    frame = rendered({"A": 8, "B": 3, "C": 1})
    scores = some_scores(len(frame))
    whole, without = rendered_reports(frame, scores)
    json.dumps([whole, without], allow_nan=False)
    everything = np.ones(len(frame), bool)
    assert whole["network"]["value"] == pytest.approx(area(frame, scores, everything), abs=1e-4)
    assert whole["n_per_genre"] == [20, 12]
    rest = (frame["artist"] != "A").to_numpy()
    assert without["network"]["value"] == pytest.approx(area(frame, scores, rest), abs=1e-4)
    assert without["n_per_genre"] == [20, 4]
    assert "without A" in without["title"]
    assert "no evidence" in whole["note"]


def test_each_artist_stands_against_all_others_that_are_not_prog() -> None:
    frame = rendered({"A": 8, "B": 3})
    scores = some_scores(len(frame))
    artists = rendered_reports(frame, scores)[0]["artists"]
    assert [(each["artist"], each["n"]) for each in artists] == [("A", 8), ("B", 3)]
    own = (frame["artist"] == "B").to_numpy()
    others = np.array([label == ["non-prog"] for label in frame["labels"]])
    assert artists[1]["roc_auc"] == pytest.approx(area(frame, scores, own | others), abs=1e-4)
    means = np.array([each.mean() for each in scores])
    assert artists[1]["mean_score"] == pytest.approx(means[own].mean(), abs=1e-4)


@pytest.mark.parametrize(("n_artists", "has_interval"), [(4, False), (5, True)])
def test_no_interval_where_few_artists_stand_behind_one_kind(
    n_artists: int, has_interval: bool
) -> None:
    frame = rendered({f"Prog {k}": 3 for k in range(n_artists)})
    report = rendered_reports(frame, some_scores(len(frame)))[0]
    assert report["n_artists"] == [20, n_artists]
    assert ("low" in report["network"]) == has_interval


def test_one_artist_leaves_nothing_to_compare_without() -> None:
    frame = rendered({"A": 8})
    assert len(rendered_reports(frame, some_scores(len(frame)))) == 1


def test_the_teacher_stands_beside() -> None:
    frame = rendered({"A": 8, "B": 3})
    scores = some_scores(len(frame))
    for report in rendered_reports(frame, scores, [[each[::-1] for each in scores]]):
        assert report["teacher"] == report["network"]


@pytest.mark.parametrize(("prog", "others", "found"), [(0.9, 0.1, 1.0), (0.1, 0.9, 0.0)])
def test_clear_orders(prog: float, others: float, found: float) -> None:
    frame = rendered({"A": 4, "B": 4})
    scores = [np.array([prog if "prog" in labels else others]) for labels in frame["labels"]]
    assert rendered_reports(frame, scores)[0]["network"]["value"] == found
