"""Errors of genre_core as messages of the page: what must hold, what came, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from genre_core.errors import DatasetError, GenreError

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|$:~<>]|&(?=#?\w+;))")

LISTED = 20
"""Problems of a data set that are shown before the rest is only counted."""


def plain(text: object) -> str:
    r"""Escape Markdown, so that a file's name or a title is shown as it is.

    Examples
    --------
    >>> print(plain("a_b*.jpg"))
    a\_b\*\.jpg
    """
    return _SPECIAL.sub(r"\\\1", str(text))


def bullets(texts: Iterable[object]) -> str:
    """Write texts as a list, each as it is."""
    return "\n".join(f"- {plain(text)}" for text in texts)


def show(error: GenreError, about: str = "") -> None:
    """Show an error as rule, received and cure; a data set's problems as a list.

    `about` is what it is about, such as a file's name.
    """
    head = f"**{plain(about)}** · " if about else ""
    received = plain(error.received)
    st.error(
        f"{head}**{plain(error.rule)}**\n\nReceived {received}\\.\n\n{plain(error.cure)}",
        icon=":material/error:",
    )
    if isinstance(error, DatasetError) and error.problems:
        more = len(error.problems) - LISTED
        st.markdown(bullets(error.problems[:LISTED]))
        if more > 0:
            st.markdown(f"- and {more:,} more")


@contextmanager
def shown(about: str = "") -> Iterator[None]:
    """Show a `GenreError` of the block on the page and go on after it."""
    try:
        yield
    except GenreError as error:
        show(error, about)
