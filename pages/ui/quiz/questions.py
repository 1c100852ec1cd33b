"""The items that a class is asked about, and what the network says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from genre_core.classroom import Question, Room
from genre_core.classroom.drawing import draw_items
from genre_core.data.catalog import Catalog
from genre_core.data.demo import demo_covers, demo_songs
from genre_core.errors import GenreError, ParameterError
from genre_core.jobs.evaluating import items_of, names_genres
from genre_core.runs.bundle import Bundle
from pages.ui import cached
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.media.item import name_of
from pages.ui.media.linked import file_choice
from pages.ui.problems import plain
from pages.ui.songs import cached as songs

MAX_NAMED = 60
"""Longest title of an item, in characters."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a room's items come from: the built-in ones of a medium, or a data set."""

    media: str
    catalog: Catalog | None = None

    @property
    def name(self) -> str:
        """What the selector calls it."""
        if self.catalog is None:
            return f"Built-in {self.media}s"
        return self.catalog.head.title or self.catalog.head.name

    def networks(self) -> list[Bundle]:
        """List the networks that name one genre of such an item, few enough for buttons."""
        every = cached.bundles() if self.media == "cover" else songs.bundles()
        return [one for one in every if names_genres(one) and len(one.card.genres) <= 12]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item for a question: how it is found, what it is called once answered, its true genre."""

    item: str
    title: str
    truth: int | None
    choice: Choice


def draw(source: Source, bundle: Bundle, n: int, *, seed: int) -> tuple[list[Drawn], str]:
    """Draw a room's items, with a note on what their true genres are worth."""
    if source.catalog is None:
        every = _built_in(source.media)
        drawn = [every[k] for k in draw_items([0] * len(every), n, seed=seed)]
        made = "painted" if source.media == "cover" else "written"
        return drawn, (
            f"**Nobody knows a true genre of the built-in {source.media}s**: they were {made} for "
            "this app. So class and network are compared with each other, and who agrees with the "
            "network is not thereby right."
        )
    catalog = source.catalog
    _, items = items_of(bundle, catalog, "all")
    tested = items[items["split"] == "test"]
    is_test = len(tested) > 0
    items = tested if is_test else items
    rows = items.to_dict("records")
    drawn = []
    # More than asked for: what is not on this machine is passed over.
    for place in draw_items(items["genre_index"].tolist(), len(rows), seed=seed):
        row, item = rows[place], str(rows[place]["item_id"])
        if len(drawn) < n and (choice := file_choice(catalog, item)) is not None:
            title = name_of(row, longest=MAX_NAMED)
            drawn.append(Drawn(item, title, int(row["genre_index"]), choice))
        if len(drawn) == n:
            break
    split = (
        "All are of its test split."
        if is_test
        else "It has no test split: a network that was trained on it may know them."
    )
    return drawn, f"True genres are the labels of *{plain(source.name)}*. {split}"


def ask_network(
    drawn: list[Drawn], bundle: Bundle, progress: Callable[[int, str], None]
) -> tuple[list[Question], list[str]]:
    """Ask the network about each item, and list what it cannot read; `ParameterError` if all."""
    questions, left_out = [], []
    for k, one in enumerate(drawn):
        progress(k, one.title)
        try:
            said = _answer(one.choice, bundle)
        except GenreError as error:
            left_out.append(f"{one.title}: {error.received}")
            continue
        questions.append(Question(one.item, one.title, one.truth, said))
    if not questions:
        raise ParameterError(
            "A quiz needs an item that the network can read.",
            received="; ".join(left_out)[:200] or "no item whose file is on this machine",
            cure="Choose other items or another network.",
        )
    return questions, left_out


def find(room: Room, question: Question) -> Choice | None:
    """Find the item of a question; None where it is not there any more."""
    if not room.data:
        every = _built_in(room.media)
        return next((one.choice for one in every if one.item == question.item), None)
    catalog = cached.dataset(room.data)
    return None if catalog is None else file_choice(catalog, question.item)


def show(room: Room, choice: Choice | None, *, px: int) -> None:
    """Show the cover, or a player for the song; its name would tell too much."""
    if choice is None:
        st.caption("This item is not on this machine any more.")
    elif room.media == "cover":
        # Only built-in covers have words that do not name them.
        alt = "The cover of this question" if room.data else choice.alt
        # Thirty phones ask at once: theirs is the small one.
        is_small = px <= cached.GALLERY_PX
        picture = cached.small_picture(choice) if is_small else cached.cover_picture(choice)
        st.image(picture, width=px, alt=alt)
    else:
        st.audio(choice.source if isinstance(choice.source, bytes) else str(choice.source))


def _built_in(media: str) -> list[Drawn]:
    """List the built-in items; each title says what its maker aimed at, which is no true genre."""
    is_cover = media == "cover"
    made = demo_covers() if is_cover else demo_songs()
    aimed = {one.title: (one.name, one.style) for one in made}
    verb = "painted" if is_cover else "written"
    return [
        Drawn(aimed[own.label][0], f"{own.label}, {verb} as {aimed[own.label][1]}", None, own)
        for own in choosing.built_in(choosing.COVER if is_cover else choosing.SONG)
    ]


def _answer(choice: Choice, bundle: Bundle) -> int:
    if bundle.card.media == "cover":
        return cached.predict(choice, bundle).genre_index
    heard, _ = songs.read(choice, [bundle])
    if (own := heard.predictions.get(bundle.name)) is None:
        raise ParameterError(
            "A song must hold music.", received=heard.no_music, cure="Choose another."
        )
    return bundle.card.genres.index(own.genre)
