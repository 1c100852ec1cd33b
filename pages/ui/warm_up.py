"""The networks of Covers and Songs, loaded while the visitor looks at the first page."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache, partial

import streamlit as st

from genre_core import guarded
from genre_core.errors import GenreError
from genre_core.runs.bundle import Bundle
from pages.ui import cached, compare
from pages.ui.songs import cached as songs

SETTING = "GENRE_WARM_UP"
"""Setting that leaves networks to whoever needs them first: 0."""

KEY = "getting_ready"
"""What the frame's style knows the corner by."""

_PAGE_IS_OUT = "first_page_is_out"
_NICE = 5  # of 19: more would let whoever waits for Python's lock wait long on a busy machine


class WarmUp:
    """One thread that loads what is not there yet; `done` of `total` steps are over."""

    def __init__(self, networks: Sequence[Bundle]) -> None:
        self._networks = networks
        self.total = 1 + len(networks)
        self.done = 0
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
        self._begin = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        return self.done >= self.total

    def begin(self) -> None:
        """Begin, if nobody did."""
        with self._begin:
            if self._thread.ident is None:
                self._thread.start()

    def _run(self) -> None:
        try:
            guarded.start()
            _nicely(cached.libraries)
            _threads_of_tensorflow()
            self.done += 1
            for bundle in self._networks:
                _nicely(partial(_use_once, bundle))
                self.done += 1
        finally:
            self.done = self.total


def _nicely(work: Callable[[], None]) -> None:
    """Do something in a thread that gives way to others, as far as the system knows such threads.

    Linux counts a priority for each thread. What a thread starts inherits it: so nothing that stays
    may be started here.
    """

    def do() -> None:
        if sys.platform == "linux":
            os.nice(_NICE)
        work()

    thread = threading.Thread(target=do, name="warm-up step", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return  # the server is being stopped: from Python 3.12 on it starts no more threads then
    thread.join()


def _threads_of_tensorflow() -> None:
    from genre_core.explain.first_use import begin

    begin()


def _use_once(bundle: Bundle) -> None:
    from genre_core.explain.first_use import use_once

    try:
        use_once(cached.classifier_ahead(bundle))
    except GenreError:
        return  # its page says what is wrong with it


@cache
def _warm_up() -> WarmUp:
    leaders, _ = compare.leading(cached.bundles())
    return WarmUp((*leaders, *songs.bundles()))


def corner() -> None:
    """Load networks once the first page is out, and tell in a corner how far that is."""
    if os.environ.get(SETTING) != "0":
        _while_needed()


# A part's clock stops when the part around it is drawn without it; that one's goes on, slowly.
@st.fragment(run_every=10)
def _while_needed() -> None:
    if _PAGE_IS_OUT not in st.session_state or not _warm_up().is_over:
        _tell()


@st.fragment(run_every=2)
def _tell() -> None:
    if _PAGE_IS_OUT not in st.session_state:
        st.session_state[_PAGE_IS_OUT] = True  # at the next tick, which waits for the page's end
        return
    work = _warm_up()
    work.begin()
    if not work.is_over:
        with st.container(key=KEY):
            st.caption(f"Getting ready for your own files: step {work.done + 1} of {work.total}")
