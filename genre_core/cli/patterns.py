"""Commands on what excites kernels: patterns, items of data, and figures without some of them."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_core.cli.console import genre_place, load_tensorflow, log, log_every, print_result
from genre_core.cli.runs import begin
from genre_core.config import SongInput, require, song_input
from genre_core.data.files import atomic_write
from genre_core.data.importers import find_dataset
from genre_core.errors import ParameterError, describe, did_you_mean
from genre_core.explain.exciting_store import list_exciting, load_exciting
from genre_core.explain.patterns_groups import group_patterns
from genre_core.explain.patterns_heard import as_wav, hear_pattern
from genre_core.explain.patterns_scale import scale_of
from genre_core.explain.patterns_store import draw_patterns, shaded, upright
from genre_core.explain.removed_store import load_removed
from genre_core.jobs.exciting import LIMIT, exciting_request
from genre_core.jobs.patterns import patterns_request
from genre_core.jobs.removing import FIGURES, removal_request
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.explain.patterns import Patterns

_SHOWN = ("kernel", "answer", "noise", "group")


def add_patterns(command: argparse.ArgumentParser) -> None:
    """Add whose patterns are sought, and how."""
    command.add_argument("model", metavar="MODEL", help="a name, or a bundle's folder")
    command.add_argument("--layer", metavar="NAME", help="a convolution; the first by default")
    command.add_argument(
        "--kernels", metavar="K,K,...", help="numbers from 0 on; the 16 strongest by default"
    )
    command.add_argument("--genre", help="in place of kernels: what speaks most for a genre")
    command.add_argument(
        "--of", default="mean", help="mean of the kernel's map (a texture), or its peak (one spot)"
    )
    command.add_argument(
        "--start", type=Path, metavar="FILE", help="begin with this cover or song, not with noise"
    )
    command.add_argument("--steps", type=int, default=24, help="24 by default")
    command.add_argument("--seed", type=int, default=0, help="of noise and jitter")
    command.add_argument("--out", type=Path, metavar="PNG", help="where the pictures are written")
    command.add_argument(
        "--wav", type=Path, metavar="WAV", help="write the first as sound, an approximation"
    )
    command.add_argument(
        "--all",
        action="store_true",
        help="make every layer's, as the page shows them, and keep them at home",
    )
    command.add_argument(
        "--background", action="store_true", help="with --all: in a process of its own"
    )


def add_remove(command: argparse.ArgumentParser) -> None:
    """Add what is taken out, and which items are asked."""
    command.add_argument("model", metavar="MODEL", help="a name, or a bundle's folder")
    command.add_argument("--data", required=True, metavar="NAME_OR_FOLDER", help="a data set")
    command.add_argument("--split", default="test", help="test (the default) or all")
    command.add_argument("--source", default="", help="only items of this source")
    command.add_argument("--layer", metavar="NAME", help="with --kernels: of this layer")
    command.add_argument("--kernels", metavar="K,K,...", help="take these out too, together")
    command.add_argument("--background", action="store_true", help="in a process of its own")


def add_exciting(command: argparse.ArgumentParser) -> None:
    """Add which data set is asked, and what of the answer is listed."""
    command.add_argument("model", metavar="MODEL", help="a name, or a bundle's folder")
    command.add_argument("--data", required=True, metavar="NAME_OR_FOLDER", help="a data set")
    command.add_argument(
        "--limit", type=int, default=LIMIT, metavar="N", help=f"covers, or segments; {LIMIT:,}"
    )
    command.add_argument("--layer", metavar="NAME", help="list this layer; the first by default")
    command.add_argument(
        "--kernels", metavar="K,K,...", help="list these; the 16 that answer most by default"
    )
    command.add_argument("--background", action="store_true", help="in a process of its own")


def exciting(options: argparse.Namespace) -> int:
    """Ask a data set where each kernel of a network answers most, and keep it for the page."""
    options.device = "auto"
    request = exciting_request(options.model, options.data, limit=options.limit)
    begun = begin(request, options)
    if begun is None:
        return 0
    card = find_bundle(options.model).card
    digest = find_dataset(options.data).digest
    [facts] = [one for one in list_exciting(card) if one.data["digest"] == digest]
    layer = options.layer or facts.layers[0]
    require(
        layer in facts.layers,
        "The layer must be one of the network's convolutions.",
        layer,
        did_you_mean(layer, facts.layers),
    )
    found = load_exciting(facts, layer)
    n_filters = len(found.values)
    kernels = (
        np.argsort(-found.values[:, 0], kind="stable")[:16].tolist()
        if options.kernels is None
        else _numbers(options.kernels)
    )
    require(
        all(0 <= kernel < n_filters for kernel in kernels),
        f"--kernels must lie in 0 to {n_filters - 1}.",
        kernels,
        "Give 0,3,5.",
    )
    rows = [
        {
            "kernel": kernel,
            "place": place + 1,
            "answer": float(f"{found.values[kernel, place]:.4g}"),
            "item": str(found.item_ids[kernel, place]),
            "segment": int(found.segments[kernel, place]) + 1,
            "rows": found.spans[kernel, place, 0].tolist(),
            "columns": found.spans[kernel, place, 1].tolist(),
        }
        for kernel in kernels
        for place in range(found.n_places(kernel))
    ]
    told = asdict(facts) | {"layer": layer, "silent": found.n_silent, "places": rows}
    of = f"{facts.n_items:,} {facts.media}s" + (
        f" ({facts.n_segments:,} segments)" if facts.media == "song" else ""
    )
    last = f"{layer}: {found.n_silent} of {n_filters} kernels answer nowhere in {of}"
    columns = ("kernel", "place", "answer", "item", "segment", "rows", "columns")
    print_result(options, told, rows, columns, last=last)
    return 0


def patterns(options: argparse.Namespace) -> int:
    """Seek the inputs that excite kernels most, or speak most for a genre."""
    if options.all:
        options.device = "auto"
        begun = begin(patterns_request(options.model), options)
        if begun is not None and not options.background:
            name = begun[0].status().result
            print_result(options, {"model": name}, [{"model": name}], ("model",))
        return 0
    bundle = find_bundle(options.model)
    scale_of(bundle.card.input)  # says at once where there can be none
    load_tensorflow()
    found = _found(bundle, options)
    spec = bundle.card.input
    pictures = upright(found.pictures, spec)
    groups = (
        group_patterns(pictures, found.blank, is_song=isinstance(spec, SongInput))
        if options.genre is None
        else [bundle.card.genres[k] for k in found.kernels]
    )
    rows: list[dict[str, Any]] = [
        {
            "kernel": int(kernel),
            "answer": float(f"{value:.4g}"),
            "noise": float(f"{noise:.4g}"),
            "blank": bool(blank),
            "group": group,
        }
        for kernel, value, noise, blank, group in zip(
            found.kernels, found.values, found.noise, found.blank, groups, strict=True
        )
    ]
    if options.out is not None:
        atomic_write(options.out, draw_patterns(shaded(pictures)))
    if options.wav is not None:
        spec = song_input(spec)
        atomic_write(options.wav, as_wav(hear_pattern(found.pictures[0], spec), spec.sr))
    facts = {
        "model": bundle.name,
        "layer": found.layer,
        "of": found.of,
        "steps": options.steps,
        "seed": options.seed,
        "patterns": rows,
        "out": str(options.out or ""),
    }
    print_result(options, facts, rows, _SHOWN, last=f"{found.layer}: {len(rows)} patterns")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Measure a network with second layers, groups of kernels or chosen kernels taken out."""
    require(
        (options.layer is None) == (options.kernels is None),
        "--layer and --kernels belong together.",
        options.layer or options.kernels,
        "Give both, or neither.",
    )
    kernels = {} if options.layer is None else {options.layer: _numbers(options.kernels)}
    request = removal_request(
        options.model,
        options.data,
        split=options.split,
        source=options.source,
        kernels=kernels,
    )
    begun = begin(request, options)
    if begun is None:
        return 0
    results = load_removed(find_bundle(options.model).card)
    result = results[-1]
    rows = [{"what": "whole network", **_figures(result["whole"])}]
    rows += [
        {
            "what": row["what"],
            "layer": row["layer"],
            "group": row["group"],
            "kernels": f"{row['n_kernels']} of {row['n_filters']}",
            "changed": row["n_changed"],
            **_figures(row["figures"]),
        }
        for row in result["rows"]
    ]
    columns = ("what", "layer", "group", "kernels", "changed", *FIGURES)
    last = f"{result['n']} items in {result['n_groups']} groups; nothing was trained again"
    print_result(options, result, rows, columns, last=last)
    return 0


