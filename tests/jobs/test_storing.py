"""Whose weights a recipe starts from: every source is named, with its licence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from genre_core.config import list_experiments, load_experiment
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.jobs.fits.result import FitResult
from genre_core.jobs.storing import LEAKS, make_card, weight_sources

LICENCES = {
    "emotify_musicnn": "ISC",
    "msd_musicnn_tagger": "ISC",
    "gaid5_lite2": "Apache-2.0",
    "s4_lite0": "Apache-2.0",
    "emotify_s4_lite0": "Apache-2.0",
}


@pytest.mark.parametrize("name", list_experiments())
def test_weights_of_others_are_named(name: str) -> None:
    experiment = load_experiment(name)
    sources = weight_sources(experiment)
    starts_from_others = experiment.network.get("weights", "none") != "none"
    assert len(sources) == int(starts_from_others) + bool(experiment.training.prog_teachers)
    if name in LICENCES:
        assert sources[0]["licence"] == LICENCES[name]


@pytest.mark.parametrize("allows_leaks", [True, False])
def test_a_card_says_that_somebody_insisted_on_leaks(allows_leaks: bool) -> None:
    experiment = load_experiment("gaid5_lite2")
    head = DatasetHead("mine", "Mine", "unknown", "unknown", allows_leaks=allows_leaks)
    result = FitResult(
        network=None, experiment=experiment, splits={}, split_rule="official", chosen={}
    )
    catalog = Catalog(head, Path(), items_frame([]))
    card = make_card(result, catalog, command="train", started=time.perf_counter())
    assert (LEAKS in card.confounds) == allows_leaks
