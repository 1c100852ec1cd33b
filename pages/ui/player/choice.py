"""Which segment is selected, when both the visitor and the page may choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asked to be selected.

    Parameters
    ----------
    song : str
        What is selected from: the sound and its segments.
    passed : int or None
        What the page passed in its last run.
    index : int or None
        What it asked for when it last asked for something new.
    count : int
        How often it has asked for something new; a visitor's choice holds until it grows.
    """

    song: str
    passed: int | None
    index: int | None
    count: int = 0


def ask(
    last: Asked | None, told: Mapping[str, int] | None, song: str, selected: int | None
) -> Asked:
    """Return what is asked now.

    The page asks for something new when the song or its segments change, or when it passes another
    segment than in the run before and that one is not selected already. So a page may keep
    `selected` in its link: the link follows the click one run later, which is nothing new.

    Parameters
    ----------
    last : Asked, optional
        What this function returned in the run before.
    told : mapping, optional
        The visitor's last choice: its `index`, and the `asked` count it was made under.
    song : str
    selected : int, optional

    Examples
    --------
    >>> first = ask(None, None, "a.wav", None)
    >>> clicked = {"index": 7, "asked": 0}
    >>> ask(first, clicked, "a.wav", 7).count, ask(first, clicked, "a.wav", 2).count
    (0, 1)
    """
    if last is None:
        return Asked(song, selected, selected)
    is_new = selected not in (last.passed, current(last, told))
    if song != last.song or is_new:
        return Asked(song, selected, selected, last.count + 1)
    return Asked(song, selected, last.index, last.count)


def current(asked: Asked, told: Mapping[str, int] | None) -> int | None:
    """Return the selected segment: the visitor's, unless the page has asked anew since.

    Examples
    --------
    >>> current(Asked("a.wav", 2, 2, count=1), {"index": 7, "asked": 0})
    2
    >>> current(Asked("a.wav", 2, 2, count=1), {"index": 7, "asked": 1})
    7
    """
    if told and told["asked"] == asked.count:
        return int(told["index"])
    return asked.index
