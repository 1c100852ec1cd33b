"""What a visitor chooses: a cover, a model, a genre, a stage; each choice lives in the link."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from genre_core.image.decode import COVER_SUFFIXES, MAX_BYTES
from genre_core.runs.bundle import Bundle
from pages.ui import cached
from pages.ui.frame import ROOT

COVER_KEY = "cover"
UPLOAD_KEY = "covers_upload"
GALLERY_PX = 96


@dataclass(frozen=True, slots=True)
class Choice:
    """A cover that can be looked at.

    Parameters
    ----------
    label : str
        What the picker and the link call it; unique on the page.
    note : str
        One line under the picture.
    source : Path or bytes
        The file or its content.
    checksum : str
        SHA-256 of the content.
    alt : str
        What the picture is, for somebody who cannot see it.
    is_upload : bool
        True for the visitor's own.
    """

    label: str
    note: str
    source: Path | bytes
    checksum: str
    alt: str
    is_upload: bool = False

    @property
    def file(self) -> str:
        """Name for messages and for the command line."""
        return self.source.name if isinstance(self.source, Path) else self.label

    @property
    def shell_path(self) -> str:
        """The file as an argument of a command, with a place-holder's folder for uploads."""
        return shlex.quote(
            self.source.relative_to(ROOT).as_posix()
            if isinstance(self.source, Path) and self.source.is_relative_to(ROOT)
            else self.file
        )

    def picture(self) -> np.ndarray:
        """Decode it for the page; raises `DecodeError`."""
        return cached.picture(self.checksum, self.source, self.file)


def built_in() -> list[Choice]:
    """List the covers that come with the app."""
    return [
        Choice(cover.title, f"{cover.title} · {cover.artist}", cover.path, checksum, cover.alt)
        for cover, checksum in cached.built_in_covers()
    ]


def uploads() -> list[Choice]:
    """Ask for covers, by click or drop, and return the visitor's own."""
    files = st.file_uploader(
        "Drop your own covers here, or browse",
        type=[suffix.lstrip(".") for suffix in COVER_SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 1_000_000,
        key=UPLOAD_KEY,
        on_change=_choose_newest,
        help="They stay in this server's memory while your tab is open and are never stored.",
    )
    return _as_choices(files or [])


def cover(choices: list[Choice]) -> Choice:
    """Ask which cover to look at."""
    labels = [choice.label for choice in choices]
    picked = st.pills(
        "Cover",
        labels,
        default=next(choice.label for choice in choices if not choice.is_upload),
        required=True,
        key=COVER_KEY,
        bind="query-params",
        wrap=True,
    )
    return next((choice for choice in choices if choice.label == picked), choices[0])


def gallery(choices: list[Choice], columns: int = 6) -> None:
    """Show covers as pictures with a button each that brings it to the top."""
    with st.grid(columns, min_column_width=GALLERY_PX):
        for choice in choices:
            with st.container(gap="xsmall"):
                st.image(choice.picture(), width="stretch", alt=choice.alt)
                st.button(
                    choice.label,
                    key=f"look_{choice.checksum[:12]}",
                    width="stretch",
                    on_click=_choose,
                    args=(choice.label,),
                )


def model(key: str, bundles: Sequence[Bundle], label: str = "Network") -> Bundle:
    """Ask which model; the link carries its name."""
    by_name = {bundle.name: bundle for bundle in bundles}
    picked = st.selectbox(label, list(by_name), key=key, bind="query-params")
    return by_name.get(picked, bundles[0])


def _as_choices(files: list) -> list[Choice]:
    choices: list[Choice] = []
    taken: set[str] = set()
    for file in files:
        content = file.getvalue()
        checksum = hashlib.sha256(content).hexdigest()
        name = file.name if file.name not in taken else f"{file.name} ({checksum[:4]})"
        taken.add(name)
        alt = f"Your cover {name}"
        choices.append(Choice(name, name, content, checksum, alt, is_upload=True))
    return choices


def _choose(label: str) -> None:
    st.session_state[COVER_KEY] = label


def _choose_newest() -> None:
    choices = _as_choices(st.session_state.get(UPLOAD_KEY) or [])
    if choices:
        st.session_state[COVER_KEY] = choices[-1].label
