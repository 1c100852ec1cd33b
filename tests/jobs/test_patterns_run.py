"""Patterns of a network as a run: layer by layer, kept when it is stopped, done when all are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.explain import patterns_made
from genre_core.explain.patterns import Climb
from genre_core.explain.patterns_store import load_patterns
from genre_core.jobs.patterns import patterns_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import Bundle
from genre_core.runs.run_folder import new_run
from tests.made_bundles import write_bundle
from tests.made_song_bundles import write_song_bundle
from tests.made_songs_set import STATISTICS


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Climb.__init__.__kwdefaults__, "steps", 3)


@pytest.fixture
def bundle(genre_home: Path) -> Bundle:
    return write_bundle(genre_home / "models")


def test_every_layer_and_the_genres_are_made(bundle: Bundle) -> None:
    run = new_run(patterns_request(bundle.name))
    carry_out(run)
    stored = load_patterns(bundle.card)
    assert {name: len(one.kernels) for name, one in stored.items()} == {
        "conv_1": 8,
        "conv_2": 16,
        "conv_3": 16,
        "logits": 2,
    }
    assert stored["logits"].groups == ()
    assert all(np.isfinite(one.real).all() for one in stored.values())
    status = run.status()
    assert (status.state, status.result, status.done, status.total) == (
        "done",
        bundle.name,
        42,
        42,
    )


def test_a_stopped_run_goes_on_where_it_was(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = patterns_made.make_layer, []

    def stops(network: object, card: object, layer: object, *more: object, **named: object):
        made.append(layer.name)
        if made == ["conv_1", "conv_2"]:
            raise KeyboardInterrupt
        return make(network, card, layer, *more, **named)

    monkeypatch.setattr(patterns_made, "make_layer", stops)
    run = new_run(patterns_request(bundle.name))
    with pytest.raises(KeyboardInterrupt):
        carry_out(run)
    assert "the layers that are done are kept" in run.status().text
    assert list(load_patterns(bundle.card)) == ["conv_1"]
    carry_out(run)
    assert made == ["conv_1", "conv_2", "conv_2", "conv_3"]
    assert len(load_patterns(bundle.card)) == 4


def test_a_song_network_is_stored_on_its_own_axes(genre_home: Path) -> None:
    bundle = write_song_bundle(genre_home / "models")
    carry_out(new_run(patterns_request(bundle.name)))
    stored = load_patterns(bundle.card)
    assert stored["conv_1"].pictures.shape == (4, 43, 128, 1)
    assert stored["conv_1"].upright(bundle.card.input).shape == (4, 128, 43)


def test_what_has_no_patterns_says_so(genre_home: Path) -> None:
    import keras
    from keras import layers

    numbers = keras.Input((423,))
    network = keras.Model(numbers, layers.Dense(1, name="logits")(numbers))
    bundle = write_song_bundle(genre_home / "models", spec=STATISTICS, network=network)
    with pytest.raises(ParameterError, match="two-dimensional convolutions"):
        carry_out(new_run(patterns_request(bundle.name)))
