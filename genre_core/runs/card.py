"""The card of a bundle: all that is needed to feed its network and to read its logits."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from genre_core.config import CoverInput, Head, SongInput, from_dict, require, to_dict
from genre_core.data.files import atomic_write
from genre_core.errors import CheckpointError, ParameterError, describe
from genre_core.metrics.calibration import Calibration

FORMAT_VERSION = 1
CARD_FILE = "card.json"
_MAX_BYTES = 1_000_000
_CURE = "Take the bundle as it was written; train it again if it was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgScore:
    """How a song's prog score is read off a network's probabilities.

    genre: one of the card's genres
    half_at: above 0: the score is p / (p + half_at), a rank score and no probability. None: the
        score is the probability itself.
    rule: how `half_at` was found and what the score is worth, for people
    """

    genre: str
    half_at: float | None = None
    rule: str = ""

    def __post_init__(self) -> None:
        require(
            self.half_at is None or self.half_at > 0,
            "half_at must be > 0.",
            self.half_at,
            "Take a quantile of known songs, or leave it out.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a bundle says of itself.

    name: `<architecture>.<tag>`, also the folder's name
    title, description: for people: one line, and a few sentences
    architecture, tag, study, media: which network, which training, whose recipe, "cover" or "song"
    genres: the taxonomy in the order of the logits
    head: how logits become probabilities
    input: how a decoded cover or song becomes the input
    n_parameters, model_sha256: of the network as stored, and checksum of `model.keras`
    experiment: the whole recipe, as `config.to_dict` gives it
    data: name, digest, licence, split_rule, n_train, n_val, n_test
    provenance: versions, seed, n_runs, command, created
    confounds: what else could explain the figures, one sentence each
    sources: weights of others inside the network, or that taught it: name, licence, owner
    prog_score: how a network of songs tells prog; None where it says nothing of it
    calibration: how probabilities that hold follow from the network's own, of a song from the mean
        over its segments. None where nothing was fitted: what it gives are scores
    """

    name: str
    title: str
    description: str
    architecture: str
    tag: str
    study: str
    genres: tuple[str, ...]
    head: Head
    input: CoverInput | SongInput
    n_parameters: int
    model_sha256: str
    experiment: dict[str, Any]
    data: dict[str, Any]
    provenance: dict[str, Any]
    media: str = "cover"
    confounds: tuple[str, ...] = ()
    sources: tuple[dict[str, str], ...] = ()
    prog_score: ProgScore | None = None
    calibration: Calibration | None = None
    format_version: int = field(default=FORMAT_VERSION)

    def __post_init__(self) -> None:
        require(
            self.prog_score is None or self.prog_score.genre in self.genres,
            "prog_score must name one of the card's genres.",
            self.prog_score,
            f"Use one of {', '.join(self.genres)}.",
        )
        weights = () if self.calibration is None else self.calibration.weights
        require(
            not weights or len(weights) == len(self.genres),
            "calibration must have a weight for each genre, or none.",
            weights,
            "Run: python -m genre_core calibrate on it again.",
        )

    def calibrated(self, probs: np.ndarray) -> np.ndarray:
        """Bring the network's own probabilities (n, n_genres) to what is shown."""
        return probs if self.calibration is None else self.calibration.apply(probs, self.head)

    @property
    def n_logits(self) -> int:
        """Width of the network's last layer."""
        return 1 if self.head == "binary" else len(self.genres)

    @property
    def contract(self) -> dict[str, Any]:
        """The part that decides a prediction; the network's file carries a second copy.

        Not the calibration, which is fitted once the network is stored.
        """
        return {
            "architecture": self.architecture,
            "genres": list(self.genres),
            "head": self.head,
            "input": to_dict(self.input),
            "media": self.media,
            # None too: a card must not lose the score that its network was stored with.
            "prog_score": None if self.prog_score is None else to_dict(self.prog_score),
        }


def save_card(card: Card, folder: Path) -> None:
    """Write `card.json` with its own digest, atomically."""
    plain = to_dict(card)
    for name in ("prog_score", "calibration"):
        if plain[name] is None:
            del plain[name]  # cards without it stay as they were written
    plain["card_sha256"] = _digest(plain)
    atomic_write(folder / CARD_FILE, json.dumps(plain, indent=2, ensure_ascii=False) + "\n")


def load_card(folder: Path) -> Card:
    """Read and check `card.json` of a bundle's folder; refused if edited by hand."""
    path = folder / CARD_FILE
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("larger than 1 MB")
        return _checked(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            "A bundle needs a readable card.json.", received=f"{folder.name}: {error}", cure=_CURE
        ) from error


# Every page lists every bundle at each click; of the same text the card is the same.
@functools.lru_cache(maxsize=128)
def _checked(text: str) -> Card:
    plain = json.loads(text)
    if not isinstance(plain, dict):
        raise ValueError("not a table")
    version = plain.get("format_version")
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"The card's format_version must be {FORMAT_VERSION}.",
            received=describe(version),
            cure="Use the Genre Explorer that wrote it, or train it again.",
        )
    stated = plain.pop("card_sha256", None)
    if stated != _digest(plain):
        raise CheckpointError(
            "The card must match its own digest.", received=f"an edited {CARD_FILE}", cure=_CURE
        )
    try:
        return from_dict(Card, plain)
    except ParameterError as error:
        raise CheckpointError(
            "Every field of the card must be right.", received=str(error), cure=_CURE
        ) from error


def with_model(card: Card, model_sha256: str, n_parameters: int) -> Card:
    """Give the card of a network that has just been written."""
    return dataclasses.replace(card, model_sha256=model_sha256, n_parameters=n_parameters)


def _digest(plain: dict[str, Any]) -> str:
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
