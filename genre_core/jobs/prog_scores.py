"""From a tagger to a prog score, and from a tagger's scores to networks that learnt them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import Experiment, require, song_input
from genre_core.data.audit import check
from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.data.item import SPLITS
from genre_core.data.song_inputs import read_songs, stack_segments
from genre_core.jobs.prog_measures import measure_scores
from genre_core.jobs.song_fits import scaled_by_songs, scratch_folder
from genre_core.jobs.storing import (
    SONG_SPLIT_RULE,
    chosen_epoch,
    make_card,
    store_songs,
    weight_sources,
)
from genre_core.metrics.votes import find_half_at
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.card import ProgScore

if TYPE_CHECKING:
    from genre_core.training.ledger import Ledger


def make_tagger(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    out: Path | None = None,
    ledger: Ledger | None = None,
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
    ledger : Ledger, optional
        Has the bundle until it is complete.

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
            split_rule=SONG_SPLIT_RULE,
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
    metrics, predictions = measure_scores(classifier, catalog, experiment, None, log)
    return store_songs(
        classifier.network,
        card,
        metrics,
        predictions,
        out=out,
        log=log,
        started=started,
        ledger=ledger,
    )


def teach(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    out: Path | None = None,
    ledger: Ledger | None = None,
) -> Bundle:
    """Fit a network on a teacher's prog score of every segment, choose on val, store a bundle.

    Parameters
    ----------
    experiment : Experiment
        With `training.teacher`, a binary head and `prog_genre` the second genre.
    data, command, log, out, ledger
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
    from genre_core.training.fit import fit_experiment
    from genre_core.training.part import Part
    from genre_core.training.teaching import taught

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
    experiment = scaled_by_songs(experiment, catalog, frames["train"], log)
    spec = song_input(experiment.input)
    with scratch_folder() as scratch:

        def part(name: str) -> Part:
            targets: list[NDArray[np.float64]] = []

            def learnt() -> Iterator[Segments]:
                told = _told(log, f"{name} songs")
                songs = read_songs(catalog, frames[name], spec, clip_s=task.clip_s, progress=told)
                lessons = read_songs(catalog, frames[name], teacher.spec, clip_s=task.clip_s)
                for song, lesson in zip(songs, lessons, strict=True):
                    said = teacher.classify(lesson)
                    targets.append(taught(song, said.start_s, said.end_s, said.scores))
                    yield song

            inputs, _ = stack_segments(learnt(), scratch / name)
            soft = np.concatenate(targets).astype(np.float32)[:, np.newaxis]
            return Part(inputs, (soft[:, 0] > 0.5).astype(np.int64), soft=soft)

        train, val = part("train"), part("val")
        n_segments = len(train.covers)
        log(f"{n_segments} segments to learn from, {len(val.covers)} to choose on")
        maps = home() / "caches" / "maps"
        fitted = fit_experiment(
            experiment, train, val, key="", cache_dir=maps, log=log, ledger=ledger
        )
        del train, val  # Windows removes no file that is still mapped.
    card = make_card(
        experiment,
        catalog,
        frames,
        command=command,
        started=started,
        n_runs=settings.repeats,
        split_rule=SONG_SPLIT_RULE,
        chosen=chosen_epoch(settings, fitted) | {"n_segments": n_segments},
        sources=weight_sources(experiment),
        prog_score=ProgScore(
            genre=experiment.prog_genre,
            rule=f"Learnt from the prog score of {teacher.name}: a rank score, no probability.",
        ),
    )
    classifier = SongClassifier(fitted.network, card)
    metrics, predictions = measure_scores(classifier, catalog, experiment, teacher, log)
    return store_songs(
        fitted.network,
        card,
        metrics,
        predictions,
        history=fitted.history,
        out=out,
        log=log,
        started=started,
        ledger=ledger,
    )


def _told(log: Log, what: str) -> Callable[[int, int, str], None]:
    def tell(done: int, total: int, _: str) -> None:
        if done % 50 == 0 or done == total:
            log(f"{what}: {done} of {total}")

    return tell
