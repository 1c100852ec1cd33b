"""What a card says of a network in words: the recipe's, where its data is the recipe's own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from genre_core.config import Experiment, SongInput, list_experiments, load_experiment
from genre_core.data.catalog import Catalog
from genre_core.errors import GenreError
from genre_core.runs.bundle import find_bundle

_NUMBERS = (
    *("No", "One", "Two", "Three", "Four", "Five", "Six"),
    *("Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"),
)
_MAX_TITLE = 60  # signs of a data set's
_FEW_GROUPS = 30  # below it a bootstrap's interval is too narrow
_MOST = 0.6
_MILLION_SONGS = (
    "The layers below were trained on the Million Song Dataset; that none of these songs is in it "
    "was not checked."
)


class CardTexts(NamedTuple):
    """Title, description and confounds of a card."""

    title: str
    description: str
    confounds: tuple[str, ...]


def card_texts(
    experiment: Experiment, catalog: Catalog, splits: dict[str, pd.DataFrame]
) -> CardTexts:
    """Write what a card says of a network, from the data that it was trained on.

    A recipe that ships speaks of its own data: of other data its title, description and confounds
    would be false, and what follows from the items takes their place. What somebody wrote into a
    recipe of their own, or changed there, stays.

    `splits` are the items that were selected, by split.
    """
    own = CardTexts(experiment.title, experiment.description, experiment.confounds)
    if experiment.name not in list_experiments():
        return own
    recipe = load_experiment(experiment.name)
    if _is_of_recipe(experiment, recipe, catalog):
        return own
    derived = _derived(experiment, catalog, splits)
    return CardTexts(
        derived.title if own.title == recipe.title else own.title,
        derived.description if own.description == recipe.description else own.description,
        derived.confounds if own.confounds == recipe.confounds else own.confounds,
    )


def _is_of_recipe(experiment: Experiment, recipe: Experiment, catalog: Catalog) -> bool:
    """Tell whether the data is that of which a recipe speaks.

    It has the sources that the recipe names; or it is the data set of the bundle that ships; or it
    has all genres of a taxonomy that no other data has by chance.
    """
    task, own = experiment.task, recipe.task
    if (task.genres, task.sources, task.rules) != (own.genres, own.sources, own.rules):
        return False
    rules = (rule.partition(":") for rules in own.rules.values() for rule in rules)
    named = {*own.sources, *(source for source, colon, _ in rules if colon)}
    if named:
        return named <= set(catalog.frame["source"])
    try:
        if find_bundle(recipe.bundle_name).card.data.get("digest") == catalog.digest:
            return True
    except GenreError:
        pass
    return len(own.genres) > 2


def _derived(
    experiment: Experiment, catalog: Catalog, splits: dict[str, pd.DataFrame]
) -> CardTexts:
    is_song = isinstance(experiment.input, SongInput)
    media, item = ("songs", "a song") if is_song else ("covers", "an album cover")
    genres, title = experiment.task.genres, catalog.head.title or catalog.head.name
    short = title if len(title) <= _MAX_TITLE else f"{title[: _MAX_TITLE - 3].rstrip()}..."
    counts = [f"{len(items):,} of {name}" for name, items in splits.items() if len(items)]
    data = f"{media} of {title!r} ({', '.join(counts) or 'none'})"
    recipe = f"by the recipe {experiment.name}"
    items = pd.concat(splits.values()) if splits else catalog.frame[:0]
    confounds = _confounds(experiment, items, splits, media)
    if experiment.training.is_taught or experiment.training.method == "none":
        description = f"Gives a prog score to each part of {item}, learnt {recipe} with {data}."
        return CardTexts(f"A prog score from {media} of {short}", description, confounds)
    n = _NUMBERS[len(genres)] if len(genres) < len(_NUMBERS) else str(len(genres))
    what = f"{n} genres" if len(genres) > 2 else " or ".join(genres)
    listed = f"{', '.join(genres[:-1])} or {genres[-1]}"
    answers = "Names genres" if experiment.task.head == "multilabel" else "Names one genre"
    return CardTexts(
        f"{what} from {media} of {short}",
        f"{answers} of {item}: {listed}. Learnt {recipe} from {data}.",
        confounds,
    )


def _confounds(
    experiment: Experiment, items: pd.DataFrame, splits: dict[str, pd.DataFrame], media: str
) -> tuple[str, ...]:
    genres, texts = experiment.task.genres, []
    if not len(items):
        return ()
    share = float((items["artist"] == "").mean())
    if share > 0:
        whose = "Artists are unknown" if share == 1 else f"Of {share:.0%} the artist is unknown"
        texts.append(f"{whose}: one may stand both in training and in test.")
    sources = sorted({*items["source"]} - {""})
    if len(sources) < 2:
        texts.append(
            f"All {media} come from one source: what the network is worth on others was not "
            "measured."
        )
    elif "genre_index" in items:
        texts += _coincidences(items, genres)
    if "genre_index" in items and experiment.task.head != "multilabel":
        most = np.bincount(items["genre_index"], minlength=len(genres)) / len(items)
        if most.max() > _MOST:
            texts.append(
                f"{most.max():.0%} of the {media} are {genres[most.argmax()]}: an accuracy near "
                "that share says nothing."
            )
        texts.append(
            f"The network always names one of its {len(genres)} genres, also for "
            f"{media} of none of them."
        )
    test = splits.get("test", items[:0])
    n_groups = test["group"].where(test["group"] != "", test["item_id"]).nunique()
    if 0 < n_groups < _FEW_GROUPS:
        texts.append(f"The test has {n_groups} artists or groups: its figures are rough.")
    if experiment.network.get("weights") == "pretrained":
        texts.append(_MILLION_SONGS)
    return tuple(texts)


def _coincidences(items: pd.DataFrame, genres: tuple[str, ...]) -> list[str]:
    """Name each genre that one source has all of, and nothing else."""
    table = pd.crosstab(items["source"], items["genre_index"])
    texts = []
    for genre in table:
        [*where] = table.index[table[genre] > 0]
        if len(where) == 1 and int((table.loc[where[0]] > 0).sum()) == 1:
            texts.append(
                f"Source and label coincide: {genres[int(genre)]} alone comes from "
                f"{where[0] or 'no named source'}, and from nowhere else. Whatever tells that "
                "source apart looks like the genre."
            )
    return texts
