"""From an experiment and a data set to a finished, measured bundle."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from genre_core.config import Experiment, SongInput, cover_input, from_dict, require, to_dict
from genre_core.data.audit import check, need_every_genre
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.data.taxonomy import indicator
from genre_core.jobs.prog_measures import measure_scores_again
from genre_core.jobs.prog_scores import make_tagger, teach
from genre_core.jobs.song_heads import train_head
from genre_core.jobs.song_networks import train_song_network
from genre_core.jobs.storing import (
    chosen_epoch,
    make_card,
    put_in_place,
    unfinished_folder,
    weight_sources,
    write_figures,
)
from genre_core.progress import Log
from genre_core.runs.bundle import (
    HISTORY_FILE,
    REPEATS_FILE,
    Bundle,
    open_bundle,
)

if TYPE_CHECKING:
    from genre_core.training.ledger import Ledger

SPLIT_RULE = (
    "official split of the data set; no group (artist or near-duplicate) stands in two parts"
)


def train(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    epochs: int | None = None,
    repeats: int | None = None,
    seed: int | None = None,
    folds: int | None = None,
    random_folds: bool = False,
    out: Path | None = None,
    ledger: Ledger | None = None,
) -> Bundle:
    """Train an experiment on a data set, choose on val, measure on test, store a bundle.

    Parameters
    ----------
    experiment : Experiment
        The recipe.
    data : str or Path
        What `data.importers.find_dataset` takes.
    command : str
        How this was started, for the card.
    log : callable
        Takes one line at a time.
    epochs, repeats, seed, folds : int, optional
        In place of the experiment's own.
    random_folds : bool
        Deal single songs into folds and not whole groups, whatever the experiment says.
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.
    ledger : Ledger, optional
        Keeps the training's states, so that it can be stopped and taken up again.

    Returns
    -------
    Bundle
        An older bundle of the same name is replaced only when the new one is complete; one that
        could not be measured stays with the ledger, or in the home folder's `unfinished`.

    Raises
    ------
    ParameterError, DatasetError, LeakError, JobError
        A setting, the data, a leaking split, or a training that went wrong.
    """
    experiment = overridden(
        experiment,
        epochs=epochs,
        repeats=repeats,
        seed=seed,
        folds=folds,
        random_folds=random_folds,
    )
    if isinstance(experiment.input, SongInput):
        step = _song_step(experiment)
        return step(experiment, data, command=command, log=log, out=out, ledger=ledger)
    require(
        not experiment.training.folds,
        "Folds are for networks of songs: those of covers have a test split.",
        experiment.training.folds,
        "Set folds = 0.",
    )
    from genre_core.evaluation.repeats import repeats_of, run_scorer
    from genre_core.inference.checkpoint import save_network
    from genre_core.inference.neighbours import write_neighbours
    from genre_core.training.fit import fit_experiment
    from genre_core.training.part import Part

    started = time.perf_counter()
    catalog = find_dataset(data)
    check(catalog)
    frame = catalog.select(experiment.task)
    parts = {name: frame[frame["split"] == name] for name in ("train", "val", "test")}
    for name, part in parts.items():
        need_every_genre(name, part, experiment.task)
    sizes = ", ".join(f"{name} {len(part)}" for name, part in parts.items())
    log(f"{experiment.name} on {catalog.head.name}: {sizes}")

    def prepared(part: pd.DataFrame) -> Part:
        hits = None
        if experiment.task.head == "multilabel":
            hits = indicator(part["genre_indices"], len(experiment.task.genres))
        covers = cached_covers(catalog, part, cover_input(experiment.input))
        return Part(covers, part["genre_index"].to_numpy(), hits)

    trains_on_val = experiment.training.train_on == "train+val"
    train_part = prepared(
        pd.concat([parts["train"], parts["val"]]) if trains_on_val else parts["train"]
    )
    test_rows: list[dict[str, Any]] = []
    after_run = None
    if experiment.task.head != "multilabel":
        test = prepared(parts["test"])
        after_run = run_scorer(test.covers, test.genre_index, experiment.task, test_rows)
    fitted = fit_experiment(
        experiment,
        train_part,
        None if trains_on_val else prepared(parts["val"]),
        key=f"{catalog.digest}/{to_dict(experiment.task)}/{to_dict(experiment.input)}",
        cache_dir=home() / "caches" / "maps",
        after_run=after_run,
        log=log,
        ledger=ledger,
    )
    card = make_card(
        experiment,
        catalog,
        parts,
        command=command,
        started=started,
        n_runs=experiment.training.repeats,
        split_rule=SPLIT_RULE,
        chosen=chosen_epoch(experiment.training, fitted),
        sources=weight_sources(experiment),
    )
    # The fitted network is safe before it is measured: whatever happens then, nothing is lost.
    folder = unfinished_folder(card, ledger)
    save_network(fitted.network, card, folder)
    atomic_write(folder / HISTORY_FILE, fitted.history.round(5).to_csv(index=False))
    if test_rows:
        chosen = fitted.history[fitted.history["chosen"]].set_index("run")["epoch"]
        batch = repeats_of(test_rows, experiment.training.seed, chosen.to_dict())
        atomic_write(folder / REPEATS_FILE, json.dumps(batch, indent=1) + "\n")
    log(f"fitted; kept in {folder} until it is measured")
    measure(open_bundle(folder), catalog, log=log)
    write_neighbours(open_bundle(folder), catalog, log=log)
    target = put_in_place(folder, out)
    log(f"{card.name} is ready after {time.perf_counter() - started:.0f} s")
    return open_bundle(target)


def overridden(
    experiment: Experiment,
    *,
    epochs: int | None = None,
    repeats: int | None = None,
    seed: int | None = None,
    folds: int | None = None,
    random_folds: bool = False,
) -> Experiment:
    """Replace what `train` was asked to replace; None keeps the experiment's own."""
    own = experiment.training
    return dataclasses.replace(
        experiment,
        training=dataclasses.replace(
            own,
            epochs=own.epochs if epochs is None else epochs,
            repeats=own.repeats if repeats is None else repeats,
            seed=own.seed if seed is None else seed,
            folds=own.folds if folds is None else folds,
            fold_groups="none" if random_folds else own.fold_groups,
        ),
    )


