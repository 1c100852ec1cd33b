"""The steps that all layouts share; a layout's own reader only lists its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from genre_core.audio import Tags
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.folds import make_strata
from genre_core.data.importers.genres import (
    name_comma_lists,
    name_conflicts,
    name_no_genres,
    name_spellings,
)
from genre_core.data.importers.listing import plain_name
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.rows import Row
from genre_core.data.importers.scan import NO_FILE, scan_covers, scan_songs
from genre_core.data.importers.scan_cache import ScanCache
from genre_core.data.importers.tables import find_table
from genre_core.data.item import SPLITS, items_frame
from genre_core.data.splits import check_no_leak, find_leaks, make_splits, merge_groups
from genre_core.errors import DatasetError, LeakError, Problem
from genre_core.image.decode import COVER_SUFFIXES
from genre_core.progress import Progress

VAL_PART = 0.15
"""Of train, where a data set has train and test but no val; ours."""

NEW_SPLITS = "--new-splits: all of them made anew, by artist"
CUT_VAL = f"--cut-val: {VAL_PART:.0%} of train, by artist"
"""What the options of these names do."""
LEAK_CURE = "Make new splits by artist (--new-splits), or insist on these (--allow-leaks)."


@dataclass(frozen=True, slots=True)
class Listing:
    """What a layout's reader found out before any cover or song is opened."""

    root: Path
    """Folder that the items' paths are relative to."""
    head: DatasetHead
    """Name, title, citation, licence and media, where the options give no others."""
    rows: Mapping[str, Row]
    """Items by their paths, without checksums."""
    table: Sequence[Mapping[str, object]] | None = None
    """All rows of the table, for the check of leaks before any file is opened: a missing file must
    not hide one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way in which a data set may lie on disk."""

    text: str
    """One line for people."""
    read: Callable[[Path, ImportOptions, list[Problem]], Listing]
    """`read(place, options, problems)` lists the items of a table (where the layout has `tables`)
    or of a folder, and adds to the problems what it leaves out."""
    options: tuple[str, ...] = ()
    """What it takes beside the options that every layout takes."""
    tables: tuple[str, ...] = ()
    """What its table is called in a folder, the best first."""
    is_own: Callable[[Path], bool] | None = None
    """Tells its table from another's of the same name."""
    folder: Callable[[Path], Path] | None = None
    """From its table to the folder that its files lie below and that it is called by; default: the
    table's own folder, and the table's own name."""
    files: tuple[str, ...] = COVER_SUFFIXES
    """How the names of its files end: when one of them changes, so has the data set."""
    fill: Callable[[Row, Tags], Row] | None = None
    """`fill(row, tags)` completes a song's row; without it tags are not read."""
    clean: Callable[[list[Row], list[Problem]], list[Row]] | None = None
    """`clean(rows, problems)` leaves out what the files' contents forbid."""
    parts: tuple[float, float, float] = (0.7, 0.15, 0.15)
    """Of train, val and test, where splits are made."""
    cuts_val: bool = False
    """Its own splits are train and test alone: a val part is always cut off train."""

    def find_table(self, folder: str | Path) -> Path | None:
        """Return its table in a folder, None where there is none."""
        tables = (Path(folder) / name for name in self.tables)
        its_own = self.is_own or (lambda _: True)
        return next((table for table in tables if table.is_file() and its_own(table)), None)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import made of a folder or a table."""

    catalog: Catalog
    """The items that can be used, sorted by `item_id`, which is the path."""
    problems: tuple[Problem, ...]
    """Everything that was left out or not understood, and why."""
    has_own_splits: bool = False
    """Whether the splits came with the data; else they are ours."""


def import_layout(
    layout: Layout,
    source: Path,
    options: ImportOptions,
    *,
    scans: ScanCache | None = None,
    progress: Progress | None = None,
    need_name: Callable[[str], None] | None = None,
) -> ImportResult:
    """List a layout's items, read their files, clean, split and index them.

    What cannot be used is listed, the rest imports. Items of the same checksum become one group.
    Splits that come with the data are kept and checked, else new ones are made; no group ever
    crosses a split but where somebody insists (`options.allow_leaks`). `need_name` may refuse the
    data set's name before any file is read.

    Raises `DatasetError`: no such table or folder, or nothing in it that can be used. Raises
    `LeakError`: the data's own splits share a group or a file.
    """
    problems: list[Problem] = []
    if layout.tables:
        source = layout.find_table(source) or find_table(source, layout.tables)
    listing = layout.read(source, options, problems)
    name = options.name or plain_name(listing.head.name)
    if need_name is not None:
        need_name(name)
    rows = {path: dict(row) for path, row in listing.rows.items()}
    if options.new_splits:
        rows = {path: row | {"split": ""} for path, row in rows.items()}
    else:
        # By artist alone, before any file is read.
        table = [{**row, "checksum": ""} for row in listing.table or list(rows.values())]
        _refuse_leaks(items_frame(table), options)
    usable = _read_files(layout, listing, rows, problems, options, scans, progress)
    if layout.clean is not None:
        usable = layout.clean(usable, problems)
    if (layout.cuts_val or options.cut_val) and any(row.get("split") for row in usable):
        cut_val(usable, problems, seed=options.seed)
    name_spellings(usable, problems, merge=options.merge_spellings)
    name_no_genres(usable, problems)
    name_comma_lists(usable, problems)
    name_conflicts(usable, problems)
    head = replace(
        listing.head,
        name=name,
        title=options.title or listing.head.title or name,
        citation=options.citation or listing.head.citation,
        licence=options.licence or listing.head.licence,
    )
    return _finish(layout, head, listing.root, usable, problems, options)


def cut_val(rows: list[Row], problems: list[Problem], *, seed: int) -> None:
    """Cut a val part off train, by artist, unless there is one; `rows` change in place.

    >>> rows = [{"labels": ["Rock"], "group": f"artist:{k}", "checksum": "", "split": "train"}
    ...         for k in range(20)]
    >>> cut_val(rows, [], seed=0)
    >>> sum(row["split"] == "val" for row in rows)
    3
    """
    if any(row.get("split") == "val" for row in rows):
        return
    train = [row for row in rows if row.get("split") == SPLITS[0]]
    groups = merge_groups(
        [str(row.get("group", "")) for row in train], [str(row["checksum"]) for row in train]
    )
    if len(set(groups)) < 2:
        what = "val left empty: train has fewer than 2 artists or groups"
        problems.append(Problem("split", what))
        return
    strata = make_strata([row["labels"] for row in train])
    split = make_splits(strata, groups, parts=(1 - VAL_PART, VAL_PART, 0.0), seed=seed)
    for row, name in zip(train, split, strict=True):
        row["split"] = str(name)


def _read_files(
    layout: Layout,
    listing: Listing,
    rows: dict[str, Row],
    problems: list[Problem],
    options: ImportOptions,
    scans: ScanCache | None,
    progress: Progress | None,
) -> list[Row]:
    """Keep the rows whose file is good, with its checksum; songs may get what their tags say."""
    tags: dict[str, Tags] | None = None
    if listing.head.media == "track":
        tags = None if layout.fill is None else {}
        checksums, broken = scan_songs(
            listing.root,
            list(rows),
            verify=options.verify,
            scans=scans,
            progress=progress,
            tags=tags,
        )
    else:
        checksums, broken = scan_covers(listing.root, list(rows), scans=scans, progress=progress)
    problems += broken
    usable = []
    for path in (path for path in rows if path in checksums):
        row = rows[path] | {"checksum": checksums[path]}
        usable.append(layout.fill(row, tags[path]) if layout.fill and tags is not None else row)
    return usable


def _refuse_leaks(frame: pd.DataFrame, options: ImportOptions) -> list[Problem]:
    """Return the leaks that somebody insists on, or raise `LeakError`, naming the ways out."""
    if options.allow_leaks:
        return find_leaks(frame)
    try:
        check_no_leak(frame)
    except LeakError as error:
        raise LeakError(
            error.rule, received=error.received, cure=LEAK_CURE, problems=error.problems
        ) from None
    return []


def _finish(
    layout: Layout,
    head: DatasetHead,
    root: Path,
    rows: list[Row],
    problems: list[Problem],
    options: ImportOptions,
) -> ImportResult:
    """Turn checked rows into a catalog: labels of the head, groups and splits."""
    if not rows:
        raise DatasetError(
            f"A data set needs at least one usable {head.media}.",
            received=f"none, and {len(problems)} problems" if problems else "nothing to read",
            cure=_way_out(problems),
            problems=tuple(problems),
        )
    has_split = any(row.get("split") for row in rows)
    frame = items_frame(sorted(rows, key=lambda row: str(row["item_id"])))
    frame["group"] = pd.Series(merge_groups(frame["group"], frame["checksum"]), dtype="str")
    if has_split:
        if leaks := _refuse_leaks(frame, options):
            what = f"leaks, as was insisted on: {len(leaks)} cross"
            problems.append(Problem("split", what))
            head = replace(head, allows_leaks=True)
        _name_gaps(frame, problems)
    else:
        frame["split"] = split_anew(frame, problems, parts=layout.parts, seed=options.seed)
    labels = tuple(sorted({label for own in frame["labels"] for label in own}))
    catalog = Catalog(replace(head, labels=labels), root, frame)
    return ImportResult(catalog, tuple(problems), has_split)


def _way_out(problems: list[Problem]) -> str:
    if not problems:
        return "Choose a folder or a table that lists some."
    if all(problem.what == NO_FILE for problem in problems):
        return "Name the folder that the table's paths are relative to (--images), or correct them."
    return "Look at the problems listed, or choose another folder."


def _name_gaps(frame: pd.DataFrame, problems: list[Problem]) -> None:
    """Name what a training will miss in splits of the data's own, and how to get it."""
    counts = frame["split"].value_counts()
    if n_without := int(counts.get("", 0)):
        what = f"{n_without:,} of {len(frame):,} items have none and take no part in a training"
        problems.append(Problem("split", f"{what} ({NEW_SPLITS})", is_note=True))
    if missing := [name for name in SPLITS if name not in counts]:
        cure = f"{CUT_VAL}; or {NEW_SPLITS}" if missing == ["val"] else NEW_SPLITS
        what = f"no item in {' and '.join(missing)}, which a training needs ({cure})"
        problems.append(Problem("split", what, is_note=True))


def split_anew(
    frame: pd.DataFrame,
    problems: list[Problem],
    *,
    parts: tuple[float, float, float],
    seed: int,
) -> pd.Series[str]:
    """Return new splits of a frame by its groups, or empty ones where there are too few groups."""
    if frame["group"].nunique() < len(SPLITS):
        what = f"left empty: fewer than {len(SPLITS)} artists or groups, one for each split"
        problems.append(Problem("split", what))
        return pd.Series("", index=frame.index, dtype="str")
    split = make_splits(make_strata(frame["labels"]), frame["group"], parts=parts, seed=seed)
    return pd.Series(split, index=frame.index, dtype="str")
