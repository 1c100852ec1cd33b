"""Fit a network on covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from genre_core.config import Experiment, cover_input, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.home import home
from genre_core.data.taxonomy import indicator
from genre_core.jobs.fits.result import FitResult, by_split, chosen_epoch
from genre_core.progress import Log

if TYPE_CHECKING:
    from genre_core.training.split_data import SplitData
    from genre_core.training.training_state import StateFolder

SPLIT_RULE = (
    "official split of the data set; no group (artist or near-duplicate) stands in two parts"
)


def fit(
    experiment: Experiment, catalog: Catalog, log: Log, states: StateFolder | None
) -> FitResult:
    """Fit on train and choose on val.

    Where a cover has one genre each repeat is also scored on test, for the spread between repeats
    only: nothing is chosen by it.
    """
    from genre_core.evaluation.repeats import repeats_of, run_scorer
    from genre_core.training.fit import fit_experiment
    from genre_core.training.split_data import SplitData

    task, settings = experiment.task, experiment.training
    splits = by_split(catalog.select(task))
    sizes = ", ".join(f"{name} {len(frame)}" for name, frame in splits.items())
    log(f"{experiment.name} on {catalog.head.name}: {sizes}")
    is_multilabel = task.head == "multilabel"

    def prepared(frame: pd.DataFrame) -> SplitData:
        hits = indicator(frame["genre_indices"], len(task.genres)) if is_multilabel else None
        covers = cached_covers(catalog, frame, cover_input(experiment.input))
        return SplitData(covers, frame["genre_index"].to_numpy(), hits)

    trains_on_val = settings.train_on == "train+val"
    both = pd.concat([splits["train"], splits["val"]])
    train = prepared(both if trains_on_val else splits["train"])
    run_figures: list[dict[str, Any]] = []
    after_run = None
    if not is_multilabel:
        test = prepared(splits["test"])
        after_run = run_scorer(test.inputs, test.genre_index, task, run_figures)
    best = fit_experiment(
        experiment,
        train,
        None if trains_on_val else prepared(splits["val"]),
        key=f"{catalog.digest}/{to_dict(task)}/{to_dict(experiment.input)}",
        cache_dir=home() / "caches" / "maps",
        after_run=after_run,
        log=log,
        states=states,
    )
    chosen = best.history[best.history["chosen"]].set_index("run")["epoch"]
    return FitResult(
        network=best.network,
        experiment=experiment,
        splits=splits,
        split_rule=SPLIT_RULE,
        chosen=chosen_epoch(experiment, best),
        n_runs=settings.repeats,
        history=best.history,
        repeats=repeats_of(run_figures, settings.seed, chosen.to_dict()) if run_figures else None,
    )
