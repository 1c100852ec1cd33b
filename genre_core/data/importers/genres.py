"""What is odd about the genres of a data set: two spellings of one, lists that were read as one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from genre_core.data.importers.rows import Row, by_file
from genre_core.data.item import WEIGHTS
from genre_core.data.taxonomy import spelling_key
from genre_core.errors import Problem

NO_GENRE = frozenset((
    "unknown", "(unknown)", "<unknown>", "[unknown]", "unknown genre", "not available",
    "not specified", "unspecified", "unlabeled", "unlabelled", "missing", "unbekannt", "inconnu",
    "desconocido", "sconosciuto",
))  # fmt: skip
"""What people call the genre of a file that has none, in lower case."""

_MAX_SHOWN = 5


def name_spellings(rows: list[Row], problems: list[Problem], *, merge: bool) -> None:
    """Name genres that differ only in their spelling, or `merge` them in `rows`, in place.

    The spelling that most items have is kept.

    >>> rows = [{"labels": [label]} for label in ("Hip Hop", "hip-hop", "Hip Hop")]
    >>> problems = []
    >>> name_spellings(rows, problems, merge=True)
    >>> str(problems[0]), rows[1]
    ("genre 'Hip Hop' (2): 'hip-hop' (1) became this", {'labels': ['Hip Hop']})
    """
    counts = Counter(label for row in rows for label in row["labels"])
    alike: dict[str, list[str]] = defaultdict(list)
    for label in sorted(counts, key=lambda label: (-counts[label], label)):
        alike[spelling_key(label)].append(label)
    kept: dict[str, str] = {}
    for first, *others in alike.values():
        if others:
            kept |= dict.fromkeys(others, first)
            names = _listed(f"{other!r} ({counts[other]:,})" for other in others)
            what = (
                f"{names} became this"
                if merge
                else f"spelt {names} too, and these count as genres of their own: "
                "--merge-spellings makes them one"
            )
            problems.append(Problem(f"genre {first!r} ({counts[first]:,})", what, is_note=True))
    if merge and kept:
        for row in rows:
            own = [kept.get(label, label) for label in row["labels"]]
            if weights := row.get(WEIGHTS):
                shares = dict.fromkeys(own, 0.0)
                for label, share in zip(own, weights, strict=True):
                    shares[label] = min(1.0, shares[label] + share)
                row[WEIGHTS] = list(shares.values())
            row["labels"] = list(dict.fromkeys(own))


def name_no_genres(rows: list[Row], problems: list[Problem]) -> None:
    """Name genres that are words for having none; in a table of one's own they may be meant."""
    counts = Counter(label for row in rows for label in row["labels"])
    for label in sorted(counts):
        if label.casefold() in NO_GENRE:
            what = "names no genre, but counts as one: leave it empty where that is not meant"
            problems.append(Problem(f"genre {label!r} ({counts[label]:,})", what, is_note=True))


def name_comma_lists(rows: list[Row], problems: list[Problem]) -> None:
    """Name genres with a comma whose parts are genres too, or parts of several: lists, it seems."""
    labels = {label for row in rows for label in row["labels"]}
    parts = {
        label: [part for part in map(spelling_key, label.split(",")) if part]
        for label in sorted(labels)
        if "," in label
    }
    uses = Counter(part for own in parts.values() for part in set(own))
    known = {spelling_key(label) for label in labels - set(parts)}
    lists = [label for label, own in parts.items() if any(p in known or uses[p] > 1 for p in own)]
    if lists:
        what = "counts as one genre, comma and all: where several are meant, put | between them"
        problems.append(Problem(f"genre {_listed(map(repr, lists))}", what, is_note=True))


def name_conflicts(rows: list[Row], problems: list[Problem]) -> None:
    """Name files that are there twice, under other genres: such items stay, in one split."""
    for same in by_file(rows).values():
        genres = {
            " and ".join(sorted(row["labels"])): str(row["item_id"]) for row in reversed(same)
        }
        if len(genres) > 1:
            (label, first), *others = sorted(genres.items(), key=lambda item: item[1])
            names = _listed(f"{path} ({other})" for other, path in others)
            what = f"{label} here, but the same file is {names}: all are kept, in one split"
            problems.append(Problem(first, what, is_note=True))


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _MAX_SHOWN:,} more" if len(names) > _MAX_SHOWN else ""
    return ", ".join(names[:_MAX_SHOWN]) + more
