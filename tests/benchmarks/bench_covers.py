"""Covers from files to the network: decoding, later epochs, memory and waiting for input."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from PIL import Image

from tests.benchmarks.timing import interleaved, row

SIZE = 128
FULL_SIZE = 260
N_COVERS = 1_000
FILE_PX = 192
BATCH_SIZE = 32
ROUNDS = 7
MEMORY_COUNTS = (1_000, 5_000)
MEMORY_RUNS = 3  # TensorFlow's pool grows by leaps: one run says little


def measure() -> list[dict[str, Any]]:
    """Time decoding against PIL one by one; measure memory and input wait of S1's training."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = str(Path(folder) / "home")
        files = write_covers(Path(folder) / "files", N_COVERS)
        rows = _decoding(files, Path(folder))
    rows += [_input_wait()]
    return rows + _memory()


def write_covers(folder: Path, n: int) -> Path:
    """Write `n` different JPEG files of 192 px, parts of a few made covers."""
    from genre_core.data.demo import STYLES, make_cover

    folder.mkdir(parents=True)
    covers = [Image.fromarray(make_cover(style, 0, size=320)) for style in STYLES]
    rng = np.random.default_rng(0)
    for k in range(n):
        left, top = (int(v) for v in rng.integers(0, 128, 2))
        part = covers[k % len(covers)].crop((left, top, left + FILE_PX, top + FILE_PX))
        part.save(folder / f"{k:05d}.jpg", quality=90)
    return folder


def _catalog(files: Path) -> Any:
    from genre_core.data.catalog import Catalog, DatasetHead
    from genre_core.data.files import sha256_file
    from genre_core.data.item import items_frame

    rows = [
        {"item_id": path.name, "path": path.name, "checksum": sha256_file(path), "labels": ["a"]}
        for path in sorted(files.glob("*.jpg"))
    ]
    return Catalog(DatasetHead("bench", "Bench", "none", "none"), files, items_frame(rows))


def _decoding(files: Path, folder: Path) -> list[dict[str, Any]]:
    from genre_core.config import Augment, CoverInput
    from genre_core.data.cover_cache import CoverFile, cached_covers, fill_covers
    from genre_core.training.batches import gather_covers, training_batches

    catalog, spec = _catalog(files), CoverInput(size=SIZE)
    frame: pd.DataFrame = catalog.frame
    paths = sorted(files.glob("*.jpg"))
    caches = folder / "home" / "caches"

    def one_by_one() -> np.ndarray:
        pictures = []
        for path in paths:
            with Image.open(path) as picture:
                resized = picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC)
                pictures.append(np.asarray(resized))
        return np.stack(pictures)

    items = [
        CoverFile(path.name, path, sum_)
        for path, sum_ in zip(paths, frame["checksum"], strict=True)
    ]
    filled = np.empty((N_COVERS, SIZE, SIZE, 3), np.uint8)

    def decoding() -> None:
        fill_covers(filled, items, spec)

    def first_epoch() -> np.ndarray:
        shutil.rmtree(caches, ignore_errors=True)
        return cached_covers(catalog, frame, spec)

    # All epochs of a training lie in one pipeline, as training/fit.py lays them out.
    batches = iter(
        training_batches(
            gather_covers(first_epoch(), Augment(), 0),
            np.zeros((N_COVERS, 1), np.float32),
            np.ones(N_COVERS, np.float32),
            input_shape=(SIZE, SIZE, 3),
            batch_size=BATCH_SIZE,
            epochs=ROUNDS + 1,
            seed=0,
        )
    )
    n_steps = -(-N_COVERS // BATCH_SIZE)

    def later_epoch() -> int:
        return sum(len(inputs) for inputs, _, _ in itertools.islice(batches, n_steps))

    def through_tensorflow() -> np.ndarray:
        """Decode and resize in TensorFlow alone: sooner, but not the pixels that are served."""
        covers = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
        covers = covers.map(tensorflow_cover, num_parallel_calls=tf.data.AUTOTUNE)
        return np.concatenate([each.numpy() for each in covers.batch(BATCH_SIZE).prefetch(2)])

    def tensorflow_cover(path: tf.Tensor) -> tf.Tensor:
        pixels = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method="INTEGER_ACCURATE")
        resized = tf.image.resize(pixels, (SIZE, SIZE), "bicubic", antialias=True)
        return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)

    expected = one_by_one().astype(int)
    sides = {
        "pil": one_by_one,
        "decoding": decoding,
        "first": first_epoch,
        "later": later_epoch,
        "tensorflow": through_tensorflow,
    }
    seconds = interleaved(sides, ROUNDS)
    off = np.abs(expected - through_tensorflow())
    return [
        row("PIL one by one, covers a second", N_COVERS / seconds["pil"]),
        row("decoding against it", seconds["pil"] / seconds["decoding"], at_least=1.8),
        row("first epoch, stored for the next, against it", seconds["pil"] / seconds["first"]),
        row("largest difference of a pixel", np.abs(expected - first_epoch()).max(), at_most=0),
        row("later epoch against it", seconds["pil"] / seconds["later"], at_least=8),
        row("tf.data decoding and resizing, not used", seconds["pil"] / seconds["tensorflow"]),
        row("its largest difference of a pixel", off.max()),
        row("its share of pixels that differ", (off > 0).mean()),
    ]


