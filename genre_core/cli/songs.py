"""Songs on the command line: those that classify scores, and features, computed ahead."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_core.cli.console import (
    chosen_bundles,
    load_tensorflow,
    log,
    log_every,
    print_json,
    print_result,
    print_table,
)
from genre_core.cli.sources import Sources
from genre_core.config import load_experiment, require, song_input
from genre_core.data.files import make_folder, path_text
from genre_core.data.importers import find_dataset
from genre_core.errors import GenreError

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier

LISTED = 20


def add_classify(command: argparse.ArgumentParser) -> None:
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


def add_features(command: argparse.ArgumentParser) -> None:
    """Add the options of `features`."""
    command.add_argument("experiment", metavar="EXPERIMENT", help="a name, or a TOML file")
    command.add_argument(
        "--processes", type=int, metavar="N", help="at once; as many as processors by default"
    )


def classify_songs(sources: Sources, options: argparse.Namespace) -> int:
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
    classifiers = _load(options.model) if sources.files else []
    if options.out or options.m3u or not options.json:
        return _library(sources, classifiers, options)
    from genre_core.inference.song_reading import read_song

    results: list[dict[str, Any]] = []
    n_broken = 0
    for path in sources.files:
        try:
            reading, _ = read_song(path, classifiers)
        except GenreError as error:
            n_broken += 1
            log(f"error: {path}: {error}")
            results.append({"path": path_text(path), "error": str(error)})
            continue
        result = {"path": path_text(path), "duration_s": round(reading.duration_s, 3)}
        scored = [one.to_dict(options.threshold) for one in reading.predictions.values()]
        results.append(result | {"notes": list(reading.notes), "predictions": scored})
    print_json(results + sources.fault_rows)
    sources.account(f"songs read: {len(sources.files) - n_broken}", n_broken=n_broken)
    return 1 if n_broken or sources.is_partial else 0


def features(options: argparse.Namespace) -> int:
    """Compute and keep the features; go on where a stopped run was."""
    from genre_core.data.song_inputs import extract_features

    experiment = load_experiment(options.experiment)
    spec = song_input(experiment.input)
    catalog = find_dataset(options.data)
    sources = experiment.task.sources
    frame = catalog.frame
    frame = frame[frame["source"].isin(sources)] if sources else frame
    extracted = extract_features(
        catalog,
        frame,
        spec,
        clip_s=experiment.task.clip_s,
        n_processes=options.processes,
        progress=log_every(25),
    )
    for problem in extracted.problems:
        log(str(problem))
    facts = {
        "data": catalog.head.name,
        "features": spec.features,
        "n_songs": extracted.n_songs,
        "n_broken": len(extracted.problems),
    }
    broken = [{"path": fault.where, "reason": fault.what} for fault in extracted.problems]
    print_result(options, facts | {"broken": broken}, [facts])
    return 1 if extracted.problems else 0


def _library(
    sources: Sources, classifiers: list[SongClassifier], options: argparse.Namespace
) -> int:
    from genre_core.jobs.library import score_library, write_playlist

    scored = score_library(
        sources.files,
        classifiers,
        out=options.out,
        threshold=options.threshold,
        progress=log_every(1 if len(sources.files) <= LISTED else 10),
    )
    for row in scored.frame[scored.frame["error"] != ""].to_dict("records"):
        log(f"error: {row['path']}: {row['error']}")
    for row in scored.frame[scored.frame["notes"] != ""].to_dict("records"):
        log(f"note: {row['path']}: {row['notes']}")
    if options.m3u is not None:
        for problem in write_playlist(scored.frame, options.m3u):
            log(f"not in the playlist: {problem}")
    rows = json.loads(scored.frame.to_json(orient="records")) + sources.fault_rows
    if options.json:
        print_json(rows)
    else:
        shown = rows[:LISTED] if options.out else rows
        unread = {"title": "(could not be read)", "prog_score": "", "duration_s": ""}
        shown = [row | unread if row["error"] else row for row in shown]
        print_table(shown, ("path", "title", "prog_score", "duration_s"))
    read = f"{len(scored.frame)} songs, {scored.n_new} of them read now"
    sources.account(read, n_broken=scored.n_broken)
    return 1 if scored.n_broken or sources.is_partial else 0


def _load(names: Sequence[str] | None) -> list[SongClassifier]:
    bundles = chosen_bundles(names, media="song")
    load_tensorflow()
    from genre_core.inference.songs import SongClassifier

    return [SongClassifier.load(bundle) for bundle in bundles]
