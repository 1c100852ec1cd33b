"""Which segment is selected, when both the visitor and the page may choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asked to be selected."""

    song: str
    """What is selected from: the sound and its segments."""
    passed: int | None
    """What the page passed in its last run."""
    index: int | None
    """What it asked for when it last asked for something new."""
    count: int = 0
    """How often it has asked for something new; a visitor's choice holds until it grows."""


def ask(
    last: Asked | None, clicked: Mapping[str, int] | None, song: str, selected: int | None
) -> Asked:
    """Return what is asked now.

    The page asks for something new when the song or its segments change, or when it passes another
    segment than in the run before and that one is not selected already. So a page may keep
    `selected` in its link: the link follows the click one run later, which is nothing new. `last`
    is what this function returned in the run before, `clicked` the visitor's last choice: its
    `index`, and the `asked` count it was made under.

    Examples
    --------
    >>> first = ask(None, None, "a.wav", None)
    >>> clicked = {"index": 7, "asked": 0}
    >>> ask(first, clicked, "a.wav", 7).count, ask(first, clicked, "a.wav", 2).count
    (0, 1)
    """
    if last is None:
        return Asked(song, selected, selected)
    is_new = selected not in (last.passed, current(last, clicked))
    if song != last.song or is_new:
        return Asked(song, selected, selected, last.count + 1)
    return Asked(song, selected, last.index, last.count)


def current(asked: Asked, clicked: Mapping[str, int] | None) -> int | None:
    """Return the selected segment: the visitor's, unless the page has asked anew since.

    Examples
    --------
    >>> current(Asked("a.wav", 2, 2, count=1), {"index": 7, "asked": 0})
    2
    >>> current(Asked("a.wav", 2, 2, count=1), {"index": 7, "asked": 1})
    7
    """
    if clicked and clicked["asked"] == asked.count:
        return int(clicked["index"])
    return asked.index
