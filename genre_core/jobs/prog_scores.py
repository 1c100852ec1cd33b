"""From a tagger to a prog score, and from a tagger's scores to networks that learnt them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, require, song_input
from genre_core.data.audit import check
from genre_core.data.files import atomic_path, atomic_write
from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.data.item import SPLITS
from genre_core.data.song_inputs import read_songs
from genre_core.jobs.prog_measures import SPLIT_RULE, measure_scores
from genre_core.jobs.storing import make_card, put_in_place, weight_sources
from genre_core.metrics.votes import find_half_at
from genre_core.runs.bundle import (
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Bundle,
    find_bundle,
    open_bundle,
)
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier

Log = Callable[[str], None]


def make_tagger(
    experiment: Experiment, data: str | Path, *, command: str, log: Log, out: Path | None = None
) -> Bundle:
    """Store a tagger with its own weights, and find the map from its tag to a prog score.

    Parameters
    ----------
    experiment : Experiment
        With `training.method = "none"`, a `prog_genre` and a `prog_quantile`.
    data : str or Path
        What `data.importers.find_dataset` takes; it needs songs labelled `non-prog` in val and
        in test.
    command : str
        How this was started, for the card.
    log : callable
        Takes one line at a time.
    out : Path, optional
        Folder that gets the bundle's folder; the home folder's `models` by default.

    Returns
    -------
    Bundle

    Raises
    ------
    ParameterError, DatasetError, CheckpointError
        A setting, the data, or weights that are not installed.
    """
    from genre_core.architectures import build
    from genre_core.evaluation.prog_scores import known_non_prog
    from genre_core.inference.songs import SongClassifier

    started = time.perf_counter()
    task, spec = experiment.task, song_input(experiment.input)
    require(
        bool(experiment.prog_genre) and experiment.prog_quantile > 0,
        "A tagger needs prog_genre and a prog_quantile above 0.",
        (experiment.prog_genre, experiment.prog_quantile),
        "Set prog_genre to its tag and prog_quantile = 0.95.",
    )
    catalog = check(find_dataset(data))
    network = build(
        experiment.architecture,
        n_logits=task.n_logits,
        input_shape=spec.shape,
        **experiment.network,
    )
    val = known_non_prog(catalog, task.sources, "val")
    log(f"{experiment.name}: {len(val)} songs of val known not to be prog")

    def card_of(score: ProgScore | None) -> Any:
        frames = {name: known_non_prog(catalog, task.sources, name) for name in SPLITS}
        return make_card(
            experiment,
            catalog,
            frames | {"train": frames["train"].iloc[:0]},
            command=command,
            started=started,
            n_runs=1,
            split_rule=SPLIT_RULE,
            chosen={"chosen_by": "nothing was fitted; val sets the map of the prog score"},
            sources=weight_sources(experiment),
            prog_score=score,
        )

    plain = SongClassifier(network, card_of(None))
    column = task.genres.index(experiment.prog_genre)
    songs = read_songs(catalog, val, spec, clip_s=task.clip_s)
    tags = [plain.classify(each).probs[:, column] for each in songs]
    half_at = find_half_at(tags, quantile=experiment.prog_quantile)
    rule = (
        f"p / (p + {half_at:.5f}), where p is the tag's probability: the "
        f"{experiment.prog_quantile:g} quantile of the mean score of {len(val)} songs of val known "
        "not to be prog lies at .5. "
        "A rank score, not a probability."
    )
    log(rule)
    card = card_of(ProgScore(genre=experiment.prog_genre, half_at=half_at, rule=rule))
    classifier = SongClassifier(network, card)
    metrics = measure_scores(classifier, catalog, experiment, None, log)
    return _store(classifier, card, metrics, experiment, out, log, started)


def teach(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    out: Path | None = None,
) -> Bundle:
    """Fit a network on a teacher's prog score of every segment, choose on val, store a bundle.

    Parameters
    ----------
    experiment : Experiment
        With `training.teacher`, a binary head and `prog_genre` the second genre.
    data, command, log, out
        As for `make_tagger`. All songs of the task's sources that have a split take part.

    Returns
    -------
    Bundle

    Raises
    ------
    ParameterError, DatasetError, CheckpointError, JobError
        A setting, the data, no such teacher, or a training that went wrong.
    """
    from genre_core.evaluation.prog_scores import songs_of
    from genre_core.inference.songs import SongClassifier
    from genre_core.training.fit import Part, fit_experiment
    from genre_core.training.teaching import scaled_by, taught

    started = time.perf_counter()
    settings, task = experiment.training, experiment.task
    require(
        task.head == "binary" and experiment.prog_genre == task.genres[1],
        "A network that learns prog scores has a binary head, its second genre being prog.",
        (task.head, experiment.prog_genre),
        "Set head = 'binary', genres = ['non-prog', 'prog'] and prog_genre = 'prog'.",
    )
    teacher = SongClassifier.load(find_bundle(settings.teacher))
    require(
        teacher.card.prog_score is not None,
        "A teacher must give a prog score.",
        teacher.name,
        "Choose a network whose card has one.",
    )
    catalog = check(find_dataset(data))
    frame = songs_of(catalog, task.sources)
    frames = {name: frame[frame["split"] == name] for name in SPLITS}
    log(f"{experiment.name}: " + ", ".join(f"{name} {len(each)}" for name, each in frames.items()))
    spec = song_input(experiment.input)
    if spec.bound and not spec.scales:
        log("scaling, from the training songs")
        plain = dataclasses.replace(spec, bound=0.0)
        spec = scaled_by(spec, read_songs(catalog, frames["train"], plain, clip_s=task.clip_s))
        experiment = dataclasses.replace(experiment, input=spec)

    def part(name: str) -> Part:
        inputs, targets = [], []
        told = _told(log, f"{name} songs")
        songs = read_songs(catalog, frames[name], spec, clip_s=task.clip_s, progress=told)
        lessons = read_songs(catalog, frames[name], teacher.spec, clip_s=task.clip_s)
        for song, lesson in zip(songs, lessons, strict=True):
            said = teacher.classify(lesson)
            inputs.append(np.array(song.inputs))
            targets.append(taught(song, said.start_s, said.end_s, said.scores))
        soft = np.concatenate(targets).astype(np.float32)[:, np.newaxis]
        return Part(np.concatenate(inputs), (soft[:, 0] > 0.5).astype(np.int64), soft=soft)

    train, val = part("train"), part("val")
    log(f"{len(train.covers)} segments to learn from, {len(val.covers)} to choose on")
    fitted = fit_experiment(
        experiment, train, val, key="", cache_dir=home() / "caches" / "maps", log=log
    )
    kept = fitted.history[fitted.history["chosen"]]
    kept = kept[kept["run"] == fitted.best_run].iloc[0]
    card = make_card(
        experiment,
        catalog,
        frames,
        command=command,
        started=started,
        n_runs=settings.repeats,
        split_rule=SPLIT_RULE,
        chosen={
            "chosen_run": int(kept["run"]),
            "chosen_epoch": int(kept["epoch"]),
            "chosen_by": settings.select,
            "chosen_value": round(float(kept[settings.select]), 4),
            "n_segments": len(train.covers),
        },
        sources=weight_sources(experiment),
        prog_score=ProgScore(
            genre=experiment.prog_genre,
            rule=f"Learnt from the prog score of {teacher.name}: a rank score, no probability.",
        ),
    )
    classifier = SongClassifier(fitted.network, card)
    metrics = measure_scores(classifier, catalog, experiment, teacher, log)
    history = fitted.history.round(5).to_csv(index=False)
    return _store(classifier, card, metrics, experiment, out, log, started, history)


def _store(
    classifier: SongClassifier,
    card: Any,
    measured: tuple[dict[str, Any], pd.DataFrame],
    experiment: Experiment,
    out: Path | None,
    log: Log,
    started: float,
    history: str = "",
) -> Bundle:
    from genre_core.inference.checkpoint import save_network

    metrics, predictions = measured
    folder = home() / "runs" / f"{int(time.time())}-{experiment.name}" / card.name
    save_network(classifier.network, card, folder)
    if history:
        atomic_write(folder / HISTORY_FILE, history)
    atomic_write(folder / METRICS_FILE, json.dumps(metrics, indent=1) + "\n")
    with atomic_path(folder / PREDICTIONS_FILE) as path:
        predictions.to_parquet(path, index=False)
    target = put_in_place(folder, out)
    log(f"{card.name} is ready after {time.perf_counter() - started:.0f} s")
    return open_bundle(target)


def _told(log: Log, what: str) -> Callable[[int, int, str], None]:
    def tell(done: int, total: int, _: str) -> None:
        if done % 50 == 0 or done == total:
            log(f"{what}: {done} of {total}")

    return tell
