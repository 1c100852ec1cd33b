"""The table of layouts, and which of them a folder or a table has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from genre_core.data.catalog import TABLE_FILE
from genre_core.data.importers import csv_folder, fma_contest
from genre_core.data.importers.contract import Layout
from genre_core.data.importers.csv_folder import CSV
from genre_core.data.importers.fma import FMA, is_tracks_table
from genre_core.data.importers.fma_contest import FMA_CONTEST
from genre_core.data.importers.genre_folders import FOLDERS
from genre_core.data.importers.kaggle_covers import KAGGLE, find_genre_folder, is_flat_folder
from genre_core.data.importers.msd_i import MSD_I
from genre_core.data.importers.mumu import MUMU, MUMU_MULTILABEL, MUMU_S3
from genre_core.data.importers.prog_folder import PROG_FOLDER
from genre_core.data.importers.prog_songs import PROG_SONGS, holds_prog_songs
from genre_core.data.importers.tables import read_rows
from genre_core.errors import DatasetError

AUTO = "auto"
"""The layout is told by the source itself."""

LAYOUTS: Mapping[str, Layout] = {
    "folders": FOLDERS,
    "csv": CSV,
    "mumu": MUMU,
    "mumu-multilabel": MUMU_MULTILABEL,
    "mumu-s3": MUMU_S3,
    "msd-i": MSD_I,
    "kaggle": KAGGLE,
    "prog": PROG_FOLDER,
    "fma": FMA,
    "fma-contest": FMA_CONTEST,
    "prog-songs": PROG_SONGS,
}
"""Every layout that can be imported, by name."""

_BY_HEADER = (("msd-i", "msd_track_id"), ("mumu", "amazon_id"))


def detect_layout(source: str | Path) -> str:
    """Tell the layout of a folder by the names in it, or of a table by its first row.

    "folders" or "csv" where nothing says another.

    Raises `DatasetError`: the folder holds tables of two layouts.

    >>> detect_layout("no-such-folder")
    'folders'
    """
    source = Path(source)
    if source.is_file():
        return _layout_of_table(source)
    # What is known by its own name first: MSD-I's folder has a labels.csv that lists no covers.
    known = ("msd-i", "mumu", "mumu-multilabel", "fma", "fma-contest")
    there = [name for name in known if LAYOUTS[name].find_table(source)]
    if len(there) > 1:
        raise DatasetError(
            "A folder whose layout is to be told must hold the table of one.",
            received=f"tables of {' and '.join(there)} in {source}",
            cure="Name the layout (--layout), or give the table's own path.",
        )
    if there:
        return there[0]
    if (source / TABLE_FILE).is_file():
        return "csv"
    if find_genre_folder(source) or is_flat_folder(source):
        return "kaggle"
    return "prog-songs" if holds_prog_songs(source) else "folders"


def _layout_of_table(table: Path) -> str:
    if table.name in fma_contest.LABELS:
        return "fma-contest"
    if is_tracks_table(table):
        return "fma"
    try:
        _, header = next(read_rows(table, cure="Give a table."), (0, []))
    except DatasetError:
        return "csv"  # Whose importer says what is wrong with it.
    names = {cell.strip().lower() for cell in header}
    for layout, column in _BY_HEADER:
        if column in names and names.isdisjoint(csv_folder.COLUMN_NAMES["path"]):
            is_multi = layout == "mumu" and "multi" in table.name.lower()
            return "mumu-multilabel" if is_multi else layout
    return "csv"
