"""Tell how a data set lies there, and import it accordingly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from genre_core.config import require
from genre_core.data.importers import fma, fma_contest, fma_table, kaggle_covers, msd_i, mumu
from genre_core.data.importers.csv_folder import COLUMN_NAMES, import_csv
from genre_core.data.importers.genre_folders import import_genre_folders
from genre_core.data.importers.kaggle_covers import import_kaggle_covers
from genre_core.data.importers.msd_i import import_msd_i
from genre_core.data.importers.mumu import import_mumu
from genre_core.data.importers.prog_folder import import_prog_folder
from genre_core.data.importers.prog_songs import holds_prog_songs, import_prog_songs
from genre_core.data.importers.scan import ImportResult
from genre_core.data.importers.songs import SONG_SUFFIXES
from genre_core.data.importers.tables import read_rows
from genre_core.errors import DatasetError
from genre_core.image.decode import COVER_SUFFIXES

TABLE_FILE = "labels.csv"
"""Name of a table of covers in a folder."""

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which a data set may lie there.

    Parameters
    ----------
    run : callable
        Its importer: `run(source, **options)`.
    text : str
        One line for people.
    options : tuple of str
        What it takes beside the options that every importer takes.
    tables : tuple of str
        What its table is called in a folder, the best first.
    is_own : callable, optional
        Tells its table from another's of the same name.
    folder : callable, optional
        From its table to the folder that its files lie below and that it is called by; default:
        the table's own folder, and the table's own name.
    files : tuple of str
        How the names of its files end: when one of them changes, so has the data set.
    """

    run: Callable[..., ImportResult]
    text: str
    options: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    is_own: Callable[[Path], bool] | None = None
    folder: Callable[[Path], Path] | None = None
    files: tuple[str, ...] = COVER_SUFFIXES


LAYOUTS: Mapping[str, Layout] = {
    "folders": Layout(
        import_genre_folders, "one folder a genre", files=(*COVER_SUFFIXES, *SONG_SUFFIXES)
    ),
    "csv": Layout(import_csv, "a table with path and genre", ("images",), (TABLE_FILE,)),
    "mumu": Layout(
        import_mumu, "MuMu, one genre an album", ("images", "genres"), (mumu.SINGLE_TABLE,)
    ),
    "mumu-multilabel": Layout(
        partial(import_mumu, multilabel=True),
        "MuMu, several genres an album",
        ("images", "genres"),
        (mumu.MULTI_TABLE,),
    ),
    "mumu-s3": Layout(
        partial(import_mumu, multilabel=True, genres=mumu.S3_GENRES),
        "MuMu's albums of exactly one of study S3's 12 genres",
        ("images",),
        (mumu.MULTI_TABLE,),
    ),
    "msd-i": Layout(
        import_msd_i, "MSD-I with its own splits", ("images", "new_splits"), msd_i.TABLES
    ),
    "kaggle": Layout(
        import_kaggle_covers, "Kaggle's 20 genres, or with a label its 80k covers", ("label",)
    ),
    "prog": Layout(import_prog_folder, "prog covers beside other covers", ("others", "limits")),
    "fma": Layout(
        fma.import_fma,
        "songs of FMA with its own splits",
        ("images", "new_splits", "subset"),
        fma_table.TRACKS_TABLES,
        is_own=fma_table.is_tracks_table,
        folder=fma.media_folder,
        files=SONG_SUFFIXES,
    ),
    "fma-contest": Layout(
        fma_contest.import_fma_contest,
        "songs of FMA by the labels of study S4's contest, 20 genres",
        ("images", "new_splits"),
        fma_contest.TABLES,
        folder=lambda table: table.absolute().parent,
        files=(*SONG_SUFFIXES, *fma_contest.LABELS),
    ),
    "prog-songs": Layout(
        import_prog_songs,
        "folders of prog songs and of others, as in study S5's course",
        ("new_splits",),
        files=SONG_SUFFIXES,
    ),
}
"""Every layout that can be imported, by name."""

_BY_OPTION = {"others": "prog", "label": "kaggle", "subset": "fma"}  # Only these take it.
_BY_HEADER = (("msd-i", "msd_track_id"), ("mumu", "amazon_id"))


