"""A training's fits as steps: each repeat and fold by itself, wherever it is done."""

from __future__ import annotations

import contextlib
from typing import Any

from genre_core.config import Experiment, from_dict, to_dict
from genre_core.data.catalog import Catalog
from genre_core.errors import JobError, StoppedError
from genre_core.jobs.fits import covers, pupil, song_labels
from genre_core.jobs.fits.kinds import kind_of
from genre_core.jobs.needs import need_for_training
from genre_core.jobs.same_data import data_of_step, keep_data, need_same_data
from genre_core.jobs.steps import Engine, Needs, Step, StepPlace
from genre_core.training.training_state import StateFolder

_BY_EPOCHS = ("covers", "song labels", "pupil")


def fits_of(experiment: Experiment) -> tuple[tuple[str, int], ...]:
    """List the fits of a training that need not wait for each other, as (fold, repeat).

    Folds come first, as they are trained on one machine; the network that is stored has the fold
    "". It is missing where it learns from all songs: how long, its folds tell. Empty for a recipe
    that is not trained by epochs.

    Examples
    --------
    >>> from genre_core.config import changed, load_experiment
    >>> fits_of(changed(load_experiment("gaid5_lite2"), {"training.repeats": 2}))
    (('', 0), ('', 1))
    """
    settings = experiment.training
    if kind_of(experiment) not in _BY_EPOCHS or settings.method != "gradient":
        return ()
    folds = [f"fold-{k + 1}" for k in range(settings.folds)]
    if not folds or settings.fold_groups == "group":
        folds.append("")
    return tuple((fold, run) for fold in folds for run in range(settings.repeats))


def fit_steps(
    experiment: Experiment,
    data: str,
    *,
    trial: str = "",
    device: str = "auto",
    precision: str = "auto",
    deterministic: bool = False,
    digest: str = "",
) -> list[Step]:
    """Describe the fits of a training as steps.

    Parameters
    ----------
    experiment : Experiment
        The recipe.
    data : str
        What `data.importers.find_dataset` takes on whatever machine does the step.
    trial : str
        Name of the grid's combination that it is, such as "trial-3": its states have a folder, and
        one that cannot be trained, since its loss is not finite, does not end the others.
    device, precision, deterministic : str, str, bool
        As for a training; a step with a process to itself chooses its device by them.
    digest : str
        Of the data set: a machine that sees another one says so.

    Returns
    -------
    list of Step
        In the order of `fits_of`. Each keeps its state in `[trial/][fold/]run-K.npz`.
    """
    n_gpus = {"cpu": 0.0, "auto": None}.get(device, 1.0)
    same = {
        "experiment": to_dict(experiment),
        "data": data,
        "digest": digest,
        "trial": trial,
        "device": device,
        "precision": precision,
        "deterministic": deterministic,
    }
    steps = []
    for fold, run in fits_of(experiment):
        keeps = "/".join(part for part in (trial, fold, StateFolder.file_name(run)) if part)
        steps.append(
            Step(
                name=keeps.removesuffix(".npz"),
                does="genre_core.jobs.fits.alone:fit_alone",
                settings=same | {"fold": fold, "run": run},
                keeps=keeps,
                needs=Needs(cpus=1.0, gpus=n_gpus, memory_mb=1_500),
            )
        )
    return steps


def fit_alone(settings: dict[str, Any], place: StepPlace) -> str:
    """Do one step of `fit_steps`; return why a grid's combination cannot be trained, or "".

    Raises
    ------
    GenreError
        As a training; `StoppedError` where the watcher wants a stop.
    """
    experiment = from_dict(Experiment, settings["experiment"])
    fold, run = str(settings["fold"]), int(settings["run"])
    with contextlib.ExitStack() as held:
        if place.is_alone:
            from genre_core.training.devices import always_the_same, on_device

            if settings["deterministic"]:
                always_the_same()
            # Of GPUs it sees its own alone, whatever their numbers on that machine.
            device = "cpu" if settings["device"] == "cpu" else "auto"
            held.enter_context(on_device(device, settings["precision"]))
        states = StateFolder(place.folder, watcher=place.watcher)
        if settings["trial"]:
            states = states.of_fold(settings["trial"])
        catalog = data_of_step(settings["data"], settings["digest"])
        try:
            kind = kind_of(experiment)
            if kind == "song labels":
                song_labels.fit_alone(experiment, catalog, fold, run, place.log, states)
            else:
                fit = covers.fit if kind == "covers" else pupil.fit
                fit(experiment, catalog, place.log, states, only_run=run)
        except StoppedError:
            raise
        except JobError as error:
            if not settings["trial"]:
                raise
            return str(error)
    return ""


def fit_ahead(
    experiment: Experiment,
    catalog: Catalog,
    states: StateFolder,
    *,
    engine: Engine,
    place: StepPlace,
    **how: Any,
) -> None:
    """Let an engine do a training's fits, but for those that are over; `jobs.train` finds them.

    `how` is as for `fit_steps`. With `states.finish` none is done any more. Raises as a training.
    """
    need_for_training(experiment, catalog)
    need_same_data(catalog, states.path)
    keep_data(catalog, states.path)
    steps = fit_steps(experiment, **how)
    if len(steps) < 2:
        place.log("this recipe has nothing to share out: it is done here, by one fit at the end")
        return
    left = [
        step
        for step in steps
        if not states.finish
        and not (
            states.of_fold(step.settings["fold"]) if step.settings["fold"] else states
        ).is_over(step.settings["run"])
    ]
    place.log(f"{len(steps)} fits, {len(steps) - len(left)} of them over")
    for step, _ in engine.run(left, place, what="fits"):
        need_state(step, states)
        place.log(f"{step.name} is over")


def need_state(step: Step, states: StateFolder) -> None:
    """Raise `JobError` where a fit that is said to be done has left no state of its last epoch.

    `states` are those of its training. Whoever went on without would fit it again, unnoticed.
    """
    fold, run = step.settings["fold"], step.settings["run"]
    of_fit = states.of_fold(fold) if fold else states
    facts = of_fit.facts(run)
    if facts is None or not facts["is_finished"]:
        raise JobError(
            f"A fit that is done must have kept its state in {step.keeps}.",
            received="no state" if facts is None else f"the state after epoch {facts['n_epochs']}",
            cure="See whether every machine of the cluster has this version of the program, and "
            "resume the run: what is over is kept.",
        )
