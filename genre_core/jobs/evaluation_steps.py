"""What an evaluation asks a network, some items a step."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from genre_core.data.catalog import Catalog
from genre_core.data.media_files import Each
from genre_core.errors import JobError
from genre_core.jobs.kept_parts import Arrays, KeptParts, Made
from genre_core.jobs.same_data import data_of_step
from genre_core.jobs.steps import Engine, LocalEngine, Needs, Step, StepPlace
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

Asker = Callable[[pd.DataFrame, Each], Arrays]
"""Asks about some items, telling of each, and gives arrays."""


def asker(what: str, bundle: Bundle, catalog: Catalog, clip_s: float = 0.0) -> Asker:
    """Make what asks a network; it is loaded with the first question.

    `what` is "answers"; "neutralised", with how the files were made hidden; or "colours", which
    describes covers for the baseline and asks nothing.
    """
    from genre_core.evaluation.item_answers import answer_covers, answer_songs, describe_colours

    if what == "colours":

        def describe(some: pd.DataFrame, each: Each) -> Arrays:
            places, rows = describe_colours(catalog, some, each=each)
            return {"place": places, "colours": rows}

        return describe
    is_neutral = what == "neutralised"
    folder, sha = str(bundle.folder), bundle.card.model_sha256
    if bundle.card.media == "song":
        return lambda some, each: answer_songs(
            _hearing(folder, sha),
            catalog,
            some,
            clip_s=clip_s,
            neutralised=is_neutral,
            each=each,
        )._asdict()
    return lambda some, each: answer_covers(
        _seeing(folder, sha), catalog, some, neutralised=is_neutral, each=each
    )._asdict()


class PartsMaker:
    """Makes an evaluation's parts: here, or as the steps of a cluster before they are read here.

    `settings` are the run's; `parts` keeps what is made; `place` is where the steps keep nothing.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        bundle: Bundle,
        catalog: Catalog,
        clip_s: float,
        parts: KeptParts,
        engine: Engine,
        place: StepPlace,
    ) -> None:
        self._bundle, self._catalog, self._clip_s = bundle, catalog, clip_s
        self._parts, self._engine, self._place = parts, engine, place
        self._same = {
            "model": settings["model"],
            "model_sha256": bundle.card.model_sha256,
            "data": settings["data"],
            "digest": catalog.digest,
            "clip_s": clip_s,
        }

    def make(self, what: str, items: pd.DataFrame, title: str) -> Made:
        """Give each part of these items with the row that it starts at; see `KeptParts.make`."""
        if not isinstance(self._engine, LocalEngine):
            left = self._parts.left(what, items)
            for start, arrays in self._elsewhere(what, items, left):
                self._parts.keep(what, items, start, arrays, title)
        ask = asker(what, self._bundle, self._catalog, self._clip_s)
        return self._parts.make(what, items, ask, title)

    def _elsewhere(
        self, what: str, items: pd.DataFrame, left: Sequence[range]
    ) -> Iterator[tuple[int, Arrays]]:
        ids = items["item_id"].tolist()
        steps = [
            Step(
                f"{what}-{rows.start:07d}",
                "genre_core.jobs.evaluation_steps:ask_some",
                self._same
                | {"what": what, "start": rows.start, "ids": ids[rows.start : rows.stop]},
                needs=Needs(cpus=1.0, gpus=None, memory_mb=1_500),
            )
            for rows in left
        ]
        for step, arrays in self._engine.run(steps, self._place, what="parts of the items"):
            yield step.settings["start"], arrays


def ask_some(settings: dict[str, Any], place: StepPlace) -> Arrays:
    """Do one step of an evaluation: ask about its items."""
    bundle = find_bundle(settings["model"])
    if bundle.card.model_sha256 != settings["model_sha256"]:
        raise JobError(
            "Every machine must see the network that the run was started with.",
            received=f"another {bundle.name}",
            cure="Give it by one path on all machines.",
        )
    catalog = data_of_step(settings["data"], settings["digest"])
    frame = catalog.frame.set_index("item_id", drop=False).loc[settings["ids"]]
    ask = asker(settings["what"], bundle, catalog, settings["clip_s"])
    return ask(frame.reset_index(drop=True), lambda _: None)


@functools.lru_cache(maxsize=1)
def _seeing(folder: str, sha: str) -> Classifier:
    from genre_core.inference.classifier import Classifier

    return Classifier.load(find_bundle(folder))


@functools.lru_cache(maxsize=1)
def _hearing(folder: str, sha: str) -> SongClassifier:
    from genre_core.inference.songs import SongClassifier

    return SongClassifier.load(find_bundle(folder))
