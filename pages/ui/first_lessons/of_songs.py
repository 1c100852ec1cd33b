"""The steps of the lessons on sounds, made ready: stored answers first, a network on a click."""

from __future__ import annotations

from functools import partial

import streamlit as st

from genre_core.config import song_input
from genre_core.lessons.first.sound import classical_facts, curve_facts, length_facts
from genre_core.lessons.stored import load_lesson
from genre_core.runs.bundle import Bundle
from pages.ui import cached as shared
from pages.ui.first_lessons import asked, cached, song_steps, song_trust
from pages.ui.first_lessons.ready import Ready
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import cached as heard


def ready(name: str, *, is_quiet: bool) -> Ready | None:
    """Make a step ready; None where its network or its stored result is not here."""
    bundle = cached.singer()
    if name == "length":
        return _length()
    if name == "bands":
        choice = _song(is_quiet=is_quiet)
        beside = partial(song_steps.illustrate, choice)
        return Ready(partial(song_steps.bands, choice), illustrate=beside)
    if bundle is None:
        return None
    if name == "sound_trust":
        return _trust(bundle)
    if name == "votes":
        songs = [(one.label, cached.said_of(one, bundle)) for one in _built_in()]
        known = [(title, said) for title, said in songs if said is not None]
        return Ready(partial(song_steps.votes, known))
    choice = _song(is_quiet=is_quiet)
    beside = partial(song_steps.illustrate, choice)
    if name == "second":
        columns, rows = song_input(bundle.card.input).shape[:2]
        facts = {"columns": str(columns), "rows": str(rows)}
        return Ready(partial(song_steps.second, choice, bundle), facts, illustrate=beside)
    said = cached.said_of(choice, bundle)
    if said is None and asked.may_ask(choice):
        said = heard.read(choice, [bundle])[0].predictions[bundle.name]
    if said is None or said.scores is None:
        return None
    facts, right = curve_facts(said.scores, plain(choice.label))
    return Ready(partial(song_steps.curve, choice, said), facts, right, beside)


def _length() -> Ready | None:
    result = load_lesson("song_length")
    if not result:
        return None
    facts, right = length_facts(result)
    return Ready(partial(song_trust.length, result), facts, right)


def _trust(bundle: Bundle) -> Ready | None:
    known = classical_facts(shared.metrics_of(bundle))
    if known is None:
        return None
    facts, right = known
    return Ready(partial(song_trust.songs, bundle), facts, right)


def _built_in() -> list[Choice]:
    return choosing.built_in(choosing.SONG)


def _song(*, is_quiet: bool) -> Choice:
    """Ask for a built-in song, or take the one that was chosen last."""
    if is_quiet:
        return choosing.last_built_in(choosing.SONG)
    with st.expander("Take another song, or your own", icon=":material/music_note:"):
        mine = choosing.upload(choosing.SONG)
        return choosing.pick(choosing.SONG, choosing.offered(choosing.SONG, mine))


def offer_to_ask() -> None:
    """Offer to ask the network about a song that nothing is stored of."""
    if cached.singer() is None:
        st.info("The network of this step is not here: it comes with the app's `models/`.")
        return
    asked.offer("song")
