"""Where the networks asked agree on a cover, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from genre_core.metrics.agreement import Agreement, Answer, compare_answers
from genre_core.runs.bundle import Bundle
from pages.ui.problems import plain


def line(answers: Mapping[str, Answer], bundles: Sequence[Bundle]) -> None:
    """Say where the answers to one cover, by the bundle's name, agree and disagree."""
    titles = {bundle.name: bundle.card.title for bundle in bundles}
    agreements = compare_answers(list(answers.values()))
    compared = {name for agreement in agreements for name in agreement.models}
    alone = [titles[name] for name in answers if name not in compared]
    for agreement in agreements:
        st.markdown(in_words(agreement, titles))
    if agreements and alone:
        others = ", ".join(map(_named, alone))
        st.markdown(f"Not compared, since they were trained on other genres: {others}.")
    elif len(alone) > 1:
        st.markdown(
            "These networks were trained on different genres, so their answers cannot be compared."
        )


def in_words(agreement: Agreement, titles: Mapping[str, str]) -> str:
    """Write one comparison as a sentence or two.

    Examples
    --------
    >>> import numpy as np
    >>> both = Agreement(("Pop", "Rock"), ("a", "b"), np.array([[0.2, 0.8], [0.4, 0.6]]), True)
    >>> in_words(both, {})
    '**Both networks for Pop and Rock agree: Rock**, with 60 to 80 %.'
    >>> split = Agreement(("Pop", "Rock"), ("a", "b"), np.array([[0.9, 0.1], [0.4, 0.6]]), True)
    >>> in_words(split, {"a": "One", "b": "Two"})
    '**2 networks for Pop and Rock disagree**: *One* says Pop; *Two* says Rock. On average Pop 65 %,
    Rock 35 %.'
    """
    genres = _listed([plain(genre) for genre in agreement.genres])
    n = len(agreement.models)
    both = "Both" if n == 2 else f"All {n}"
    among = f"networks for {genres}" if agreement.is_whole else f"networks that know {genres}"
    if agreement.is_unanimous:
        [(genre, _)] = agreement.votes
        low, high = agreement.range_of(genre)
        if not agreement.is_whole:
            return f"**{both} {among} find {plain(genre)} the likeliest of these.**"
        return (
            f"**{both} {among} agree: {plain(genre)}**, with {100 * low:.0f} to {100 * high:.0f} %."
        )
    voters = "; ".join(
        _listed([_named(titles.get(name, name)) for name in models])
        + f" say{'s' if len(models) == 1 else ''} {plain(genre)}"
        for genre, models in agreement.votes
    )
    if not agreement.is_whole:
        return f"**{n} {among} disagree on these**: {voters}."
    best = sorted(zip(agreement.genres, agreement.mean, strict=True), key=lambda pair: -pair[1])[:2]
    means = ", ".join(f"{plain(genre)} {100 * mean:.0f} %" for genre, mean in best)
    return f"**{n} {among} disagree**: {voters}. On average {means}."


def in_short(answers: Sequence[Answer]) -> str:
    """Write the comparisons on whole lists of genres in a few words, for a table's cell.

    Examples
    --------
    >>> from types import SimpleNamespace as Answer
    >>> import numpy as np
    >>> one = Answer(model="a", genres=("Pop", "Rock"), probs=np.array([0.2, 0.8]))
    >>> two = Answer(model="b", genres=("Pop", "Rock"), probs=np.array([0.6, 0.4]))
    >>> in_short([one, two]), in_short([one])
    ('Pop 1, Rock 1', '')
    """
    return "; ".join(
        f"all {len(agreement.models)}: {agreement.votes[0][0]}"
        if agreement.is_unanimous
        else ", ".join(f"{genre} {len(models)}" for genre, models in agreement.votes)
        for agreement in compare_answers(answers)
        if agreement.is_whole
    )


def _named(title: str) -> str:
    return f"*{plain(title)}*"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
