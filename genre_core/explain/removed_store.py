"""What was measured of networks with kernels taken out, as files: shipped ones and one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from genre_core.data.files import atomic_write
from genre_core.errors import CheckpointError
from genre_core.explain.patterns_store import SHIPPED, home_folder
from genre_core.runs.card import Card

VERSION = 1


def load_removed(card: Card) -> list[dict[str, Any]]:
    """Read what was measured of a network, the shipped measurements first.

    Raises `CheckpointError`: a file that is no such store.
    """
    results: dict[tuple[str, ...], dict[str, Any]] = {}
    for folder in (SHIPPED, home_folder()):
        path = removed_path(card, folder)
        if not path.is_file():
            continue
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            results |= {_key_of(one): one for one in stored if one["version"] == VERSION}
        except (ValueError, TypeError, KeyError) as error:
            raise CheckpointError(
                "Stored measurements must be as they were written.",
                received=f"{path.name}: {error}",
                cure="Remove that file and measure again.",
            ) from error
    return list(results.values())


def save_removed(card: Card, result: dict[str, Any], folder: Path) -> Path:
    """Store a measurement beside those on other data; it replaces one on the same."""
    path = removed_path(card, folder)
    stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    others = [one for one in stored if _key_of(one) != _key_of(result)]
    atomic_write(path, json.dumps([*others, result], indent=1) + "\n")
    return path


def removed_path(card: Card, folder: Path) -> Path:
    """Return where the measurements of a network lie in a folder."""
    return folder / f"{card.model_sha256[:16]}.removed.json"


def _key_of(result: dict[str, Any]) -> tuple[str, ...]:
    return result["data"]["digest"], result["split"], result["source"]
