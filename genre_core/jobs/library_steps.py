"""Songs of a library scored on a cluster, some of them a step."""

from __future__ import annotations

import functools
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_core.data.scores_table import Row
from genre_core.errors import JobError
from genre_core.jobs.library import Scorer, score_song
from genre_core.jobs.steps import Engine, Needs, Step, StepPlace
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.training.training_state import NoWatcher

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier

AT_ONCE = 16
"""Songs of a step: so many at most are read again where a machine is lost."""


def scorer_on(
    engine: Engine, bundles: Sequence[Bundle], threshold: float | None, log: Log
) -> Scorer:
    """Make a scorer for `jobs.library.score_library` whose songs are read as an engine's steps.

    The songs and the networks must lie at the same paths on every machine.
    """
    networks = {str(bundle.folder.absolute()): bundle.card.model_sha256 for bundle in bundles}

    def score(songs: Iterable[tuple[Path, Row]]) -> Iterator[tuple[Path, Row]]:
        begun: dict[str, list[tuple[Path, Row]]] = {}

        def steps() -> Iterator[Step]:
            for number, some in enumerate(_batched(songs, AT_ONCE)):
                name = f"songs-{number:06d}"
                begun[name] = some
                paths = [os.fsencode(path.absolute()).decode("latin-1") for path, _ in some]
                yield Step(
                    name,
                    "genre_core.jobs.library_steps:score_some",
                    {"paths": paths, "networks": networks, "threshold": threshold},
                    needs=Needs(cpus=1.0, gpus=None, memory_mb=2_000),
                )

        with tempfile.TemporaryDirectory(prefix="library-") as folder:
            place = StepPlace(Path(folder), NoWatcher(), log)
            for step, scored in engine.run(steps(), place, what="parts of the library"):
                for (path, row), facts in zip(begun.pop(step.name), scored, strict=True):
                    yield path, row | facts

    return score


def score_some(settings: dict[str, Any], place: StepPlace) -> list[Row]:
    """Do one step of `scorer_on`: a row a song, as `jobs.library.score_song` gives it."""
    classifiers = _classifiers(tuple(sorted(settings["networks"].items())))
    ordered = [classifiers[folder] for folder in settings["networks"]]
    return [
        score_song(Path(os.fsdecode(path.encode("latin-1"))), ordered, settings["threshold"])
        for path in settings["paths"]
    ]


@functools.lru_cache(maxsize=1)
def _classifiers(networks: tuple[tuple[str, str], ...]) -> dict[str, SongClassifier]:
    """Load networks once a process; `JobError` where one is another than its checksum says."""
    from genre_core.inference.songs import SongClassifier

    loaded = {}
    for folder, sha in networks:
        bundle = find_bundle(folder)
        if bundle.card.model_sha256 != sha:
            raise JobError(
                "Every machine must see the networks that the command was started with.",
                received=f"another {bundle.name} in {folder}",
                cure="Give them by one path on all machines.",
            )
        loaded[folder] = SongClassifier.load(bundle)
    return loaded


def _batched(songs: Iterable[tuple[Path, Row]], n: int) -> Iterator[list[tuple[Path, Row]]]:
    iterator = iter(songs)
    while some := list(itertools.islice(iterator, n)):
        yield some
