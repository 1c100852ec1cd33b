"""Heads on one frozen network: its body runs once, and every answer stays as it was."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.audio.clip import Clip
from genre_core.inference.songs import SongClassifier
from genre_core.inference.trunk import Trunk, find_trunk
from tests.audio.made_songs import made_song
from tests.made_songs_set import LOG_MEL, MEL, song_card, tiny_network

SONG = Clip(made_song(6 * 16_000, 16_000), 16_000)


def head(
    name: str, features: str, seed: int = 0, body: keras.Model | None = None
) -> SongClassifier:
    keras.utils.set_random_seed(seed)
    network = build("msd_musicnn", n_logits=3, input_shape=LOG_MEL.shape, features=features)
    if body is not None:
        for layer in network.layers:
            if layer.name in {each.name for each in body.layers} - {"logits"}:
                layer.set_weights(body.get_layer(layer.name).get_weights())
    return SongClassifier(network, song_card(name, LOG_MEL))


@pytest.fixture(scope="module")
def three() -> list[SongClassifier]:
    """A tagger, a head on its pooled features, and one of the same layers that learnt else."""
    tagger = head("msd_musicnn.tagger", "embedding")
    return [
        tagger,
        head("msd_musicnn.head", "pool", seed=1, body=tagger.network),
        head("msd_musicnn.other", "pool", seed=2),
    ]


def test_only_what_computes_the_same_is_shared(three: list[SongClassifier]) -> None:
    tagger, on_it, other = (each.trunk for each in three)
    assert tagger is not None
    assert on_it is not None
    assert other is not None
    assert tagger.digest == on_it.digest
    assert tagger.digest != other.digest


def test_answers_stay_and_the_body_runs_once(
    three: list[SongClassifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    run = Trunk.run

    def counted(self: Trunk, inputs: np.ndarray) -> np.ndarray:
        runs.append(self.digest)
        return run(self, inputs)

    monkeypatch.setattr(Trunk, "run", counted)
    segments = three[0].prepare(SONG)
    shared: dict[str, np.ndarray] = {}
    for each in three:
        said = each.classify(segments, shared=shared)
        np.testing.assert_allclose(said.logits, each.classify(segments).logits, atol=1e-5)
    assert len(runs) == len(set(runs)) == len(shared) == 2


def test_a_network_without_such_a_layer_is_run_whole() -> None:
    network = tiny_network(MEL, 3)
    assert find_trunk(keras.Model(network.input, network.output), batch_size=4) is not None
    plain = build("s5_mlp", n_logits=2)
    assert find_trunk(plain, batch_size=4) is None