def import_as(layout: str, source: str | Path, **options: object) -> ImportResult:
    """Import a data set by the name of its layout.

    Parameters
    ----------
    layout : str
        A key of `LAYOUTS`, or "auto".
    source : str or Path
        Its folder or table.
    **options
        What the layout's importer takes.

    Returns
    -------
    ImportResult

    Raises
    ------
    ParameterError
        Unknown layout, or an option that the layout does not take.
    DatasetError, LeakError
        As the importer says.

    Examples
    --------
    >>> import_as("folders", "covers", label="Rock")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: The layout 'folders' takes none of the layouts' \
options. Received 'label' (str). Leave it out, or name the layout that it belongs to.
    """
    if layout == AUTO:
        only = next((_BY_OPTION[option] for option in options if option in _BY_OPTION), None)
        layout = only or detect_layout(source)
    known = ", ".join((AUTO, *LAYOUTS))
    require(layout in LAYOUTS, f"layout must be one of {known}.", layout, "Choose one of these.")
    own = {option for each in LAYOUTS.values() for option in each.options}
    taken = LAYOUTS[layout].options
    for option in options:
        require(
            option not in own or option in taken,
            f"The layout {layout!r} takes {', '.join(taken) or 'none'} of the layouts' options.",
            option,
            "Leave it out, or name the layout that it belongs to.",
        )
    require(
        layout != "prog" or "others" in options,
        "The layout 'prog' needs a second folder, of covers that are not prog.",
        None,
        "Give it as others.",
    )
    seed = options.get("seed", 0)
    require(
        isinstance(seed, int) and 0 <= seed < 2**32,
        "seed must be a whole number from 0 to 4,294,967,295.",
        seed,
        "Give 0, or leave it out.",
    )
    if LAYOUTS[layout].tables and Path(source).is_dir():
        source = find_layout_table(layout, source) or source
    return LAYOUTS[layout].run(source, **options)


def detect_layout(source: str | Path) -> str:
    """Tell the layout of a folder or a table by the names in it.

    Parameters
    ----------
    source : str or Path
        A folder, or a table, which is told by its first row.

    Returns
    -------
    str
        A key of `LAYOUTS`; "folders" and "csv" where nothing says another.

    Raises
    ------
    DatasetError
        The folder holds tables of two layouts.

    Examples
    --------
    >>> detect_layout("no-such-folder")
    'folders'
    """
    source = Path(source)
    if source.is_file():
        return _layout_of_table(source)
    # What is known by its own name first: MSD-I's folder has a labels.csv that lists no covers.
    known = ("msd-i", "mumu", "mumu-multilabel", "fma", "fma-contest")
    there = [name for name in known if find_layout_table(name, source)]
    if len(there) > 1:
        raise DatasetError(
            "A folder whose layout is to be told must hold the table of one.",
            received=f"tables of {' and '.join(there)} in {source}",
            cure="Name the layout, or give the table's own path.",
        )
    if there:
        return there[0]
    if (source / TABLE_FILE).is_file():
        return "csv"
    if kaggle_covers.find_genre_folder(source) or kaggle_covers.is_flat_folder(source):
        return "kaggle"
    return "prog-songs" if holds_prog_songs(source) else "folders"


def find_layout_table(layout: str, folder: str | Path) -> Path | None:
    """Return a layout's table in a folder, None where there is none.

    Examples
    --------
    >>> find_layout_table("csv", "no-such-folder") is None
    True
    """
    is_own = LAYOUTS[layout].is_own
    tables = (Path(folder) / name for name in LAYOUTS[layout].tables)
    return next((t for t in tables if t.is_file() and (is_own is None or is_own(t))), None)


def _layout_of_table(table: Path) -> str:
    if table.name in fma_contest.LABELS:
        return "fma-contest"
    if fma_table.is_tracks_table(table):
        return "fma"
    try:
        _, header = next(read_rows(table, cure="Give a table."), (0, []))
    except DatasetError:
        return "csv"  # Whose importer says what is wrong with it.
    names = {cell.strip().lower() for cell in header}
    for layout, column in _BY_HEADER:
        if column in names and names.isdisjoint(COLUMN_NAMES["path"]):
            is_multi = layout == "mumu" and "multi" in table.name.lower()
            return "mumu-multilabel" if is_multi else layout
    return "csv"
