"""What a threshold that somebody sets is worth, and when it may say prog or not prog of a song."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.metrics.references import References
from genre_core.metrics.votes import judge

MIN_SEGMENTS = 3
"""Of fewer there are no thirds to agree."""

MIN_HEARD_S = 30.0
"""Seconds that a network must have heard where it heard fewer segments; ours."""

BETTER_THAN_A_COIN = 0.1
"""Least by which the share of prog songs above the threshold must exceed that of others; ours."""


@dataclass(frozen=True, slots=True)
class Above:
    """How many references of one kind lie above a threshold.

    name: the kind in words
    is_prog: whether these should lie above it (sensitivity) or should not (false alarms)
    n_above, n_songs, n_artists, n_unknown: songs above it, all songs, known artists, and songs of
        unknown artists
    is_rendered: whether a synthesizer played them
    """

    name: str
    is_prog: bool
    n_above: int
    n_songs: int
    n_artists: int
    n_unknown: int
    is_rendered: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a song is prog at a threshold: yes, no, or None where that cannot be said.

    reason: why it cannot be said, in words; empty where it can
    """

    is_prog: bool | None
    reason: str = ""


def above(references: References, threshold: float) -> list[Above]:
    """Count the references above a threshold: prog ones first, then the others, genre by genre.

    Songs whose label is not known are left out.
    """
    return list(_above(references, threshold))


def _above(references: References, threshold: float) -> Iterator[Above]:
    for is_prog in (True, False):
        for is_rendered in (False, True):
            own = (references.prog == is_prog) & (references.rendered == is_rendered)
            names, counts = np.unique(references.genres[own], return_counts=True)
            for name in names[np.argsort(-counts, kind="stable")]:
                kind = references.take(own & (references.genres == name))
                yield Above(
                    f"{name} (rendered)" if is_rendered else str(name),
                    is_prog,
                    int((kind.scores > threshold).sum()),
                    len(kind),
                    kind.n_artists,
                    kind.n_unknown,
                    is_rendered,
                )


def share(rows: list[Above]) -> float | None:
    """Share of the songs of some kinds that lie above the threshold; None without songs."""
    n_songs = sum(row.n_songs for row in rows)
    return sum(row.n_above for row in rows) / n_songs if n_songs else None


def no_better_than_a_coin(rows: list[Above]) -> bool:
    """Tell whether a threshold calls others prog nearly as often as prog songs.

    Prog songs that a synthesizer played are compared with others that it played. Nothing is told
    where there are no prog songs.
    """
    for is_rendered in (False, True):
        own = [row for row in rows if row.is_rendered == is_rendered]
        prog, other = (share([row for row in own if row.is_prog == kind]) for kind in (True, False))
        if prog is not None and other is not None:
            return prog - other < BETTER_THAN_A_COIN
    return False


def at_false_alarms(
    false_alarms: Sequence[float], sensitivity: Sequence[float], highest: float
) -> tuple[float, float]:
    """Find what is found at the lowest threshold with at most so many false alarms.

    `false_alarms` and `sensitivity` are shares at the same rising thresholds, the last without
    false alarms: scores on two scales meet where they are wrong equally often. Gives both shares.

    Examples
    --------
    >>> at_false_alarms([1.0, 0.4, 0.1, 0.0], [1.0, 0.9, 0.6, 0.2], 0.3)
    (0.1, 0.6)
    """
    k = next((k for k, alarms in enumerate(false_alarms) if alarms <= highest), -1)
    return float(false_alarms[k]), float(sensitivity[k])


def thirds_agree(scores: ArrayLike, threshold: float) -> bool:
    """Tell whether all three thirds of a song lie on one side of the threshold by their means.

    Of the real songs of the lesson on votes, those whose thirds do not agree are judged wrong
    several times as often (`lessons/song_votes.json`, `between`).

    Examples
    --------
    >>> thirds_agree([0.9, 0.8, 0.7], 0.5), thirds_agree([0.9, 0.8, 0.1], 0.5)
    (True, False)
    """
    parts: list[NDArray[np.float64]] = np.array_split(np.asarray(scores, np.float64), 3)
    return len({bool(part.mean() > threshold) for part in parts}) == 1


def answer(
    scores: ArrayLike,
    threshold: float,
    references: References | None = None,
    *,
    by_majority: bool = False,
    heard_s: float = 0.0,
) -> Answer:
    """Say whether a song is prog at a threshold that somebody set, or why that cannot be said.

    Nothing is said of fewer than `MIN_SEGMENTS` segments (unless the network heard `MIN_HEARD_S`
    or more: `heard_s`), of a song between (`thirds_agree`), and at a threshold that tells known
    prog songs from others no better than a coin.

    Examples
    --------
    >>> answer([0.9, 0.8, 0.7], 0.5)
    Answer(is_prog=True, reason='')
    >>> answer([0.9, 0.8, 0.1], 0.5).reason
    'its thirds lie on both sides of the threshold'
    """
    verdict = judge(scores, threshold=threshold)
    has_thirds = verdict.n_segments >= MIN_SEGMENTS
    if not has_thirds and heard_s < MIN_HEARD_S:
        return Answer(None, f"segments: {verdict.n_segments}, too few")
    if references is not None and no_better_than_a_coin(above(references, threshold)):
        return Answer(
            None, "this threshold tells known prog songs from others no better than a coin"
        )
    if has_thirds and not thirds_agree(scores, threshold):
        return Answer(None, "its thirds lie on both sides of the threshold")
    return Answer(verdict.by_majority if by_majority else verdict.by_mean)
