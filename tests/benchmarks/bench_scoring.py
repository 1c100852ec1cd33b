"""Scores of songs' segments: what is served against layers as built, one window, many songs."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from tests.benchmarks.bench_decode import write_song
from tests.benchmarks.timing import interleaved, row

N_SEGMENTS = 19  # as study S5's song "Folklore"
ROUNDS = 5
SONGS, SONG_S = 60, 240


def measure() -> list[dict[str, Any]]:
    """Time what is served against `predict`, and one process against two."""
    return _lstm() + _front_end() + _one_window() + _extraction()


def _lstm() -> list[dict[str, Any]]:
    import keras

    from genre_core.architectures import build
    from genre_core.inference.forward import Forward, without_recurrent_dropout

    keras.utils.set_random_seed(0)
    faithful = build("s5_lstm", n_logits=2)
    shape = tuple(faithful.input_shape[1:])
    forward = Forward(without_recurrent_dropout(faithful), "float32")
    inputs = np.random.default_rng(0).normal(size=(N_SEGMENTS, *shape)).astype(np.float32)
    inputs[-1, 700:] = -1_000  # the last one is short

    def predict() -> np.ndarray:
        return np.asarray(faithful.predict(inputs, verbose=0))

    seconds = interleaved({"predict": predict, "ours": lambda: forward(inputs)}, ROUNDS)
    off = float(np.abs(predict() - forward(inputs)[0]).max())
    return [
        row(f"LSTM, {N_SEGMENTS} x 2,000 x 205: predict, s", seconds["predict"]),
        row("predict / served", seconds["predict"] / seconds["ours"], at_least=2.5),
        row("largest difference of a logit", off, at_most=1e-5),
    ]


def _front_end() -> list[dict[str, Any]]:
    import keras

    from genre_core.architectures import build
    from genre_core.inference.forward import Compiled
    from genre_core.inference.tagger_front import served_front

    keras.utils.set_random_seed(0)
    network = build("msd_musicnn")
    body = keras.Model(network.input, network.get_layer("flat_pool").output)
    layers, served = Compiled(body, "float32"), Compiled(served_front(body), "float32")
    inputs = np.random.default_rng(0).uniform(0, 3, (16, *network.input_shape[1:]))
    inputs = inputs.astype(np.float32)
    seconds = interleaved({"layers": lambda: layers(inputs), "served": lambda: served(inputs)}, 3)
    expected = layers(inputs)[0]
    off = float(np.abs(expected - served(inputs)[0]).max() / np.abs(expected).max())
    return [
        row("musicnn, 16 x 3 s: layer by layer, s", seconds["layers"]),
        row("layer by layer / served", seconds["layers"] / seconds["served"], at_least=1.5),
        row("largest difference, of the largest feature", off, at_most=1e-5),
    ]


def _one_window() -> list[dict[str, Any]]:
    import keras

    from genre_core.architectures import build
    from genre_core.inference.forward import Forward

    keras.utils.set_random_seed(0)
    network = build("s5_cnn", n_logits=2)
    shape = tuple(network.input_shape[1:])
    forward = Forward(network, "float32")
    inputs = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)

    def predict() -> np.ndarray:
        return np.asarray(network.predict(inputs, verbose=0))

    seconds = interleaved({"predict": predict, "ours": lambda: forward(inputs)}, 9 * ROUNDS)
    off = float(np.abs(predict() - forward(inputs)[0]).max())
    return [
        row("CNN, one window: predict, ms", 1e3 * seconds["predict"]),
        row("predict / served", seconds["predict"] / seconds["ours"], at_least=10),
        row("largest difference of a logit", off, at_most=1e-5),
    ]


def _extraction() -> list[dict[str, Any]]:
    from genre_core.audio import frames
    from genre_core.config import SongInput
    from genre_core.data.catalog import Catalog, DatasetHead
    from genre_core.data.files import sha256_file
    from genre_core.data.item import items_frame
    from genre_core.data.song_inputs import extract_features

    spec = SongInput(features="frames_205", n_frames=2_000, hop_frames=1_000)
    seconds: dict[str, list[float]] = {"one thread": [], "one": [], "two": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        first = write_song(root / "0.mp3", SONG_S)
        paths = [first, *(root / f"{k}.mp3" for k in range(1, SONGS))]
        for path in paths[1:]:
            shutil.copy(first, path)
        # One sound in many files: the cache tells them apart by checksums made up here.
        checksum = sha256_file(first)[:-2]
        rows = [
            {"item_id": path.name, "path": path.name, "checksum": f"{checksum}{k:02x}"}
            for k, path in enumerate(paths)
        ]
        head = DatasetHead("made", "Made", "none", "CC0", "track")
        catalog = Catalog(head, root, items_frame(rows))
        for _ in range(3):
            for side, own in seconds.items():
                os.environ["GENRE_HOME"] = str(root / "home")
                shutil.rmtree(root / "home", ignore_errors=True)
                n_threads = 1 if side == "one thread" else frames.default_threads()
                with mock.patch.object(frames, "default_threads", lambda n=n_threads: n):
                    start = time.perf_counter()
                    n_processes = 2 if side == "two" else 1
                    extract_features(catalog, catalog.frame, spec, n_processes=n_processes)
                    own.append(time.perf_counter() - start)
    thread, one, two = (float(np.median(own)) for own in seconds.values())
    return [
        row(f"205 frames of {SONGS} MP3 of {SONG_S} s, one process of one thread, s", thread),
        row("it / two processes, their start counted", thread / two, at_least=1.6),
        row("one process of as many threads as cores / two processes", one / two),
    ]
