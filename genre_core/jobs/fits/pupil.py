"""Fit a network on a teacher's prog score of every segment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import Experiment, require, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import read_songs, stack_segments
from genre_core.jobs.fits.result import FitResult, by_split, chosen_epoch
from genre_core.jobs.fits.segments import (
    SONG_SPLIT_RULE,
    every_50_songs,
    fit_segments,
    scaled_by_songs,
)
from genre_core.progress import Log
from genre_core.runs.bundle import find_bundle
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    from genre_core.training.split_data import SplitData
    from genre_core.training.training_state import StateFolder


def fit(
    experiment: Experiment, catalog: Catalog, log: Log, states: StateFolder | None
) -> FitResult:
    """Fit on all songs of the task's sources that have a split, labelled or not."""
    from genre_core.evaluation.prog_scores import songs_of
    from genre_core.inference.songs import SongClassifier
    from genre_core.training.split_data import SplitData
    from genre_core.training.teacher import teacher_targets

    settings, clip_s = experiment.training, experiment.task.clip_s
    teacher = SongClassifier.load(find_bundle(settings.teacher))
    require(
        teacher.card.prog_score is not None,
        "A teacher must give a prog score.",
        teacher.name,
        "Choose a network whose card has one.",
    )
    splits = by_split(songs_of(catalog, experiment.task.sources))
    sizes = ", ".join(f"{name} {len(frame)}" for name, frame in splits.items())
    log(f"{experiment.name}: {sizes}")
    experiment = scaled_by_songs(experiment, catalog, splits["train"], log)
    spec = song_input(experiment.input)

    def read(name: str, file: Path) -> SplitData:
        targets: list[NDArray[np.float64]] = []

        def songs_with_targets() -> Iterator[Segments]:
            progress = every_50_songs(log, f"{name} songs")
            own = read_songs(catalog, splits[name], spec, clip_s=clip_s, progress=progress)
            theirs = read_songs(catalog, splits[name], teacher.spec, clip_s=clip_s)
            for song, lesson in zip(own, theirs, strict=True):
                answer = teacher.classify(lesson)
                targets.append(teacher_targets(song, answer.start_s, answer.end_s, answer.scores))
                yield song

        inputs, _ = stack_segments(songs_with_targets(), file)
        soft = np.concatenate(targets).astype(np.float32)[:, np.newaxis]
        return SplitData(inputs, (soft[:, 0] > 0.5).astype(np.int64), soft=soft)

    best, n_segments = fit_segments(experiment, read, has_val=True, log=log, states=states)
    rule = f"Learnt from the prog score of {teacher.name}: a rank score, no probability."
    return FitResult(
        network=best.network,
        experiment=experiment,
        splits=splits,
        split_rule=SONG_SPLIT_RULE,
        chosen=chosen_epoch(experiment, best) | {"n_segments": n_segments},
        n_runs=settings.repeats,
        history=best.history,
        prog_score=ProgScore(genre=experiment.prog_genre, rule=rule),
    )