def _input_wait() -> dict[str, Any]:
    """Share of S1's training steps that is spent waiting for the next batch."""
    import keras

    from genre_core.architectures import build
    from genre_core.config import Augment
    from genre_core.training.batches import gather_covers, training_batches

    covers = np.random.default_rng(0).integers(
        0, 256, (40 * BATCH_SIZE, FULL_SIZE, FULL_SIZE, 3), dtype=np.uint8
    )
    network = build("s1_prog_covers")
    network.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    batches = iter(
        training_batches(
            gather_covers(covers, Augment(), 0),
            np.zeros((len(covers), 1), np.float32),
            np.ones(len(covers), np.float32),
            input_shape=(FULL_SIZE, FULL_SIZE, 3),
            batch_size=BATCH_SIZE,
            epochs=1,
            seed=0,
        )
    )
    for batch in itertools.islice(batches, 3):
        network.train_on_batch(*batch)
    waited, began = 0.0, time.perf_counter()
    for _ in range(30):
        start = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - start
        network.train_on_batch(*batch)
    share = waited / (time.perf_counter() - began)
    return row("input wait of a step of S1's network, share", share, at_most=0.05)


def _memory() -> list[dict[str, Any]]:
    """Run an epoch of S1's network in processes of their own for each number of covers."""
    few, many = (_median_grown(n, "train") for n in MEMORY_COUNTS)
    read = _grown(MEMORY_COUNTS[1], "read")
    step = _median_grown(BATCH_SIZE, "step")
    return [
        row(
            f"peak over the built model, {MEMORY_COUNTS[1]:,} covers of 260 px, GB",
            many,
            at_most=1.0,
        ),
        row("the same, covers read and not trained on, GB", read, at_most=1.0),
        row("the same, six steps on one batch and no other data, GB", step),
        row("what training adds to these steps, GB", many - step),
        row(
            f"training on them against {MEMORY_COUNTS[0]:,} covers, relative difference",
            abs(many / few - 1),
            at_most=0.1,
        ),
    ]


def _median_grown(n: int, what: str) -> float:
    return statistics.median(_grown(n, what) for _ in range(MEMORY_RUNS))


def _grown(n: int, what: str) -> float:
    done = subprocess.run(
        [sys.executable, __file__, str(n), what],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


def epoch_of(n: int, what: str) -> float:
    """Import, build, then decode and train (or only read) one epoch; return the growth in GB."""
    import keras

    from genre_core.architectures import build
    from genre_core.config import Augment, CoverInput
    from genre_core.data.cover_cache import cached_covers
    from genre_core.training.batches import gather_covers, training_batches

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = str(Path(folder) / "home")
        catalog = _catalog(write_covers(Path(folder) / "files", n))
        network = build("s1_prog_covers")
        network.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
        before = _memory_kb("VmRSS")
        # Forgets the peak of importing and of making the files (Linux).
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        covers = cached_covers(catalog, catalog.frame, CoverInput(size=FULL_SIZE))
        batches = training_batches(
            gather_covers(covers, Augment(), 0),
            np.zeros((n, 1), np.float32),
            np.ones(n, np.float32),
            input_shape=(FULL_SIZE, FULL_SIZE, 3),
            batch_size=BATCH_SIZE,
            epochs=1,
            seed=0,
        )
        if what == "step":  # what TensorFlow takes by itself
            batch = next(iter(batches))
            for _ in range(6):
                network.train_on_batch(*batch)
        elif what == "train":
            network.fit(batches, epochs=1, steps_per_epoch=-(-n // BATCH_SIZE), verbose=0)
        else:
            sum(len(inputs) for inputs, _, _ in batches)
        return (_memory_kb("VmHWM") - before) / 1e6  # kB to GB


def _memory_kb(name: str) -> int:
    """Read VmRSS (memory now) or VmHWM (its peak) of this process, on Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    print(json.dumps(epoch_of(int(sys.argv[1]), sys.argv[2])))
