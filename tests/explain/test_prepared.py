"""Answers that are stored with the app: current, and those that a fresh reading gives."""

import functools
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genre_core.explain import prepared
from genre_core.explain.packed_map import error_of
from genre_core.explain.places import pick_stage
from genre_core.explain.prepared import COMMAND, BuiltIn, built_in, load_prepared, shipped
from genre_core.explain.saliency import METHODS, WITHOUT_LAYER
from genre_core.image.decode import decode_cover
from genre_core.runs import bundle as bundles
from tests.made_bundles import write_bundle

CLOSE = 1e-3
"""Of an array's largest value."""
NEXT_COLOUR = 8
"""Levels of 256; neighbours among the 256 colours differ by at most 4."""

ITEMS = {item.name: item for item in built_in()}
# One cover and the song that is shortest, of the networks that a first visit shows; all in a sweep.
TELLING = {"prog-20": ("efficientnet_lite2.prog",), "metal-0": ("s5_cnn.soft_prog", "s5_mlp")}
TRIED = ("gradcam", "gradcam++", "layercam", "smoothgrad")
"""Methods of a few passes, and one whose maps are packed; the others in a sweep."""


@functools.cache
def loaded(name: str) -> Any:
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

    bundle = bundles.find_bundle(name)
    return (SongClassifier if bundle.card.media == "song" else Classifier).load(bundle)


def close(stored: np.ndarray, fresh: np.ndarray, part: float = CLOSE) -> None:
    assert stored.shape == fresh.shape
    np.testing.assert_allclose(stored, fresh, rtol=0, atol=part * np.abs(fresh).max())


def test_every_answer_is_there_and_none_of_something_else() -> None:
    problems = prepared.stale()
    assert not problems, f"{problems[:3]} and more. Run: {COMMAND}"


def test_the_store_stays_small() -> None:
    assert sum(path.stat().st_size for path in prepared.FOLDER.iterdir()) < 4e6


def test_a_network_trained_again_or_a_changed_item_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = next(iter(ITEMS.values()))
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path)
    card = write_bundle(tmp_path, name="made.test").card
    stored = load_prepared(item.checksum)
    assert stored.facts
    assert card not in stored
    assert stored.prediction(card) is None
    assert stored.saliency(card, "gradcam", "wide", 0) is None
    assert stored.strip(card, 0) is None
    assert stored.segment(card, 0, 0) is None
    assert not load_prepared("0" * 64).facts
    assert any("made.test is missing" in problem for problem in prepared.stale())
    assert any("an answer of no network" in problem for problem in prepared.stale())


def test_only_the_genre_and_the_layer_of_the_first_view_are_stored() -> None:
    item = ITEMS["prog-20"]
    stored = load_prepared(item.checksum)
    [card] = [one.card for one in shipped("cover") if one.name == TELLING["prog-20"][0]]
    answer, default = stored.prediction(card), prepared.load_stages()[prepared.network_key(card)]
    assert answer is not None
    index, stage = answer.genre_index, pick_stage(default).name
    for method in METHODS:
        assert stored.saliency(card, method, stage, index) is not None
        assert stored.saliency(card, method, stage, 1 - index) is None
        has_layer = method not in WITHOUT_LAYER
        assert (stored.saliency(card, method, default[0].name, index) is None) == has_layer
    assert stored.saliency(card, "eigencam", stage, index) is None


def check(item: BuiltIn, names: tuple[str, ...], methods: Sequence[str] = METHODS) -> None:
    """Compare what is stored of an item with what the networks say now."""
    networks = [one for one in shipped(item.media) if one.name.startswith(names)]
    assert networks
    if item.media == "song":
        check_song(item, networks)
    for bundle in networks if item.media == "cover" else ():
        check_cover(item, bundle, methods)


def check_cover(item: BuiltIn, bundle: bundles.Bundle, methods: Sequence[str]) -> None:
    from genre_core.explain.cam import cam_of

    stored, classifier = load_prepared(item.checksum), loaded(bundle.name)
    answer = classifier.classify(decode_cover(item.source))
    said = stored.prediction(bundle.card)
    assert said is not None
    close(said.logits, answer.logits)
    cover, cam = (
        classifier.prepare(decode_cover(item.source)),
        cam_of(classifier.network, bundle.card.head),
    )
    assert cam.stage is not None
    kept = [method for method in item.methods(bundle.card) if method in methods]
    assert kept
    for method in kept:
        fresh = cam.explain(cover, answer.genre_index, method=method)
        seen = stored.saliency(bundle.card, method, cam.stage.name, answer.genre_index)
        assert seen is not None
        for name in ("method", "stage", "genre_index", "is_located", "reason"):
            assert getattr(seen, name) == getattr(fresh, name), (method, name)
        close(seen.map, fresh.map, CLOSE + error_of(fresh.map.size))


def check_song(item: BuiltIn, networks: Sequence[bundles.Bundle]) -> None:
    from assets.make import answers

    stored, fresh = load_prepared(item.checksum), load_prepared(item.checksum)
    answers.prepare(item, [loaded(one.name) for one in networks], fresh)
    for key in (*(prepared.network_key(one.card) for one in networks), "item"):
        arrays = fresh.arrays[key]
        facts = {name: value for name, value in fresh.facts[key].items() if name != "strip"}
        assert {name: stored.facts[key][name] for name in facts} == as_stored(facts)
        assert stored.facts[key].get("strip") == pytest.approx(fresh.facts[key].get("strip"))
        for name, array in arrays.items():
            if name == "picture":
                same_picture(stored.arrays[key][name].tobytes(), array.tobytes())
            else:
                close(stored.arrays[key][name].astype(float), array.astype(float))


def same_picture(stored: bytes, fresh: bytes) -> None:
    """Another processor rounds the bands otherwise: a pixel may be of the next colour."""
    first, second = (
        np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int) for png in (stored, fresh)
    )
    off = np.abs(first - second).max(axis=-1)
    assert off.max() <= NEXT_COLOUR
    assert (off > 0).mean() < 0.01


def as_stored(facts: dict) -> dict:
    return json.loads(json.dumps(facts))


@pytest.mark.slow
@pytest.mark.parametrize("name", TELLING)
def test_a_fresh_reading_says_the_same(name: str) -> None:
    check(ITEMS[name], TELLING[name], TRIED)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ITEMS)
def test_every_fresh_reading_says_the_same(name: str) -> None:
    check(ITEMS[name], ("",))
