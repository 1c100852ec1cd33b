"""Let a network with a prog score hear the songs people know, and store what it gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core.config import Experiment, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.item import SPLITS
from genre_core.data.song_inputs import read_songs
from genre_core.errors import DatasetError
from genre_core.evaluation.prog_rates import NON_PROG
from genre_core.evaluation.prog_scores import RENDERED, songs_of
from genre_core.evaluation.report import Figure, interval_dict
from genre_core.jobs.fits.kinds import need_medium
from genre_core.metrics.intervals import MIN_GROUPS
from genre_core.metrics.references import References, high_genres, is_thin, told_apart
from genre_core.progress import Log
from genre_core.runs.bundle import Bundle
from genre_core.runs.card import Card
from genre_core.runs.references import StoredReferences, save_references

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SONGS = 100
"""Songs a genre: more would make nothing surer, and hearing them takes hours."""

_PROG_WORDS = ("prog", NON_PROG, f"{NON_PROG} (presumed)", "prog-leaning", "unknown")
_PROG = {"prog": 1, NON_PROG: 0, f"{NON_PROG} (presumed)": 0}


def write_references(
    bundle: Bundle, catalog: Catalog, *, command: str, log: Log
) -> StoredReferences | None:
    """Score the songs of a data set that have a genre, and store the scores in the bundle.

    Taken are songs with a split and a genre besides words for prog, at most `MAX_SONGS` a genre;
    those that the network learned from only where a genre has too few others. What is stored of
    each are its mean score, genre, number of its artist, label, and whether the network learned
    from it: no names, no sound. None where the data set has no such songs. Features are kept on
    disk: after a network was trained again this takes a minute.

    Raises
    ------
    ParameterError, DecodeError
        A network without a prog score, a song that cannot be read any more.
    """
    require(
        bundle.card.prog_score is not None,
        "References are for networks of songs that give a prog score.",
        bundle.name,
        "Name another model.",
    )
    experiment = from_dict(Experiment, bundle.card.experiment)
    need_medium(experiment, catalog)
    frame = reference_songs(catalog, bundle.card)
    if frame.empty:
        log(f"{catalog.head.name} has no songs with genres: no references")
        return None
    from genre_core.inference.songs import SongClassifier

    classifier = SongClassifier.load(bundle)
    clip_s = experiment.task.clip_s
    scores, seconds = [], []
    for done, song in enumerate(read_songs(catalog, frame, classifier.spec, clip_s=clip_s), 1):
        scores.append(float(np.mean(np.asarray(classifier.classify(song).scores))))
        seconds.append(float(song.end_s[-1]))
        if done % 50 == 0 or done == len(frame):
            log(f"{bundle.name}: {done} of {len(frame)} songs")
    songs = References(
        np.round(scores, 4),
        frame["genre"].to_numpy(np.str_),
        _numbers(frame),
        frame["prog"].to_numpy(np.int64),
        frame["heard"].to_numpy(np.bool_),
        (frame["source"] == RENDERED).to_numpy(),
    )
    data: dict[str, Any] = {
        "name": catalog.head.name,
        "title": catalog.head.title,
        "digest": catalog.digest,
        "is_own": _is_own(catalog, bundle.card),
        "seconds": [round(min(seconds), 1), round(max(seconds), 1)],
        "rule": f"songs with a split and a genre, at most {MAX_SONGS} a genre; those it learned "
        "from only where a genre has too few others",
    }
    high = tuple(
        {"genre": genre} | interval_dict(interval) for genre, interval in high_genres(songs)
    )
    stored = StoredReferences(songs, data, high, _told_apart(songs))
    save_references(stored, bundle.card.model_sha256, command, bundle.folder)
    return stored


def _told_apart(songs: References) -> Figure:
    chance = told_apart(songs)
    if chance is None:
        return {}
    if isinstance(chance, float):
        return {"value": round(chance, 4), "no_interval": f"fewer than {MIN_GROUPS} artists"}
    return interval_dict(chance)


def reference_songs(catalog: Catalog, card: Card) -> pd.DataFrame:
    """Select the reference songs of a data set; with `genre`, `prog` (1, 0, -1) and `heard`."""
    frame = catalog.frame
    frame = frame[frame["split"].isin(SPLITS)]
    frame = frame.assign(
        genre=frame["labels"].map(_genre),
        prog=frame["labels"].map(_prog),
        heard=frame["item_id"].isin(_heard(catalog, card)),
    )
    frame = frame[frame["genre"] != ""].sort_values("item_id")
    kinds = frame.groupby(["genre", frame["source"] == RENDERED], sort=True)
    kept = [_chosen(own) for _, own in kinds]
    return pd.concat(kept).sort_values("item_id") if kept else frame


def _chosen(own: pd.DataFrame) -> pd.DataFrame:
    """Choose from the songs of one kind: evenly spread, so that not one artist fills the places."""
    unheard = own[~own["heard"]]
    if not is_thin(len(unheard), len(np.unique(_numbers(unheard)))):
        own = unheard
    places = np.linspace(0, len(own) - 1, min(len(own), MAX_SONGS)).round().astype(int)
    return own.iloc[places]


def _heard(catalog: Catalog, card: Card) -> Sequence[str]:
    """Name the items that a network learned from: of its own data set alone is that known."""
    training = card.experiment.get("training", {})
    if not _is_own(catalog, card) or training.get("method") == "none":
        return []
    task = card.experiment.get("task", {})
    songs = songs_of(catalog, tuple(task.get("sources", ())))
    if training.get("folds") and training.get("fold_groups") != "group":
        return songs["item_id"].tolist()  # the stored network learned from all of them
    return songs.loc[songs["split"].isin(training["train_on"].split("+")), "item_id"].tolist()


def _is_own(catalog: Catalog, card: Card) -> bool:
    return card.data.get("digest") == catalog.digest


def _genre(labels: Sequence[str]) -> str:
    return next((label for label in labels if label not in _PROG_WORDS), "")


def _prog(labels: Sequence[str]) -> int:
    return next((_PROG[label] for label in labels if label in _PROG), -1)


def _numbers(frame: pd.DataFrame) -> np.ndarray:
    """Give each artist a number; a song without one gets a number below 0 of its own."""
    artist = frame["artist"].fillna("").to_numpy(dtype=object)
    group = frame["group"].to_numpy(dtype=object)
    known = (artist != "") & (group != "")
    numbers = -1 - np.arange(len(frame))
    numbers[known] = pd.factorize(group[known])[0]
    return numbers


def need_references(stored: StoredReferences | None, catalog: Catalog) -> StoredReferences:
    """Refuse a data set in which no song has a genre."""
    if stored is None:
        raise DatasetError(
            "References are songs with a split and a genre.",
            received=f"{catalog.head.name}, which has none",
            cure="Import a data set whose songs have genres.",
        )
    return stored
