"""Commands that read covers: classify and explain."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from genre_core.cli.loading import chosen_bundles, load_classifiers
from genre_core.cli.nearest import load_near, near_rows
from genre_core.cli.printing import log, print_json, print_table
from genre_core.cli.songs import classify_songs, song_files
from genre_core.config import require
from genre_core.data.files import atomic_write, sha256_file
from genre_core.data.importers import SONG_SUFFIXES
from genre_core.errors import DecodeError
from genre_core.image.decode import COVER_SUFFIXES, decode_cover
from genre_core.image.overlay import superimpose


def classify(options: argparse.Namespace) -> int:
    """Name the genres of covers or songs, given as files or inside folders."""
    songs = song_files(options.sources, options.media)
    if songs:
        return classify_songs(songs, options)
    files = [] if options.media == "song" else list(_files(options.sources))
    require(
        bool(files),
        "There must be at least one cover or song.",
        ", ".join(map(str, options.sources)),
        f"Give files, or folders with {', '.join(sorted((*COVER_SUFFIXES, *SONG_SUFFIXES)))}.",
    )
    require(options.neighbours >= 0, "--neighbours must be >= 0.", options.neighbours, "Give 5.")
    classifiers = load_classifiers(options.model)
    near = load_near(options.model) if options.neighbours else {}
    results: list[dict[str, Any]] = []
    n_broken = 0
    for path in files:
        try:
            picture = decode_cover(path)
        except DecodeError as error:
            n_broken += 1
            log(f"error: {path}: {error}")
            results.append({"path": str(path), "error": str(error)})
            continue
        predictions = [each.classify(picture).to_dict() for each in classifiers]
        for classifier, prediction in zip(classifiers, predictions, strict=True):
            if classifier.name in near:
                [embedding] = classifier.embed(classifier.prepare(picture)[np.newaxis])
                found = near[classifier.name].nearest(
                    embedding, k=options.neighbours, checksum=sha256_file(path)
                )
                prediction["neighbours"] = [each.to_dict() for each in found]
        results.append({"path": str(path), "predictions": predictions})
    if options.json:
        print_json(results)
    else:
        print_table(list(_rows(results)), ("path", "model", "genre", "prob", "next"))
        if near:
            columns = ("path", "model", "similarity", "labels", "title", "artist", "item_id")
            print()
            print_table(list(near_rows(results)), columns)
    return 1 if n_broken else 0


def explain(options: argparse.Namespace) -> int:
    """Draw where a network looks on one cover."""
    require(0 <= options.opacity <= 1, "opacity must lie in [0, 1].", options.opacity, "Try 0.5.")
    names = [options.model] if options.model else [chosen_bundles(None)[0].name]
    [classifier] = load_classifiers(names)
    picture = classifier.prepare(options.source)
    prediction = classifier.classify(picture)
    genre = options.genre or prediction.genre
    require(
        genre in classifier.genres,
        f"genre must be one that {classifier.name} knows.",
        genre,
        f"Use one of {', '.join(classifier.genres)}.",
    )
    from genre_core.explain.cam import Cam

    saliency = Cam(classifier.network, classifier.card.head).explain(
        picture,
        classifier.genres.index(genre),
        method=options.method,
        stage=options.stage,
    )
    out = options.out or Path(f"{options.source.stem}.{options.method}.png")
    drawn = superimpose(picture, saliency.heat, opacity=options.opacity)
    if not saliency.is_located:
        drawn = picture
        log(f"no location: {saliency.reason}; the picture is written without a map")
    buffer = io.BytesIO()
    Image.fromarray(drawn).save(buffer, "PNG")
    atomic_write(out, buffer.getvalue())
    facts = prediction.to_dict() | {
        "path": str(options.source),
        "explained_genre": genre,
        "method": saliency.method,
        "stage": saliency.stage,
        "map_size": list(saliency.map.shape),
        "is_located": saliency.is_located,
        "out": str(out),
    }
    if options.json:
        print_json(facts)
    else:
        print_table([facts], ("path", "model", "genre", "explained_genre", "stage", "out"))
    return 0


def _files(sources: list[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            found = (p for p in source.rglob("*") if p.suffix.lower() in COVER_SUFFIXES)
            yield from sorted(found)
        else:
            yield source


def _rows(results: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for result in results:
        for prediction in result.get("predictions", ()):
            ranked = sorted(prediction["probs"].items(), key=lambda pair: -pair[1])
            yield {
                "path": result["path"],
                "model": prediction["model"],
                "genre": ranked[0][0],
                "prob": ranked[0][1],
                "next": ", ".join(f"{genre} {prob:.2f}" for genre, prob in ranked[1:3]),
            }
