"""Fit a network on what teachers say of every segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import Experiment, SongInput, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.feature_cache import cached_segments
from genre_core.data.song_inputs import stack_segments
from genre_core.jobs.fits.lessons import Teacher, find_teachers, lesson_of
from genre_core.jobs.fits.result import FitResult, by_split, chosen_epoch
from genre_core.jobs.fits.segments import (
    SONG_SPLIT_RULE,
    every_50_songs,
    fit_segments,
    scaled_by_songs,
)
from genre_core.jobs.fits.sounds import Sound, sounds_of
from genre_core.metrics.references import shares_below
from genre_core.progress import Log, Progress, map_in_order
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    from genre_core.training.split_data import SplitData
    from genre_core.training.training_state import StateFolder

_N_THREADS = 2  # Each holds a decoded song.


def fit(
    experiment: Experiment,
    catalog: Catalog,
    log: Log,
    states: StateFolder | None,
    *,
    only_run: int | None = None,
) -> FitResult:
    """Fit on all songs of the task's sources that have a split, labelled or not.

    With `only_run` one repeat is fitted.
    """
    from genre_core.evaluation.prog_scores import songs_of
    from genre_core.training.split_data import SplitData

    settings, task = experiment.training, experiment.task
    teachers = find_teachers(experiment)
    splits = by_split(songs_of(catalog, task.sources))
    sizes = ", ".join(f"{name} {len(frame)}" for name, frame in splits.items())
    log(f"{experiment.name}: {sizes}")
    experiment = scaled_by_songs(experiment, catalog, splits["train"], log)
    spec = song_input(experiment.input)
    learnt: list[NDArray[np.float64]] = []  # what each teacher says of the training segments

    def read(name: str, file: Path) -> SplitData:
        copies = settings.copies if name == "train" else 0
        sounds = list(
            sounds_of(catalog, splits[name], clip_s=task.clip_s, copies=copies, seed=settings.seed)
        )
        said: list[NDArray[np.float64]] = []

        def songs_with_lessons() -> Iterator[Segments]:
            progress = every_50_songs(log, f"{name} songs" + " and copies" * bool(copies))
            for heard in hear(sounds, teachers, spec, progress):
                said.append(heard.values)
                yield heard.song

        inputs, _ = stack_segments(songs_with_lessons(), file)
        values = np.concatenate(said, axis=1)  # (n_teachers, n_segments)
        if name == "train":
            learnt.extend(values)
        if settings.prog_teachers:
            ranks = [shares_below(*pair) for pair in zip(values, learnt, strict=True)]
            values = np.asarray(ranks)
        soft = values.mean(axis=0).astype(np.float32)[:, np.newaxis]
        return SplitData(inputs, (soft[:, 0] > 0.5).astype(np.int64), soft=soft)

    best, n_segments = fit_segments(
        experiment, read, has_val=True, log=log, states=states, only_run=only_run
    )
    return FitResult(
        network=best.network,
        experiment=experiment,
        splits=splits,
        split_rule=SONG_SPLIT_RULE,
        chosen=chosen_epoch(experiment, best) | {"n_segments": n_segments},
        n_runs=settings.repeats,
        history=best.history,
        prog_score=ProgScore(genre=experiment.prog_genre, rule=_rule(experiment, teachers)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A song's segments, and what each teacher says of them, each on its own scale.

    values [shape=(n_teachers, n_segments)]: averaged over each segment
    """

    song: Segments
    values: NDArray[np.float64]


def hear(
    sounds: list[Sound],
    teachers: list[Teacher],
    spec: SongInput,
    progress: Progress | None = None,
) -> Iterator[Heard]:
    """Cut each sound into a network's segments and ask the teachers about them, in order."""
    from genre_core.training.teacher import teacher_targets

    def listen(sound: Sound) -> Heard:
        song = cached_segments(sound.key, spec, lambda: sound.at(spec.sr))
        values = []
        for teacher in teachers:
            lesson = lesson_of(teacher, sound.key, lambda: sound.at(teacher.sr))  # noqa: B023
            values.append(teacher_targets(song, lesson.start_s, lesson.end_s, lesson.values))
        sound.forget()
        return Heard(song, np.reshape(values, (len(teachers), len(song))))

    for done, heard in enumerate(map_in_order(listen, sounds, n_threads=_N_THREADS), start=1):
        if progress is not None:
            progress(done, len(sounds), "")
        yield heard


def as_scores(
    said: Sequence[NDArray[np.float64]], *, is_ranked: bool
) -> list[Sequence[NDArray[np.float64]]]:
    """Turn what teachers said of some songs into scores of each segment, song by song.

    `said` has `Heard.values` of each song. With `is_ranked` each teacher's scores are ranks among
    the segments of these songs. What a pupil learns, their mean, comes first; where there are
    several teachers, each alone follows. Empty without teachers.
    """
    values = np.concatenate(said, axis=1)  # (n_teachers, n_segments)
    if not len(values):
        return []
    if is_ranked:
        values = np.stack([shares_below(row, row) for row in values])
    rows = [values.mean(axis=0), *(values if len(values) > 1 else ())]
    ends = np.cumsum([song.shape[1] for song in said])[:-1]
    return [np.split(row, ends) for row in rows]


def _rule(experiment: Experiment, teachers: list[Teacher]) -> str:
    names = " and ".join(teacher.name for teacher in teachers)
    if not experiment.training.prog_teachers:
        return f"Learnt from the prog score of {names}: a rank score, no probability."
    rank = "the share of the training songs' segments that they put lower"
    if len(teachers) > 1:
        rank = f"the mean of two ranks, each {rank}"
    return f"Learnt from {names}: {rank}. A rank score, no probability."
