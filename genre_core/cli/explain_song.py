"""explain for a song: what spoke for a genre at each moment, and whether that can be believed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from genre_core.cli.console import chosen_bundles, genre_place, log, print_result
from genre_core.cli.evidence import tried
from genre_core.cli.explain import write_png
from genre_core.cli.songs import load_songs
from genre_core.config import require
from genre_core.explain.saliency import FRAME_GRADIENT
from genre_core.image.overlay import heat_picture

_CELLS = 600
_HEIGHT_PX = 40


def explain_song(options: argparse.Namespace) -> int:
    """Draw over a song's time what spoke for a genre; the default is prog, or the likeliest one."""
    bundles = chosen_bundles([options.model] if options.model else None, media="song")
    if not options.model:
        bundles = [one for one in bundles if one.card.prog_score is not None][:1] or bundles[:1]
    [network] = load_songs(bundles)
    from genre_core.explain.cam import Cam, has_maps
    from genre_core.explain.song_strip import cam_strip

    require(
        has_maps(network.network),
        "A map needs a network with convolutions or with frames.",
        f"{network.name}, which reads statistics",
        "Name another model.",
    )
    require(
        options.stage is None, "Over a song's time there is one layer.", options.stage, "Leave out."
    )
    segments = network.prepare(options.source)
    said, card = network.classify(segments), network.card
    prog = card.prog_score
    genre = options.genre or (said.genres[said.mean_probs.argmax()] if prog is None else prog.genre)
    index, cam = genre_place(genre, card), Cam(network.network, card.head)
    genre = network.genres[index]
    # Grad-CAM is the default of covers; where there is no convolution its place has another.
    usual = "gradcam" if cam.stages else FRAME_GRADIENT
    method = usual if options.method == "gradcam" else options.method
    is_prog = prog is not None and prog.genre == genre
    scores = np.asarray(said.scores if is_prog else said.probs[:, index])
    strip = cam_strip(
        cam,
        segments,
        scores,
        network.spec,
        genre_index=index,
        max_cells=_CELLS,
        method=method,
    )
    out = options.out or Path(f"{options.source.stem}.{method.replace(' ', '-')}.png")
    drawn = heat_picture(np.repeat(strip.values[np.newaxis], 2, axis=0), len(strip.values))
    write_png(out, drawn[:_HEIGHT_PX], source=options.source)
    if not strip.n_located:
        log("no location: no segment's map locates anything")
    most = int(strip.values.argmax())
    facts: dict[str, Any] = {
        "path": str(options.source),
        "model": network.name,
        "explained_genre": genre,
        "method": method,
        "stage": "" if cam.stage is None else cam.stage.name,
        "n_segments": strip.n_segments,
        "n_located": strip.n_located,
        "strongest_s": [float(strip.start_s[most]), float(strip.end_s[most])],
        "values": strip.values.round(4).tolist(),
        "start_s": strip.start_s.round(3).tolist(),
        "end_s": strip.end_s.round(3).tolist(),
        "out": str(out),
    }
    if options.evidence:
        best = int(scores.argmax())
        axis = int(network.spec.layout == "frequency_time")
        item = np.ascontiguousarray(segments.inputs[best])
        saliency = cam.explain(item, index, method=method, time_axis=axis)
        facts["evidence"] = tried(cam, item, saliency, axis) | {"segment": best + 1}
    columns = ("path", "model", "explained_genre", "method", "strongest_s", "out")
    print_result(options, facts, [facts], columns)
    return 0
