"""Where a song stands: its place among songs people know, on each network's own scale."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from genre_core.metrics.references import Place, by_genre
from genre_core.metrics.votes import clock_time
from genre_core.runs.bundle import Bundle
from genre_core.runs.references import StoredReferences
from pages.ui import controls, figures
from pages.ui.cached import metrics_of
from pages.ui.cards import main_metric
from pages.ui.problems import plain
from pages.ui.songs import cached
from pages.ui.songs.verdicts import Thresholds, short

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction, SongReading

MAX_NAMED = 2
"""Genres named on a card beside the first: more do not fit on one line."""

HARDLY, FAIRLY = 0.6, 0.75
"""Chances of putting a prog song above another up to which it is hardly, or only fairly, sure."""

NO_SCORE = "No network here gives this song a prog score."


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What one network says of a song, and its place among that network's references.

    score, moment: mean score, and start of the most prog moment
    places: those that are not thin; empty without references
    """

    bundle: Bundle
    prediction: SongPrediction
    score: float
    moment: float
    stored: StoredReferences | None
    places: tuple[Place, ...]


def of(bundles: Sequence[Bundle], song: SongReading) -> list[Standing]:
    """Place a song on the scale of every network that gives a prog score."""
    standings = []
    for bundle in bundles:
        prediction = song.predictions.get(bundle.name)
        if prediction is None or prediction.prog_score is None or prediction.most_prog is None:
            continue
        score, stored = prediction.prog_score, cached.references(bundle)
        known = () if stored is None else cached.places(bundle, score)
        firm = tuple(place for place in known if place.higher_than is not None)
        start_s = prediction.most_prog[0]
        standings.append(Standing(bundle, prediction, score, start_s, stored, firm))
    return standings


def lead(standings: Sequence[Standing], moment: tuple[float, float] | None) -> str:
    """Answer in a line or two: how prog beside songs people know, whether networks agree, where.

    `moment` is the song's, `SongReading.most_prog`.
    """
    placed = [one for one in standings if one.places]
    if not placed:
        return (
            "**No references are stored** for these networks, so their scores can only be compared "
            "within this song."
        )
    genre = placed[0].places[0].genre
    same = [one for one in placed if one.places[0].genre == genre]
    more, less, open_ = (sum(one.places[0].side == side for one in same) for side in (1, -1, 0))
    answer = _answer(more, less, open_, f"most {genre} songs people know")
    high, by = _high_genre(same) if more else ("", [])
    is_warned = 2 * len(by) > len(same)
    warning = f" ({plain(high)} songs mostly score high, prog or not.)" if is_warned else ""
    return f"{answer} {_shares(same)}{_moment(standings, moment)}{warning}"


def _answer(more: int, less: int, open_: int, most: str) -> str:
    """Say in bold what most of all networks say, or that they cannot tell; then what others say."""
    n_all, sides = more + less + open_, {"more": more, "less": less}
    firm = next((side for side, n in sides.items() if 2 * n > n_all), None)
    if firm is None:
        answer = f"**Not clearly more or less prog than {most}.**"
    else:
        answer = f"**{firm.capitalize()} prog than {most}{_count(sides.pop(firm), n_all)}.**"
    others = [f"{n} {'says' if n == 1 else 'say'} {side}" for side, n in sides.items() if n]
    if open_ and (firm or others):
        others.append(f"{open_} cannot tell")
    return f"{answer} {', '.join(others)}." if others else answer


def _shares(same: Sequence[Standing]) -> str:
    """Say above how many of a hundred known songs the middle network puts it, and the range."""
    shares = sorted(round(100 * float(one.places[0].higher_than or 0)) for one in same)
    low, high = shares[0], shares[-1]
    if low == high:
        return f"It scores above {_of_100(low)} such songs."
    middle = 100 * statistics.median(float(one.places[0].higher_than or 0) for one in same)
    which = "middle network" if len(shares) % 2 else "middle of the networks"
    ends = " to ".join("none" if n == 0 else "all" if n == 100 else str(n) for n in (low, high))
    return f"The {which} puts it above {_of_100(round(middle))} such songs (from {ends})."


def _of_100(n: int) -> str:
    return "**none of**" if n == 0 else "**all**" if n == 100 else f"**{n} of 100**"


def _count(n: int, n_all: int) -> str:
    """Say how many networks say so; nothing where there is one."""
    if n_all == 1:
        return ""
    every = "both networks" if n_all == 2 else f"all {n_all} networks"
    return f", say {every if n == n_all else f'{n} of {n_all} networks'}"


