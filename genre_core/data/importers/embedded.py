"""Covers that song files carry, as pictures with a table that can be imported like any other."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from genre_core import audio
from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers.listing import check_name
from genre_core.errors import GenreError
from genre_core.progress import Progress

COVERS_FOLDER = "covers"
"""Folder beside a catalog of songs with their covers and the table of them."""

COVERS_TABLE = "labels.csv"

_COLUMNS = ("path", "genre", "title", "artist", "album", "year", "group", "split")
_SIGNS = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"GIF8", ".gif"),
    (b"BM", ".bmp"),
)
_TELL_EVERY = 20


def save_embedded_covers(
    catalog: Catalog, folder: str | Path, *, progress: Progress | None = None
) -> int:
    """Write the covers out of the files of a catalog's songs, one a picture; return how many.

    `folder` gets `covers/`, with the pictures and `labels.csv` (path, genre, artist, album, year,
    group and split of the first song with that cover), which the layout "csv" imports; where there
    is no cover, no folder is made. A picture that songs of different genres carry is left out: it
    cannot be both. `progress` may raise to stop.
    """
    target = Path(folder) / COVERS_FOLDER
    rows: dict[str, dict[str, object]] = {}
    labels: dict[str, set[str]] = {}
    columns = ["item_id", "labels", *_COLUMNS[3:]]
    records = catalog.frame[columns].to_dict("records")
    for done, item in enumerate(records, start=1):
        cover = _cover_of(catalog, str(item["item_id"]))
        suffix = next((end for sign, end in _SIGNS if cover.startswith(sign)), "")
        if suffix:
            name = f"{hashlib.sha256(cover).hexdigest()[:24]}{suffix}"
            labels.setdefault(name, set()).add("|".join(item["labels"]))
            if name not in rows:
                rows[name] = {"path": name, "genre": "|".join(item["labels"]), **item}
                rows[name]["title"] = item["album"]
                if not (target / name).is_file():
                    atomic_write(target / name, cover)
        if progress is not None and (done % _TELL_EVERY == 0 or done == len(records)):
            progress(done, len(records), "covers in songs")
    kept = [row for name, row in rows.items() if len(labels[name]) == 1]
    if kept:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(kept)
        # A year that is missing is an empty cell, not pandas' word for it.
        atomic_write(target / COVERS_TABLE, text.getvalue().replace("<NA>", ""))
    return len(kept)


def covers_table(name: str) -> Path:
    """Return where the table of the covers lies that a data set's songs carry."""
    check_name(name)
    return home() / "datasets" / name / COVERS_FOLDER / COVERS_TABLE


def _cover_of(catalog: Catalog, item_id: str) -> bytes:
    try:
        return audio.read_tags(catalog.path_of(item_id)).cover or b""
    except (GenreError, OSError):
        return b""
