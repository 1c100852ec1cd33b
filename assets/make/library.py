"""`python -m assets.make.library` makes the example library of the built-in songs.

It is what `classify assets/songs --out` would write, from the stored answers of shipped networks
(`assets.make.answers`), so that it takes a second.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from genre_core.data.demo import demo_songs
from genre_core.data.files import sha256_file
from genre_core.data.library import EXAMPLE
from genre_core.data.scores_merge import merge_scores
from genre_core.data.scores_table import Row, write_part
from genre_core.explain.prepared import load_prepared, shipped
from genre_core.jobs.library import reading_row
from genre_core.runs.references import load_references


def rows() -> list[Row]:
    """Make a row a built-in song; paths are below the project's folder."""
    bundles = shipped("song")
    made = []
    for song in demo_songs():
        reading = load_prepared(sha256_file(song.path)).reading(one.card for one in bundles)
        if reading is None or len(reading.predictions) < len(bundles):
            raise SystemExit(f"{song.name}: run python -m assets.make.answers first")
        row = reading_row(song.path, reading, None)
        row |= {"title": song.title, "artist": "Built-in song"}
        path = song.path.relative_to(EXAMPLE.parents[2]).as_posix()
        made.append({"path": path, "n_bytes": song.path.stat().st_size, "changed_ns": 0} | row)
    return made


def main() -> None:
    """Write the table anew, and say what is in it."""
    references = {one.name: load_references(one) for one in shipped("song")}
    known = {name: stored.songs for name, stored in references.items() if stored is not None}
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "rows.parquet"
        write_part(rows(), part)
        merge_scores([part], EXAMPLE, references=known)
    print(f"{EXAMPLE.name}: {EXAMPLE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
