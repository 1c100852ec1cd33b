"""The places of a data set that excite a network's kernels most, as they are stored."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.data.files import atomic_path
from genre_core.data.home import home
from genre_core.errors import CheckpointError
from genre_core.runs.card import Card

VERSION = 1
_FACTS = "facts"
_ARRAYS = ("values", "items", "segments", "spans")
_DAMAGED = (OSError, EOFError, ValueError, TypeError, LookupError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class ExcitingFacts:
    """What was asked.

    model_sha256: Of the network.
    data: Name, title and digest of the data set.
    media: "cover" or "song".
    n_items, n_segments: Items that were read, and segments of songs.
    left_out: Items that could not be read.
    layers: Names of the layers.
    """

    model_sha256: str
    data: dict[str, str]
    media: str
    n_items: int
    n_segments: int
    left_out: int
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingLayer:
    """The places of one layer's kernels, strongest first; fewer where it answers in fewer.

    values [shape=(n_filters, n), dtype=float32]: What a kernel answers there; 0 for no place.
    item_ids [shape=(n_filters, n), dtype=str]: Of the cover or song; "" for no place.
    segments [shape=(n_filters, n), dtype=int32]: Of the song, from 0.
    spans [shape=(n_filters, n, 2, 2), dtype=int16]: Rows and columns of the network's input that
        the answer depends on, from and to (not included).
    """

    values: NDArray[np.float32]
    item_ids: NDArray[np.str_]
    segments: NDArray[np.int32]
    spans: NDArray[np.int16]

    @property
    def n_silent(self) -> int:
        """Kernels that answer nowhere."""
        return int((self.item_ids[:, 0] == "").sum())

    def n_places(self, kernel: int) -> int:
        """Count the places of one kernel."""
        return int((self.item_ids[kernel] != "").sum())


def exciting_path(model_sha256: str, digest: str) -> Path:
    """Return where the places of one network on one data set lie, made or not."""
    return home() / "exciting" / f"{model_sha256[:16]}-{digest[:16]}.npz"


def save_exciting(
    facts: ExcitingFacts, item_ids: NDArray[np.str_], layers: Mapping[str, Mapping[str, Any]]
) -> Path:
    """Store what a run found, whole or not at all; it replaces what was found on the same data.

    Of each layer `layers` holds `values`, `items` (places in `item_ids`, -1 for none), `segments`
    and `spans`, see `ExcitingLayer`.
    """
    path = exciting_path(facts.model_sha256, facts.data["digest"])
    arrays = {f"{name}.{key}": own[key] for name, own in layers.items() for key in _ARRAYS}
    told = json.dumps({"version": VERSION, **asdict(facts)})
    with atomic_path(path) as part:
        np.savez_compressed(part, **{_FACTS: np.array(told), "item_ids": item_ids, **arrays})
    return path


def list_exciting(card: Card) -> tuple[ExcitingFacts, ...]:
    """List the data sets that a network's kernels were asked about, by title.

    Raises `CheckpointError`: a file that is no such store.
    """
    folder = home() / "exciting"
    paths = sorted(folder.glob(f"{card.model_sha256[:16]}-*.npz"))
    every = [_read(path)[0] for path in paths]
    own = [facts for facts in every if facts.model_sha256 == card.model_sha256]
    return tuple(sorted(own, key=lambda facts: (facts.data["title"], facts.data["digest"])))


def load_exciting(facts: ExcitingFacts, layer: str) -> ExcitingLayer:
    """Read the places of one layer.

    Raises `CheckpointError`: a file that is gone or is no such store, or no such layer.
    """
    return _read(exciting_path(facts.model_sha256, facts.data["digest"]), layer)[1]


def _read(path: Path, layer: str = "") -> tuple[ExcitingFacts, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            told = json.loads(str(stored[_FACTS]))
            if told.pop("version") != VERSION:
                raise ValueError("of another version")
            facts = ExcitingFacts(**told | {"layers": tuple(told["layers"])})
            if not layer:
                return facts, None
            own = {key: stored[f"{layer}.{key}"] for key in _ARRAYS}
            ids = np.append(stored["item_ids"].astype(str), "")  # -1 is none
            places = own.pop("items")
            return facts, ExcitingLayer(item_ids=ids[places], **own)
    except _DAMAGED as error:
        raise CheckpointError(
            "Stored places of kernels must be as they were written.",
            received=f"{path.name}: {error}",
            cure="Remove that file and ask the data set again.",
        ) from error
