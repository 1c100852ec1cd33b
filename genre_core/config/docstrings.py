"""What a settings class says of its fields, read from its numpydoc docstring."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+$|\Z)", re.DOTALL | re.MULTILINE)


def parameter_texts(cls: type) -> dict[str, str]:
    """Read what the section Parameters of a docstring says of each name.

    Parameters
    ----------
    cls : type
        With a numpydoc docstring; names that share a line share its text.

    Returns
    -------
    dict of str to str
        One line a name, backticks and all. Empty where Python was told to strip docstrings.

    Examples
    --------
    >>> from genre_core.config import CoverInput
    >>> parameter_texts(CoverInput)["size"]
    'Side of the square input, in pixels, 32 to 1024.'
    """
    section = _SECTION.search(inspect.cleandoc(cls.__doc__ or ""))
    texts: dict[str, str] = {}
    names: list[str] = []
    for line in section[1].splitlines() if section else ():
        if line and not line[0].isspace():
            names = [name.strip() for name in line.split(" : ")[0].split(",")]
            texts |= dict.fromkeys(names, "")
        else:
            texts |= {name: f"{texts[name]} {line.strip()}".strip() for name in names}
    return texts