def measure(bundle: Bundle, data: Catalog | str | Path, *, log: Log) -> dict[str, Any]:
    """Measure a bundle on the test split and store its figures and predictions in it.

    Parameters
    ----------
    bundle : Bundle
        Trained on the experiment that its card holds.
    data : Catalog, str or Path
        The data set; its test split is used.
    log : callable
        Takes one line at a time.

    Returns
    -------
    dict
        As written to `metrics.json`.
    """
    from genre_core.evaluation.confounds import further_reports, same_genre_sources
    from genre_core.evaluation.covers import evaluate
    from genre_core.inference.classifier import Classifier

    catalog = data if isinstance(data, Catalog) else find_dataset(data)
    check(catalog)
    if bundle.card.media == "song":
        require(
            bundle.card.prog_score is not None,
            "Networks that name genres of songs are measured while they are fitted.",
            bundle.name,
            f"Run: python -m genre_core train {bundle.card.experiment.get('name', 'NAME')}.",
        )
        return measure_scores_again(bundle, catalog, log=log)
    experiment = from_dict(Experiment, bundle.card.experiment)
    classifier = Classifier.load(bundle)
    n_runs = int(bundle.card.provenance["n_runs"])
    is_multilabel = experiment.task.head == "multilabel"
    evaluation = evaluate(classifier, catalog, experiment.task, n_runs=n_runs, log=log)
    metrics = dict(evaluation.metrics)
    metrics["data"] = {"name": catalog.head.name, "digest": catalog.digest}
    if bundle.repeats():
        metrics["repeats"] = bundle.repeats()
    if not is_multilabel:
        metrics["extra"] = further_reports(classifier, catalog, experiment, log=log)
        metrics["same_genre_sources"] = same_genre_sources(
            classifier, catalog, experiment.task, log=log
        )
    write_figures(bundle.folder, metrics, evaluation.predictions)
    return metrics


def _song_step(experiment: Experiment) -> Callable[..., Bundle]:
    if experiment.training.method == "logistic":
        return train_head
    if experiment.training.method == "none":
        return make_tagger
    return teach if experiment.training.teacher else train_song_network
