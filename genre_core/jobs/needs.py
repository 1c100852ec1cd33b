"""What a training or a measurement needs of a data set, checked before it starts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from genre_core.config import Experiment, Task
from genre_core.data.catalog import Catalog
from genre_core.data.item import SPLITS
from genre_core.data.media_files import need_files
from genre_core.data.shares import item_shares
from genre_core.data.song_folds import need_folds, need_inner_folds
from genre_core.data.split_needs import need_every_genre
from genre_core.errors import DatasetError, Problem
from genre_core.jobs.fits.kinds import kind_of, need_medium
from genre_core.jobs.fits.lessons import find_teachers
from genre_core.metrics.intervals import MIN_GROUPS

_NAMED = 3


def need_for_training(experiment: Experiment, catalog: Catalog) -> tuple[str, ...]:
    """Check every split, genre, fold, group and file that a training will need.

    The same for a training, its estimate and the form; no file is opened. Gives a sentence for each
    thing that its figures will lack.

    Raises
    ------
    ParameterError, DatasetError, CheckpointError
        A setting or a medium; what is missing and how to get it; no such teacher.
    """
    kind = kind_of(experiment)
    need_medium(experiment, catalog)
    task, settings = experiment.task, experiment.training
    if kind == "pupil":
        find_teachers(experiment)
    if kind in ("tagger", "pupil"):
        return _need_prog_songs(
            experiment, catalog, ("train", "val", "test") if kind == "pupil" else ("val", "test")
        )
    frame = tested = catalog.select(task)
    by_group = settings.fold_groups == "group"
    genre, groups = frame["genre_index"].to_numpy(), _groups_of(frame)
    if settings.folds:
        need_folds(genre, groups if by_group else None, settings.folds, task.genres)
    if kind == "song head":
        is_test = (frame["split"] == "test").to_numpy()
        if by_group and is_test.any():  # the stored head's own test, beside the folds
            need_every_genre(catalog, frame, task, ("test",))
            need_inner_folds(genre[~is_test], groups[~is_test], task.genres)
    elif by_group or not settings.folds:
        need_every_genre(catalog, frame, task)
        frame = frame[frame["split"] != ""]
        tested = tested if settings.folds else frame[frame["split"] == "test"]
    need_files(catalog, frame)
    return (
        *_shared(frame, task),
        *_few_groups(tested),
        *lacking_reports(experiment, catalog).values(),
    )


def need_for_measuring(experiment: Experiment, catalog: Catalog) -> tuple[str, ...]:
    """Check what measuring a network of this recipe needs, as `need_for_training`."""
    if kind_of(experiment) == "covers":
        return need_for_training(experiment, catalog)
    need_medium(experiment, catalog)
    if experiment.training.is_taught:
        find_teachers(experiment)
        return _need_prog_songs(experiment, catalog, ("val", "test"))
    return _need_prog_songs(experiment, catalog, ("test",))


def lacking_reports(experiment: Experiment, catalog: Catalog) -> dict[str, str]:
    """Say of each further test, by its title, that a data set cannot give why it is left out."""
    lacking = {}
    for report in experiment.reports:
        try:
            frame = catalog.select(experiment.task_of(report))
            if experiment.training.folds:  # which test every song
                frame = frame.assign(split="the folds")
            parts = ("the folds",) if experiment.training.folds else SPLITS
            n_genres = frame.groupby("split")["genre_index"].nunique()
            few = [name for name in parts if n_genres.get(name, 0) < 2]
            reason = f"fewer than two genres in {', '.join(few)}" if few else ""
        except DatasetError as error:
            reason = error.received
        if reason:
            lacking[report.title] = f"The further test {report.title!r} is left out: {reason}."
    return lacking


def _need_prog_songs(
    experiment: Experiment, catalog: Catalog, splits: Sequence[str]
) -> tuple[str, ...]:
    """Check the songs of a network that learns no labels: some in each split, some known."""
    from genre_core.evaluation.prog_rates import NON_PROG
    from genre_core.evaluation.prog_scores import known_non_prog, songs_of

    sources, is_pupil = experiment.task.sources, experiment.training.is_taught
    songs = songs_of(catalog, sources)
    known = {name: known_non_prog(catalog, sources, name) for name in splits}
    problems = []
    for name in splits:
        if name not in set(songs["split"]):
            problems.append(Problem(f"split {name}", "no song"))
        elif not len(known[name]) and (name == "test" or not is_pupil):
            problems.append(Problem(f"split {name}", f"no song labelled {NON_PROG!r}"))
    if problems:
        raise DatasetError(
            f"Prog scores need songs in {', '.join(splits)}, and songs known not to be prog.",
            received="; ".join(map(str, problems)),
            cure=f"Give songs of that split the label {NON_PROG!r}"
            + (f" (sources: {', '.join(sources)})" if sources else "")
            + " and import them again.",
            problems=tuple(problems),
        )
    need_files(catalog, songs[songs["split"].isin(splits)])
    return _few_groups(known["test"])


def _shared(frame: pd.DataFrame, task: Task) -> tuple[str, ...]:
    """Say how many items are several genres at once, and which of them no figure can place."""
    shares = item_shares(frame)
    if shares is None or task.head == "multilabel":
        return ()
    largest = shares.max(axis=1, keepdims=True)
    n_shared = int((largest < 1).sum())
    ties = frame["item_id"][np.isclose(shares, largest).sum(axis=1) > 1].tolist()
    what = (
        f"{n_shared:,} of {len(frame):,} items are several genres at once and are learnt by their "
        "shares; in figures each counts as the genre of its largest share"
    )
    if ties:
        more = f" and {len(ties) - _NAMED:,} more" if len(ties) > _NAMED else ""
        what += f", among equals the first ({', '.join(ties[:_NAMED])}{more})"
    return (f"{what}.",) if n_shared else ()


def _few_groups(tested: pd.DataFrame) -> tuple[str, ...]:
    n_groups = len(np.unique(_groups_of(tested)))
    if n_groups >= MIN_GROUPS:
        return ()
    has = f"{n_groups} group{'' if n_groups == 1 else 's'} (artists)"
    return (f"Figures will have no interval: the test has {has}, {MIN_GROUPS} are needed.",)


def _groups_of(frame: pd.DataFrame) -> np.ndarray:
    from genre_core.evaluation.report import item_groups

    return item_groups(frame)
