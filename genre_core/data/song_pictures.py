"""Songs of which only the pictures of their middle minutes are there, many in one file."""

from __future__ import annotations

import hashlib
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.config import SongInput, require
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.errors import DatasetError

PICTURES_FILE = "spectrograms.npz"
"""`S` (n, 149, 153) in 0 to 1, low frequencies first; `prog` (n,) 0 or 1; `kind` (n,), a word."""

_CURE = "Give the file as it was handed out."


def pictures_catalog(file: Path) -> Catalog:
    """List the pictures of a file as items: labels prog or non-prog, the kind as source.

    An item's path is the file's name, a slash and the picture's number. Titles and artists are
    unknown: each song stands for itself. Raises `DatasetError`: not such a file.
    """
    pictures, prog, kind = _read(file, file.stat().st_mtime_ns)
    rows = [
        {
            "item_id": f"{number:03d}",
            "path": f"{file.name}/{number}",
            "checksum": hashlib.sha256(picture.tobytes()).hexdigest(),
            "labels": ["prog" if is_prog else "non-prog"],
            "source": str(word),
        }
        for number, (picture, is_prog, word) in enumerate(zip(pictures, prog, kind, strict=True))
    ]
    head = DatasetHead(
        name=file.absolute().parent.name,
        title="Pictures of the middle minutes of songs labelled prog or not",
        citation="CAP6610-Project (haoyuliao on GitHub)",
        licence="unknown",
        media="track",
        labels=tuple(sorted({label for row in rows for label in row["labels"]})),
    )
    return Catalog(head, file.parent, items_frame(rows))


def is_picture(path: Path) -> bool:
    """Tell whether a song's path names one picture of a file."""
    return path.parent.name == PICTURES_FILE


def picture_segments(path: Path, spec: SongInput) -> Segments:
    """Give one picture as a network's input; refused by one that reads the sound itself."""
    require(
        spec.features == "log_picture",
        "Of these songs only pictures are there: a network must read log_picture.",
        spec.features,
        "Choose the recipe prog_pictures, or songs that can be heard.",
    )
    file = path.parent
    pictures, _, _ = _read(file, file.stat().st_mtime_ns)
    columns = np.ascontiguousarray(pictures[int(path.name)].T, dtype=np.float32)
    # A second of loading, which a list of data sets is spared.
    from genre_core.audio.features import segments_of
    from genre_core.audio.log_picture import MINUTE

    return segments_of(columns, spec, MINUTE)


@lru_cache(maxsize=1)
def _read(
    file: Path, _changed_ns: int
) -> tuple[NDArray[np.float16], NDArray[np.int8], NDArray[np.str_]]:
    try:
        # np.load leaves a damaged file open that it opened itself.
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as parts:
            pictures, prog, kind = parts["S"], parts["prog"], parts["kind"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _broken(f"{file.name}: {type(error).__name__}") from error
    if pictures.ndim != 3 or pictures.shape[1:] != (149, 153) or not len(pictures):
        raise _broken(f"S of shape {pictures.shape}")
    if not len(pictures) == len(prog) == len(kind) or not np.isin(prog, (0, 1)).all():
        raise _broken(f"{len(pictures)} pictures, {len(prog)} labels, {len(kind)} kinds")
    if not (np.isfinite(pictures).all() and pictures.min() >= 0 and pictures.max() <= 1):
        raise _broken("values outside of 0 to 1")
    return pictures, prog, kind


def _broken(received: str) -> DatasetError:
    return DatasetError(
        f"{PICTURES_FILE} must hold pictures S (n, 149, 153) in 0 to 1, prog and kind.",
        received=received,
        cure=_CURE,
    )
