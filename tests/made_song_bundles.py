"""Small bundles of songs for tests: real networks and cards, made in a second."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from genre_core.config import Experiment, SongInput, Task, Training, to_dict
from genre_core.inference.checkpoint import save_network
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import Card, ProgScore
from tests.made_bundles import save_made

MEL = SongInput(features="mel_128", n_frames=43, hop_frames=43, min_frames=22)


def make_song_network(n_logits: int = 1, spec: SongInput = MEL) -> keras.Model:
    """Two convolutions and a dense layer, seeded; wide logits, so that scores differ."""
    keras.utils.set_random_seed(1)
    mel = keras.Input(spec.shape, name="mel")
    x = layers.Rescaling(1 / 40, name="rescale")(mel)
    for place, n_filters in enumerate((4, 8), start=1):
        x = layers.Conv2D(n_filters, 3, activation="relu", padding="same", name=f"conv_{place}")(x)
        x = layers.MaxPooling2D(2, name=f"pool_{place}")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    logits = layers.Dense(n_logits, kernel_initializer="he_normal", name="logits")(x)
    return keras.Model(mel, logits, name="made_song")


def write_song_bundle(
    models: Path,
    *,
    name: str = "made.song",
    genres: tuple[str, ...] = ("non-prog", "prog"),
    spec: SongInput = MEL,
    network: keras.Model | None = None,
) -> Bundle:
    """Store a made network; with two genres it is a prog score, with more it names genres."""
    is_prog = len(genres) == 2
    head = "binary" if is_prog else "softmax"
    architecture, tag = name.split(".")
    experiment = Experiment(
        name="made_song",
        title=f"Made for songs, {tag}",
        study="ours",
        architecture=architecture,
        tag=tag,
        task=Task(genres=genres, head=head),
        input=spec,
        training=Training(epochs=1),
        prog_genre="prog" if is_prog else "",
    )
    card = Card(
        name=name,
        title=experiment.title,
        description="For tests only.",
        architecture=architecture,
        tag=tag,
        study="ours",
        genres=genres,
        head=head,
        input=spec,
        n_parameters=0,
        model_sha256="",
        experiment=to_dict(experiment),
        data={"name": "made", "split_rule": "none", "n_train": 0, "n_val": 0, "n_test": 0},
        provenance={"n_runs": 1, "versions": {}, "command": "a test", "seed": 0},
        media="song",
        prog_score=ProgScore(genre="prog", rule="Made, for tests.") if is_prog else None,
    )
    if network is None:
        save_made(lambda n_logits: make_song_network(n_logits, spec), card, models / name)
    else:
        save_network(network, card, models / name)
    return open_bundle(models / name)
