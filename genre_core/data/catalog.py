"""A data set's index: its head, its items and where their files lie."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_core.config import Task
from genre_core.data.files import atomic_path, atomic_write, path_inside
from genre_core.data.item import ITEM_COLUMNS, SPLITS, WEIGHTS, column_type
from genre_core.data.shares import SHARES, genre_shares
from genre_core.data.taxonomy import match_genres
from genre_core.errors import DatasetError, ParameterError, Problem, describe

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FORMAT_VERSION = 1
WEIGHTED_VERSION = 2
"""Of data sets with the column `WEIGHTS`, which older programs would overlook."""
CATALOG_FILE = "catalog.parquet"
HEAD_FILE = "dataset.toml"
TABLE_FILE = "labels.csv"
"""Name of a table of covers or songs in a folder that has no catalog yet."""

_MAX_NAMED = 200


@dataclass(frozen=True, slots=True)
class DatasetHead:
    """What a data set is, whose it is and which labels it has.

    name: Short, without `/`.
    title: One line for people.
    citation, licence: Whom to cite, and under which terms the files may be used; "unknown" where
        nobody said.
    media: "cover" or "track".
    labels: Every label of the items, sorted.
    allows_leaks: Somebody insisted on splits that share a group or a file: figures flatter.
    derived: Which labels of which data set were changed for this one; empty of one as imported.
    """

    name: str
    title: str
    citation: str
    licence: str
    media: str = "cover"
    labels: tuple[str, ...] = ()
    allows_leaks: bool = False
    derived: str = ""


@dataclass(frozen=True)
class Catalog:
    """The items of a data set; the files themselves are read only when asked for.

    Examples
    --------
    >>> from genre_core.data.item import items_frame
    >>> frame = items_frame([{"item_id": "a", "path": "a.jpg", "labels": ["Rock"]}])
    >>> catalog = Catalog(DatasetHead("mine", "Mine", "unknown", "unknown"), Path("."), frame)
    >>> catalog.splits()
    {'train': 0, 'val': 0, 'test': 0, '': 1}
    """

    head: DatasetHead
    root: Path
    """Folder that the items' paths are relative to."""
    frame: pd.DataFrame
    """One row an item, columns `ITEM_COLUMNS` and, where an item has shares of labels, `WEIGHTS`;
    not to be changed in place [shape=(n_items, 11)]."""

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all items, whatever their order and wherever the files lie (64 digits)."""
        import pandas as pd

        ordered = self.frame.sort_values("item_id", kind="stable")
        columns = [
            [None if pd.isna(year) else int(year) for year in ordered[name]]
            if name == "year"
            else ordered[name].tolist()
            for name in self.columns
        ]
        digest = hashlib.sha256()
        for row in zip(*columns, strict=True):
            digest.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
            digest.update(b"\n")
        return digest.hexdigest()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that make up its items: `WEIGHTS` counts where an item has some."""
        is_weighted = WEIGHTS in self.frame and any(map(len, self.frame[WEIGHTS]))
        return (*ITEM_COLUMNS, WEIGHTS) if is_weighted else ITEM_COLUMNS

    def path_of(self, item_id: str) -> Path:
        """Return the absolute path of an item's file; `ParameterError` where that leaves `root`."""
        path = self.path_text(item_id)
        if path is None:
            raise ParameterError(
                f"item_id must be an item of {self.head.name!r}.",
                received=describe(item_id),
                cure="Use a value of the column item_id.",
            )
        return path_inside(self.root, path)

    def look_up(self, item_ids: Collection[str]) -> None:
        """Find the paths of several items at once, before `path_of` is asked for each."""

    def path_text(self, item_id: str) -> str | None:
        """Give an item's path as the index has it; None of an unknown name."""
        return self._paths.get(item_id)

    @cached_property
    def _paths(self) -> dict[str, str]:
        return dict(zip(self.frame["item_id"].tolist(), self.frame["path"].tolist(), strict=True))

    def splits(self) -> dict[str, int]:
        """Count the items of each split; those without one stand under ""."""
        counts = self.table(("split",))["split"].value_counts().to_pylist()
        by_name = {pair["values"]: pair["counts"] for pair in counts}
        return {name: int(by_name.get(name, 0)) for name in (*SPLITS, "")}

    def table(self, columns: Sequence[str]) -> pa.Table:
        """Give some columns of all items, typed as `item.column_type` says."""
        import pyarrow as pa

        schema = pa.schema([(name, column_type(name)) for name in columns])
        return pa.Table.from_pandas(self.frame, schema=schema, preserve_index=False)

    def items_at(self, places: Sequence[int]) -> pd.DataFrame:
        """Give the items at some places of the index, in that order."""
        return self.frame.iloc[list(places)].reset_index(drop=True)

    def items_named(self, item_ids: Collection[str]) -> pd.DataFrame:
        """Give the items of these names, in the index's order; unknown names are passed over."""
        frame = self.frame
        return frame[frame["item_id"].isin(list(item_ids))].reset_index(drop=True)

    def select(self, task: Task, *, need_all: bool = True) -> pd.DataFrame:
        """Return the items that take part in a task, with the genre of each (`match_genres`).

        Rows in their order, with the column `genre_index` (int64). For a multilabel task the column
        `genre_indices` holds every genre of an item (tuple of int, ascending), and `genre_index`
        the first. With `need_all` every genre must have an item. Where items have shares of labels,
        the column `shares` holds those of every genre (`genre_shares`), and `genre_index` is the
        genre of the largest share, the first among equals.

        Raises `DatasetError`: an item counts as two genres where the head allows one, or a genre
        has no item.

        Examples
        --------
        >>> from genre_core.data.item import items_frame
        >>> rows = [{"item_id": "a", "labels": ["Pop"]}, {"item_id": "b", "labels": ["Rock"]}]
        >>> head = DatasetHead("mine", "Mine", "unknown", "unknown")
        >>> mine = Catalog(head, Path("."), items_frame(rows))
        >>> mine.select(Task(genres=("Rock", "Pop")))["genre_index"].tolist()
        [1, 0]
        """
        import pandas as pd

        frame = self.frame
        matches = match_genres(frame["labels"].tolist(), frame["source"].tolist(), task)
        n_matched = matches.sum(axis=1)
        shares = None
        if WEIGHTS in self.columns:
            shares = genre_shares(frame, matches, task)
            n_matched = np.where(frame[WEIGHTS].map(len) > 0, shares.any(axis=1), n_matched)
        if task.head != "multilabel" and (n_matched > 1).any():
            double = np.flatnonzero(n_matched > 1)
            raise DatasetError(
                "An item may count as one genre only in a task of one genre an item.",
                received=f"{len(double)} items that match two or more",
                cure="Make the rules narrower, or use head = 'multilabel'.",
                problems=tuple(
                    Problem(
                        str(frame["item_id"].iloc[row]),
                        "counts as "
                        + " and ".join(task.genres[k] for k in np.flatnonzero(matches[row])),
                    )
                    for row in double[:_MAX_NAMED]
                ),
            )
        absent = [task.genres[k] for k in np.flatnonzero(~matches.any(axis=0))]
        if absent and (need_all or len(absent) == len(task.genres)):
            # Labels of other sources would contradict the rule: they do not count here.
            asked = frame[frame["source"].isin(task.sources)] if task.sources else frame
            labels = sorted({label for own in asked["labels"] for label in own})
            known = ", ".join(labels[:30]) or "none"
            where = f"in {', '.join(task.sources)}" if task.sources else "there"
            raise DatasetError(
                f"Every genre of the task needs an item in {self.head.name!r}.",
                received=f"no item for {', '.join(absent)}",
                cure=f"Correct the rules or sources. Labels {where}: {known}.",
                problems=tuple(Problem(genre, "has no item") for genre in absent),
            )
        keep = np.flatnonzero(n_matched > 0)
        chosen = frame.iloc[keep].copy()
        chosen["genre_index"] = matches[keep].argmax(axis=1).astype(np.int64)
        if shares is not None:
            chosen["genre_index"] = shares[keep].argmax(axis=1).astype(np.int64)
            chosen[SHARES] = pd.Series(list(shares[keep]), index=chosen.index, dtype=object)
        if task.head == "multilabel":
            sets = [tuple(int(k) for k in np.flatnonzero(row)) for row in matches[keep]]
            chosen["genre_indices"] = pd.Series(sets, index=chosen.index, dtype=object)
        return chosen

    def save(self, folder: str | Path) -> Path:
        """Write `catalog.parquet` and `dataset.toml`, each whole or not at all.

        The root is noted relative to the folder where it lies in it, so that a data set that
        carries its catalog can be moved.
        """
        from genre_core.data.table_rows import GROUP_ROWS

        folder = Path(folder)
        with atomic_path(folder / CATALOG_FILE) as part:
            frame = self.frame.loc[:, list(self.columns)]
            frame.to_parquet(part, index=False, row_group_size=GROUP_ROWS)
        version = WEIGHTED_VERSION if WEIGHTS in self.columns else FORMAT_VERSION
        head: dict[str, Any] = {"format_version": version}
        head |= {field.name: getattr(self.head, field.name) for field in fields(DatasetHead)}
        if not self.head.derived:
            del head["derived"]
        root, here = self.root.resolve(), folder.resolve()
        head["root"] = (
            Path(os.path.relpath(root, here)).as_posix()
            if root.is_relative_to(here)
            else root.as_posix()
        )
        head["digest"] = self.digest
        lines = [f"{key} = {_toml_value(value)}\n" for key, value in head.items()]
        atomic_write(folder / HEAD_FILE, "".join(lines))
        return folder


