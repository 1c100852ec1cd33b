"""A logistic head on covers: what it reads, what is served, and which settings it refuses."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import keras
import numpy as np
import pytest

from genre_core.config import Augment, CoverInput, Experiment, Task, Training
from genre_core.errors import ParameterError
from genre_core.evaluation import baseline
from genre_core.evaluation.baseline import choose_baseline
from genre_core.image.augment import augment_cover
from genre_core.image.cover import read_cover
from genre_core.inference.forward import Compiled, Forward
from genre_core.jobs.fits import covers
from genre_core.jobs.fits.kinds import kind_of
from genre_core.jobs.fits.result import FitResult
from genre_core.metrics.probabilities import probabilities
from tests.made_bundles import SIZE, write_dataset

RECIPE = Experiment(
    name="head",
    title="A head",
    study="ours",
    architecture="efficientnet_lite0",
    tag="head",
    task=Task(genres=("Blue", "Red")),
    input=CoverInput(size=SIZE),
    network={"features": "late_blocks"},
    augment=Augment(flip=True),
    training=Training(epochs=1, method="logistic", views=2),
)


FEW = (1e-4, 1e-2)
"""Strengths to choose from: each takes a second."""
LATE = [f"block_{k:02d}_{'project_norm' if k in (8, 11, 15) else 'add'}" for k in range(8, 16)]
"""The ends of the blocks of the last three stages."""


class Fitted(NamedTuple):
    """A head fitted on made covers, and its covers and genres by split."""

    result: FitResult
    covers: dict[str, np.ndarray]
    genres: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    folder = tmp_path_factory.mktemp("head")
    catalog = write_dataset(folder / "made", 24)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENRE_HOME", str(folder / "home"))
        patch.setattr(baseline, "STRENGTHS", FEW)
        result = covers.fit(RECIPE, catalog, print, None)
    pictures, genres = {}, {}
    for split, frame in result.splits.items():
        files = [(catalog.root / path).read_bytes() for path in frame["path"]]
        pictures[split] = np.stack([read_cover(file, RECIPE.input) for file in files])
        genres[split] = frame["genre_index"].to_numpy()
    return Fitted(result, pictures, genres)


def outputs(network: keras.Model, *names: str) -> Compiled:
    layers = [network.get_layer(name).output for name in names]
    return Compiled(keras.Model(network.input, layers), "uint8")


def test_late_blocks_are_means_and_half_mean_deviations(fitted: Fitted) -> None:
    network = fitted.result.network
    given, *maps = outputs(network, "late_blocks", *LATE, "head_relu")(fitted.covers["test"])
    parts = []
    for array in maps:
        mean = array.mean(axis=(1, 2))
        deviation = np.abs(array - mean[:, np.newaxis, np.newaxis]).mean(axis=(1, 2))
        parts += [mean, deviation / 2]
    # Sums of 4 to 16 numbers in float32, in another order.
    np.testing.assert_allclose(given, np.concatenate(parts, axis=1), rtol=1e-4, atol=1e-5)


def test_similar_covers_are_searched_by_the_last_map_alone(fitted: Fitted) -> None:
    network = fitted.result.network
    _, embedding = Forward(network, "uint8")(fitted.covers["test"])
    [last] = outputs(network, "head_relu")(fitted.covers["test"])
    np.testing.assert_allclose(embedding, last.mean(axis=(1, 2)), rtol=1e-4, atol=1e-5)


def test_a_head_is_served_as_it_was_fitted(fitted: Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "STRENGTHS", FEW)
    network, genres = fitted.result.network, fitted.genres

    late_blocks = outputs(network, "late_blocks")

    def read(pictures: np.ndarray) -> np.ndarray:
        [features] = late_blocks(pictures)
        return features

    x = {split: read(own) for split, own in fitted.covers.items()}
    rng = [np.random.default_rng((0, 1, k)) for k in range(len(genres["train"]))]
    again = zip(fitted.covers["train"], rng, strict=True)
    changed = np.stack([augment_cover(cover, RECIPE.augment, own) for cover, own in again])
    learnt = np.concatenate([x["train"], read(changed)])
    twice = np.tile(genres["train"], 2)
    plain = choose_baseline(learnt, twice, x["val"], genres["val"], n_genres=2)
    logits, _ = Forward(network, "uint8")(fitted.covers["test"])
    np.testing.assert_allclose(
        probabilities(logits, "softmax"), plain.predict_proba(x["test"]), atol=1e-3
    )
    assert fitted.result.chosen["chosen_by"] == "ROC AUC on val"
    assert fitted.result.chosen["strength"] == plain[-1].C
    weighs = fitted.result.experiment.training.class_weights
    assert weighs == (plain[-1].class_weight == "balanced")
    assert fitted.result.history is None


@pytest.mark.parametrize(
    ("training", "task"),
    [
        ({"method": "none"}, {}),
        ({"train_on": "train+val", "select": "last_epoch"}, {}),
        ({}, {"head": "multilabel"}),
    ],
)
def test_what_a_head_on_covers_cannot_have(
    training: dict[str, object], task: dict[str, object]
) -> None:
    recipe = dataclasses.replace(
        RECIPE,
        training=dataclasses.replace(RECIPE.training, **training),
        task=dataclasses.replace(RECIPE.task, **task),
    )
    with pytest.raises(ParameterError, match="method"):
        kind_of(recipe)
