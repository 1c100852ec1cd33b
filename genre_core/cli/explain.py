"""Commands that look into a network: explain, what-if and kernels."""

from __future__ import annotations

import argparse
import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from genre_core.cli.console import (
    chosen_bundles,
    load_classifiers,
    load_tensorflow,
    log,
    print_result,
)
from genre_core.config import SongInput, require
from genre_core.data.files import atomic_write
from genre_core.errors import ParameterError, describe, did_you_mean
from genre_core.image.decode import decode_cover
from genre_core.image.edits import (
    HIDE_WITH,
    MAX_EDIT_PX,
    Box,
    CoverEdit,
    edit_cover,
    shrink_to_edit,
)
from genre_core.image.overlay import superimpose
from genre_core.runs.bundle import Bundle, find_bundle

if TYPE_CHECKING:
    from genre_core.explain.kernels import ConvLayer


def add_what_if(command: argparse.ArgumentParser) -> None:
    """Add the options of an edit, named like the fields of `CoverEdit`."""
    box = "L,T,R,B"
    command.add_argument("source", type=Path, metavar="FILE")
    command.add_argument(
        "--model", action="append", metavar="NAME", help="may be repeated; every model by default"
    )
    command.add_argument(
        "--hide", metavar=box, help="region to hide: left, top, right, bottom, parts from 0 to 1"
    )
    command.add_argument("--hide-with", default="mean", help=f"{', '.join(HIDE_WITH)}")
    command.add_argument("--crop", metavar=box, help="region to keep")
    command.add_argument("--rotate", type=float, default=0.0, help="degrees, anticlockwise")
    command.add_argument("--mirror", action="store_true", help="swap left and right")
    command.add_argument("--grey", action="store_true", help="take the colours out")
    command.add_argument("--blur", type=float, default=0.0, help="per cent of the shorter side")
    command.add_argument(
        "--rescale", type=float, default=1.0, metavar="PART", help="scale down to this and up again"
    )
    command.add_argument("--jpeg", type=int, metavar="QUALITY", help="store as a JPEG, 1 to 100")
    command.add_argument("--out", type=Path, metavar="PNG", help="where the changed cover is put")


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
    """Draw where a network looks on one cover."""
    require(0 <= options.opacity <= 1, "opacity must lie in [0, 1].", options.opacity, "Try 0.5.")
    names = [options.model] if options.model else [chosen_bundles(None)[0].name]
    [classifier] = load_classifiers(names)
    picture = classifier.prepare(options.source)
    prediction = classifier.classify(picture)
    genre = options.genre or prediction.genre
    by_spelling = {known.casefold(): known for known in classifier.genres}
    genre = by_spelling.get(genre.casefold(), genre)
    require(
        genre in classifier.genres,
        f"genre must be one that {classifier.name} knows.",
        genre,
        did_you_mean(genre, classifier.genres),
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
    _write_png(out, drawn, source=options.source)
    facts = prediction.to_dict() | {
        "path": str(options.source),
        "explained_genre": genre,
        "method": saliency.method,
        "stage": saliency.stage,
        "map_size": list(saliency.map.shape),
        "is_located": saliency.is_located,
        "out": str(out),
    }
    columns = ("path", "model", "genre", "explained_genre", "stage", "out")
    print_result(options, facts, [facts], columns)
    return 0


def what_if(options: argparse.Namespace) -> int:
    """Say what every network makes of a cover before and after an edit."""
    edit = edit_of(options)
    picture = shrink_to_edit(decode_cover(options.source))
    changed = edit_cover(picture, edit)
    rows: list[dict[str, Any]] = []
    models = []
    for classifier in load_classifiers(options.model):
        before, after = classifier.classify(picture), classifier.classify(changed)
        models.append(
            {
                "model": classifier.name,
                "calibrated": before.is_calibrated,
                "before": before.to_dict()["probs"],
                "after": after.to_dict()["probs"],
                "changes_its_mind": before.genre != after.genre,
            }
        )
        rows += [
            {
                "model": classifier.name,
                "genre": genre,
                "kind": "probability" if before.is_calibrated else "score",
                "before": float(was),
                "after": float(now),
                "change": f"{now - was:+.3f}",
            }
            for genre, was, now in zip(classifier.genres, before.probs, after.probs, strict=True)
        ]
    if options.out:
        _write_png(options.out, changed, source=options.source)
    facts = {
        "path": str(options.source),
        "edit": dataclasses.asdict(edit),
        "steps": list(edit.words),
        "longest_side_px": MAX_EDIT_PX,
        "models": models,
        "out": str(options.out) if options.out else None,
    }
    if not options.json:
        log("; ".join(edit.words) or "nothing is changed")
    print_result(options, facts, rows)
    return 0


def edit_of(options: argparse.Namespace) -> CoverEdit:
    """Read an edit from its options.

    >>> parser = argparse.ArgumentParser()
    >>> add_what_if(parser)
    >>> edit_of(parser.parse_args(["a.jpg", "--hide", "0.1,0.1,0.4,0.4"])).hide
    (0.1, 0.1, 0.4, 0.4)
    >>> edit_of(parser.parse_args(["a.jpg", "--hide", "0.1,0.4"]))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: --hide must be four numbers. Received '0.1,0.4' (str). \
Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4.
    """
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(CoverEdit)}
    for name in ("hide", "crop"):
        values[name] = _read_box(name, values[name])
    return CoverEdit(**values)


def kernels(options: argparse.Namespace) -> int:
    """List a model's convolutions with their blank kernels, or the kernels of one of them."""
    bundle = find_bundle(options.model)
    load_tensorflow()
    from genre_core.explain.kernels import conv_layers, find_layer
    from genre_core.inference.checkpoint import load_network

    layers = conv_layers(load_network(bundle))
    layer = find_layer(layers, options.layer)
    if options.out is not None:
        _write_png(options.out, _picture(bundle, layer, options.inputs))
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


def _read_box(name: str, text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ParameterError(
            f"--{name} must be four numbers.",
            received=describe(text),
            cure="Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4.",
        ) from error
    return left, top, right, bottom


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


def _write_png(path: Path, picture: np.ndarray, source: Path | None = None) -> None:
    require(
        source is None or path.resolve() != source.resolve(),
        "--out must be another file than the cover.",
        str(path),
        "Give another name.",
    )
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    atomic_write(path, buffer.getvalue())
