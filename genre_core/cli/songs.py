"""Songs on the command line: those that classify scores, and features, computed ahead."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_core.cli.console import (
    add_engine,
    chosen_bundles,
    command_line,
    engine_of,
    load_tensorflow,
    log,
    log_every,
    print_json,
    print_json_rows,
    print_result,
    print_table,
)
from genre_core.cli.sources import Sources
from genre_core.config import load_experiment, require, song_input
from genre_core.data.files import make_folder, path_text
from genre_core.data.importers import find_dataset
from genre_core.data.playlists import need_playlist, write_playlist
from genre_core.errors import GenreError
from genre_core.metrics.votes import clock_time
from genre_core.runs.bundle import Bundle
from genre_core.runs.references import load_references

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier
    from genre_core.metrics.references import References

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
        "--threshold",
        type=float,
        help="songs: a segment counts as prog above it; without one no verdict is given",
    )
    add_engine(command)


def add_features(command: argparse.ArgumentParser) -> None:
    """Add the options of `features`."""
    command.add_argument("experiment", metavar="EXPERIMENT", help="a name, or a TOML file")
    command.add_argument(
        "--processes", type=int, metavar="N", help="at once; as many as processors by default"
    )
    add_engine(command)


def add_references(command: argparse.ArgumentParser) -> None:
    """Add the options of `references`."""
    command.add_argument(
        "model", nargs="*", metavar="MODEL", help="every one with a prog score by default"
    )


def references(options: argparse.Namespace) -> int:
    """Store the prog scores of songs people know beside the networks that give them."""
    bundles = chosen_bundles(options.model, media="song")
    if not options.model:
        bundles = [bundle for bundle in bundles if bundle.card.prog_score is not None]
    catalog = find_dataset(options.data)
    load_tensorflow()
    from genre_core.jobs.references import need_references, write_references

    rows = []
    for bundle in bundles:
        stored = write_references(bundle, catalog, command=command_line(), log=log)
        songs = need_references(stored, catalog).songs
        rows.append(
            {
                "name": bundle.name,
                "songs": len(songs),
                "learned_from": int(songs.heard.sum()),
                "artists": songs.n_artists,
                "artists_unknown": songs.n_unknown,
                "scores_high": [row["genre"] for row in stored.high] if stored else [],
                "folder": str(bundle.folder),
            }
        )
    print_result(options, rows, rows)
    return 0


def classify_songs(sources: Sources, options: argparse.Namespace) -> int:
    """Score songs: the segments of each as JSON, or one row a song."""
    require(
        options.threshold is None or 0 <= options.threshold <= 1,
        "--threshold must lie in [0, 1].",
        options.threshold,
        "Leave it out: songs are then placed among references, without a verdict.",
    )
    require(
        options.engine == "local" or options.out is not None,
        "On a cluster songs are scored into a table.",
        f"--engine {options.engine} without --out",
        "Add --out NAME.parquet.",
    )
    if options.m3u is not None:
        need_playlist(options.m3u)
    for path in (options.out, options.m3u):
        if path is not None:
            make_folder(path.absolute().parent)
    bundles = chosen_bundles(options.model, media="song") if sources.files else []
    stored = {bundle.name: load_references(bundle) for bundle in bundles}
    references = {name: known.songs for name, known in stored.items() if known is not None}
    classifiers = load_songs(bundles)
    if options.out or options.m3u or not options.json:
        return _library(sources, bundles, classifiers, references, options)
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
        scored = [
            prediction.to_dict(options.threshold, references.get(name))
            for name, prediction in reading.predictions.items()
        ]
        results.append(result | {"notes": list(reading.notes), "predictions": scored})
    print_json(results + sources.fault_rows)
    sources.account(f"songs read: {len(sources.files) - n_broken}", n_broken=n_broken)
    return 1 if n_broken or sources.is_partial else 0


def features(options: argparse.Namespace) -> int:
    """Compute and keep the features; go on where a stopped run was."""
    from genre_core.data.song_inputs import extract_features
    from genre_core.jobs.engines import opened
    from genre_core.jobs.feature_steps import extract_on
    from genre_core.jobs.run_control import data_place

    experiment = load_experiment(options.experiment)
    spec = song_input(experiment.input)
    catalog = find_dataset(options.data)
    sources = experiment.task.sources
    frame = catalog.frame
    frame = frame[frame["source"].isin(sources)] if sources else frame
    clip_s, progress = experiment.task.clip_s, log_every(25)
    with opened(engine_of(options)) as (engine, title):
        if title:
            data = data_place(options.data, "Computing features")
            extracted = extract_on(
                engine, catalog, frame, spec, data=data, clip_s=clip_s, progress=progress, log=log
            )
        else:
            extracted = extract_features(
                catalog,
                frame,
                spec,
                clip_s=clip_s,
                n_processes=options.processes,
                progress=progress,
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
    sources: Sources,
    bundles: Sequence[Bundle],
    classifiers: list[SongClassifier],
    references: Mapping[str, References],
    options: argparse.Namespace,
) -> int:
    from genre_core.jobs.engines import opened
    from genre_core.jobs.library import score_library
    from genre_core.jobs.library_steps import scorer_on

    with opened(engine_of(options)) as (engine, title):
        scored = score_library(
            sources.files,
            classifiers,
            out=options.out,
            threshold=options.threshold,
            references=references,
            progress=log_every(1 if len(sources.files) <= LISTED else 10),
            scorer=scorer_on(engine, bundles, options.threshold, log) if title else None,
        )
    for what, column in (("error", "error"), ("note", "notes")):
        for frame in scored.frames(column):
            for path, text in frame[frame[column] != ""].itertuples(index=False):
                log(f"{what}: {path}: {text}")
    if options.m3u is not None:
        columns = ("title", "artist", "duration_s", "error")
        for problem in write_playlist(scored.frames(*columns), options.m3u):
            log(f"not in the playlist: {problem}")
    rows = itertools.chain(
        (row for frame in scored.frames() for row in json.loads(frame.to_json(orient="records"))),
        sources.fault_rows,
    )
    if options.json:
        print_json_rows(rows)
    else:
        shown = list(itertools.islice(rows, LISTED) if options.out else rows)
        unread = {"title": "(could not be read)", "prog_score": "", "duration_s": ""}
        shown = [row | unread if row["error"] else row for row in shown]
        print_table(shown, ("path", "title", "prog_score", "duration_s"))
        if placed := list(_places(shown, [model.name for model in classifiers])):
            print()
            print_table(placed, ("path", "model", "score", "most_prog_at", "higher_than"))
    read = f"songs read: {scored.n_songs - scored.n_broken}, {scored.n_new} of them now"
    sources.account(read, n_broken=scored.n_broken)
    return 1 if scored.n_broken or sources.is_partial else 0


def _places(rows: Sequence[dict[str, Any]], models: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        for name in models:
            score, at = row.get(f"{name}:prog"), row.get(f"{name}:most_prog_s")
            shares = {
                column.removeprefix(f"{name}:above:"): value
                for column, value in row.items()
                if column.startswith(f"{name}:above:") and value is not None
            }
            if score is not None and at is not None and shares:
                yield {
                    "path": row["path"],
                    "model": name,
                    "score": score,
                    "most_prog_at": clock_time(at),
                    "higher_than": ", ".join(
                        f"{100 * share:.0f} % of {genre}" for genre, share in shares.items()
                    ),
                }


def load_songs(bundles: Sequence[Bundle]) -> list[SongClassifier]:
    """Load networks of songs, TensorFlow only where there is any."""
    if not bundles:
        return []
    load_tensorflow()
    from genre_core.inference.songs import SongClassifier

    return [SongClassifier.load(bundle) for bundle in bundles]
