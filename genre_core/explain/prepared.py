"""What networks say of the built-in covers and songs, stored with the app: read without a network.

A file an item, named by its checksum, holds what each network said, by its weights and calibration.
Of a changed item, or a network that was trained again, nothing is found: it is read afresh.
`python -m assets.make.answers` writes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.overview import Overview
from genre_core.audio.tags import read_tags
from genre_core.data.demo import ASSETS_DIR, demo_covers, demo_songs
from genre_core.data.files import atomic_path, atomic_write
from genre_core.explain.packed_map import unpack
from genre_core.explain.places import Stage
from genre_core.explain.saliency import METHODS, WITHOUT_LAYER, Saliency
from genre_core.runs import bundle as bundles
from genre_core.runs.answers import (
    Prediction,
    SongPrediction,
    SongReading,
    cover_answer,
    song_answer,
)
from genre_core.runs.card import Card

FOLDER = ASSETS_DIR / "answers"
COMMAND = "python -m assets.make.answers"

SHOWN_FIRST = ("efficientnet_lite2.gaid5", "efficientnet_lite2.prog")
"""Of the networks that Covers shows first, those whose maps by every method are stored: .6 MB
each, and 30 processor seconds a cover to make."""

_ITEM = "item"  # in the place of a network's key: what needs none
_LAYERS = "layers.json"

Strip = tuple[NDArray[np.float32] | None, NDArray[np.float64], NDArray[np.float64]]
"""What mattered over a song's time, as `song_strip`: values (None without maps), starts, ends."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A cover or a song that comes with the app, or the cover inside such a song.

    is_offered: Whether its own page offers it.
    """

    media: str
    name: str
    source: Path | bytes
    checksum: str
    is_offered: bool = True

    def methods(self, card: Card) -> tuple[str, ...]:
        """Name the methods whose heat maps of the network are stored.

        All of them of an offered cover by one of `SHOWN_FIRST`, which a class goes through; of
        another cover or network the first, and the rest is made on need.
        """
        if self.media == "song":
            return ()
        return METHODS if self.is_offered and card.name in SHOWN_FIRST else METHODS[:1]


def built_in() -> tuple[BuiltIn, ...]:
    """List what a visitor may open without bringing anything; of equal covers one."""
    songs = [(song.name, song.path) for song in demo_songs()]
    inside = [(f"cover of {name}", read_tags(path).cover) for name, path in songs]
    covers = [(cover.name, cover.path.read_bytes(), True) for cover in demo_covers()]
    covers += [(name, content, False) for name, content in inside if content]
    items = [
        BuiltIn("cover", name, content, _sha256(content), own) for name, content, own in covers
    ]
    items += [BuiltIn("song", name, path, _sha256(path.read_bytes())) for name, path in songs]
    return tuple({item.checksum: item for item in reversed(items)}.values())[::-1]


def shipped(media: str) -> tuple[bundles.Bundle, ...]:
    """List the networks that answers are stored of: the shipped ones."""
    networks = bundles.list_bundles(media=media, need_network=True)
    return tuple(one for one in networks if one.folder.parent == bundles.SHIPPED_DIR)


def network_key(card: Card) -> str:
    """Name a network by all that its answers depend on."""
    return _sha256(f"{card.name} {card.model_sha256} {card.calibration!r}".encode())[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What is stored of one item; empty where nothing is.

    facts, arrays: by `network_key`, and of the item itself
    """

    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrays: dict[str, dict[str, NDArray[Any]]] = field(default_factory=dict)

    def __contains__(self, card: Card) -> bool:
        return network_key(card) in self.facts

    def prediction(self, card: Card) -> Prediction | None:
        """Give a network's answer to the cover."""
        if card not in self:
            return None
        return cover_answer(card, self.arrays[network_key(card)]["logits"])

    def saliency(self, card: Card, method: str, stage: str, genre_index: int) -> Saliency | None:
        """Give a method's heat map of the genre and layer that a page shows at first, or None."""
        facts = self.facts.get(network_key(card), {}).get("maps", {}).get(method)
        if facts is None or facts["genre_index"] != genre_index:
            return None
        if method not in WITHOUT_LAYER and facts["stage"] != stage:
            return None
        values = unpack(self.arrays[network_key(card)][map_name(method)], facts["most"])
        about = {name: fact for name, fact in facts.items() if name != "most"}
        return Saliency(map=values, method=method, **about)

    def overview(self) -> Overview | None:
        """Give what the player shows of the song without a network."""
        if _ITEM not in self.facts:
            return None
        own = self.arrays[_ITEM]
        low, high = own["low"].astype(np.float32), own["high"].astype(np.float32)
        ticks = tuple((float(height), str(name)) for height, name in self.facts[_ITEM]["ticks"])
        return Overview(low, high, own["picture"].tobytes(), ticks)

    def reading(self, cards: Iterable[Card]) -> SongReading | None:
        """Give what those of the networks said of the song that are stored; without features."""
        if _ITEM not in self.facts:
            return None
        facts = self.facts[_ITEM]
        said = {card.name: self._song_prediction(card) for card in cards if card in self}
        return SongReading(facts["duration_s"], tuple(facts["notes"]), "", said, {}, {})

    def _song_prediction(self, card: Card) -> SongPrediction:
        own = self.arrays[network_key(card)]
        return song_answer(card, own["logits"], own["start_s"], own["end_s"])

    def strip(self, card: Card, genre_index: int) -> Strip | None:
        """Give what mattered over the song's time for the genre that a page shows at first."""
        facts = self.facts.get(network_key(card), {})
        if facts.get("genre_index") != genre_index:
            return None
        if facts["strip"] is None:
            return None, np.empty(0), np.empty(0)
        values = self.arrays[network_key(card)]["strip"].astype(np.float32)
        first_s, step_s, last_s = facts["strip"]
        start_s = first_s + step_s * np.arange(len(values))
        return values, start_s, np.append(start_s[1:], last_s)

    def has_maps(self, card: Card) -> bool | None:
        """Tell whether the network of songs has maps; None where nothing is stored."""
        facts = self.facts.get(network_key(card))
        return None if facts is None else facts["strip"] is not None

    def segment(
        self, card: Card, index: int, genre_index: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], bool] | None:
        """Give the segment that a page shows at first: input, heat, and whether it is located."""
        facts = self.facts.get(network_key(card), {})
        if (facts.get("segment"), facts.get("genre_index")) != (index, genre_index):
            return None
        own = self.arrays[network_key(card)]
        heat = own["heat"].astype(np.float32)
        return own["segment"].astype(np.float32), heat, bool(facts["is_located"])

    def to_ask(self, cards: Sequence[Card], item: BuiltIn) -> list[Card]:
        """List the networks without a current answer, or without one of the maps of `item`.

        Which segment of a song is seen at first depends on what all of them say.
        """
        song = self.reading(cards)

        def is_current(card: Card) -> bool:
            facts = self.facts[network_key(card)]
            segment = facts.get("segment")
            is_same = song is None or segment in (None, song.segment_at_first(card.name))
            return is_same and set(item.methods(card)) == set(facts.get("maps", ()))

        return [card for card in cards if card not in self or not is_current(card)]

    def only(self, keys: Iterable[str]) -> Prepared:
        """Leave out what other networks said."""
        kept = {_ITEM, *keys}
        return Prepared(
            {key: facts for key, facts in self.facts.items() if key in kept},
            {key: arrays for key, arrays in self.arrays.items() if key in kept},
        )


