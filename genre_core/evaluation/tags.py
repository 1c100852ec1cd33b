"""Networks that give tags, read as networks that name one genre of those a data set speaks of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.evaluation.item_answers import Answers
from genre_core.runs.card import Card


def tag_shares(scores: ArrayLike) -> NDArray[np.float64]:
    """Scale each row of scores in [0, 1] to sum 1 [shape=(n, n_tags)]; of zeros all are alike.

    >>> tag_shares([[0.03, 0.01], [0.0, 0.0]]).tolist()
    [[0.75, 0.25], [0.5, 0.5]]
    """
    rows = np.asarray(scores, np.float64)
    sums = rows.sum(axis=1, keepdims=True)
    even = np.full_like(rows, 1 / rows.shape[1])
    return np.divide(rows, sums, out=even, where=sums > 0)


def only_tags(card: Card, answers: Answers, tags: Sequence[str]) -> tuple[Card, Answers]:
    """Leave of a network's card and answers only some of its tags, in that order.

    Scores of items stay as they are; those of segments are scaled by `tag_shares`, as a song's are
    shown.
    """
    places = [card.genres.index(tag) for tag in tags]
    logits = answers.logits[:, places] if answers.logits.shape[1] else answers.logits
    few = dataclasses.replace(card, genres=tuple(tags), prog_score=None)
    segments = tag_shares(answers.segments[:, places]).astype(np.float32)
    return few, answers._replace(logits=logits, probs=answers.probs[:, places], segments=segments)
