"""What was measured of a network and stored beside it, as JSON that names the network it is of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from genre_core.data.files import atomic_write
from genre_core.errors import CheckpointError, GenreError
from genre_core.runs.bundle import Bundle

T = TypeVar("T")


def save_measured(plain: dict[str, Any], model_sha256: str, path: Path) -> Path:
    """Write what was measured with the network's digest, whole or not at all."""
    named = {"model_sha256": model_sha256, **plain}
    return atomic_write(path, json.dumps(named, indent=1, ensure_ascii=False) + "\n")


def load_measured(
    bundle: Bundle,
    file_name: str,
    build: Callable[[dict[str, Any]], T],
    *,
    what: str,
    command: str,
) -> T | None:
    """Read a bundle's file; None without it, or where it is another network's.

    Parameters
    ----------
    bundle : Bundle
        Whose folder holds the file.
    file_name : str
        A JSON table with the key `model_sha256`.
    build : callable
        Makes of the table, without that key, what is returned.
    what : str
        Subject of the message's first sentence, such as "The references of a bundle".
    command : str
        The subcommand of `python -m genre_core` that writes the file again.

    Raises
    ------
    CheckpointError
        A file that cannot be read, or of which `build` makes nothing.
    """
    path = bundle.folder / file_name
    if not path.is_file():
        return None
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain.pop("model_sha256") != bundle.card.model_sha256:
            return None  # of the network that stood here before
        return build(plain)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, GenreError) as error:
        raise CheckpointError(
            f"{what} must be readable.",
            received=f"{bundle.name}/{path.name} ({error})",
            cure=f"Run: python -m genre_core {command} {bundle.name} --data DATA.",
        ) from error
