"""Take a tagger with weights of its own, and find the map from its tag to a prog score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_core.config import Experiment
from genre_core.data.catalog import Catalog
from genre_core.data.item import SPLITS
from genre_core.jobs.fits.result import FitResult
from genre_core.jobs.fits.segments import SONG_SPLIT_RULE, segment_probs
from genre_core.metrics.votes import find_half_at
from genre_core.progress import Log
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    from genre_core.training.training_state import StateFolder


def fit(
    experiment: Experiment, catalog: Catalog, log: Log, states: StateFolder | None
) -> FitResult:
    """Fit nothing; the tag's scores of val's songs that are known not to be prog set the map."""
    from genre_core.architectures import build_recipe
    from genre_core.evaluation.prog_scores import known_non_prog

    task = experiment.task
    network = build_recipe(experiment)
    splits = {name: known_non_prog(catalog, task.sources, name) for name in SPLITS}
    n_val = len(splits["val"])
    log(f"{experiment.name}: {n_val} songs of val known not to be prog")
    tag = task.genres.index(experiment.prog_genre)
    probs = segment_probs(network, experiment, catalog, splits["val"])
    half_at = find_half_at([song[:, tag] for song in probs], quantile=experiment.prog_quantile)
    rule = (
        f"p / (p + {half_at:.5f}), where p is the tag's probability: the "
        f"{experiment.prog_quantile:g} quantile of the mean score of {n_val} songs of val known "
        "not to be prog lies at .5. "
        "A rank score, not a probability."
    )
    log(rule)
    return FitResult(
        network=network,
        experiment=experiment,
        splits=splits | {"train": splits["train"].iloc[:0]},
        split_rule=SONG_SPLIT_RULE,
        chosen={"chosen_by": "nothing was fitted; val sets the map of the prog score"},
        prog_score=ProgScore(genre=experiment.prog_genre, half_at=half_at, rule=rule),
    )