def _found(bundle: Bundle, options: argparse.Namespace) -> Patterns:
    from genre_core.explain.kernel_weights import strongest_first
    from genre_core.explain.kernels import conv_layers, find_layer
    from genre_core.explain.patterns import Climb, excite_genres, excite_kernels
    from genre_core.explain.patterns_made import start_from
    from genre_core.inference.checkpoint import load_network

    network, card = load_network(bundle), bundle.card
    start = None if options.start is None else start_from(card, options.start)
    more: dict[str, Any] = {
        "start": start,
        "climb": Climb(steps=options.steps),
        "seed": options.seed,
        "progress": lambda share: log_every(1)(round(100 * share), 100, "per cent"),
    }
    if options.genre is not None:
        genres = [genre_place(options.genre, card)]
        return excite_genres(network, card.head, genres, scale_of(card.input), **more)
    layer = find_layer(conv_layers(network), options.layer)
    kernels = (
        strongest_first(layer.kernels.norms)[:16].tolist()
        if options.kernels is None
        else _numbers(options.kernels)
    )
    log(f"{layer.name}: {len(kernels)} kernels")
    return excite_kernels(network, layer.name, kernels, scale_of(card.input), of=options.of, **more)


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise ParameterError(
            "--kernels must be whole numbers with commas between.",
            received=describe(text),
            cure="Give 0,3,5.",
        ) from error


def _figures(figures: dict[str, Any]) -> dict[str, str]:
    return {name: _written(figures[name]) for name in FIGURES}


def _written(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "none"
    ends = f" ({figure['low']:.3f} to {figure['high']:.3f})" if "low" in figure else ""
    return f"{figure['value']:.3f}{ends}"
