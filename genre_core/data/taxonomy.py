"""Which labels of a catalog count as which genre of a task."""

from __future__ import annotations

import contextlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

from genre_core.config import Task
from genre_core.data.item import clean_text, is_empty_word

_BLANK = ("Zs", "Zl", "Zp", "Cc", "Cf", "Pd")  # Unicode's categories of blanks and dashes.
_LIST = re.compile(r"\[.*\]|[({]\s*(?:['\"].*)?[)}]", re.DOTALL)
_CALL = re.compile(r"(?:np\.)?(?:array|set|frozenset)\((.*?)(?:,\s*dtype=[^)]*)?\)", re.DOTALL)
_LISTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,'"][^,]*)""")


def split_labels(text: str) -> list[str]:
    """Split a cell of labels, without repeats, blanks and words for nothing, in order.

    Between them stands `|`, `;` or a line's end, or the cell is a list as Python, NumPy or JSON
    writes it.

    >>> split_labels("Rock | Pop;Rock"), split_labels("['Rock', 'Prog']"), split_labels("NaN")
    (['Rock', 'Pop'], ['Rock', 'Prog'], [])
    """
    plain = text.strip()
    if called := _CALL.fullmatch(plain):
        plain = called[1] or "[]"
    parts = _read_list(plain) if _LIST.fullmatch(plain) else re.split(r"[|;\r\n]", plain)
    cleaned = (clean_text(part) for part in parts)
    return list(dict.fromkeys(label for label in cleaned if not is_empty_word(label.strip("\"'"))))


def _read_list(text: str) -> list[str]:
    with contextlib.suppress(ValueError, RecursionError):
        # JSON writes letters outside ASCII as numbers, which only its own reader knows.
        if isinstance(listed := json.loads(text), list):
            return [str(part) for part in listed]
    return [
        re.sub(r"\\(.)", r"\1", "".join(found.groups(""))) for found in _LISTED.finditer(text[1:-1])
    ]


def spelling_key(label: str) -> str:
    """Return what two spellings of one genre share, whatever their case, blanks and Unicode form.

    Hyphens and underscores count as blanks.

    >>> spelling_key("Hip-Hop") == spelling_key(" hip  hop") != spelling_key("Trip Hop")
    True
    """
    plain = unicodedata.normalize("NFKC", label).casefold()
    kept = (sign for sign in plain if unicodedata.category(sign) not in _BLANK and sign != "_")
    return unicodedata.normalize("NFC", "".join(kept))


def match_genres(
    labels: Sequence[Sequence[str]], sources: Sequence[str] | np.ndarray, task: Task
) -> np.ndarray:
    """Tell which genres of a task every item counts as [shape=(n, n_genres), dtype=bool].

    A genre's rule is `"label"`, `"source:label"` or `"source:*"` (see `genre_core.config.Task`).
    The part before the first colon is a source only where the data has a source of that name;
    otherwise the whole rule is a label, so that labels with a colon can be named too. Items whose
    source is not one of `task.sources` count as nothing.

    >>> task = Task(genres=("Rock", "Prog"), rules={"Prog": ("gems:*",)})
    >>> match_genres([["Rock"], ["Rock"], []], ["shop", "gems", "gems"], task).tolist()
    [[True, False], [True, True], [False, True]]
    """
    n = len(labels)
    source_of = np.asarray(sources, dtype=object)
    counts = np.fromiter((len(own) for own in labels), dtype=np.int64, count=n)
    owner = np.repeat(np.arange(n), counts)  # (n_labels,): the item of every label
    flat = np.asarray([label for own in labels for label in own], dtype=object)
    known = set(source_of.tolist())
    matches = np.zeros((n, len(task.genres)), dtype=bool)
    for column, genre in enumerate(task.genres):
        for rule in task.rules.get(genre, (genre,)):
            source, colon, label = rule.partition(":")
            if not colon or source not in known:
                matches[owner[flat == rule], column] = True
            elif label == "*":
                matches[source_of == source, column] = True
            else:
                matches[owner[(flat == label) & (source_of[owner] == source)], column] = True
    if task.sources:
        matches[~np.isin(source_of.astype(str), task.sources)] = False
    return matches


def indicator(genre_sets: Iterable[Sequence[int]], n_genres: int) -> np.ndarray:
    """Turn each item's genres (`genre_indices` of `Catalog.select`) into a table of yes and no.

    Examples
    --------
    >>> indicator([(0, 2), (1,)], 3).astype(int).tolist()
    [[1, 0, 1], [0, 1, 0]]
    """
    rows = [np.isin(np.arange(n_genres), genres) for genres in genre_sets]
    return np.array(rows, dtype=bool).reshape(len(rows), n_genres)
