"""What the convolutions of a model have learned: a table of layers, and a picture of kernels."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from genre_core.cli.printing import print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.config import SongInput
from genre_core.data.files import atomic_write
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.explain.kernels import ConvLayer


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
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


def kernels(options: argparse.Namespace) -> int:
    """List a model's convolutions with their blank kernels, or the kernels of one of them."""
    bundle = find_bundle(options.model)
    load_tensorflow()
    from genre_core.explain.kernels import conv_layers, find_layer
    from genre_core.inference.checkpoint import load_network

    found = conv_layers(load_network(bundle))
    layer = find_layer(found, options.layer)
    if options.out is not None:
        atomic_write(options.out, _picture(bundle, layer, options.inputs))
    facts: dict[str, Any] = {"model": bundle.name, "out": str(options.out or "")}
    if options.layer is None:
        rows = [each.to_dict() for each in found]
        facts["layers"] = rows
    else:
        rows = _kernel_rows(layer)
        facts |= {"layer": layer.to_dict(), "kernels": rows}
    if options.json:
        print_json(facts)
        return 0
    print_table(rows, tuple(rows[0]))
    n_kernels = sum(each.n_filters for each in ([layer] if options.layer else found))
    n_blank = sum(each.n_blank for each in ([layer] if options.layer else found))
    print(f"{n_blank} of {n_kernels} kernels are blank")
    if options.out is not None:
        print(f"{layer.name} in {options.out}")
    return 0


def _kernel_rows(layer: ConvLayer) -> list[dict[str, Any]]:
    from genre_core.explain.kernel_weights import strongest_first

    norms, blank = layer.kernels.norms, layer.kernels.blank
    return [
        {"kernel": int(k), "norm": round(float(norms[k]), 6), "blank": bool(blank[k])}
        for k in strongest_first(norms)
    ]


def _picture(bundle: Bundle, layer: ConvLayer, inputs: str) -> bytes:
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
    buffer = io.BytesIO()
    Image.fromarray(draw_grid(pictures, layer.kernels.blank[order])).save(buffer, "PNG")
    return buffer.getvalue()
