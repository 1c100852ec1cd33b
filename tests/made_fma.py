"""A made table of tracks as FMA publishes its own: three rows of header, artists with lives."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

# As published: sorted by table and column; the rest of the 52 columns stands for itself.
COLUMNS = (
    ("album", "comments"),
    ("album", "date_released"),
    ("album", "title"),
    ("artist", "bio"),
    ("artist", "id"),
    ("artist", "name"),
    ("set", "split"),
    ("set", "subset"),
    ("track", "duration"),
    ("track", "genre_top"),
    ("track", "genres"),
    ("track", "title"),
)
GENRES = ("Hip-Hop", "Rock")


def row(number: int, **changed: str) -> list[str]:
    """Give a track: two an artist; artists 0 to 5 train, 6 and 7 val, 8 and 9 test."""
    artist = number // 2
    cells = {
        "comments": "0",
        "date_released": "2009-01-05 00:00:00",
        "album": f"Album {artist}",
        "bio": '<p>Born,\nand "raised"</p>',
        "artist_id": str(100 + artist),
        "artist": f"Artist {artist}",
        "split": "test" if artist >= 8 else "validation" if artist >= 6 else "training",
        "subset": "small" if number < 16 else "medium",
        "duration": "168",
        "genre": GENRES[artist % 2],
        "genres": "[21]",
        "title": f"Song {number}",
    }
    return [str(number), *(cells | changed).values()]


def write_table(folder: Path, more: Sequence[list[str]] = (), n: int = 20) -> Path:
    """Write the first `n` tracks and `more` rows."""
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["", *(top for top, _ in COLUMNS)])
    lines.writerow(["", *(name for _, name in COLUMNS)])
    lines.writerow(["track_id", *("" for _ in COLUMNS)])
    lines.writerows([*(row(number) for number in range(n)), *more])
    table = folder / "tracks.csv"
    table.write_text(text.getvalue(), encoding="utf-8")
    return table
