"""Training covers nearest to a cover: the command that stores them, and what classify lists."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from genre_core.cli.loading import chosen_bundles
from genre_core.cli.printing import log, print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.data.importers import find_dataset
from genre_core.runs.bundle import NEIGHBOURS_FILE, VECTORS_FILE, find_bundle

if TYPE_CHECKING:
    from genre_core.inference.neighbours import Neighbours


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
    if options.json:
        print_json(facts)
    else:
        print_table([facts], ("name", "data", "n_covers", "megabytes", "folder"))
    return 0


def load_near(names: list[str] | None) -> dict[str, Neighbours]:
    """Load the training covers of the networks; only those asked for by name must have them."""
    from genre_core.inference.neighbours import load_neighbours

    found = {}
    for bundle in chosen_bundles(names):
        if names or bundle.has_neighbours:
            found[bundle.name] = load_neighbours(bundle)
        else:
            log(f"{bundle.name} has no training covers to compare with: see the command neighbours")
    return found


def near_rows(results: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """List the nearest training covers of what `classify` found, one row each."""
    for result in results:
        for prediction in result.get("predictions", ()):
            for each in prediction.get("neighbours", ()):
                yield each | {"path": result["path"], "model": prediction["model"]}
