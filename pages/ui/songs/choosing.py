"""Which song: built in, the visitor's own files, or the microphone."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from genre_core.audio.source import MAX_BYTES
from genre_core.data.importers import SONG_SUFFIXES
from pages.ui.frame import ROOT
from pages.ui.songs import cached

SONG_KEY = "song"
UPLOAD_KEY = "songs_upload"
RECORD_KEY = "song_recorded"


@dataclass(frozen=True, slots=True)
class SongChoice:
    """A song that can be read.

    Parameters
    ----------
    label : str
        What the picker and the link call it; unique on the page.
    note : str
        One line on what one hears.
    source : Path or bytes
        The file or its content.
    checksum : str
        SHA-256 of the content.
    is_own : bool
        True for the visitor's own.
    """

    label: str
    note: str
    source: Path | bytes
    checksum: str
    is_own: bool = False

    @property
    def file(self) -> str:
        """Name for messages and for the command line."""
        return self.source.name if isinstance(self.source, Path) else self.label

    @property
    def shell_path(self) -> str:
        """The file as an argument of a command."""
        return shlex.quote(
            self.source.relative_to(ROOT).as_posix()
            if isinstance(self.source, Path) and self.source.is_relative_to(ROOT)
            else self.file
        )


def built_in() -> list[SongChoice]:
    """List the songs that come with the app."""
    return [
        SongChoice(song.title, song.about, song.path, checksum)
        for song, checksum in cached.built_in_songs()
    ]


def own() -> list[SongChoice]:
    """Ask for songs, by click, drop or microphone, and return the visitor's own."""
    files = st.file_uploader(
        "Drop your own songs here, or browse",
        type=[suffix.lstrip(".") for suffix in SONG_SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 2**20,
        key=UPLOAD_KEY,
        on_change=_choose_newest,
        help="They stay in this server's memory while your tab is open. What was computed of them "
        "is forgotten with the next songs.",
    )
    with st.popover("Record a few seconds", icon=":material/mic:"):
        recorded = st.audio_input(
            "What the microphone hears",
            sample_rate=44_100,
            key=RECORD_KEY,
            on_change=_choose_recorded,
        )
    return as_choices(files or []) + _recorded(recorded)


def pick(choices: list[SongChoice]) -> SongChoice:
    """Ask which song to look at."""
    picked = st.pills(
        "Song",
        [choice.label for choice in choices],
        default=next(choice.label for choice in choices if not choice.is_own),
        required=True,
        key=SONG_KEY,
        bind="query-params",
        wrap=True,
    )
    return next((choice for choice in choices if choice.label == picked), choices[0])


def as_choices(files: list) -> list[SongChoice]:
    """Turn uploaded files into choices; two of one name are told apart by their content."""
    choices: list[SongChoice] = []
    taken: set[str] = set()
    for file in files:
        content = file.getvalue()
        checksum = hashlib.sha256(content).hexdigest()
        name = file.name if file.name not in taken else f"{file.name} ({checksum[:4]})"
        taken.add(name)
        choices.append(SongChoice(name, name, content, checksum, is_own=True))
    return choices


def _recorded(file: object) -> list[SongChoice]:
    if file is None:
        return []
    content = file.getvalue()  # type: ignore[attr-defined]
    checksum = hashlib.sha256(content).hexdigest()
    note = "From the microphone: a room and a loudspeaker lie between it and the song"
    return [SongChoice(f"Recording {checksum[:4]}", note, content, checksum, is_own=True)]


def _choose_newest() -> None:
    choices = as_choices(st.session_state.get(UPLOAD_KEY) or [])
    if choices:
        st.session_state[SONG_KEY] = choices[-1].label


def _choose_recorded() -> None:
    for choice in _recorded(st.session_state.get(RECORD_KEY)):
        st.session_state[SONG_KEY] = choice.label
