"""Shares of genres: every recipe learns them as such, and cards and notes tell of them."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genre_core.config import Experiment
from genre_core.data.catalog import Catalog
from genre_core.data.item import WEIGHTS
from genre_core.evaluation import baseline
from genre_core.jobs.fits import covers, song_head, song_labels
from genre_core.jobs.fits.result import FitResult, FitStep, by_split
from genre_core.jobs.needs import need_for_training
from genre_core.jobs.storing import make_card
from genre_core.training import fit as fitting
from genre_core.training import heads
from tests.made_bundles import make_experiment, write_dataset
from tests.made_songs_set import song_experiment

pytestmark = pytest.mark.usefixtures("made_networks")


class CaughtError(Exception):
    """Ends a fit with what it was about to learn."""


def shared(catalog: Catalog, weights: dict[str, dict[str, float]]) -> Catalog:
    """Give some items shares of labels."""
    frame = catalog.frame.set_index("item_id")
    labels = [list(weights.get(name, own)) for name, own in frame["labels"].items()]
    shares = [list(weights.get(name, {}).values()) for name in frame.index]
    columns = {"labels": labels, WEIGHTS: shares}
    series = {name: pd.Series(own, dtype=object) for name, own in columns.items()}
    return dataclasses.replace(catalog, frame=catalog.frame.assign(**series))


@pytest.fixture
def some_covers(tmp_path: Path) -> Catalog:
    half = {"Blue": 0.5, "Red": 0.5}
    made = write_dataset(tmp_path / "made")
    return shared(made, {"000.png": {"Blue": 0.75, "Red": 0.25}, "001.png": half, "003.png": half})


@pytest.fixture
def some_songs(song_set: Catalog, tiny_song_networks: None, kept_features: None) -> Catalog:
    return shared(song_set, {"Beats-0.ogg": {"Beats": 0.25, "Noise": 0.75}})


def plain(*_: Any, **__: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Stand in for what the baselines read of songs."""
    return [(np.zeros((1, 40)), np.zeros((1, 1)))]


def learnt_by(
    step: FitStep, experiment: Experiment, catalog: Catalog, patch: Any, place: Any, name: str
) -> tuple[Any, ...]:
    """Return what a fit gives the function that learns from it."""

    def catch(*args: Any, **_: Any) -> None:
        raise CaughtError(*args)

    patch.setattr(place, name, catch)
    with pytest.raises(CaughtError) as caught:
        step(experiment, catalog, str, None)
    return caught.value.args


@pytest.mark.parametrize(("head", "columns"), [("softmax", [0, 1]), ("binary", [1])])
def test_covers_are_learnt_by_their_shares(
    head: str, columns: list[int], some_covers: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_experiment(head=head)
    _, train, val = learnt_by(covers.fit, made, some_covers, monkeypatch, fitting, "fit_experiment")
    expected = np.array([[0.75, 0.25], [0.5, 0.5], [1, 0], [0.5, 0.5], *[[1, 0], [0, 1]] * 2])
    np.testing.assert_allclose(train.targets(made.task), expected[:, columns])
    assert train.genre_index.tolist() == [0, 0, 0, 0, *[0, 1] * 2]
    assert train.has_labels(made.task) == (head == "softmax")
    assert val.targets(made.task).shape == (2, len(columns))


def test_a_head_on_covers_learns_shares(
    some_covers: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_experiment()
    training = dataclasses.replace(made.training, method="logistic", views=2)
    made = dataclasses.replace(made, training=training)
    features, learnt, *_ = learnt_by(
        covers.fit, made, some_covers, monkeypatch, baseline, "choose_baseline"
    )
    assert len(features) == len(learnt) == 16
    np.testing.assert_allclose(learnt[[0, 1, 8, 9]], [[0.75, 0.25], [0.5, 0.5]] * 2)


def test_songs_are_learnt_by_their_shares(
    some_songs: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(song_labels, "describe_songs", plain)
    monkeypatch.setattr(song_head, "_baselines", lambda *_: {"none": [np.zeros((1, 1))] * 24})
    made = song_experiment(training={"select": "last_epoch"})
    _, train, _ = learnt_by(
        song_labels.fit, made, some_songs, monkeypatch, fitting, "fit_experiment"
    )
    targets = train.targets(made.task)
    assert len(targets) == len(train.inputs) > 12
    np.testing.assert_allclose(targets[0], [0.25, 0.75, 0])
    assert set(targets[targets.max(axis=1) < 1].ravel()) == {0, 0.25, 0.75}
    made = song_experiment(training={"method": "logistic", "folds": 2})
    _, learnt, _ = learnt_by(song_head.fit, made, some_songs, monkeypatch, heads, "choose_strength")
    first = some_songs.frame["item_id"].tolist().index("Beats-0.ogg")
    np.testing.assert_allclose(learnt[first], [0.25, 0.75, 0])


def test_the_form_tells_of_shares_and_of_ties(some_covers: Catalog, tmp_path: Path) -> None:
    made = make_experiment()
    first, *_ = need_for_training(made, some_covers)
    assert first == (
        "3 of 12 items are several genres at once and are learnt by their shares; in figures each "
        "counts as the genre of its largest share, among equals the first (001.png, 003.png)."
    )
    whole = write_dataset(tmp_path / "whole")
    assert not any("several genres" in line for line in need_for_training(made, whole))


def test_the_card_says_what_was_corrected(some_covers: Catalog) -> None:
    made = make_experiment()
    result = FitResult(
        network=None,  # type: ignore[arg-type]
        experiment=made,
        splits=by_split(some_covers.select(made.task)),
        split_rule="made",
        chosen={},
    )
    line = "Labels corrected by hand: 3 of 12 items of made, by Ann (3)."
    head = dataclasses.replace(some_covers.head, derived=line)
    corrected = dataclasses.replace(some_covers, head=head)
    card = make_card(result, corrected, command="a test", started=time.perf_counter())
    assert card.data["derived"] == line
    assert card.confounds[-1] == line
    plain = make_card(result, some_covers, command="a test", started=time.perf_counter())
    assert "derived" not in plain.data
    assert line not in plain.confounds