def map_name(method: str) -> str:
    """Name the array of a method's heat map."""
    return f"map {method}"


def load_prepared(checksum: str) -> Prepared:
    """Read what is stored of an item with this content."""
    path = path_of(checksum)
    if not path.is_file():
        return Prepared()
    arrays: dict[str, dict[str, NDArray[Any]]] = {}
    with np.load(path, allow_pickle=False) as stored:
        facts = json.loads(str(stored["facts"]))
        for name in stored.files:
            key, _, array = name.partition(".")
            if array:
                arrays.setdefault(key, {})[array] = stored[name]
    return Prepared(facts, arrays)


def save_prepared(checksum: str, prepared: Prepared) -> Path:
    """Store what networks said of an item, in place of what was stored before."""
    flat: dict[str, Any] = {
        f"{key}.{name}": array
        for key, arrays in prepared.arrays.items()
        for name, array in arrays.items()
    }
    path = path_of(checksum)
    with atomic_path(path) as part:
        np.savez_compressed(part, facts=np.array(json.dumps(prepared.facts)), **flat)
    return path


def path_of(checksum: str) -> Path:
    """Return where the answers to an item lie."""
    return FOLDER / f"{checksum[:16]}.npz"


def load_stages() -> dict[str, tuple[Stage, ...]]:
    """Read the layers of covers' networks that can be explained, by `network_key`."""
    path = FOLDER / _LAYERS
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {
        key: tuple(Stage(name, kind, (h, w), n, output) for name, kind, (h, w), n, output in rows)
        for key, rows in stored.items()
    }


def save_stages(stages: dict[str, tuple[Stage, ...]]) -> None:
    """Store the layers of networks, a line each."""
    rows = {
        key: [[one.name, one.kind, one.map_size, one.n_filters, one.output] for one in every]
        for key, every in stages.items()
    }
    lines = [f"{json.dumps(key)}: {json.dumps(every)}" for key, every in rows.items()]
    atomic_write(FOLDER / _LAYERS, "{\n" + ",\n".join(lines) + "\n}\n")


def stale() -> list[str]:
    """Name what `COMMAND` would make or take away."""
    items, problems = built_in(), []
    for item in items:
        keys = {network_key(one.card): one.name for one in shipped(item.media)}
        stored = load_prepared(item.checksum)
        asked = stored.to_ask([one.card for one in shipped(item.media)], item)
        problems += [f"{item.name}: {card.name} is missing" for card in asked]
        problems += [
            f"{item.name}: an answer of no network" for _ in set(stored.facts) - {_ITEM} - set(keys)
        ]
    wanted = {path_of(item.checksum) for item in items}
    problems += [f"{path.name}: no item" for path in FOLDER.glob("*.npz") if path not in wanted]
    if set(load_stages()) != {network_key(one.card) for one in shipped("cover")}:
        problems.append(f"{_LAYERS}: other networks")
    return problems


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
