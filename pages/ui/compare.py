"""Several networks on one cover or more: which answer unasked, and where they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genre_core.errors import GenreError
from genre_core.metrics.agreement import Agreement, Answer, compare_answers
from genre_core.runs import bundle as bundle_folders
from genre_core.runs.bundle import Bundle
from pages.ui import cached, cards, controls, dialog, figures, problems
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.runs.answers import Prediction

N_LEADERS = 2
"""Networks that answer at once; each costs a first visit a load and two seconds."""

MAX_THUMBNAILS = 12
"""Own covers that are shown at the top; all stand in a table below."""


def leading(bundles: Sequence[Bundle]) -> tuple[list[Bundle], list[Bundle]]:
    """Choose the networks that answer unasked, and leave the others.

    Ours before those of the studies, shipped ones before a user's own. Of one list of genres the
    best by macro-F1 comes first and the rest after the others' firsts: two networks for different
    genres say more at a glance than two for the same. Figures of different genres are not compared.
    """
    firsts = [group[0] for group in _tasks(bundles) if group[0].card.study == "ours"]
    rest = [bundle for bundle in sorted(bundles, key=_standing) if bundle not in firsts]
    ordered = [*firsts, *rest]
    return ordered[:N_LEADERS], ordered[N_LEADERS:]


def best_of_each_task(bundles: Sequence[Bundle]) -> list[Bundle]:
    """Choose ours that is best for each list of genres, of those measured beside a baseline."""
    measured = []
    for bundle in bundles:
        with suppress(GenreError):
            if cards.gain_of(cached.metrics_of(bundle))["value"] is not None:
                measured.append(bundle)
    return [group[0] for group in _tasks(measured) if group[0].card.study == "ours"]


def _tasks(bundles: Sequence[Bundle]) -> list[list[Bundle]]:
    """Put networks for the same genres together, the best of them first."""
    groups: dict[frozenset[str], list[Bundle]] = {}
    for bundle in sorted(bundles, key=_standing):
        groups.setdefault(frozenset(bundle.card.genres), []).append(bundle)
    return [
        sorted(group, key=lambda bundle: (*_standing(bundle), -_figure(bundle)))
        for group in groups.values()
    ]


def answers(
    chosen: Choice | None, bundles: Sequence[Bundle], places: Sequence[DeltaGenerator]
) -> dict[str, Prediction]:
    """Ask networks about a cover, show each one's ranking in its place and return them by name.

    Of a cover that cannot be read, None, each network says only how far to trust it.
    """
    given = {}
    for bundle, place in zip(bundles, places, strict=False):
        with place:
            st.markdown(f"**{plain(bundle.card.title)}**")
            if chosen is not None:
                with problems.shown(chosen.file):
                    said = given[bundle.name] = cached.predict(chosen, bundle)
                    key = f"ranking_{bundle.name}"
                    controls.ranking(
                        said.genres, said.probs, key=key, calibrated=said.is_calibrated
                    )
            st.caption(cards.honest_line(bundle))
            if not controls.is_simple():
                dialog.button(bundle)
    return given


def others(chosen: Choice, bundles: Sequence[Bundle]) -> dict[str, Prediction]:
    """Offer the other networks, list the answers of those chosen and return them by name."""
    if not bundles:
        return {}
    picked = choosing.models(
        "more",
        bundles,
        f"Ask more networks ({len(bundles)})",
        placeholder="Choose one or more; each takes some seconds the first time",
    )
    answers = {}
    rows = []
    for bundle in picked:
        with problems.shown(bundle.name):
            answer = cached.predict(chosen, bundle)
            answers[bundle.name] = answer
            rows.append(
                {
                    "network": bundle.card.title,
                    "genre": answer.genre,
                    "probability": _given(answer),
                    "how far to trust it": cards.honest_line(bundle),
                    "of": ", ".join(answer.genres),
                }
            )
    if rows:
        controls.long_table(rows, "What the other networks answer")
    return answers


def thumbnails(mine: Sequence[Choice], chosen: Choice, bundle: Bundle) -> None:
    """Show a visitor's covers with one network's answer to each; one of them is `chosen`."""
    shown, answers = mine[:MAX_THUMBNAILS], []
    for choice in shown:
        with suppress(GenreError):
            answer = cached.predict(choice, bundle)
            whose = f"{_given(answer)} by {plain(bundle.card.title)}"
            answers.append((choice, plain(answer.genre), f"{plain(choice.label)}: {whose}"))
    choosing.thumbnails(answers, chosen)
    if len(mine) > len(answers):
        st.caption(f"{len(mine) - len(answers)} more stand below.")


def several(mine: Sequence[Choice], bundles: Sequence[Bundle], *, skipped: str = "") -> None:
    """List what the networks on the page say of each of a visitor's covers.

    `skipped` is the label of a cover whose error stands on the page already.
    """
    import pandas as pd

    st.subheader(f"Your {len(mine)} covers", anchor=False)
    table = []
    for choice in mine:
        if choice.label == skipped:
            continue
        with problems.shown(choice.file):
            row: dict[str, object] = {"cover": choice.label}
            answers = []
            for bundle in bundles:
                answers.append(cached.predict(choice, bundle))
                row[f"{bundle.name}: genre"] = answers[-1].genre
                row[f"{bundle.name}: probability"] = _given(answers[-1])
            row["networks of the same genres"] = in_short(answers)
            table.append(row)
    frame = pd.DataFrame(table)
    if "networks of the same genres" in frame and not frame["networks of the same genres"].any():
        frame = frame.drop(columns="networks of the same genres")
    alt = "The answer of each network to each of your covers"
    controls.long_table(frame, alt)


def agreement(answers: Mapping[str, Prediction], bundles: Sequence[Bundle]) -> None:
    """Say where the answers to one cover, by the bundle's name, agree and disagree."""
    titles = {bundle.name: bundle.card.title for bundle in bundles}
    agreements = compare_answers(list(answers.values()))
    compared = {name for agreed in agreements for name in agreed.models}
    alone = [titles[name] for name in answers if name not in compared]
    for agreed in agreements:
        calibrated = all(answers[name].is_calibrated for name in agreed.models)
        st.markdown(in_words(agreed, titles, calibrated=calibrated))
    if agreements and alone:
        others = ", ".join(map(_named, alone))
        st.markdown(f"Not compared, since they were trained on other genres: {others}.")
    elif len(alone) > 1:
        st.markdown(
            "These networks were trained on different genres, so their answers cannot be compared."
        )


