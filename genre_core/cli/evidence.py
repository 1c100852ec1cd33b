"""What a network's heat maps, and its families of features, are worth: measured and stored."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_core.cli.console import command_line, load_tensorflow, log, log_every, print_result
from genre_core.data.files import make_folder
from genre_core.data.importers import find_dataset
from genre_core.runs.bundle import find_bundle
from genre_core.runs.evidence import MethodEvidence

if TYPE_CHECKING:
    from genre_core.explain.cam import Cam
    from genre_core.explain.saliency import Saliency

_FAMILY_SHOWN = ("family", "drop", "low", "high", "moved")
_SHOWN = ("method", "n", "insertion", "deletion", "over_edges", "beats_edges", "changed", "cost")


def add_evidence(command: argparse.ArgumentParser) -> None:
    """Add how many items are used, and where the figures go."""
    command.add_argument("--n", type=int, default=200, help="test items for the cheap methods")
    command.add_argument(
        "--dear",
        type=int,
        default=40,
        metavar="N",
        help="items for the methods that cost more than Grad-CAM, 0 for none",
    )
    command.add_argument(
        "--items",
        action="append",
        default=[],
        type=_items,
        metavar="METHOD=N",
        help="items for one method; may be given again",
    )
    command.add_argument(
        "--shuffled",
        type=int,
        default=10,
        metavar="N",
        help="items with weights shuffled, 0 for none",
    )
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="gets evidence.json; the bundle's own by default"
    )


def add_families(command: argparse.ArgumentParser) -> None:
    """Add which songs are asked, and where the figures go."""
    command.add_argument("--split", default="test", help="test (the default) or all")
    command.add_argument("--source", default="", help="only songs of this source")
    command.add_argument("--folds", type=int, default=5, help="at most so many, groups kept whole")
    command.add_argument("--repeats", type=int, default=5, help="how often each is exchanged")
    command.add_argument("--note", default="", help="what must be said beside the figures")
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="gets families.json; the bundle's own by default"
    )


def families(options: argparse.Namespace) -> int:
    """Exchange one family of features after the other between songs; measure what it costs."""
    bundle, catalog = find_bundle(options.model), find_dataset(options.data)
    if options.out is not None:
        make_folder(options.out)  # told before the minutes that it takes
    load_tensorflow()
    from genre_core.jobs.family_importance import write_families

    stored = write_families(
        bundle,
        catalog,
        split=options.split,
        source=options.source,
        note=options.note,
        n_folds=options.folds,
        n_repeats=options.repeats,
        command=command_line(),
        progress=log_every(5),
        log=log,
        out=options.out,
    )
    rows = [
        {
            "family": row["family"],
            "drop": row["drop"]["value"],
            "low": row["drop"].get("low", ""),
            "high": row["drop"].get("high", ""),
            "moved": row["moved"],
        }
        for row in sorted(stored.rows, key=lambda row: -(row["drop"]["value"] or 0.0))
    ]
    last = (
        f"{stored.figure} {stored.whole['value']} of {stored.n} songs in {stored.n_groups} groups"
    )
    print_result(options, asdict(stored), rows, _FAMILY_SHOWN, last=last)
    return 0


def evidence(options: argparse.Namespace) -> int:
    """Measure heat maps against maps of no network; asked for more items, it makes those alone."""
    bundle, catalog = find_bundle(options.model), find_dataset(options.data)
    if options.out is not None:
        make_folder(options.out)
    load_tensorflow()
    from genre_core.jobs.evidence import write_evidence

    stored = write_evidence(
        bundle,
        catalog,
        n=options.n,
        n_dear=options.dear,
        n_shuffled=options.shuffled,
        items=dict(options.items),
        command=command_line(),
        progress=log_every(5),
        log=log,
        out=options.out,
    )
    rows = [_row(name, own) for name, own in {**stored.controls, **stored.methods}.items()]
    print_result(options, asdict(stored), rows, _SHOWN)
    return 0


def _items(text: str) -> tuple[str, int]:
    """Read METHOD=N.

    >>> _items("gradient x input=3")
    ('gradient x input', 3)
    """
    name, _, number = text.rpartition("=")
    if not name or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"must be METHOD=N, such as occlusion=50, not {text!r}")
    return name, int(number)


def _row(name: str, own: MethodEvidence) -> dict[str, Any]:
    return {
        "method": name,
        "n": own.n,
        "insertion": own.insertion["value"],
        "deletion": own.deletion["value"],
        "over_edges": own.over.get("edges", {}).get("value", ""),
        "beats_edges": own.beats("edges") if "edges" in own.over else "",
        "changed": own.changed.get("value", ""),
        "cost": "" if own.cost is None else own.cost,
    }


def tried(cam: Cam, item: np.ndarray, saliency: Saliency, time_axis: int = 0) -> dict[str, Any]:
    """Try a map against maps of no network, and against itself with the weights shuffled."""
    from genre_core.explain import hiding, shuffled
    from genre_core.explain.evidence import N_RANDOM, beaten, try_saliency
    from genre_core.explain.plain_inputs import BLURRED_WORDS, PLAIN_WORDS

    name, genre = saliency.method, saliency.genre_index
    trials = try_saliency(cam, item, {name: saliency}, genre, time_axis=time_axis)
    found = shuffled.cascade(
        cam,
        item[np.newaxis],
        [genre],
        [name],
        stage=saliency.stage or None,
        time_axis=time_axis,
    )
    return {
        "maps": [
            {
                "map": one,
                "insertion": round(trial.insertion, 4),
                "deletion": round(trial.deletion, 4),
                "inserted": trial.inserted.round(4).tolist(),
                "deleted": trial.deleted.round(4).tolist(),
            }
            for one, trial in trials.items()
        ],
        "better_than": beaten(trials, name),
        "shares": trials[name].shares.round(4).tolist(),
        "parts": hiding.squares_of(item.shape, cam.kind, time_axis).n,
        "random_maps": N_RANDOM,
        "inserted_in": BLURRED_WORDS[cam.kind],
        "deleted_by": PLAIN_WORDS[cam.kind],
        "shuffled_layers": [
            {"layers": int(n), "last": last, "correlation": round(float(value), 4)}
            for n, last, value in zip(
                found.layers, found.names, found.correlation[name][0], strict=True
            )
        ],
    }
