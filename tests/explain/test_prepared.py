"""Answers that are stored with the app: current, and those that a fresh reading gives."""

import functools
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.explain import prepared
from genre_core.explain.prepared import COMMAND, BuiltIn, built_in, load_prepared, shipped
from genre_core.runs import bundle as bundles
from tests.made_bundles import write_bundle

CLOSE = 1e-3
"""Of an array's largest value."""
NEXT_COLOUR = 8
"""Levels of 256; neighbours among the 256 colours differ by at most 4."""

ITEMS = {item.name: item for item in built_in()}
# One cover and the song that is shortest, of the networks that a first visit shows; all in a sweep.
TELLING = {"prog-20": ("efficientnet_lite2.prog",), "metal-0": ("s5_cnn.soft_prog", "s5_mlp")}


@functools.cache
def loaded(name: str) -> object:
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

    bundle = bundles.find_bundle(name)
    return (SongClassifier if bundle.card.media == "song" else Classifier).load(bundle)


def close(stored: np.ndarray, fresh: np.ndarray) -> None:
    assert stored.shape == fresh.shape
    np.testing.assert_allclose(stored, fresh, rtol=0, atol=CLOSE * np.abs(fresh).max())


def test_every_answer_is_there_and_none_of_something_else() -> None:
    problems = prepared.stale()
    assert not problems, f"{problems[:3]} and more. Run: {COMMAND}"


def test_the_store_stays_small() -> None:
    assert sum(path.stat().st_size for path in prepared.FOLDER.iterdir()) < 3e6


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


def check(item: BuiltIn, names: tuple[str, ...]) -> None:
    """Compare what is stored of an item with what the networks say now."""
    from assets.make import answers

    networks = [one for one in shipped(item.media) if one.name.startswith(names)]
    assert networks
    stored, fresh = load_prepared(item.checksum), load_prepared(item.checksum)
    answers.prepare(item, [loaded(one.name) for one in networks], fresh)
    keys = [prepared.network_key(one.card) for one in networks]
    for key in (*keys, *(("item",) if item.media == "song" else ())):
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
    check(ITEMS[name], TELLING[name])


@pytest.mark.sweep
@pytest.mark.parametrize("name", ITEMS)
def test_every_fresh_reading_says_the_same(name: str) -> None:
    check(ITEMS[name], ("",))