def _moment(standings: Sequence[Standing], moment: tuple[float, float] | None) -> str:
    """Say where the song is most prog, and that networks may have moments of their own."""
    if moment is None:
        return ""
    n = sum(len(one.prediction) > 1 for one in standings)
    together = f" for {n} networks together" if n > 1 else ""
    return f" Most prog at **{clock_time(moment[0])}**{together}."


def moment(song: SongReading) -> tuple[str, float] | None:
    """Give the song's most prog moment as the player's button has it."""
    span = song.most_prog()
    return None if span is None else (f"Most prog {clock_time(span[0])}", span[0])


def trust(standings: Sequence[Standing]) -> str:
    """Say in a line how far to trust the place; `pairs` says what that rests on."""
    known = _told_apart(standings)
    if not known:
        return "**How sure is that?** Not measured: no song known to be prog is among them."
    words = (
        "Hardly better than a coin"
        if known[-1] < HARDLY
        else "Better than a coin, far from sure"
        if known[-1] < FAIRLY
        else "Right more often than not"
    )
    played = " that a synthesizer played" if _is_played(standings) else ""
    return (
        f"**How sure is that? {words}**: asked which of two songs{played} is the prog one, they "
        f"are right {_span(known)} times in 100 (a coin: 50)."
    )


def _why_apart(standings: Sequence[Standing]) -> str:
    """Say why a ROC AUC may stand beside that; empty where a prog song stored is a recording."""
    songs = [one.stored.songs for one in standings if one.stored is not None]
    if not all(one.rendered[one.prog == 1].all() for one in songs):
        return ""
    judged = [
        plain(short(one.bundle))
        for one in standings
        if (metrics := metrics_of(one.bundle)) and main_metric(metrics) == "roc_auc"
    ]
    apart = f"; the ROC AUC below is by {' and '.join(judged)} alone, on other songs"
    return (
        " Songs known to be prog are stored here only as transcriptions played so"
        f"{apart if judged else ''}."
    )


def pairs(standings: Sequence[Standing]) -> str:
    """Say what the trust rests on: how often songs known to be prog come out ahead."""
    known = _told_apart(standings)
    if not known:
        return ""
    played = ", both played by one synthesizer," if _is_played(standings) else ""
    return (
        f"**How sure?** Of a song known to be prog and one known not to be{played} the prog one "
        f"scores higher in {_span(known)} of 100 pairs, network by network; a coin gives 50."
        f"{_why_apart(standings)}"
    )


def _is_played(standings: Sequence[Standing]) -> bool:
    """Tell whether songs known to be prog, or not, are transcriptions that were rendered."""
    return any(one.stored is not None and one.stored.songs.rendered.any() for one in standings)


def _told_apart(standings: Sequence[Standing]) -> list[float]:
    """Chances of putting a known prog song above another, in rising order."""
    chances = [one.stored.told_apart for one in standings if one.stored is not None]
    return sorted(float(chance["value"]) for chance in chances if chance.get("value") is not None)


def _span(chances: Sequence[float]) -> str:
    low, high = f"{100 * chances[0]:.0f}", f"{100 * chances[-1]:.0f}"
    return low if low == high else f"{low} to {high}"


def high_note(standings: Sequence[Standing]) -> str:
    """Say which genre scores high without being prog, and by how many networks; computed."""
    genre, values = _high_genre(standings)
    if not values:
        return ""
    n = sum(one.stored is not None for one in standings)
    by = f"{len(values)} of {n} networks" if n > 1 else "this network"
    return (
        f"**{plain(genre)} scores high** without being prog, by {by}: a {plain(genre)} song scores "
        f"above one of another genre in {100 * min(values):.0f} to {100 * max(values):.0f} of 100 "
        "pairs. A high place among Rock and Pop may mean no more than that."
    )


def _high_genre(standings: Sequence[Standing]) -> tuple[str, list[float]]:
    """Find the genre that scores high by the most networks, with each one's figure."""
    genres: dict[str, list[float]] = {}
    for one in standings:
        for row in one.stored.high if one.stored is not None else ():
            genres.setdefault(row["genre"], []).append(row["value"])
    return max(genres.items(), key=lambda pair: (len(pair[1]), max(pair[1])), default=("", []))


