"""Find a data set by name or path, importing it where that has not been done yet."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import logging
from pathlib import Path
from typing import Any

from genre_core.data.audit import check
from genre_core.data.catalog import CATALOG_FILE, TABLE_FILE, Catalog, load_catalog
from genre_core.data.catalog_index import StoredCatalog
from genre_core.data.home import data_root, home
from genre_core.data.importers.csv_folder import lists_media
from genre_core.data.importers.layouts import AUTO, LAYOUTS, detect_layout
from genre_core.data.importers.listing import plain_name
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.sources import import_source
from genre_core.data.importers.stored import find_stored, is_source_of, read_note, save_import
from genre_core.data.importers.zip_rules import is_zip_name
from genre_core.data.media_walk import list_media
from genre_core.data.remote import fetch_dataset, is_address
from genre_core.data.song_pictures import PICTURES_FILE, pictures_catalog
from genre_core.errors import DatasetError, GenreError
from genre_core.progress import Progress

_log = logging.getLogger(__name__)


def find_dataset(
    name_or_path: str | Path, *, refresh: bool = False, progress: Progress | None = None
) -> Catalog:
    """Return a data set, importing it the first time.

    An address (`s3://`, `http://`, `https://`) is fetched (`data.remote`). Else, in this order: the
    name of a data set in `GENRE_HOME/datasets`; the path of a folder or a CSV file; the name of a
    folder in `GENRE_DATA`. A folder holds a catalog (`catalog.parquet`), a table
    (`labels.csv`, MuMu's, MSD-I's or FMA's), pictures of songs (`spectrograms.npz`), prog
    songs beside others, or one folder a genre.
    What is imported is kept in `GENRE_HOME/datasets` and used again as long as the table, or the
    list of files with their sizes and times, is the same; `refresh` imports again in any case, for
    example after files were repaired. Files that were left out at import are counted in the log and
    listed in `source.json` beside the catalog.

    Raises `DatasetError`: nothing of that name (the nearest is given), an unknown layout, or a
    broken catalog. Raises `LeakError`: its own splits share a group or a file.
    """
    text = str(name_or_path)
    if not text.strip():
        raise _unknown(text)
    if is_address(text):
        return check(fetch_dataset(text, progress=progress))
    is_name = Path(text).name == text and text not in (".", "..")
    stored = home() / "datasets" / text
    if is_name and (stored / CATALOG_FILE).is_file():
        origin = _origin(stored)
        if origin is not None and origin.exists():
            return _from_source(origin, refresh=refresh, progress=progress)
        # Imported by hand under this name, or its source is gone: what was stored is what is meant.
        return check(load_catalog(stored))
    candidates = [Path(text).expanduser()]
    root = data_root()
    if is_name and root is not None:
        candidates.append(root / text)
    for candidate in candidates:
        if candidate.exists():
            return _from_source(candidate, refresh=refresh, progress=progress)
    raise _unknown(text)


def list_datasets() -> tuple[str, ...]:
    """Name the data sets that `find_dataset` knows by name, sorted.

    These are the folders of `GENRE_HOME/datasets` with a catalog, and those of `GENRE_DATA` with a
    catalog, one of the known tables, or a table whose first row is a cover or a song.
    """
    names = {path.parent.name for path in (home() / "datasets").glob(f"*/{CATALOG_FILE}")}
    root = data_root()
    if root is not None:
        names |= {path.parent.name for path in root.glob(f"*/{CATALOG_FILE}")}
        names |= {path.name for path in root.glob("*/") if _holds_table(path)}
    return tuple(sorted(names))


def dataset_of(digest: str, name: str = "") -> Catalog | None:
    """Find the very data set that a card or an evaluation names; None where it is not here.

    It may have another name now; that of `name` is looked at first. Only imported ones are looked
    at: to import takes minutes. Their heads tell; what is wrong within its rows shows when they are
    read.
    """
    for known in sorted(list_datasets(), key=lambda known: known != name):
        folder = home() / "datasets" / known
        if (folder / CATALOG_FILE).is_file():
            with contextlib.suppress(GenreError):
                catalog = StoredCatalog(folder)
                if catalog.digest == digest:
                    return catalog
    return None


def _from_source(source: Path, *, refresh: bool, progress: Progress | None) -> Catalog:
    if (source / CATALOG_FILE).is_file():
        return check(load_catalog(source))
    if (source / PICTURES_FILE).is_file():
        return check(pictures_catalog(source / PICTURES_FILE))  # a moment's work: kept nowhere
    if source.is_file() and is_zip_name(source):
        layout, place, name = AUTO, source, source.stem
        status = source.stat()
        fingerprint = f"zip {status.st_size} {status.st_mtime_ns}"
    else:
        layout = detect_layout(source)
        place = LAYOUTS[layout].find_table(source) or source
        folder = _media_folder(layout, place)
        is_called_by_folder = place.name == TABLE_FILE or place.is_dir() or LAYOUTS[layout].folder
        name = folder.name if is_called_by_folder else place.stem
        fingerprint = _fingerprint(layout, place)
    stored = home() / "datasets" / _free_name(plain_name(name), place)
    note = read_note(stored)
    is_same = (note.get("source"), note.get("fingerprint")) == (str(place.absolute()), fingerprint)
    if is_same and not refresh and (stored / CATALOG_FILE).is_file():
        return check(load_catalog(stored))
    settings = _settings_of(stored, place)
    options = {key: settings[key] for key in settings if key != "layout"} | {"name": stored.name}
    result = import_source(
        str(settings.get("layout", layout)), place, ImportOptions.of(options), progress=progress
    )
    faults = [problem for problem in result.problems if not problem.is_note]
    if faults:
        what = "%s: %d left out or not understood, first %s"
        _log.warning(what, stored.name, len(faults), faults[0])
    save_import(result, source=place, fingerprint=fingerprint, settings=settings)
    return result.catalog


def _holds_table(folder: Path) -> bool:
    known = [name for name in LAYOUTS if name != "csv" and LAYOUTS[name].find_table(folder)]
    if known:
        # A folder with two of them has no layout that could be told.
        return len({LAYOUTS[name].find_table(folder) for name in known}) == 1
    return lists_media(folder / TABLE_FILE)


def _free_name(name: str, place: Path) -> str:
    """Return the name, with a digest of the source's path where another source has that name."""
    stored = find_stored(name)
    if stored is not None and stored.is_complete and not is_source_of(stored, place):
        return f"{name}-{hashlib.sha256(str(place.absolute()).encode()).hexdigest()[:8]}"
    return name


def _fingerprint(layout: str, place: Path) -> str:
    digest = hashlib.sha256()
    if place.is_file():
        digest.update(place.read_bytes())
        if layout == "csv":
            return digest.hexdigest()  # Its rows name the covers; other tables' covers are found.
    folder = _media_folder(layout, place)
    for path in list_media(folder, suffixes=LAYOUTS[layout].files):
        try:
            status = (folder / path).stat()
        except OSError:
            continue  # A dangling link: the importer lists it.
        digest.update(f"{path}\t{status.st_size}\t{status.st_mtime_ns}\n".encode(errors="replace"))
    return digest.hexdigest()


def _media_folder(layout: str, place: Path) -> Path:
    below = LAYOUTS[layout].folder
    if place.is_dir():
        return place.absolute()
    return below(place.absolute()) if below else place.absolute().parent


def _origin(stored: Path) -> Path | None:
    """Return what to look at for changes; an import by hand has no fingerprint and is kept."""
    note = read_note(stored)
    return Path(str(note["source"])) if note.get("source") and note.get("fingerprint") else None


def _settings_of(stored: Path, place: Path) -> dict[str, Any]:
    """Return what was asked for when a data set was imported, by hand too, for the next time."""
    known = find_stored(stored.name)
    if known is None or not known.is_complete or not is_source_of(known, place):
        return {}
    head = load_catalog(stored).head
    asked = read_note(stored).get("settings")
    return {
        **(asked if isinstance(asked, dict) else {}),
        **{key: getattr(head, key) for key in ("title", "citation", "licence")},
    }


def _unknown(text: str) -> DatasetError:
    known = list_datasets()
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.5)
    cure = f"Did you mean {near[0]!r}?" if near else f"Known names: {', '.join(known) or 'none'}."
    return DatasetError(
        "A data set is named by its folder, its table or its name in GENRE_HOME or GENRE_DATA.",
        received=repr(text),
        cure=cure,
    )
