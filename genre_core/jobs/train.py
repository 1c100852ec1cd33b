"""From an experiment and a data set to a stored, measured bundle: the one way of all recipes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from genre_core.config import Experiment
from genre_core.data.importers import find_dataset
from genre_core.jobs.fits import covers, pupil, song_head, song_labels, tagger
from genre_core.jobs.fits.calibration import calibrate_covers
from genre_core.jobs.fits.kinds import Kind, kind_of
from genre_core.jobs.fits.result import FitStep
from genre_core.jobs.measure import measure
from genre_core.jobs.needs import need_for_training
from genre_core.jobs.references import write_references
from genre_core.jobs.same_data import keep_data, need_same_data
from genre_core.jobs.storing import (
    make_card,
    save_unfinished,
    write_figures,
    write_fold_segments,
)
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, put_in_place

if TYPE_CHECKING:
    from genre_core.training.training_state import StateFolder

_FIT_STEPS: dict[Kind, FitStep] = {
    "covers": covers.fit,
    "song labels": song_labels.fit,
    "song head": song_head.fit,
    "tagger": tagger.fit,
    "pupil": pupil.fit,
}


def train(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    out: Path | None = None,
    states: StateFolder | None = None,
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
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.
    states : StateFolder, optional
        Keeps the training's states, so that it can be stopped and resumed.

    Returns
    -------
    Bundle
        An older bundle of the same name is replaced only when the new one is complete; one that
        could not be measured stays with the states, or in the home folder's `unfinished`.

    Raises
    ------
    ParameterError, DatasetError, LeakError, CheckpointError, JobError
        A setting, the data (`jobs.needs`), a leaking split, weights or a teacher that are not
        there, data that changed since the training was stopped, or a training that went wrong.
    """
    started = time.perf_counter()
    # Prepare: nothing is computed before settings, medium, splits and files hold.
    kind = kind_of(experiment)
    catalog = find_dataset(data)
    if states is not None:
        need_same_data(catalog, states.path)
    for note in need_for_training(experiment, catalog):
        log(note)
    if states is not None:
        keep_data(catalog, states.path)
    # Fit, once a repeat and fold, and choose on val.
    result = _FIT_STEPS[kind](experiment, catalog, log, states)
    # Card. What was fitted is safe before it is measured: whatever happens then, nothing is lost.
    card = make_card(result, catalog, command=command, started=started)
    bundle = save_unfinished(result, card, None if states is None else states.path)
    log(f"fitted; kept in {bundle.folder} until it is measured")
    # Measure on test, calibrated on val.
    if kind == "covers":
        bundle = calibrate_covers(bundle, catalog, log)
    if result.evaluation is None:  # by folds each song was measured while they were fitted
        measure(bundle, catalog, log=log)
    else:
        data_set = {"data": {"name": catalog.head.name, "digest": catalog.digest}}
        write_figures(
            bundle.folder, result.evaluation.metrics | data_set, result.evaluation.predictions
        )
        write_fold_segments(bundle.folder, result.evaluation, result.experiment, catalog)
    if kind == "covers":
        from genre_core.inference.neighbours import write_neighbours

        write_neighbours(bundle, catalog, log=log)
    if card.prog_score is not None:
        write_references(bundle, catalog, command=command, log=log)
    # Store where bundles are found.
    stored = put_in_place(bundle.folder, out)
    shutil.rmtree(bundle.folder.parent)  # it held nothing else
    log(f"{card.name} is ready after {time.perf_counter() - started:.0f} s")
    return stored
