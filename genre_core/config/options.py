"""Write settings as options of the command line."""

from __future__ import annotations

import dataclasses
from typing import Any


def as_options(settings: Any) -> tuple[str, ...]:
    """Write a dataclass, such as an edit, as the options that differ from its defaults.

    Examples
    --------
    >>> from genre_core.image.edits import CoverEdit
    >>> as_options(CoverEdit(hide=(0.1, 0.1, 0.4, 0.4), mirror=True, jpeg=30))
    ('--hide', '0.1,0.1,0.4,0.4', '--mirror', '--jpeg', '30')
    """
    words: list[str] = []
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value == field.default:
            continue
        option = f"--{field.name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(option)
        elif isinstance(value, tuple):
            words += [option, ",".join(f"{part:g}" for part in value)]
        elif isinstance(value, float) and value < 0:
            words.append(f"{option}={value:g}")  # a minus sign would look like another option
        else:
            words += [option, f"{value:g}" if isinstance(value, float) else str(value)]
    return tuple(words)
