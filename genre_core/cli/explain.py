"""Commands that look into a network: explain and kernels."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from genre_core.cli.console import (
    chosen_bundles,
    genre_place,
    load_classifiers,
    load_tensorflow,
    log,
    print_result,
)
from genre_core.cli.evidence import tried
from genre_core.config import SongInput, require
from genre_core.data.files import atomic_write
from genre_core.data.media_walk import medium_of
from genre_core.image.overlay import superimpose
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer


def add_kernels(command: argparse.ArgumentParser) -> None:
    """Add the options of `kernels`."""
    command.add_argument("model", metavar="MODEL", help="a name, or a bundle's folder")
    command.add_argument("--layer", metavar="NAME", help="list the kernels of one convolution")
    command.add_argument(
        "--inputs",
        default="strongest",
        metavar="WHICH",
        help="of the channels that a kernel reads: strongest, mean, rss, or a number from 0 on",
    )
    command.add_argument(
        "--out", type=Path, metavar="PNG", help="draw the layer's kernels, or the first layer's"
    )


def explain(options: argparse.Namespace) -> int:
    """Draw where a network looks on one cover, or what mattered to it over a song's time."""
    if medium_of(options.source)[0] == "song":
        from genre_core.cli.explain_song import explain_song  # which needs `write_png`

        return explain_song(options)
    require(0 <= options.opacity <= 1, "opacity must lie in [0, 1].", options.opacity, "Try 0.5.")
    names = [options.model] if options.model else [chosen_bundles(None)[0].name]
    [classifier] = load_classifiers(names)
    picture = classifier.prepare(options.source)
    prediction = classifier.classify(picture)
    index = genre_place(options.genre or prediction.genre, classifier.card)
    genre = classifier.genres[index]
    from genre_core.explain.cam import Cam

    cam = Cam(classifier.network, classifier.card.head)
    saliency = cam.explain(picture, index, method=options.method, stage=options.stage)
    out = options.out or Path(f"{options.source.stem}.{options.method}.png")
    drawn = superimpose(picture, saliency.heat, opacity=options.opacity)
    if not saliency.is_located:
        drawn = picture
        log(f"no location: {saliency.reason}; the picture is written without a map")
    write_png(out, drawn, source=options.source)
    facts = prediction.to_dict() | {
        "path": str(options.source),
        "explained_genre": genre,
        "method": saliency.method,
        "stage": saliency.stage,
        "map_size": list(saliency.map.shape),
        "is_located": saliency.is_located,
        "out": str(out),
    }
    columns = ["path", "model", "genre", "explained_genre", "stage", "out"]
    if options.evidence:
        facts["evidence"] = tried(cam, picture, saliency)
        facts |= {f"better_than_{one}": "yes" for one in facts["evidence"]["better_than"]}
        columns += [f"better_than_{one}" for one in ("random", "edges", "centre")]
    print_result(options, facts, [facts], columns)
    return 0


def kernels(options: argparse.Namespace) -> int:
    """List a model's convolutions with their blank kernels, or the kernels of one of them."""
    bundle = find_bundle(options.model)
    load_tensorflow()
    from genre_core.explain.kernels import conv_layers, find_layer
    from genre_core.inference.checkpoint import load_network

    layers = conv_layers(load_network(bundle))
    layer = find_layer(layers, options.layer)
    if options.out is not None:
        write_png(options.out, _picture(bundle, layer, options.inputs))
    facts: dict[str, Any] = {"model": bundle.name, "out": str(options.out or "")}
    if options.layer is None:
        rows = [one.to_dict() for one in layers]
        facts["layers"] = rows
    else:
        rows = _kernel_rows(layer)
        facts |= {"layer": layer.to_dict(), "kernels": rows}
    shown = [layer] if options.layer else layers
    n_kernels, n_blank = sum(one.n_filters for one in shown), sum(one.n_blank for one in shown)
    last = f"{n_blank} of {n_kernels} kernels are blank"
    if options.out is not None:
        last += f"\n{layer.name} in {options.out}"
    print_result(options, facts, rows, last=last)
    return 0


def _kernel_rows(layer: ConvLayer) -> list[dict[str, Any]]:
    from genre_core.explain.kernel_weights import strongest_first

    norms, blank = layer.kernels.norms, layer.kernels.blank
    return [
        {"kernel": int(k), "norm": round(float(norms[k]), 6), "blank": bool(blank[k])}
        for k in strongest_first(norms)
    ]


def _picture(bundle: Bundle, layer: ConvLayer, inputs: str) -> np.ndarray:
    """Draw the strongest kernels of a layer, in the order of their norm."""
    from genre_core.explain.kernel_pictures import MAX_DRAWN, draw_grid, turn_upright
    from genre_core.explain.kernel_weights import mixing_strips, over_inputs, strongest_first

    order = strongest_first(layer.kernels.norms)[:MAX_DRAWN]
    weights = layer.kernels.weights[order]
    if not layer.has_pictures:
        pictures = mixing_strips(weights)
    else:
        # A word that is no number goes on as it is: over_inputs says what it takes.
        pictures = over_inputs(weights, int(inputs) if inputs.isdecimal() else inputs)  # type: ignore[arg-type]
        if isinstance(bundle.card.input, SongInput):
            pictures = turn_upright(pictures, bundle.card.input.layout)
    return draw_grid(pictures, layer.kernels.blank[order])


def write_png(path: Path, picture: np.ndarray, source: Path | None = None) -> None:
    """Write a picture, never over the cover that it was made from."""
    require(
        source is None or path.resolve() != source.resolve(),
        "--out must be another file than the cover.",
        str(path),
        "Give another name.",
    )
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    atomic_write(path, buffer.getvalue())
