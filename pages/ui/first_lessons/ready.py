"""A step that can be shown: its figures, what is right, and what draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from genre_core.lessons.first import MEASURED


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ready:
    """A step that can be shown.

    see: Draws what there is to see.
    facts: Figures that its texts name.
    right: Place of the right choice, where figures decide.
    illustrate: Draws what stands beside the question.
    """

    see: Callable[[], None]
    facts: dict[str, str] = field(default_factory=dict)
    right: int = MEASURED
    illustrate: Callable[[], None] = _nothing
