"""Evaluations as runs: any network on any data set whose labels mean its genres or tags."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.errors import DatasetError, Problem
from genre_core.evaluation.mapping import GenreMapping, map_genres
from genre_core.jobs.evaluation_steps import PartsMaker
from genre_core.jobs.fits.kinds import kind_of, need_medium
from genre_core.jobs.kept_parts import KeptParts
from genre_core.jobs.run_control import data_place
from genre_core.jobs.seen_items import seen_items
from genre_core.jobs.steps import Engine, LocalEngine, StepPlace
from genre_core.jobs.storing import versions_of
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.card import Card
from genre_core.runs.evaluations import (
    EvaluationRecord,
    model_facts,
    save_evaluation,
    segment_table,
)
from genre_core.runs.run_folder import Request, RunFolder
from genre_core.training.training_state import NoWatcher, Watcher

if TYPE_CHECKING:
    from genre_core.evaluation.item_answers import Answers
    from genre_core.evaluation.report import Scored

SPLITS = ("test", "all")
"""What can be evaluated: the test split, or every item."""

AT_ONCE = {"cover": 128, "song": 8}
"""Items of a part: so many at most are read again where a run was stopped or killed."""

_VERSION = 1  # Raise it when parts would hold something else.
_NAMED, _LOGGED = 200, 20


def evaluation_request(
    model: str,
    data: str,
    *,
    split: str = "test",
    mapping: Mapping[str, str] | None = None,
    neutralise: int = 0,
    command: str = "",
    device: str = "auto",
    engine: Mapping[str, Any] | None = None,
) -> Request:
    """Write down an evaluation as a run's request.

    Parameters
    ----------
    model : str
        A bundle's name or folder.
    data : str
        What `data.importers.find_dataset` takes; a path becomes absolute.
    split : {"test", "all"}
        The items: those of the test split, or every one.
    mapping : mapping, optional
        What labels mean, by hand, see `evaluation.mapping.map_genres`.
    neutralise : int
        Of so many items at most it is measured too whether the answers hold where it is hidden how
        their files were made, see `evaluation.answered.measure_neutralised`; 0 for none.
    command : str
        How this is typed, for the record.
    device : str
        See `training.devices.on_device`.
    engine : mapping, optional
        Who asks the network, see `jobs.engines.engine_settings`; this machine by default.

    Raises
    ------
    CheckpointError, ParameterError
        No such network, or one of which only the record is here.
    """
    bundle = find_bundle(model)
    require(
        bundle.has_network,
        "A network that is evaluated must be here.",
        f"{bundle.name}, of which only the record is",
        f"Train it again: python -m genre_core train "
        f"{bundle.card.experiment.get('name', 'NAME')} --data SET.",
    )
    require(split in SPLITS, "split must be 'test' or 'all'.", split, "Use 'test' where in doubt.")
    require(
        neutralise >= 0,
        "neutralise must be a number of items, 0 or more.",
        neutralise,
        "Use 200, or 0 for none.",
    )
    settings = {
        "model": str(bundle.folder.absolute()) if Path(model).is_dir() else model,
        "data": data_place(data, "An evaluation"),
        "split": split,
        "mapping": dict(mapping or {}),
        "neutralise": neutralise,
        "command": command,
        **({"engine": dict(engine)} if engine else {}),
    }
    title = f"Evaluation of {bundle.name} on {Path(data).name}"
    return Request("evaluate", title, settings, device)


def names_genres(bundle: Bundle) -> bool:
    """Tell whether a network was made to name one genre an item, not tags or a prog score."""
    experiment = from_dict(Experiment, bundle.card.experiment)
    return bundle.card.head != "multilabel" and kind_of(experiment) not in ("tagger", "pupil")


def items_of(
    bundle: Bundle, catalog: Catalog, split: str, by_hand: Mapping[str, str] | None = None
) -> tuple[GenreMapping, pd.DataFrame]:
    """Choose the items that a network is evaluated on; give the mapping of all, and these.

    Raises `DatasetError` and `ParameterError`: another medium, labels that mean no genre, or no
    item in the test split. Of a network that gives tags two of them must be meant.
    """
    experiment = from_dict(Experiment, bundle.card.experiment)
    need_medium(experiment, catalog)
    mapping = map_genres(catalog, experiment.task, by_hand)
    items = mapping.items
    if split == "test":
        items = items[items["split"] == "test"]
    if not len(items):
        raise DatasetError(
            f"The test split of {catalog.head.name!r} must have an item of a genre.",
            received=f"none among {len(mapping.items):,} items of genres",
            cure="Evaluate all items with --split all, or import the data with new splits.",
        )
    return mapping, items.reset_index(drop=True)


def carry_out_evaluation(
    run: RunFolder,
    progress: Progress,
    log: Log,
    *,
    engine: Engine | None = None,
    watcher: Watcher | None = None,
) -> EvaluationRecord:
    """Do what an evaluation's run asks for; what is answered is kept, some items at a time.

    With an `engine` others than this process ask the network; `watcher` may ask them to stop.
    """
    from genre_core.evaluation.answered import (
        answered_table,
        measure_answers,
        measure_neutralised,
    )
    from genre_core.evaluation.item_answers import Answers
    from genre_core.evaluation.tags import only_tags

    settings = run.request().settings
    bundle, catalog = find_bundle(settings["model"]), find_dataset(settings["data"])
    card, split, by_hand = bundle.card, settings["split"], settings["mapping"]
    mapping, items = items_of(bundle, catalog, split, by_hand)
    gives_tags = card.head == "multilabel"
    what = f"{card.media}s"
    log(f"{bundle.name} on {catalog.head.name}: {len(items):,} {what}")
    # A recipe's cut is for its own data; what others bring is heard to its end, as it is served.
    is_own = card.data.get("digest") == catalog.digest
    clip_s = float(card.experiment["task"].get("clip_s", 0.0)) if is_own else 0.0
    key = [_VERSION, card.model_sha256, catalog.digest, split, by_hand, clip_s]
    parts = KeptParts(run.states, key, AT_ONCE[card.media], progress, log)
    place = StepPlace(run.states, watcher or NoWatcher(), log)
    maker = PartsMaker(settings, bundle, catalog, clip_s, parts, engine or LocalEngine(), place)
    answers = Answers.joined(
        (start, Answers(**arrays)) for start, arrays in maker.make("answers", items, what)
    )
    left_out = _left_out(answers, log)
    if gives_tags:
        card, answers = only_tags(bundle.card, answers, mapping.genres)
    frame = items.iloc[answers.place].reset_index(drop=True)
    learnt = mapping.items if split == "test" else mapping.items[:0]
    learnt = learnt[learnt["split"].isin(["train", "val"])].reset_index(drop=True)
    baseline, no_baseline = _baseline(card, learnt, frame, answers.colours, maker)
    train = learnt.loc[learnt["split"] == "train", "genre_index"].to_numpy()
    is_seen, is_known = seen_items(bundle, catalog, frame)
    n_seen = int(is_seen.sum())
    what_lacks = {
        f"{len(left_out):,} could not be read and take no part.": bool(left_out),
        no_baseline: baseline is None,
        "Majority and shares are those of these items themselves.": not len(train),
        f"The network may have learnt from {n_seen:,} of them: figures flatter.": n_seen > 0,
        "Which files the network learnt from is not known here.": not is_known,
    }
    notes = [*mapping.notes(), *(note for note, holds in what_lacks.items() if holds)]
    if card.prog_score is not None and not names_genres(bundle):
        notes.insert(0, f"It gives a prog score, and says prog from .5 on. {card.prog_score.rule}")
    for note in notes:
        log(note)
    log("figures and their intervals")
    data = {"name": catalog.head.name, "digest": catalog.digest}
    metrics = measure_answers(
        card,
        frame,
        answers,
        learnt=train,
        baseline=baseline,
        is_seen=is_seen,
        split=split,
        split_rule=f"{'test split' if split == 'test' else 'every item'} of {catalog.head.name}",
        n_runs=int(card.provenance.get("n_runs", 1)),
        about={"data": data, "notes": notes},
    )
    if n_neutral := settings.get("neutralise", 0):
        # What was learnt by heart falls whatever is changed: of those not learnt, if there are any.
        asked = answers.place if is_seen.all() else answers.place[~is_seen]
        some = np.sort(np.random.default_rng(0).permutation(asked)[:n_neutral])
        log(f"{len(some):,} {what} once more, with how their files were made hidden")
        made = maker.make("neutralised", items.iloc[some], f"{what}, neutralised")
        neutral = Answers.joined((start, Answers(**arrays)) for start, arrays in made)
        neutral = neutral._replace(place=some[neutral.place])
        if gives_tags:
            _, neutral = only_tags(bundle.card, neutral, mapping.genres)
        metrics["neutralised"] = measure_neutralised(card, items, answers, neutral) | {
            "is_seen": bool(is_seen.all())
        }
    about = {
        "model": model_facts(bundle) | {"genres": list(card.genres)},
        "data": data | {"title": catalog.head.title, "media": card.media},
        "split": split,
        "mapping": mapping.to_dict(),
        "mapped_by": "recipe" if mapping.is_by_recipe else "labels",
        **({"tags_rule": mapping.tags_rule} if gives_tags else {}),
        "n_unmapped": mapping.n_unmapped,
        "n_double": mapping.n_double,
        "n_left_out": len(left_out),
        "left_out": [{"where": own.where, "what": own.what} for own in left_out[:_NAMED]],
        "n_seen": n_seen,
        "is_seen_known": is_known,
        "clip_s": clip_s,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": settings["command"],
        "versions": versions_of(card.media),
    }
    ids = items["item_id"].to_numpy()[answers.owner]
    segments = segment_table(ids, answers.spans, answers.segments)
    return save_evaluation(
        about,
        metrics,
        answered_table(card, frame, answers, is_seen),
        segments=segments if card.media == "song" else None,
        embeddings=answers.vectors,
    )


def _left_out(answers: Answers, log: Log) -> list[Problem]:
    """List what could not be read; `DatasetError` where nothing could."""
    problems = [Problem(where, reason) for where, reason in answers.left_out.tolist()]
    for problem in problems[:_LOGGED]:
        log(f"left out: {problem}")
    if not len(answers.place):
        raise DatasetError(
            "At least one item must be readable.",
            received=f"{len(problems)} that are not, first {problems[0]}",
            cure="Import the data again; what is broken is then left out.",
            problems=tuple(problems[:_NAMED]),
        )
    return problems


def _baseline(
    card: Card,
    learnt: pd.DataFrame,
    frame: pd.DataFrame,
    colours: NDArray[np.float32],
    maker: PartsMaker,
) -> tuple[Scored | None, str]:
    """Fit colours on the data set's own train and val; else say why none stands beside."""
    from genre_core.evaluation.baseline import fit_baseline

    if card.media == "song":
        return None, "No plain baseline: of songs none is cheap."
    n_genres = learnt.groupby("split")["genre_index"].nunique()
    if min(n_genres.get(name, 0) for name in ("train", "val")) < 2:
        return None, "No plain baseline: it needs train and val apart from what is evaluated."

    made = list(maker.make("colours", learnt, "covers for the baseline"))
    places = np.concatenate([start + arrays["place"] for start, arrays in made])
    features = np.concatenate([*(arrays["colours"] for _, arrays in made), colours])
    both = pd.concat([learnt.iloc[places], frame.assign(split="test")])
    return fit_baseline(both, features, len(card.genres)), ""
