"""Whose weights a recipe starts from: every source is named, with its licence."""

from __future__ import annotations

import pytest

from genre_core.config import list_experiments, load_experiment
from genre_core.jobs.storing import weight_sources

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
    assert len(sources) == int(starts_from_others)
    if name in LICENCES:
        assert sources[0]["licence"] == LICENCES[name]