def cards(standings: Sequence[Standing]) -> None:
    """Show one card a network: its place among the first genre, among others, and the moment."""
    if not standings:
        return
    with st.grid(len(standings), min_column_width=230):
        for one in standings:
            with st.container(border=True):
                st.markdown(f"**{plain(short(one.bundle))}**")
                at = f"its own peak at {clock_time(one.moment)} · mean score {one.score:.2f}"
                if len(one.prediction) == 1:
                    end = clock_time(one.prediction.end_s[0])
                    at = f"hears {clock_time(one.moment)} to {end} alone · score {one.score:.2f}"
                if not one.places:
                    st.metric("mean score", f"{one.score:.2f}", help="No references are stored.")
                    st.caption(at)
                    continue
                first, *others = one.places
                inside = {"Rock", "Pop"} if " and " in first.genre else set()
                high = {row["genre"] for row in one.stored.high} if one.stored else set()
                apart = [place for place in others if place.genre not in inside]
                # Genres that score high without being prog first: beside them a place says less.
                named = sorted(apart, key=lambda place: place.genre not in high)[:MAX_NAMED]
                st.metric(
                    f"of {first.genre} score lower",
                    _share(first),
                    delta=" · ".join(f"{place.genre} {_share(place)}" for place in named) or None,
                    delta_color="off",
                    delta_arrow="off",
                    help=f"{_behind(first)} 95 % interval over artists: {_ends(first)}.",
                )
                st.caption(at)


def section(standings: Sequence[Standing], thresholds: Thresholds) -> None:
    """Show the place network by network, and the songs behind it."""
    if not standings:
        st.markdown(NO_SCORE)
        return
    st.markdown(pairs(standings))
    cards(standings)
    strip(standings, thresholds)


def strip(standings: Sequence[Standing], thresholds: Thresholds) -> None:
    """Draw the references of one network, genre by genre, with the song's mark; and list them."""
    placed = {short(one.bundle): one for one in standings if one.stored is not None}
    if not placed:
        return
    name = controls.switch("Compared with known songs by", list(placed), key="strip")
    one = placed[name]
    stored = one.stored
    if stored is None:
        return
    rows = [
        figures.Row(genre, own.scores)
        for genre, own in by_genre(stored.songs)
        if not own.is_thin and " and " not in genre
    ]
    rendered = stored.songs.rendered
    for is_prog, label in ((1, "Prog, rendered"), (0, "Pop and rock,<br>rendered")):
        own = rendered & (stored.songs.prog == is_prog)
        if own.any():
            rows.append(figures.Row(label, stored.songs.scores[own], is_prog=bool(is_prog)))
    figures.reference_strip(
        rows, one.score, "this song", threshold=thresholds.get(one.bundle.name)
    ).show(key="strip_dots")
    if note := high_note(standings):
        st.markdown(note)
    st.caption(_source(stored, str(one.bundle.card.data.get("title", ""))))
    with st.expander("How many songs stand behind each genre?"):
        controls.long_table(
            [
                {
                    "genre": place.genre,
                    "scores lower": "too few to say"
                    if place.higher_than is None
                    else _share(place),
                    "95 % interval": _ends(place),
                    "songs": place.n_songs,
                    "artists": place.n_artists,
                    "of unknown artists": place.n_unknown,
                    "learned from": place.n_heard,
                }
                for place in cached.places(one.bundle, one.score)
            ],
            "Share of references that score lower, and the songs behind it, genre by genre",
        )


def _share(place: Place) -> str:
    return f"{100 * float(place.higher_than or 0):.0f} %"


def _ends(place: Place) -> str:
    if place.low is None or place.high is None:
        return ""
    return f"{100 * place.low:.0f} to {100 * place.high:.0f} %"


def _behind(place: Place) -> str:
    artists = f"{place.n_artists} artists" if place.n_artists else "artists unknown"
    unknown = f" ({place.n_unknown} of artists who are not known)" if place.n_unknown else ""
    heard = f" It learned from {place.n_heard} of them." if place.n_heard else ""
    return f"{place.n_songs} songs, {artists}{unknown if place.n_artists else ''}.{heard}"


def _source(stored: StoredReferences, learned_from: str) -> str:
    shortest, longest = stored.data["seconds"]
    # The card has the title that the data set had for the training.
    title = learned_from if stored.data["is_own"] else stored.data["title"]
    heard = int(stored.songs.heard.sum())
    learned = "Its card names other songs that it learned from."
    if heard:
        learned = (
            f"It learned from {heard} of them: these count only where a genre has too few others."
        )
    elif stored.data["is_own"]:
        learned = "It learned from none of them."
    rendered = (
        " *Rendered*: transcriptions that one synthesizer played, a stress test; compare only the "
        "two rendered rows with one another."
        if stored.songs.rendered.any()
        else ""
    )
    return (
        f"Dots: {len(stored.songs)} songs of {shortest:.0f} to {longest:.0f} s from the data set "
        f"*{plain(title)}*, by their mean score; the upright line: this song. "
        f"{learned}{rendered}"
    )
