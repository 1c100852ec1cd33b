"""A score's place among the scores that one network gave to songs people know.

A network's scores have a scale of its own, so a score says something only beside others of the same
network. Ties count half. Below `MIN_SONGS` songs or `MIN_GROUPS` artists a place is *thin*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.errors import ParameterError, describe
from genre_core.metrics.classification import roc_auc
from genre_core.metrics.intervals import MIN_GROUPS, Interval, NoIntervalError, bootstrap_interval
from genre_core.metrics.resampling import group_codes

MIN_SONGS = 10
"""Fewer songs are shown as dots and give no share; ours."""

ROCK_AND_POP = ("Rock", "Pop")
"""Genres that most visitors' songs are compared with first, together where both are there."""

HIGH = 0.65
"""Chance of scoring above other genres' songs from which a genre *scores high*; ours."""

_RESAMPLES, _MANY = 400, 1_000


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Scores of songs people know, all arrays [shape=(n,)].

    scores [dtype=float64]: mean prog score of each song, in [0, 1]
    genres [dtype=str]: its genre
    artists [dtype=int64]: number of its artist; an artist who is not known is a number below 0 that
        no other song has
    prog [dtype=int64]: 1 known to be prog, 0 known or presumed not to be, -1 not known
    heard [dtype=bool]: whether the network learned from it
    rendered [dtype=bool]: whether a synthesizer played it: its place is shown apart
    """

    scores: NDArray[np.float64]
    genres: NDArray[np.str_]
    artists: NDArray[np.int64]
    prog: NDArray[np.int64]
    heard: NDArray[np.bool_]
    rendered: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shapes = {getattr(self, name).shape for name in self.__slots__}
        require(
            len(shapes) == 1 and len(self.scores) > 0 and self.scores.ndim == 1,
            "References need one score, genre, artist, label and source a song, at least one.",
            sorted(shapes),
            "Write them again: python -m genre_core references.",
        )
        if not ((self.scores >= 0) & (self.scores <= 1)).all():
            raise ParameterError(
                "Scores of references must lie in [0, 1].",
                received=describe(self.scores),
                cure="Write them again: python -m genre_core references.",
            )

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, chosen: NDArray[np.bool_]) -> References:
        """Keep some songs; at least one."""
        return References(*(getattr(self, name)[chosen] for name in self.__slots__))

    @property
    def n_artists(self) -> int:
        """Artists whose names are known."""
        return len(np.unique(self.artists[self.artists >= 0]))

    @property
    def n_unknown(self) -> int:
        """Songs whose artist is not known."""
        return int((self.artists < 0).sum())

    @property
    def is_thin(self) -> bool:
        """Whether too few songs or artists stand behind it to name a share."""
        return is_thin(len(self), self.n_artists + self.n_unknown)


def is_thin(n_songs: int, n_artists: int) -> bool:
    """Tell whether so many songs by so many artists are too few to name a share."""
    return n_songs < MIN_SONGS or n_artists < MIN_GROUPS


@dataclass(frozen=True, slots=True)
class Place:
    """Where a song stands among the references of one genre.

    higher_than: share of them that score lower, in [0, 1]; None where they are thin
    low, high: 95 % bootstrap over artists of that share
    n_songs, n_artists, n_unknown, n_heard: songs, known artists, songs of unknown artists, and
        songs that the network learned from
    """

    genre: str
    higher_than: float | None
    low: float | None
    high: float | None
    n_songs: int
    n_artists: int
    n_unknown: int
    n_heard: int

    @property
    def side(self) -> int | None:
        """Say whether the song scores higher than most (1), lower (-1), or cannot be told (0).

        It cannot where the interval of the share holds a half; None where there is no share.
        """
        if self.low is None or self.high is None:
            return None
        return int(self.low > 0.5) - int(self.high < 0.5)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def by_genre(references: References) -> Iterator[tuple[str, References]]:
    """Give the references of each genre, rock and pop together first, then the most songs first.

    Of songs that a synthesizer played there are none. Songs that the network learned from are left
    out of a genre that is not thin without them.
    """
    if references.rendered.all():
        return
    real = references.take(~references.rendered)
    names, counts = np.unique(real.genres, return_counts=True)
    ordered = [str(name) for name in names[np.argsort(-counts, kind="stable")]]
    groups: list[tuple[str, tuple[str, ...]]] = [(name, (name,)) for name in ordered]
    if set(ROCK_AND_POP) <= set(ordered):
        groups.insert(0, (" and ".join(ROCK_AND_POP), ROCK_AND_POP))
    for name, members in groups:
        own = real.take(np.isin(real.genres, members))
        unheard = None if own.heard.all() else own.take(~own.heard)
        yield name, own if unheard is None or unheard.is_thin else unheard


def places(references: References, score: float) -> list[Place]:
    """Give a score's place among the references of each genre, in the order of `by_genre`.

    Examples
    --------
    >>> n = 20
    >>> made = References(np.arange(n) / n, np.full(n, "Jazz"), np.arange(n),
    ...                   np.zeros(n, int), np.zeros(n, bool), np.zeros(n, bool))
    >>> [place] = places(made, 0.5)
    >>> place.genre, round(place.higher_than, 3), place.n_songs
    ('Jazz', 0.525, 20)
    """
    require(0 <= score <= 1, "A score must lie in [0, 1].", score, "Give the song's mean score.")
    return [_place(name, own, score) for name, own in by_genre(references)]


def shares_below(values: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of `among` (at least one) that lies below each value; equals count half.

    A rank that does not depend on a scale, from 0 to 1.

    Examples
    --------
    >>> shares_below(np.array([-3.0, 1.0, 9.0]), among=np.array([0.0, 1.0, 2.0, 4.0]))
    array([0.   , 0.375, 1.   ])
    """
    ordered = np.sort(among)
    below, upto = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2 * len(ordered)))


