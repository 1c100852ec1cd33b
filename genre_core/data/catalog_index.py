"""A data set whose index stays on disk: what is asked of it reads the columns that it needs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from genre_core.data.catalog import (
    CATALOG_FILE,
    Catalog,
    broken,
    load_catalog,
    need_item_columns,
    read_head,
    typed,
)
from genre_core.data.item import ITEM_COLUMNS, WEIGHTS, column_type
from genre_core.data.table_rows import rows_at

if TYPE_CHECKING:
    import pandas as pd

_MAX_PATHS = 20_000
_SHARED = ("artist", "album", "group", "source", "split")


class StoredCatalog(Catalog):
    """A data set as `Catalog.save` wrote it, opened in no time however many items it has.

    It answers as a `Catalog` does. `frame` reads all of it, once, and checks then, as
    `load_catalog`, that the index is the one that the head describes; whatever else is asked reads
    some columns, or some rows, and takes the digest that the head notes.

    Parameters
    ----------
    folder : Path
        Holds `dataset.toml` and `catalog.parquet`.

    Raises
    ------
    DatasetError
        As `load_catalog`; what is wrong within the rows shows when they are read.
    """

    def __init__(self, folder: Path) -> None:
        head, root, digest = read_head(folder)
        own = {"head": head, "root": root, "_folder": folder, "_digest": digest}
        own |= {"_lock": Lock(), "_known": OrderedDict()}
        self.__dict__.update(own)  # as `frame`, when it is read: a catalog is not changed
        with self._open() as file:
            need_item_columns(file.schema_arrow.names)
            self.__dict__["_n"] = file.metadata.num_rows

    _folder: Path
    _digest: str
    _lock: Lock
    _known: OrderedDict[str, str]
    _n: int

    def __len__(self) -> int:
        return self._n

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All items, as `Catalog.frame`."""
        with self._lock:
            kept: pd.DataFrame | None = self.__dict__.get("frame")
            return load_catalog(self._folder).frame if kept is None else kept

    @property
    def digest(self) -> str:
        """SHA-256 of all items, as the head notes it."""
        return self._digest

    def path_of(self, item_id: str) -> Path:
        """Return the absolute path of an item's file; see `Catalog.path_of`."""
        if item_id not in self._known and "frame" not in self.__dict__:
            self.look_up([item_id])
        return super().path_of(item_id)

    def look_up(self, item_ids: Collection[str]) -> None:
        """Find the paths of several items at once, those that are not known yet."""
        new = [item_id for item_id in item_ids if item_id not in self._known]
        if new and "frame" not in self.__dict__:
            self._remember(self._named(new, ["item_id", "path"]).to_pandas())

    def path_text(self, item_id: str) -> str | None:
        """Give an item's path as the index has it; None of an unknown name."""
        if "frame" in self.__dict__:
            return super().path_text(item_id)
        return self._known.get(item_id)

    def table(self, columns: Sequence[str]) -> pa.Table:
        """Give some columns of all items; texts that many share as the file has them, as codes."""
        try:
            file = self._folder / CATALOG_FILE
            table = pq.read_table(file, columns=list(columns), read_dictionary=list(_SHARED))
        except (OSError, pa.ArrowException) as error:
            raise self._harmed(error) from error
        for place, name in enumerate(columns):
            if name not in _SHARED:
                table = table.set_column(place, name, table[name].cast(column_type(name)))
        return table

    def items_at(self, places: Sequence[int]) -> pd.DataFrame:
        """Give the items at some places of the index, in that order."""
        with self._open() as file:
            return self._remember(typed(rows_at(file, places, self._names(file)).to_pandas()))

    def items_named(self, item_ids: Collection[str]) -> pd.DataFrame:
        """Give the items of these names, in the index's order; their paths are remembered."""
        with self._open() as file:
            names = self._names(file)
        return self._remember(typed(self._named(item_ids, names).to_pandas()))

    def _named(self, item_ids: Collection[str], columns: Sequence[str]) -> pa.Table:
        is_meant = pc.is_in(ds.field("item_id"), pa.array(list(item_ids), pa.string()))
        try:
            index = ds.dataset(self._folder / CATALOG_FILE, format="parquet")
            return index.to_table(columns=list(columns), filter=is_meant)
        except (OSError, pa.ArrowException) as error:
            raise self._harmed(error) from error

    def _remember(self, items: pd.DataFrame) -> pd.DataFrame:
        with self._lock:
            self._known.update(zip(items["item_id"], items["path"], strict=True))
            while len(self._known) > _MAX_PATHS:
                self._known.popitem(last=False)
        return items

    def _names(self, file: pq.ParquetFile) -> list[str]:
        return [*ITEM_COLUMNS, *({WEIGHTS} & {*file.schema_arrow.names})]

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._folder / CATALOG_FILE)
        except (OSError, pa.ArrowException) as error:
            raise self._harmed(error) from error

    def _harmed(self, error: Exception) -> Exception:
        return broken(f"{self._folder} with {type(error).__name__}: {str(error)[:200]}")
