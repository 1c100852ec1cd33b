"""A data set of made songs that differ clearly, and a network of songs that costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import soundfile
from keras import layers

from genre_core.config import Experiment, SongInput, Task, Training, to_dict
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import sha256_file
from genre_core.data.item import items_frame
from genre_core.inference.checkpoint import save_network
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import Card, ProgScore
from tests.audio.made_songs import sine

GENRES = ("Beats", "Noise", "Tones")
N_EACH = 8
SR = 22_050
SPLITS = ("train", "train", "train", "train", "val", "val", "test", "test")

LOG_MEL = SongInput(
    features="log_mel_96", n_frames=62, hop_frames=62, hop_length=256, min_frames=31
)
"""Segments of a second for the architectures of musicnn."""
MEL = SongInput(features="mel_128", n_frames=43, hop_frames=43, min_frames=22)
STATISTICS = SongInput(
    features="statistics_423", n_frames=43, hop_frames=21, min_frames=21, bound=5.0
)


def made_sound(genre: str, n_samples: int, seed: int = 0, sr: int = SR) -> np.ndarray:
    """Return mono float32 samples: clicks, noise, or three steady tones."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_samples) / sr
    if genre == "Beats":
        since = t % (0.3 + 0.05 * rng.random())
        y = 0.8 * np.exp(-60 * since) * rng.standard_normal(n_samples)
    elif genre == "Noise":
        y = (0.05 + 0.2 * rng.random()) * rng.standard_normal(n_samples)
    else:
        root = 150 + 150 * rng.random()
        y = sum(sine(root * k, n_samples, sr, 0.2) for k in (1.0, 1.26, 1.5))
    return np.clip(y, -1, 1).astype(np.float32)


def write_song(path: Path, genre: str, seed: int = 0, *, duration_s: float = 3.0) -> Path:
    """Store a made song, as Ogg or whatever the path's name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, made_sound(genre, round(duration_s * SR), seed), SR)
    return path


def write_songs(root: Path) -> Catalog:
    """Store `N_EACH` songs of each of `GENRES` as a data set with splits.

    All are labelled non-prog but the last, of test, which is only presumed to be.
    """
    rows = []
    for place, genre in enumerate(GENRES):
        for k in range(N_EACH):
            seed = N_EACH * place + k
            # Lengths of their own: segments that are padded, and numbers of segments that differ.
            path = write_song(
                root / f"{genre}-{k}.ogg", genre, seed, duration_s=2.4 + 0.2 * (seed % 5)
            )
            is_last = seed == len(GENRES) * N_EACH - 1
            rows.append(
                {
                    "item_id": path.name,
                    "path": path.name,
                    "checksum": sha256_file(path),
                    "labels": [genre, "non-prog (presumed)" if is_last else "non-prog"],
                    "title": f"Title {seed}",
                    "artist": f"Artist {seed}",
                    "source": "made",
                    "group": f"artist {seed}",
                    "split": SPLITS[k],
                }
            )
    labels = (*GENRES, "non-prog", "non-prog (presumed)")
    head = DatasetHead("made_songs", "Made songs", "none", "CC0", "track", labels)
    catalog = Catalog(head, root, items_frame(rows))
    catalog.save(root)
    return catalog


def song_experiment(
    *,
    spec: SongInput = LOG_MEL,
    genres: tuple[str, ...] = GENRES,
    head: str = "softmax",
    sources: tuple[str, ...] = ("made",),
    clip_s: float = 0.0,
    training: dict[str, Any] | None = None,
    **fields: Any,
) -> Experiment:
    settings = {
        "name": "made_songs",
        "title": "Made songs",
        "study": "ours",
        "architecture": "msd_musicnn",
        "tag": "made",
    }
    return Experiment(
        **(settings | fields),
        task=Task(genres=genres, head=head, sources=sources, clip_s=clip_s),
        input=spec,
        training=Training(**({"epochs": 1} | (training or {}))),
    )


def pupil_recipe(**training: Any) -> Experiment:
    """Study S5's dense network that learns a prog score from whichever teachers are given."""
    settings = {"epochs": 2, "batch_size": 16, "select": "val_loss"}
    return song_experiment(
        spec=STATISTICS,
        genres=("non-prog", "prog"),
        head="binary",
        sources=(),
        architecture="s5_mlp",
        tag="made_pupil",
        prog_genre="prog",
        training=settings | training,
    )


def tiny_network(spec: SongInput, n_logits: int, seed: int = 0) -> keras.Model:
    """Mean over time and a dense layer: any song's input, a few hundred parameters."""
    keras.utils.set_random_seed(seed)
    return build_tiny(n_logits=n_logits, input_shape=spec.shape)


def build_tiny(
    name: str = "", *, n_logits: int, input_shape: tuple[int, ...], **_: object
) -> keras.Model:
    """Stand in for `architectures.build` with the network of `tiny_network`, seeded or not."""
    inputs = keras.Input(input_shape, name="song")
    x = inputs
    if len(input_shape) > 1:
        kind = layers.GlobalAveragePooling1D if len(input_shape) == 2 else layers.Flatten
        x = kind(name="pool")(x)
    return keras.Model(inputs, layers.Dense(n_logits, name="logits")(x), name="tiny")


def song_card(
    name: str,
    spec: SongInput = LOG_MEL,
    *,
    genres: tuple[str, ...] = GENRES,
    head: str = "softmax",
    prog_score: ProgScore | None = None,
) -> Card:
    """Make a card; with a prog score it is that of a tagger, which learnt no labels."""
    architecture, tag = name.split(".")
    fields: dict[str, Any] = {"architecture": architecture, "tag": tag}
    if prog_score is not None:
        fields |= {"prog_genre": prog_score.genre, "prog_quantile": 0.95}
        fields |= {"training": {"method": "none"}}
    made = song_experiment(spec=spec, genres=genres, head=head, **fields)
    return Card(
        name=name,
        title=f"Title of {name}",
        description="For tests only.",
        architecture=architecture,
        tag=tag,
        study="ours",
        genres=genres,
        head=head,
        input=spec,
        n_parameters=0,
        model_sha256="",
        experiment=to_dict(made),
        data={"name": "made_songs", "split_rule": "none", "n_train": 0, "n_val": 0, "n_test": 0},
        provenance={"n_runs": 1, "versions": {}, "command": "a test", "seed": 0},
        media="song",
        prog_score=prog_score,
    )


def write_song_bundle(
    models: Path,
    name: str = "tiny.songs",
    spec: SongInput = LOG_MEL,
    *,
    seed: int = 0,
    **on_card: Any,
) -> Bundle:
    """Store a tiny network as a bundle in the folder `models`."""
    card = song_card(name, spec, **on_card)
    save_network(tiny_network(spec, card.n_logits, seed), card, models / name)
    return open_bundle(models / name)