def genre_shares_below(
    references: References, scores: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Give `higher_than` of `places` for many scores at once, of the genres that are not thin.

    Scores are in [0, 1], nan of a song without one, which has no place either [shape=(n,)].

    Examples
    --------
    >>> n = 20
    >>> made = References(np.arange(n) / n, np.full(n, "Jazz"), np.arange(n),
    ...                   np.zeros(n, int), np.zeros(n, bool), np.zeros(n, bool))
    >>> genre_shares_below(made, np.array([0.5, np.nan]))
    {'Jazz': array([0.525,   nan])}
    """
    shares = {}
    for name, own in by_genre(references):
        if own.is_thin:
            continue
        below = np.round(shares_below(scores, own.scores), 4)
        shares[name] = np.where(np.isnan(scores), np.nan, below)
    return shares


def _place(name: str, own: References, score: float) -> Place:
    counts = (len(own), own.n_artists, own.n_unknown, int(own.heard.sum()))
    if own.is_thin:
        return Place(name, None, None, None, *counts)
    below = (own.scores < score) + 0.5 * (own.scores == score)
    value = float(below.mean())
    low, high = _ends(below, own.artists)
    ends = (round(min(low, value), 4), round(max(high, value), 4))
    return Place(name, round(value, 4), *ends, *counts)


def _ends(values: NDArray[np.float64], artists: NDArray[np.int64]) -> tuple[float, float]:
    """Give the ends of `bootstrap_interval` for a mean: all resamples at once, for every song."""
    codes, n_artists = group_codes(artists)
    draw = _drawn(n_artists)
    sums = np.bincount(codes, weights=values, minlength=n_artists)
    means = (draw @ sums) / (draw @ np.bincount(codes, minlength=n_artists))
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


@lru_cache(maxsize=16)
def _drawn(n_artists: int) -> NDArray[np.uint16]:
    """Draw how often each artist is in a resample [shape=(n_resamples, n_artists)].

    The same for as many artists: every network is asked about the same known songs.
    """
    equal = np.full(n_artists, 1 / n_artists)
    draw = np.random.default_rng(0).multinomial(n_artists, equal, size=_MANY)
    return draw.astype(np.uint16)  # a quarter of the memory, 1 MB for 500 artists


def told_apart(references: References) -> Interval | float | None:
    """Give the chance that a song known to be prog scores above one known not to be.

    Prog songs that a synthesizer played are compared with others that it played: among real songs
    the sound itself would decide. A figure alone where fewer than `MIN_GROUPS` artists stand behind
    one of the two kinds, None without both kinds.
    """
    for is_rendered in (False, True):
        own = (references.rendered == is_rendered) & (references.prog >= 0)
        if len(np.unique(references.prog[own])) == 2:
            return _told_apart(references.take(own))
    return None


def _told_apart(songs: References) -> Interval | float:
    def area(index: NDArray[np.int64]) -> float:
        return roc_auc(songs.prog[index], songs.scores[index])

    if min(len(np.unique(songs.artists[songs.prog == kind])) for kind in (0, 1)) < MIN_GROUPS:
        return area(np.arange(len(songs)))
    return bootstrap_interval(area, songs.artists, n_resamples=_RESAMPLES)


def high_genres(references: References) -> list[tuple[str, Interval]]:
    """Find the genres whose songs score above those of other genres, prog or not.

    The figure is the chance that one of the genre scores above one of another genre, for which
    `HIGH` must be reached and chance must not explain it (95 % bootstrap over artists). Thin genres
    count neither way.
    """
    kept = [(name, own) for name, own in by_genre(references) if not own.is_thin]
    singles = [(name, own) for name, own in kept if name != " and ".join(ROCK_AND_POP)]
    if len(singles) < 2:
        return []
    scores = np.concatenate([own.scores for _, own in singles])
    artists = np.concatenate([own.artists for _, own in singles])
    genre = np.repeat(np.arange(len(singles)), [len(own) for _, own in singles])
    high = []
    for k, (name, _) in enumerate(singles):
        is_own = (genre == k).astype(np.int64)

        def area(index: NDArray[np.int64], is_own: NDArray[np.int64] = is_own) -> float:
            return roc_auc(is_own[index], scores[index])

        try:
            found = bootstrap_interval(area, artists, n_resamples=_RESAMPLES)
        except NoIntervalError:
            continue
        if found.value >= HIGH and found.low > 0.5:
            high.append((name, found))
    return sorted(high, key=lambda pair: -pair[1].value)
