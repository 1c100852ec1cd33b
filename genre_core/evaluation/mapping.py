"""Which genre of a network each label of a data set means, and which items that leaves."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from genre_core.config import Task
from genre_core.data.catalog import Catalog
from genre_core.data.item import WEIGHTS
from genre_core.data.shares import SHARES
from genre_core.data.taxonomy import match_genres, spelling_key
from genre_core.errors import DatasetError, ParameterError, describe, did_you_mean

OTHERS = "*"
"""Stands in a mapping by hand for items none of whose labels is mapped."""

How = Literal["name", "spelling", "hand", "recipe", ""]

_NAMED = 20


@dataclass(frozen=True, slots=True)
class LabelMeaning:
    """What one label of a data set means to a network.

    label: as the data set has it, or a rule of the recipe, as "source:label"
    n: items that have it; of a rule, those of the recipe's sources
    genre: of the network; "" where it means none
    how: by the same name, but for case and blanks ("spelling"), by hand, or by the recipe's rules
    """

    label: str
    n: int
    genre: str
    how: How


@dataclass(frozen=True, slots=True)
class GenreMapping:
    """From the labels of a data set to the genres of a network.

    meanings: one for each label, the commonest first, and for `OTHERS` where it is mapped; or one
        for each of the recipe's rules
    genres: the network's, in its order; of one that gives tags those that a label means
    items: those that take part, as `Catalog.select` gives them, with `genre_index`, which counts in
        `genres`
    n_unmapped: items without a label that is mapped
    n_double: items whose labels mean two genres; they take no part
    n_by_share: items whose labels mean several genres by shares; the largest stands for them
    is_by_recipe: whether the rules of the network's own recipe decide, sources and all
    tags_rule: how answers are read of a network that gives tags, in words; else ""
    """

    meanings: tuple[LabelMeaning, ...]
    genres: tuple[str, ...]
    items: pd.DataFrame
    n_unmapped: int
    n_double: int
    is_by_recipe: bool = False
    tags_rule: str = ""
    n_by_share: int = 0

    def to_dict(self) -> dict[str, str]:
        """Give the genre of each label, or rule, that means one."""
        return {own.label: own.genre for own in self.meanings if own.genre}

    def notes(self) -> tuple[str, ...]:
        """Say in sentences how tags are read, what takes no part, and why."""
        unmapped = [own.label for own in self.meanings if not own.genre]
        reason = "no label means a genre" + (f": {_listed(unmapped)}" if unmapped else "")
        if self.is_by_recipe:
            reason = "the recipe leaves their sources or labels out"
        notes = [self.tags_rule] if self.tags_rule else []
        if self.n_unmapped:
            notes.append(f"{_items(self.n_unmapped)} no part: {reason}.")
        if self.n_double:
            notes.append(f"{_items(self.n_double)} no part: labels mean two genres or more.")
        if self.n_by_share:
            notes.append(f"{_items(self.n_by_share)} part as one genre: that of the largest share.")
        return tuple(notes)


def map_genres(
    catalog: Catalog, task: Task, by_hand: Mapping[str, str] | None = None
) -> GenreMapping:
    """Map a data set's labels to a network's genres, each item to one.

    The rules of the network's recipe decide where they find items of every genre, as on the data
    that it was trained on, and nothing is mapped by hand. Otherwise a label means the genre of its
    name, or of its name but for case, blanks and hyphens (`data.taxonomy.spelling_key`).

    Of a network that gives tags (a multilabel head) only those that a label means count, as if it
    knew no others. An item whose labels mean two genres takes no part, whatever the network: no one
    answer would be right.

    Parameters
    ----------
    catalog : Catalog
        The data set.
    task : Task
        Of the network's recipe.
    by_hand : mapping, optional
        From labels to genres of the network, or to "" for none. `OTHERS` stands for items that have
        labels, none of which is mapped by name or by hand: ``{"*": "other"}``.

    Returns
    -------
    GenreMapping
        At least one item.

    Raises
    ------
    ParameterError
        By hand a label that the data set has not, or a genre that the network has not.
    DatasetError
        No item of any genre; of a network that gives tags, fewer than two tags that a label means.

    Examples
    --------
    >>> from pathlib import Path
    >>> from genre_core.data.catalog import DatasetHead
    >>> from genre_core.data.item import items_frame
    >>> labels = (["hip hop"], ["Rock", "90s"], ["Polka"])
    >>> rows = [{"item_id": str(k), "labels": own} for k, own in enumerate(labels)]
    >>> mine = Catalog(DatasetHead("mine", "Mine", "", ""), Path("."), items_frame(rows))
    >>> mapping = map_genres(mine, Task(genres=("Hip-Hop", "Rock", "Pop")))
    >>> mapping.to_dict(), mapping.items["genre_index"].tolist()
    ({'Rock': 'Rock', 'hip hop': 'Hip-Hop'}, [0, 1])
    >>> mapping.notes()
    ('1 item takes no part: no label means a genre: 90s, Polka.',)
    >>> map_genres(mine, Task(genres=("Jazz", "Soul")))
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: At least one label of the data must mean a genre of the \
network. Received labels 90s, Polka, Rock, hip hop and genres Jazz, Soul. Say what labels mean, \
as in --map 'prog rock=prog', or --map '*=other' for all others.
    """
    by_hand = dict(by_hand or {})
    meanings = label_meanings(catalog, task, by_hand)
    if (task.rules or task.sources) and not by_hand:
        try:
            return _by_recipe(catalog, task)
        except DatasetError:
            pass  # other labels, or genres that this data has not: names decide
    labels = catalog.frame["labels"].tolist()
    index = {own.label: task.genres.index(own.genre) for own in meanings if own.genre}
    barred = {label for label, genre in by_hand.items() if not genre}
    genres = [{index[label] for label in own if label in index} for own in labels]
    if by_hand.get(OTHERS):
        other = task.genres.index(by_hand[OTHERS])
        is_other = [
            bool(own) and not genre and barred.isdisjoint(own)
            for own, genre in zip(labels, genres, strict=True)
        ]
        genres = [
            {other} if is_it else genre for is_it, genre in zip(is_other, genres, strict=True)
        ]
        meanings = (*meanings, LabelMeaning(OTHERS, sum(is_other), by_hand[OTHERS], "hand"))
    n_by_share = 0
    if WEIGHTS in catalog.columns:
        rows = zip(genres, labels, catalog.frame[WEIGHTS], strict=True)
        by_share = [
            _largest(own, dict(zip(names, w, strict=False)), index) for own, names, w in rows
        ]
        n_by_share = sum(len(own) > len(one) for own, one in zip(genres, by_share, strict=True))
        genres = by_share
    n_genres = np.array([len(own) for own in genres])
    if not (n_genres == 1).any():
        rule = "At least one label of the data must mean a genre of the network"
        if n_genres.any():
            rule = "At least one item must be a single genre of the network: each here is several"
        raise _refused(rule, meanings, task)
    items = catalog.frame[n_genres == 1]
    items = items.assign(genre_index=np.array([own.pop() for own in genres if len(own) == 1]))
    n_unmapped, n_double = int((n_genres == 0).sum()), int((n_genres > 1).sum())
    mapping = GenreMapping(
        meanings, task.genres, items, n_unmapped, n_double, n_by_share=n_by_share
    )
    return _of_tags(mapping, task)


def label_meanings(
    catalog: Catalog, task: Task, by_hand: Mapping[str, str] | None = None
) -> tuple[LabelMeaning, ...]:
    """Say what each label means by name, by spelling or by hand, the commonest label first.

    Unlike `map_genres` it needs no label to mean anything, and asks no recipe. Raises
    `ParameterError` as that does.
    """
    by_hand = dict(by_hand or {})
    counts = Counter(label for own in catalog.frame["labels"] for label in dict.fromkeys(own))
    _check(by_hand, counts, task)
    near = {spelling_key(genre): genre for genre in reversed(task.genres)}
    meanings = []
    for label, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if label in by_hand:
            meanings.append(LabelMeaning(label, n, by_hand[label], "hand"))
        elif label in task.genres:
            meanings.append(LabelMeaning(label, n, label, "name"))
        else:
            genre = near.get(spelling_key(label), "")
            meanings.append(LabelMeaning(label, n, genre, "spelling" if genre else ""))
    return tuple(meanings)


def _of_tags(mapping: GenreMapping, task: Task) -> GenreMapping:
    """Leave out the tags that no label means, where a network gives tags."""
    if task.head != "multilabel":
        return mapping
    meant = {own.genre for own in mapping.meanings}
    genres = tuple(genre for genre in task.genres if genre in meant)
    if len(genres) < 2:
        rule = "Of a network that gives tags, labels of the data must mean two or more"
        raise _refused(rule, mapping.meanings, task)
    places = np.array([genres.index(genre) if genre in meant else -1 for genre in task.genres])
    items = mapping.items.assign(genre_index=places[mapping.items["genre_index"].to_numpy()])
    rule = (
        f"The network gives {len(task.genres)} tags; its answer is the highest of the "
        f"{len(genres)} that labels mean ({_listed(genres)}). Their scores, scaled to sum 1, stand "
        "as probabilities; the ROC AUC goes by the scores as they are."
    )
    return dataclasses.replace(mapping, genres=genres, items=items, tags_rule=rule)


def _refused(rule: str, meanings: tuple[LabelMeaning, ...], task: Task) -> DatasetError:
    labels = sorted(own.label for own in meanings if own.label != OTHERS)
    return DatasetError(
        f"{rule}.",
        received=f"labels {_listed(labels) or '(none)'} and genres {_listed(task.genres)}",
        cure="Say what labels mean, as in --map 'prog rock=prog', or --map '*=other' for all "
        "others.",
    )


def _largest(genres: set[int], weights: dict[str, float], index: dict[str, int]) -> set[int]:
    """Keep the largest of the genres that an item is by shares, the first among equals."""
    if not weights or len(genres) < 2:
        return genres
    shares = dict.fromkeys(sorted(genres), 0.0)
    for label, weight in weights.items():
        if label in index:
            shares[index[label]] += weight
    return {max(shares, key=lambda genre: shares[genre])}


def _by_recipe(catalog: Catalog, task: Task) -> GenreMapping:
    items = catalog.select(task)
    n_unmapped, n_double, n_by_share = len(catalog) - len(items), 0, 0
    if task.head == "multilabel":
        is_one = items["genre_indices"].map(len) == 1
        if SHARES in items:
            is_one |= items[WEIGHTS].map(len) > 0  # the largest share decides
        items, n_double = items[is_one], int((~is_one).sum())
    if SHARES in items:
        n_by_share = int(sum(np.count_nonzero(shares) > 1 for shares in items[SHARES]))
    labels, sources = items["labels"].tolist(), items["source"].tolist()
    meanings = []
    for place, genre in enumerate(task.genres):
        for rule in task.rules.get(genre, (genre,)):
            alone = dataclasses.replace(task, rules={**task.rules, genre: (rule,)})
            n = int(match_genres(labels, sources, alone)[:, place].sum())
            meanings.append(LabelMeaning(rule, n, genre, "recipe"))
    genres = task.genres
    mapping = GenreMapping(
        tuple(meanings),
        genres,
        items,
        n_unmapped,
        n_double,
        is_by_recipe=True,
        n_by_share=n_by_share,
    )
    return _of_tags(mapping, task)


def _check(by_hand: Mapping[str, str], counts: Mapping[str, int], task: Task) -> None:
    for label, genre in by_hand.items():
        if label not in counts and label != OTHERS:
            raise ParameterError(
                "What is mapped by hand must be a label of the data.",
                received=describe(label),
                cure=did_you_mean(label, counts),
            )
        if genre and genre not in task.genres:
            raise ParameterError(
                "A label is mapped to a genre of the network, or to nothing.",
                received=describe(genre),
                cure=did_you_mean(genre, task.genres),
            )


def _items(n: int) -> str:
    return f"{n:,} item takes" if n == 1 else f"{n:,} items take"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest
