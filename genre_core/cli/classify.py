"""Commands that name genres: classify, and neighbours, whose covers it compares with."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_core.cli.console import (
    chosen_bundles,
    load_classifiers,
    load_tensorflow,
    log,
    print_json,
    print_result,
    print_table,
)
from genre_core.cli.songs import classify_songs
from genre_core.cli.sources import find_sources
from genre_core.config import require
from genre_core.data.files import path_text, sha256_file
from genre_core.data.importers import find_dataset
from genre_core.errors import DecodeError
from genre_core.image.decode import decode_cover
from genre_core.image.picture import shape_note
from genre_core.runs.bundle import NEIGHBOURS_FILE, VECTORS_FILE, find_bundle

if TYPE_CHECKING:
    from genre_core.inference.neighbours import Neighbours

_OTHER_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".html")


def classify(options: argparse.Namespace) -> int:
    """Name the genres of covers or songs, given as files or inside folders."""
    require(
        options.out is None or options.out.suffix.lower() not in _OTHER_TABLES,
        "--out must be a Parquet table, whose name ends in .parquet or in nothing.",
        str(options.out),
        "Name it NAME.parquet; pandas.read_parquet reads it, and its to_csv writes a CSV.",
    )
    sources = find_sources(options)
    for name in options.model or ():
        find_bundle(name)
    if sources.medium == "song":
        return classify_songs(sources, options)
    require(
        options.engine == "local",
        "On a cluster songs are scored, into a table.",
        f"covers and --engine {options.engine}",
        "Leave out --engine, or give --media song --out NAME.parquet.",
    )
    require(options.neighbours >= 0, "--neighbours must be >= 0.", options.neighbours, "Give 5.")
    classifiers = load_classifiers(options.model) if sources.files else []
    near = _load_neighbours(options.model) if options.neighbours else {}
    results: list[dict[str, Any]] = []
    n_broken = 0
    for path in sources.files:
        notes: list[str] = []
        try:
            picture = decode_cover(path, notes=notes)
        except DecodeError as error:
            n_broken += 1
            log(f"error: {path}: {error}")
            results.append({"path": path_text(path), "error": str(error)})
            continue
        predictions = [classifier.classify(picture).to_dict() for classifier in classifiers]
        for classifier, prediction in zip(classifiers, predictions, strict=True):
            if classifier.name in near:
                [embedding] = classifier.embed(classifier.prepare(picture)[np.newaxis])
                nearest = near[classifier.name].nearest(
                    embedding, k=options.neighbours, checksum=sha256_file(path)
                )
                prediction["neighbours"] = [neighbour.to_dict() for neighbour in nearest]
        notes += [note for note in (shape_note(picture),) if note]
        for note in notes:
            log(f"note: {path}: {note}")
        results.append({"path": path_text(path), "predictions": predictions, "notes": notes})
    results += sources.fault_rows
    if options.json:
        print_json(results)
    else:
        print_table(list(_rows(results)), ("path", "model", "genre", "prob", "kind", "next"))
        if near:
            columns = ("path", "model", "similarity", "labels", "title", "artist", "item_id")
            print()
            print_table(list(_neighbour_rows(results)), columns)
    sources.account(f"covers read: {len(sources.files) - n_broken}", n_broken=n_broken)
    return 1 if n_broken or sources.is_partial else 0


def neighbours(options: argparse.Namespace) -> int:
    """Store the embeddings of a bundle's training covers in it."""
    bundle = find_bundle(options.model)
    catalog = find_dataset(options.data)
    load_tensorflow()
    from genre_core.inference.neighbours import load_neighbours, write_neighbours

    write_neighbours(bundle, catalog, log=log)
    n_bytes = sum((bundle.folder / name).stat().st_size for name in (NEIGHBOURS_FILE, VECTORS_FILE))
    facts = {
        "name": bundle.name,
        "data": catalog.head.name,
        "n_covers": len(load_neighbours(bundle)),
        "megabytes": round(n_bytes / 1e6, 1),
        "folder": str(bundle.folder),
    }
    print_result(options, facts, [facts])
    return 0


def _load_neighbours(names: list[str] | None) -> dict[str, Neighbours]:
    """Load the training covers of the networks; only those asked for by name must have them."""
    from genre_core.inference.neighbours import load_neighbours

    near = {}
    for bundle in chosen_bundles(names):
        if names or bundle.has_neighbours:
            near[bundle.name] = load_neighbours(bundle)
        else:
            log(f"{bundle.name} has no training covers to compare with: see the command neighbours")
    return near


def _rows(results: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for result in results:
        for prediction in result.get("predictions", ()):
            answer = prediction["genre"]
            ranked = sorted(prediction["probs"].items(), key=lambda pair: -pair[1])
            others = [f"{genre} {prob:.2f}" for genre, prob in ranked if genre != answer]
            yield {
                "path": result["path"],
                "model": prediction["model"],
                "genre": answer,
                "prob": prediction["probs"][answer],
                "kind": "probability" if prediction["calibrated"] else "score",
                "next": ", ".join(others[:2]),
            }


def _neighbour_rows(results: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for result in results:
        for prediction in result.get("predictions", ()):
            for neighbour in prediction.get("neighbours", ()):
                yield neighbour | {"path": result["path"], "model": prediction["model"]}