def in_words(agreed: Agreement, titles: Mapping[str, str], *, calibrated: bool) -> str:
    """Write one comparison as a sentence or two; `calibrated` networks with per cent.

    Examples
    --------
    >>> import numpy as np
    >>> both = Agreement(("Pop", "Rock"), ("a", "b"), np.array([[0.2, 0.8], [0.4, 0.6]]), True)
    >>> in_words(both, {}, calibrated=True)
    '**Both networks for Pop and Rock agree: Rock**, with 60 to 80 %.'
    >>> split = Agreement(("Pop", "Rock"), ("a", "b"), np.array([[0.9, 0.1], [0.4, 0.6]]), True)
    >>> in_words(split, {"a": "One", "b": "Two"}, calibrated=True)
    '**2 networks for Pop and Rock disagree**: *One* says Pop; *Two* says Rock. On average Pop 65 %,
    Rock 35 %.'
    """
    genres = _listed([plain(genre) for genre in agreed.genres])
    n = len(agreed.models)
    both = "Both" if n == 2 else f"All {n}"
    among = f"networks for {genres}" if agreed.is_whole else f"networks that know {genres}"
    if agreed.is_unanimous:
        [(genre, _)] = agreed.votes
        low, high = agreed.range_of(genre)
        if not agreed.is_whole:
            return f"**{both} {among} find {plain(genre)} the likeliest of these.**"
        span = f"{100 * low:.0f} to {100 * high:.0f} %"
        if not calibrated:
            span = f"scores of {low:.2f} to {high:.2f}"
        return f"**{both} {among} agree: {plain(genre)}**, with {span}."
    voters = "; ".join(
        _listed([_named(titles.get(name, name)) for name in models])
        + f" say{'s' if len(models) == 1 else ''} {plain(genre)}"
        for genre, models in agreed.votes
    )
    if not agreed.is_whole:
        return f"**{n} {among} disagree on these**: {voters}."
    best = sorted(zip(agreed.genres, agreed.mean, strict=True), key=lambda pair: -pair[1])[:2]
    means = ", ".join(
        f"{plain(genre)} {figures.share_text(mean, calibrated=calibrated)}" for genre, mean in best
    )
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
        f"all {len(agreed.models)}: {agreed.votes[0][0]}"
        if agreed.is_unanimous
        else ", ".join(f"{genre} {len(models)}" for genre, models in agreed.votes)
        for agreed in compare_answers(answers)
        if agreed.is_whole
    )


def _given(answer: Prediction) -> str:
    return figures.share_text(answer.probability, calibrated=answer.is_calibrated)


def _named(title: str) -> str:
    return f"*{plain(title)}*"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _standing(bundle: Bundle) -> tuple[bool, bool]:
    return bundle.card.study != "ours", bundle.folder.parent != bundle_folders.SHIPPED_DIR


def _figure(bundle: Bundle) -> float:
    try:
        metrics = cached.metrics_of(bundle)
    except GenreError:
        return 0.0  # its page says what is wrong with it
    return cards.entry(metrics.get("values", {}).get("macro_f1", 0.0))["value"] or 0.0