def load_catalog(folder: str | Path, *, root: str | Path | None = None) -> Catalog:
    """Read a catalog that `Catalog.save` wrote; `root` is where its files were moved to, if so.

    Raises `DatasetError`: a file is missing, unreadable, of another format version or without one
    of `ITEM_COLUMNS`, or the two files do not belong together.
    """
    import pandas as pd

    folder = Path(folder)
    head, noted_root, digest = read_head(folder)
    try:
        table = pd.read_parquet(folder / CATALOG_FILE)
        need_item_columns(table.columns)
        catalog = Catalog(head, Path(root or noted_root), typed(table))
        is_whole = catalog.digest == digest
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise broken(f"{folder} with {type(error).__name__}: {error}") from error
    if not is_whole:
        raise broken(f"a {CATALOG_FILE} that is not the one {HEAD_FILE} describes, in {folder}")
    return catalog


def read_head(folder: Path) -> tuple[DatasetHead, Path, str]:
    """Read a data set's head, where its files lie, and the digest that its index must have.

    Raises `DatasetError`: as `load_catalog`, but for what is wrong with the index itself.
    """
    for name in (HEAD_FILE, CATALOG_FILE):
        if not (folder / name).is_file():
            raise broken(f"no {name} in {folder}")
    try:
        values = tomllib.loads((folder / HEAD_FILE).read_text(encoding="utf-8"))
        if values.get("format_version") not in (FORMAT_VERSION, WEIGHTED_VERSION):
            raise broken(f"format_version {values.get('format_version')!r} in {folder}")
        # Data sets of before leaks could be insisted on do not speak of them.
        values.setdefault("allows_leaks", False)
        values.setdefault("derived", "")
        known = {field.name: values[field.name] for field in fields(DatasetHead)}
        known["labels"] = tuple(known["labels"])
        return DatasetHead(**known), folder / str(values["root"]), str(values["digest"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise broken(f"{folder} with {type(error).__name__}: {error}") from error


def need_item_columns(names: Iterable[str]) -> None:
    """Raise `DatasetError` where an index lacks one of `ITEM_COLUMNS`."""
    missing = sorted({*ITEM_COLUMNS}.difference(names), key=ITEM_COLUMNS.index)
    if missing:
        raise broken(f"{CATALOG_FILE} without {', '.join(missing)}")


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give items as they are kept in a frame, whatever types their file has."""
    import pandas as pd

    names = [name for name in (*ITEM_COLUMNS, WEIGHTS) if name in table.columns]
    frame = table.loc[:, names].reset_index(drop=True)
    if WEIGHTS in names:
        weights = [[float(share) for share in shares] for shares in frame[WEIGHTS]]
        frame[WEIGHTS] = pd.Series(weights, dtype=object)
    frame["labels"] = pd.Series([list(labels) for labels in frame["labels"]], dtype=object)
    frame["year"] = frame["year"].astype("Int64")
    for name in ITEM_COLUMNS:
        if name not in ("labels", "year"):
            frame[name] = frame[name].astype("str")
    return frame


def broken(received: str) -> DatasetError:
    """Say that the two files of a data set are not what they must be."""
    return DatasetError(
        f"A data set's folder holds {HEAD_FILE} and {CATALOG_FILE}.",
        received=received,
        cure="Import the data again.",
    )


def _toml_value(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    # A JSON string is a TOML string, but for the delete character, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
