"""`python -m assets.make.answers` asks the shipped networks about each built-in cover and song.

What is current stays as it is; what belongs to no network or item any more is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.overview import Overview, overview
from genre_core.explain.cam import cam_of, has_maps
from genre_core.explain.packed_map import pack
from genre_core.explain.prepared import (
    FOLDER,
    BuiltIn,
    Prepared,
    built_in,
    load_prepared,
    load_stages,
    map_name,
    network_key,
    path_of,
    save_prepared,
    save_stages,
    shipped,
)
from genre_core.explain.song_strip import cam_strip
from genre_core.explain.stages import conv_stages, default_stage
from genre_core.image.decode import decode_cover
from genre_core.inference.classifier import Classifier
from genre_core.inference.song_reading import read_song
from genre_core.inference.songs import SongClassifier
from genre_core.runs.answers import SongReading
from genre_core.runs.bundle import Bundle

Network = Classifier | SongClassifier
Answer = tuple[dict[str, Any], dict[str, NDArray[Any]]]
"""Facts and arrays, as `Prepared` holds them of one network."""

MAX_SEGMENT = 40_000
"""Numbers of a segment that is stored: study S5's LSTM reads twice as many."""


def main() -> None:
    """Bring every stored answer up to date, and say what was made."""
    networks: dict[str, Network] = {}
    for item in built_in():
        every = {bundle.name: bundle for bundle in shipped(item.media)}
        cards = [bundle.card for bundle in every.values()]
        stored = load_prepared(item.checksum)
        kept, n_new = stored.only(map(network_key, cards)), 0
        while missing := kept.to_ask(cards, item):
            prepare(item, [loaded(every[card.name], networks) for card in missing], kept)
            n_new += len(missing)
        if n_new or len(kept.facts) < len(stored.facts):
            path = save_prepared(item.checksum, kept)
            print(f"{item.name}: {n_new} new answers, {path.stat().st_size / 1e3:.0f} kB")
    update_stages(networks)
    wanted = {path_of(item.checksum) for item in built_in()}
    for path in FOLDER.glob("*.npz"):
        if path not in wanted:
            path.unlink()
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(wanted)} items, {size / 1e6:.2f} MB")


def loaded(bundle: Bundle, networks: dict[str, Network]) -> Network:
    """Load a network once."""
    reader = SongClassifier if bundle.card.media == "song" else Classifier
    if bundle.name not in networks:
        print(f"Loading {bundle.name}", flush=True)
        networks[bundle.name] = reader.load(bundle)
    return networks[bundle.name]


def prepare(item: BuiltIn, networks: list[Network], into: Prepared) -> None:
    """Ask networks about one item, and add their answers to what is there."""
    if item.media == "cover":
        for network in networks:
            if isinstance(network, Classifier):
                add(into, network_key(network.card), cover_answers(item, network))
        return
    hearing = [network for network in networks if isinstance(network, SongClassifier)]
    song, seen = read_song(item.source, hearing, name=item.name, look=overview)
    if seen is None or song.no_music:
        raise SystemExit(f"{item.name} is no song that a visitor should hear first.")
    add(into, "item", song_facts(song, seen))
    known = into.reading(bundle.card for bundle in shipped("song"))
    if known is not None:
        song = replace(song, predictions=known.predictions | song.predictions)
    for network in hearing:
        add(into, network_key(network.card), song_answers(song, network))


def add(into: Prepared, key: str, answer: Answer) -> None:
    """Put one network's answer, or what needs none, in its place."""
    into.facts[key], into.arrays[key] = answer


def cover_answers(
    item: BuiltIn, network: Classifier, methods: Sequence[str] | None = None
) -> Answer:
    """Ask for the ranking, and for the heat maps of the genre and layer that are shown at first."""
    cover = network.prepare(decode_cover(item.source))
    answer = network.classify(decode_cover(item.source))
    stage = default_stage(network.network).name
    cam = cam_of(network.network, network.card.head)
    maps: dict[str, dict[str, Any]] = {}
    arrays: dict[str, NDArray[Any]] = {"logits": answer.logits}
    for method in item.methods(network.card) if methods is None else methods:
        saliency = cam.explain(cover, answer.genre_index, method=method, stage=stage)
        maps[method] = {
            "stage": saliency.stage,
            "genre_index": saliency.genre_index,
            "is_located": saliency.is_located,
            "reason": saliency.reason,
            "most": float(saliency.map.max()),
        }
        arrays[map_name(method)] = pack(saliency.map)
    return {"name": network.name, "maps": maps}, arrays


def song_facts(song: SongReading, seen: Overview) -> Answer:
    """Keep what needs no network."""
    facts: dict[str, Any] = {
        "duration_s": song.duration_s,
        "notes": song.notes,
        "ticks": seen.ticks,
    }
    arrays: dict[str, NDArray[Any]] = {
        "low": seen.low.astype(np.float16),
        "high": seen.high.astype(np.float16),
        "picture": np.frombuffer(seen.picture, np.uint8),
    }
    return facts, arrays


def song_answers(song: SongReading, network: SongClassifier) -> Answer:
    """Keep the answer to each segment, what mattered, and the segment that is seen at first."""
    said, card = song.predictions[network.name], network.card
    arrays: dict[str, NDArray[Any]] = {
        "logits": said.logits,
        "start_s": said.start_s,
        "end_s": said.end_s,
    }
    prog = card.prog_score
    genre = int(np.argmax(said.mean_probs)) if prog is None else card.genres.index(prog.genre)
    facts: dict[str, Any] = {"name": card.name, "genre_index": genre, "strip": None}
    if not has_maps(network.network):
        return facts, arrays
    cam, segments = cam_of(network.network, card.head), song.segments(network.spec)
    scores = said.probs[:, genre] if said.scores is None else said.scores
    strip = cam_strip(cam, segments, scores, network.spec, genre_index=genre)
    step_s = float(strip.end_s[0] - strip.start_s[0])
    facts["strip"] = [float(strip.start_s[0]), step_s, float(strip.end_s[-1])]
    arrays["strip"] = strip.values.astype(np.float16)
    if said.scores is not None and segments.inputs[0].size <= MAX_SEGMENT:
        index = song.segment_at_first(network.name)
        [heat], [is_located] = cam.maps(segments.inputs[index : index + 1], genre)
        facts |= {"segment": index, "is_located": bool(is_located)}
        arrays["segment"] = segments.inputs[index].astype(np.float16)
        arrays["heat"] = heat.astype(np.float16)
    return facts, arrays


def update_stages(networks: dict[str, Network]) -> None:
    """Keep the layers of covers' networks that can be explained."""
    stored, stages = load_stages(), {}
    for bundle in shipped("cover"):
        key = network_key(bundle.card)
        stages[key] = stored.get(key) or conv_stages(loaded(bundle, networks).network)
    if list(stages) != list(stored):
        save_stages(stages)


if __name__ == "__main__":
    main()
