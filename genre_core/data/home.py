"""Where everything that a user makes is kept."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the home folder: the setting `GENRE_HOME`, else `workspace/` beside the package.

    Whoever writes into it makes it. The setting is read at each call, so that a test or a child
    process can change it.
    """
    setting = os.environ.get("GENRE_HOME", "").strip()
    if setting:
        return Path(setting).expanduser().absolute()
    return Path(__file__).resolve().parents[2] / "workspace"


def data_root() -> Path | None:
    """Return the folder of a user's own data sets, the setting `GENRE_DATA`, or None without it."""
    setting = os.environ.get("GENRE_DATA", "").strip()
    return Path(setting).expanduser().absolute() if setting else None
