"""What visitors left behind is let go some minutes later, and quizzes after their days.

Streamlit keeps a visit for two minutes, in case its connection comes back. It forgets it only when
the next visitor's ends, and what a visit held (uploads, pictures) goes when Python next looks for
cycles: the files of a class stayed in memory until another class was there. Rooms of quizzes are
deleted when their days are over, also where nobody opens another.
"""

import asyncio
import contextlib
import ctypes
import gc
import time

from streamlit import runtime

EVERY_S = 30.0
ROOMS_EVERY_S = 3600.0


async def tidy_for_ever(every_s: float = EVERY_S) -> None:
    """Look again and again, until it is cancelled, whether visits are over, and let go of them."""
    known: set[str] = set()
    n_rounds, rooms_at = 0, time.monotonic()
    while True:
        await asyncio.sleep(every_s)
        if time.monotonic() >= rooms_at:
            rooms_at += ROOMS_EVERY_S
            await asyncio.to_thread(_delete_old_rooms)
        there = _visits()
        if known - there:
            n_rounds = 2  # what a visit had begun may outlive it for a while
        if n_rounds:
            _let_go()
            n_rounds -= 1
        known = there


def _visits() -> set[str]:
    """Name the visits that are there or may come back; those that may not are forgotten."""
    if not runtime.exists():
        return set()
    try:
        manager = runtime.get_instance()._session_mgr
        manager._session_storage._cache.expire()
        return {info.session.id for info in manager.list_sessions()}
    except AttributeError:  # another version of Streamlit: it forgets them by itself, but later
        return set()


def _delete_old_rooms() -> None:
    from genre_core import classroom  # not while the server starts
    from genre_core.errors import GenreError

    with contextlib.suppress(GenreError):  # whoever opens the quiz is told what is wrong
        classroom.delete_old_rooms()


def _let_go() -> None:
    """Free what only cycles hold, and give free memory back to the system where it can be told."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # of the C libraries, GNU's alone has it
        ctypes.CDLL(None).malloc_trim(0)
