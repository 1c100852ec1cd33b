"""Fit a network on covers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, cover_input, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.home import home
from genre_core.data.shares import item_shares
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
    experiment: Experiment,
    catalog: Catalog,
    log: Log,
    states: StateFolder | None,
    *,
    only_run: int | None = None,
) -> FitResult:
    """Fit on train and choose on val, the whole network or a logistic head alone.

    Where a cover has one genre each repeat is also scored on test, for the spread between repeats
    only: nothing is chosen by it. With `only_run` one repeat is fitted, and not scored.
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
        return SplitData(covers, frame["genre_index"].to_numpy(), hits, item_shares(frame))

    trains_on_val = settings.train_on == "train+val"
    both = pd.concat([splits["train"], splits["val"]])
    train = prepared(both if trains_on_val else splits["train"])
    key = f"{catalog.digest}/{to_dict(task)}/{to_dict(experiment.input)}"
    if settings.method == "logistic":
        fitted = _fit_head(experiment, train, prepared(splits["val"]), key, log)
        return FitResult(splits=splits, split_rule=SPLIT_RULE, **fitted)
    run_figures: list[dict[str, Any]] = []
    after_run = None
    if not is_multilabel and only_run is None:
        test = prepared(splits["test"])
        after_run = run_scorer(test.inputs, test.genre_index, task, run_figures)
    best = fit_experiment(
        experiment,
        train,
        None if trains_on_val else prepared(splits["val"]),
        key=key,
        cache_dir=home() / "caches" / "maps",
        after_run=after_run,
        log=log,
        states=states,
        only_run=only_run,
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


def _fit_head(
    experiment: Experiment, train: SplitData, val: SplitData, key: str, log: Log
) -> dict[str, Any]:
    """Fit the layer `logits` alone, its settings chosen on val as those of the baseline are."""
    import keras

    from genre_core.architectures import build_recipe
    from genre_core.evaluation.baseline import choose_baseline
    from genre_core.training.frozen import cached_maps, every_tenth
    from genre_core.training.heads import as_dense, set_head

    settings, n_genres = experiment.training, len(experiment.task.genres)
    network = build_recipe(experiment)
    features_of = partial(
        cached_maps,
        keras.Model(network.input, network.get_layer("logits").input),
        augment=experiment.augment,
        seed=settings.seed,
        folder=home() / "caches" / "maps",
        dtype="float32",  # what is served is not rounded either
        progress=every_tenth(log),
    )
    views = features_of(train.inputs, n_views=settings.views, key=f"{key}/head/train")
    learnt = views.reshape(-1, views.shape[-1])  # (n_views * n, d)
    log(f"a logistic regression on {learnt.shape[1]:,} features of {len(learnt):,} versions")
    scaler, model = choose_baseline(
        learnt,
        np.concatenate([train.learnt] * settings.views),
        features_of(val.inputs, n_views=1, key=f"{key}/head/val")[0],
        val.genre_index,
        n_genres=n_genres,
    )
    set_head(network, *as_dense(scaler, model))
    chosen = {
        "chosen_by": f"{'ROC AUC' if n_genres == 2 else 'macro-F1'} on val",
        "strength": model.C,
    }
    # With class weights it says another share of each genre than there is: calibration asks here.
    weighs = replace(settings, class_weights=model.class_weight == "balanced")
    tuned = replace(experiment, training=weighs)
    return {"network": network, "experiment": tuned, "chosen": chosen}
