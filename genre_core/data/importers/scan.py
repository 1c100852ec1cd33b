"""Check many cover files at once, with a bounded number of them in memory."""

from __future__ import annotations

import contextlib
import hashlib
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from PIL import Image

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import path_inside
from genre_core.data.folds import make_strata
from genre_core.data.importers.asked import asked
from genre_core.data.importers.memory import Known, Look
from genre_core.data.item import SPLITS, items_frame
from genre_core.data.splits import check_no_leak, find_leaks, make_splits, merge_groups
from genre_core.errors import DatasetError, DecodeError, ParameterError, Problem
from genre_core.image.decode import MAX_BYTES, MAX_PIXELS, decode_cover
from genre_core.progress import Progress, map_in_order

COVER_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""Pillow's names of the formats that a cover may have, whatever its file is called."""

MIN_SIDE = 8
"""Smallest side of a cover, in pixels."""

MAX_SHARING = 5
"""Groups that must share a file for it to count as a placeholder; ours, no study says."""

_TELL_EVERY_S = 0.5  # A song may take a second to decode, and a stop shall be heard.


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an importer made of a folder or a table.

    Parameters
    ----------
    catalog : Catalog
        The items that can be used.
    problems : tuple of Problem
        Everything that was left out or not understood, and why.
    has_own_splits : bool
        Whether the splits came with the data; else they are ours.
    """

    catalog: Catalog
    problems: tuple[Problem, ...]
    has_own_splits: bool = False


def scan_covers(
    root: Path,
    relative_paths: Sequence[str],
    *,
    verify: bool = False,
    progress: Progress | None = None,
) -> tuple[dict[str, str], list[Problem]]:
    """Read cover files: their checksum, and whether they are pictures.

    Parameters
    ----------
    root : Path
        Folder of the data set.
    relative_paths : sequence of str
        Paths in it.
    verify : bool
        Decode every picture whole instead of reading only its header; slower, and finds
        truncated files too.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    checksums : dict of str to str
        Path to SHA-256, for every good file.
    problems : list of Problem
        Every other path, with the reason.
    """

    def look(relative: str) -> tuple[str, str]:
        try:
            path = path_inside(root, relative)
            if not path.is_file():
                return "", "no such file"
            n_bytes = path.stat().st_size
            if n_bytes > MAX_BYTES:
                return "", f"{n_bytes:,} bytes, more than {MAX_BYTES:,}"
            content = path.read_bytes()
            if verify:
                decode_cover(content, name=relative)
            reason = _header_fault(content)
        except DecodeError as error:
            return "", f"not a readable picture: {error.received}"
        except ParameterError as error:
            return "", f"path leaves the data set's folder: {error.received}"
        except OSError as error:
            return "", f"cannot be read: {error.strerror or error}"
        return ("", reason) if reason else (hashlib.sha256(content).hexdigest(), "")

    memory = asked().memory
    kind = "cover-verified" if verify else "cover"
    known = None if memory is None else Known(memory, root, kind)
    return scan_with(look, relative_paths, progress=progress, known=known)


def scan_with(
    look: Look,
    relative_paths: Sequence[str],
    *,
    progress: Progress | None = None,
    n_threads: int | None = None,
    known: Known | None = None,
) -> tuple[dict[str, str], list[Problem]]:
    """Look at every file of a list, with threads.

    Parameters
    ----------
    look : callable
        Gives a path's checksum and "", or "" and what is wrong with it.
    relative_paths : sequence of str
        Paths in the data set's folder.
    progress : callable, optional
        `progress(done, total, text)`; may raise to stop.
    n_threads : int, optional
        As in `map_in_order`.
    known : Known, optional
        What was found out before, and gets what is found out now.

    Returns
    -------
    checksums : dict of str to str
        Path to SHA-256, for every good file.
    problems : list of Problem
        Every other path, with the reason.

    Examples
    --------
    >>> scan_with(lambda path: ("", "no such file"), ["a.ogg"])[1]
    [Problem(where='a.ogg', what='no such file')]
    """
    checksums: dict[str, str] = {}
    problems: list[Problem] = []
    total, told_at = len(relative_paths), time.monotonic()
    with contextlib.ExitStack() as held:
        if known is not None:
            look = held.enter_context(known).wrap(look)
        # Closed at once after a stop: what waits for its turn is not read any more.
        results = held.enter_context(
            contextlib.closing(map_in_order(look, relative_paths, n_threads=n_threads))
        )
        for done, (relative, (checksum, reason)) in enumerate(
            zip(relative_paths, results, strict=True), start=1
        ):
            if reason:
                problems.append(Problem(relative, reason))
            else:
                checksums[relative] = checksum
            if known is not None:
                known.save(if_due=True)
            is_due = done % 50 == 0 or time.monotonic() - told_at >= _TELL_EVERY_S
            if progress is not None and (is_due or done == total):
                told_at = time.monotonic()
                progress(done, total, relative)
    return checksums, problems


def finish_import(
    head: DatasetHead,
    root: Path,
    rows: list[dict[str, object]],
    problems: list[Problem],
    *,
    has_split: bool,
    seed: int,
    parts: tuple[float, float, float] = (0.7, 0.15, 0.15),
) -> ImportResult:
    """Turn checked rows into a catalog: labels of the head, groups and splits.

    Items with the same checksum become one group. Items without a split get one where the data
    has none at all; splits that come with the data are kept and checked.

    Raises
    ------
    DatasetError
        Nothing is left.
    LeakError
        The given splits share a group or a file, and nobody insists (`asked`).
    """
    if not rows:
        raise DatasetError(
            f"A data set needs at least one usable {head.media}.",
            received=f"none, and {len(problems)} problems",
            cure="Look at the problems listed, or choose another folder.",
            problems=tuple(problems),
        )
    frame = items_frame(sorted(rows, key=lambda row: str(row["item_id"])))
    frame["group"] = pd.Series(merge_groups(frame["group"], frame["checksum"]), dtype="str")
    leaks = find_leaks(frame) if has_split else []
    if leaks and asked().allow_leaks:
        problems.append(Problem("split", f"leaks, as was insisted on: {len(leaks)} cross"))
        head = replace(head, allows_leaks=True)
    elif has_split:
        check_no_leak(frame)
    elif frame["group"].nunique() < len(SPLITS):
        problems.append(Problem("split", f"left empty: fewer than {len(SPLITS)} groups"))
    else:
        split = make_splits(make_strata(frame["labels"]), frame["group"], parts=parts, seed=seed)
        frame["split"] = pd.Series(split, dtype="str")
    labels = tuple(sorted({label for each in frame["labels"] for label in each}))
    catalog = Catalog(replace(head, labels=labels), root, frame)
    return ImportResult(catalog, tuple(problems), has_split)


def leave_out_placeholders(
    rows: list[dict[str, object]], problems: list[Problem], *, across_splits: bool = False
) -> list[dict[str, object]]:
    """Leave out pictures that stand for nothing, as shops show where a cover is missing.

    Parameters
    ----------
    rows : list of dict
        Items with `item_id`, `checksum`, `group` and, for `across_splits`, `split`.
    problems : list of Problem
        Gets an entry for each item that is left out.
    across_splits : bool
        Leave out every file that stands in two splits too: where splits never share an artist,
        it cannot be one album's cover.

    Returns
    -------
    list of dict
        Without the items of a file that `MAX_SHARING` groups or more share.

    Examples
    --------
    >>> rows = [{"item_id": k, "checksum": "f" * 64, "group": k} for k in "abcde"]
    >>> problems = []
    >>> leave_out_placeholders(rows, problems)
    []
    >>> str(problems[0])
    'a: the same picture as 4 others, of 5 groups: a placeholder'
    """
    of_file: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        of_file.setdefault(row["checksum"], []).append(row)
    kept = []
    for row in rows:
        same = of_file[row["checksum"]]
        groups = {each["group"] for each in same}
        splits = {each["split"] for each in same} - {""} if across_splits else set()
        if len(groups) >= MAX_SHARING or len(splits) > 1:
            which = f"{len(groups)} groups" if len(splits) < 2 else f"{len(splits)} splits"
            what = f"the same picture as {len(same) - 1} others, of {which}: a placeholder"
            problems.append(Problem(str(row["item_id"]), what))
        else:
            kept.append(row)
    return kept


def _header_fault(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=COVER_FORMATS) as picture:
            width, height = picture.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return f"more than {MAX_PIXELS:,.0f} pixels"
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError):
        return "not a readable picture: its header is none of " + ", ".join(COVER_FORMATS)
    if width * height > MAX_PIXELS:
        return f"{width} x {height} px, more than {MAX_PIXELS:,.0f} pixels"
    if min(width, height) < MIN_SIDE:
        return f"{width} x {height} px, smaller than {MIN_SIDE} px"
    return ""
