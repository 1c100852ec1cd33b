"""What whoever runs the server lets visitors bring: uploads, their sizes, rooms for a quiz."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from genre_core.audio.source import MAX_BYTES as MAX_SONG_BYTES
from genre_core.classroom.rooms import MAX_ROOMS
from genre_core.errors import ParameterError, describe
from genre_core.image.decode import MAX_BYTES as MAX_COVER_BYTES
from pages.ui.problems import plain, show

UPLOADS = "GENRE_UPLOADS"
"""Setting: on, or off."""

MAX_ZIP_MB = 500
"""As `jobs.importing` has it, which takes a while to load."""

MOST = {
    "GENRE_MAX_COVER_MB": MAX_COVER_BYTES // 1_000_000,
    "GENRE_MAX_SONG_MB": MAX_SONG_BYTES // 2**20,
    "GENRE_MAX_ZIP_MB": MAX_ZIP_MB,
    "GENRE_MAX_ROOMS": MAX_ROOMS,
}
"""Settings that are numbers: each what holds without it. Sizes can only be lowered: the readers of
files refuse more."""

_COVER, _SONG, _ZIP, _ROOMS = MOST


class File(Protocol):
    """What Streamlit gives for an uploaded file; `size` in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What visitors may bring.

    uploads: Whether files, and recordings, may be sent here at all.
    cover_mb, song_mb, zip_mb: Largest upload of a kind.
    rooms: How many quiz rooms there may be at once; 0: no quiz.
    warnings: What is wrong with a setting; until it is mended the stricter rule holds.
    """

    uploads: bool
    cover_mb: int
    song_mb: int
    zip_mb: int
    rooms: int
    warnings: tuple[str, ...] = ()


def read_limits(settings: Mapping[str, str]) -> Limits:
    """Read the settings; an upload switch that is neither on nor off is off, with a warning.

    A number that is none, or that is out of bounds, is 1 MB, or no room, with a warning.

    Examples
    --------
    >>> read_limits({"GENRE_UPLOADS": "off"}).uploads, read_limits({}).uploads
    (False, True)
    >>> read_limits({"GENRE_MAX_SONG_MB": "ten"}).warnings
    ("GENRE_MAX_SONG_MB must be a whole number from 1 to 200. Received 'ten' (str). Until it is, 1 \
holds.",)
    """
    warnings = []
    said = settings.get(UPLOADS, "").strip().lower() or "on"
    if said not in ("on", "off"):
        rule = f"{UPLOADS} must be on or off. Received {describe(said[:60])}."
        warnings.append(f"{rule} Until it is, they are off.")
    numbers = {}
    for name, most in MOST.items():
        text = settings.get(name, "").strip()
        least, highest = (0, 1_000) if name == _ROOMS else (1, most)
        is_number = text.isascii() and text.isdigit() and least <= int(text[:9]) <= highest
        numbers[name] = int(text) if is_number else most if not text else least
        if text and not is_number:
            rule = f"{name} must be a whole number from {least} to {highest}."
            warnings.append(f"{rule} Received {describe(text[:60])}. Until it is, {least} holds.")
    return Limits(
        said == "on",
        numbers[_COVER],
        numbers[_SONG],
        numbers[_ZIP],
        numbers[_ROOMS],
        tuple(warnings),
    )


def of_server() -> Limits:
    """Give what holds on this server."""
    return read_limits(os.environ)


def may_upload(what: str) -> bool:
    """Tell whether visitors may send files here, and say on the page that they may not."""
    own = of_server()
    for warning in own.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    if not own.uploads:
        st.caption(
            f":material/lock: Sending {what} of your own is switched off on this server "
            f"(`{UPLOADS}`). Everything built in is here."
        )
    return own.uploads


def within(files: Iterable[File] | None, max_mb: int) -> list[Any]:
    """Keep the uploads of at most `max_mb`, and say of each other why it is left out.

    The field itself only asks the browser to keep to the limit.
    """
    kept = []
    for file in files or ():
        if file.size <= max_mb * 2**20:
            kept.append(file)
            continue
        error = ParameterError(
            f"An upload of this kind has at most {max_mb:,} MB on this server.",
            received=f"{file.size / 2**20:,.1f} MB",
            cure="Choose a smaller file, or a part of it.",
        )
        show(error, file.name)
    return kept
