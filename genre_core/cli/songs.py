"""Songs on the command line: a file's segments, or a library as a table and a playlist."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_core.cli.printing import log, print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.config import require
from genre_core.data.files import make_folder
from genre_core.data.importers import SONG_SUFFIXES
from genre_core.errors import GenreError
from genre_core.runs.bundle import find_bundle, list_bundles

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier

LISTED = 20


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `classify` takes for songs."""
    command.add_argument(
        "--media",
        choices=("auto", "cover", "song"),
        default="auto",
        help="what to look for in folders; auto takes songs where there are any",
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="PARQUET",
        help="songs: write a table, a row a song; started again, it goes on where it was",
    )
    command.add_argument(
        "--m3u", type=Path, metavar="FILE", help="songs: write a playlist, the most prog first"
    )
    command.add_argument(
        "--threshold", type=float, default=0.5, help="songs: a segment counts as prog above it"
    )


def song_files(sources: Sequence[Path], media: str) -> list[Path]:
    """Find the songs that are asked for; none where covers are meant.

    Parameters
    ----------
    sources : sequence of Path
        Files and folders.
    media : {"auto", "cover", "song"}
        `song` takes every file that is named, whatever it is called.
    """
    if media == "cover":
        return []
    return [path for source in sources for path in _songs_of(source, named=media == "song")]


def classify_songs(files: list[Path], options: argparse.Namespace) -> int:
    """Score songs: the segments of each as JSON, or one row a song."""
    require(
        0 <= options.threshold <= 1,
        "--threshold must lie in [0, 1].",
        options.threshold,
        "Give 0.5 where in doubt.",
    )
    for path in (options.out, options.m3u):
        if path is not None:
            make_folder(path.absolute().parent)
    classifiers = _load(options.model)
    if options.out or options.m3u or not options.json:
        return _library(files, classifiers, options)
    from genre_core.inference.song_reading import read_song
    from genre_core.jobs.library import path_text

    results: list[dict[str, Any]] = []
    n_broken = 0
    for path in files:
        try:
            reading, _ = read_song(path, classifiers)
        except GenreError as error:
            n_broken += 1
            log(f"error: {path}: {error}")
            results.append({"path": path_text(path), "error": str(error)})
            continue
        said = [each.to_dict(options.threshold) for each in reading.predictions.values()]
        whole = {"path": path_text(path), "duration_s": round(reading.duration_s, 3)}
        results.append(whole | {"notes": list(reading.notes), "predictions": said})
    print_json(results)
    return 1 if n_broken else 0


def _library(
    files: list[Path], classifiers: list[SongClassifier], options: argparse.Namespace
) -> int:
    from genre_core.jobs.library import score_library, write_playlist

    def told(done: int, total: int, name: str) -> None:
        if done % 10 == 0 or done == total or total <= LISTED:
            log(f"{done} of {total}: {name}")

    scored = score_library(
        files, classifiers, out=options.out, threshold=options.threshold, progress=told
    )
    for row in scored.frame[scored.frame["error"] != ""].to_dict("records"):
        log(f"error: {row['path']}: {row['error']}")
    if options.m3u is not None:
        write_playlist(scored.frame, options.m3u)
    rows = json.loads(scored.frame.to_json(orient="records"))
    if options.json:
        print_json(rows)
    else:
        columns = ("path", "title", "prog_score", "duration_s")
        print_table(rows[:LISTED] if options.out else rows, columns)
    log(f"{len(rows)} songs, {scored.n_new} of them read now, {scored.n_broken} could not be read")
    return 1 if scored.n_broken else 0


def _load(names: Sequence[str] | None) -> list[SongClassifier]:
    bundles = (
        [find_bundle(name) for name in names]
        if names
        else list(list_bundles(media="song", need_network=True))
    )
    require(
        bool(bundles), "There must be a trained model.", "none", "Train one, or put one in models/."
    )
    load_tensorflow()
    from genre_core.inference.songs import SongClassifier

    return [SongClassifier.load(bundle) for bundle in bundles]


def _songs_of(source: Path, *, named: bool) -> Iterator[Path]:
    if source.is_dir():
        yield from sorted(p for p in source.rglob("*") if p.suffix.lower() in SONG_SUFFIXES)
    elif named or source.suffix.lower() in SONG_SUFFIXES:
        yield source
