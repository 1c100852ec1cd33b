"""A grid of settings: every combination trained, one chosen on val; it alone is tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genre_core.config import Experiment, changed, trial_text, trials_of
from genre_core.data.catalog import Catalog
from genre_core.errors import JobError
from genre_core.jobs.fits.alone import fit_steps, need_state
from genre_core.jobs.fits.kinds import kind_of
from genre_core.jobs.needs import need_for_training
from genre_core.jobs.same_data import keep_data, need_same_data
from genre_core.jobs.steps import Engine, StepPlace
from genre_core.runs.grid_table import GridTable, Trial, read_grid_table
from genre_core.runs.run_folder import RunFolder

if TYPE_CHECKING:
    from genre_core.training.training_state import StateFolder


def choose_by_grid(
    experiment: Experiment,
    grid: Mapping[str, Sequence[Any]],
    catalog: Catalog,
    run: RunFolder,
    states: StateFolder,
    *,
    engine: Engine,
    place: StepPlace,
    **how: Any,
) -> tuple[Experiment, StateFolder]:
    """Train every combination of a grid and choose the one that is best on val.

    The mean over its repeats of the figure that the recipe selects by decides, the first among
    equals. Combinations that are over are not trained again when the run is resumed. How each
    stands is written into the run's `grid.json` whenever one is over.

    Parameters
    ----------
    experiment : Experiment
        The recipe.
    grid : mapping
        Values by path, see `config.grid`.
    catalog : Catalog
        The data set.
    run, states : RunFolder, StateFolder
        The run and its states; each combination has a folder of its own there. With `states.finish`
        nothing is trained any more: what was begun takes part with its best epoch so far.
    engine, place : Engine, StepPlace
        Who trains, and who is told.
    **how
        As for `fit_steps`.

    Returns
    -------
    tuple of Experiment and StateFolder
        The recipe with the chosen settings and the states of its trainings, for `jobs.train.train`,
        which finds them done, tests that network alone and stores it.

    Raises
    ------
    ParameterError, DatasetError, JobError
        As a training; or no combination could be trained.
    """
    trials = trials_of(experiment, grid)
    recipes = [changed(experiment, trial) for trial in trials]
    for recipe in recipes:
        kind_of(recipe)
    need_for_training(experiment, catalog)
    need_same_data(catalog, states.path)
    keep_data(catalog, states.path)
    before = read_grid_table(run.path)
    errors = {trial.number: trial.error for trial in before.trials} if before else {}
    folders = [states.of_fold(f"trial-{k + 1}") for k in range(len(trials))]
    steps = []
    for k, (recipe, folder) in enumerate(zip(recipes, folders, strict=True), start=1):
        own = fit_steps(recipe, trial=folder.path.name, **how)
        if not states.finish and not errors.get(k):
            steps += [step for step in own if not folder.is_over(step.settings["run"])]
    n_fits = len(trials) * experiment.training.repeats
    place.log(f"{len(trials)} combinations, {n_fits - len(steps)} of {n_fits} trainings are over")

    def table() -> GridTable:
        rows = tuple(
            _result(k, trial, recipe, folder, errors.get(k, ""))
            for k, (trial, recipe, folder) in enumerate(
                zip(trials, recipes, folders, strict=True), start=1
            )
        )
        return GridTable(experiment.training.select, rows)

    table().write(run.path)
    for step, error in engine.run(steps, place, what="trainings"):
        number = int(step.settings["trial"].rpartition("-")[2])
        if error:
            errors[number] = error
            place.log(f"{trial_text(trials[number - 1])} is left out: {error}")
        else:
            need_state(step, folders[number - 1])
        table().write(run.path)
    result = table()
    best = result.best()
    if best is None:
        raise JobError(
            "At least one combination of a grid must be trained.",
            received=next((error for error in errors.values() if error), "none that was begun"),
            cure="Give other values, such as a smaller learning rate.",
        )
    chosen = replace(result, chosen=best.number)
    chosen.write(run.path)
    place.log(chosen.chosen_text())
    return recipes[best.number - 1], folders[best.number - 1]


def _result(
    number: int, trial: dict[str, Any], recipe: Experiment, folder: StateFolder, error: str
) -> Trial:
    """Read from its states how a combination did; repeats at work count with `finish` alone."""
    if error:
        return Trial(number, trial, error=error)
    kept = [folder.facts(run) for run in range(recipe.training.repeats)]
    over = [own for own in kept if own is not None and (own["is_finished"] or folder.finish)]
    rows = [own["rows"][own["best_epoch"]] for own in over]
    select = recipe.training.select
    return Trial(
        number,
        trial,
        tuple(float(row[select]) for row in rows),
        tuple(int(row["epoch"]) for row in rows),
    )
