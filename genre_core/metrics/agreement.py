"""Where networks that know the same genres agree on one cover, and where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require


class Answer(Protocol):
    """What one network says of a cover, such as `runs.answers.Prediction`."""

    @property
    def model(self) -> str:
        """Name of the network."""

    @property
    def genres(self) -> tuple[str, ...]:
        """What it knows."""

    @property
    def probs(self) -> NDArray[np.floating[Any]]:
        """[shape=(n_genres,)], in the order of `genres`."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """The votes of at least two networks on genres that all of them know.

    `genres` is what is voted on, as the first network spells it and in its order; `probs`
    [shape=(n_models, n_genres)] are as the networks gave them where `is_whole` (`genres` is all
    that each of them knows), otherwise scaled to sum 1.
    """

    genres: tuple[str, ...]
    models: tuple[str, ...]
    probs: NDArray[np.float64]
    is_whole: bool

    @property
    def votes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each genre that is somebody's likeliest with its voters, most voters first."""
        likeliest = self.probs.argmax(axis=1)
        voters = [
            (genre, tuple(m for m, vote in zip(self.models, likeliest, strict=True) if vote == k))
            for k, genre in enumerate(self.genres)
        ]
        voted = [(genre, models) for genre, models in voters if models]
        return tuple(sorted(voted, key=lambda pair: -len(pair[1])))

    @property
    def is_unanimous(self) -> bool:
        """Whether all have the same likeliest genre."""
        return len(self.votes) == 1

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of the networks' probabilities [shape=(n_genres,)]."""
        return np.asarray(self.probs.mean(axis=0))

    def range_of(self, genre: str) -> tuple[float, float]:
        """Return the lowest and the highest probability that a network gives to a genre."""
        column = self.probs[:, self.genres.index(genre)]
        return float(column.min()), float(column.max())


def compare_answers(answers: Sequence[Answer]) -> tuple[Agreement, ...]:
    """Compare networks on one cover, only where they know the same genres.

    Genres are the same where their names are, but for capitals, blanks and punctuation. Networks of
    one list of genres, in whatever order, are compared on all of it. Two different lists that share
    at least two genres are compared on these alone, p_g / sum of p over the shared genres: which of
    them each network finds likelier. Lists that share one genre or none are not compared, for a
    network cannot name what it does not know; nor are lists where a network gives all shared genres
    the probability 0. Whole lists come first, in the order of the answers.

    Examples
    --------
    >>> from types import SimpleNamespace as Made
    >>> one = Made(model="a", genres=("Rock", "Pop"), probs=np.array([0.6, 0.4]))
    >>> two = Made(model="b", genres=("pop", "rock"), probs=np.array([0.7, 0.3]))
    >>> [agreement] = compare_answers([one, two])
    >>> agreement.votes, agreement.is_unanimous
    ((('Rock', ('a',)), ('Pop', ('b',))), False)
    >>> compare_answers([one, one])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: Each network may answer once. Received ['a', 'a'] (list). \
Leave the second one out.
    """
    names = [answer.model for answer in answers]
    require(
        len(set(names)) == len(names),
        "Each network may answer once.",
        names,
        "Leave the second one out.",
    )
    groups: dict[frozenset[str], list[Answer]] = {}
    for answer in answers:
        values = np.asarray(answer.probs)
        require(
            values.shape == (len(answer.genres),)
            and bool(np.isfinite(values).all() and (values >= 0).all()),
            "probs must be one finite number >= 0 for each genre.",
            answer.probs,
            "Give what Classifier.classify returned.",
        )
        groups.setdefault(frozenset(map(genre_key, answer.genres)), []).append(answer)
    whole = [_agreement(group, keys) for keys, group in groups.items() if len(group) > 1]
    shared = [
        _agreement([*groups[one], *groups[other]], one & other)
        for one, other in combinations(groups, 2)
        if len(one & other) > 1
    ]
    # A network that gives all shared genres nothing has no favourite among them.
    return (*whole, *(agreement for agreement in shared if np.isfinite(agreement.probs).all()))


def _agreement(answers: Sequence[Answer], keys: frozenset[str]) -> Agreement:
    genres = tuple(genre for genre in answers[0].genres if genre_key(genre) in keys)
    rows = []
    for answer in answers:
        places = {genre_key(genre): place for place, genre in enumerate(answer.genres)}
        rows.append([float(answer.probs[places[genre_key(genre)]]) for genre in genres])
    probs = np.array(rows, dtype=np.float64)  # (n_models, n_genres)
    is_whole = all(len(answer.genres) == len(genres) for answer in answers)
    if not is_whole:
        sums = probs.sum(axis=1, keepdims=True)
        probs = np.divide(probs, sums, out=np.full_like(probs, np.nan), where=sums > 0)
    return Agreement(genres, tuple(answer.model for answer in answers), probs, is_whole)


def genre_key(genre: str) -> str:
    """Give what two spellings of a genre share: no capitals, blanks or punctuation.

    >>> genre_key("Hip-Hop") == genre_key("hip hop")
    True
    """
    return "".join(sign for sign in genre.casefold() if sign.isalnum())
