"""What a data set may be called."""

from __future__ import annotations

import re

from genre_core.config import require

_NO_NAME = re.compile(r"[/\\:\x00-\x1f\x7f]")


def plain_name(text: str) -> str:
    r"""Make a data set's name of a file's.

    Examples
    --------
    >>> plain_name(" .my: covers\n"), plain_name("...")
    ('my_ covers', 'imported')
    """
    return _NO_NAME.sub("_", text.strip()).strip(". _")[:80] or "imported"


def check_name(name: str) -> None:
    """Raise `ParameterError` where a data set cannot be called so.

    Examples
    --------
    >>> check_name("../mine")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A data set's name must be plain, at most 100 characters. \
Received '../mine' (str). Leave out slashes, colons and a dot at the start.
    """
    is_plain = 0 < len(name) <= 100 and not name.startswith(".") and not _NO_NAME.search(name)
    require(
        is_plain and name == name.strip(),
        "A data set's name must be plain, at most 100 characters.",
        name,
        "Leave out slashes, colons and a dot at the start.",
    )
