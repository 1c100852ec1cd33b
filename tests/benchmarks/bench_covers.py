"""Covers from files to the network: decoding, and later epochs from the store."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from PIL import Image

from tests.benchmarks.timing import interleaved, row

SIZE = 128
N_COVERS = 1_000
FILE_PX = 192
BATCH_SIZE = 32
ROUNDS = 7


def measure() -> list[dict[str, Any]]:
    """Time decoding and later epochs against PIL one by one."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = str(Path(folder) / "home")
        files = write_covers(Path(folder) / "files", N_COVERS)
        return _decoding(files, Path(folder))


def write_covers(folder: Path, n: int) -> Path:
    """Write `n` different JPEG files of 192 px, parts of a few made covers."""
    from assets.make.covers import STYLES, make_cover

    folder.mkdir(parents=True)
    covers = [Image.fromarray(make_cover(style, 0, size=320)) for style in STYLES]
    rng = np.random.default_rng(0)
    for k in range(n):
        left, top = (int(v) for v in rng.integers(0, 128, 2))
        part = covers[k % len(covers)].crop((left, top, left + FILE_PX, top + FILE_PX))
        part.save(folder / f"{k:05d}.jpg", quality=90)
    return folder


def made_catalog(files: Path) -> Any:
    """Make a data set of every JPEG file of a folder."""
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
    from genre_core.data.cover_cache import cached_covers, fill_covers
    from genre_core.data.media_files import MediaFile
    from genre_core.training.batches import gather_covers, training_batches

    catalog, spec = made_catalog(files), CoverInput(size=SIZE)
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
        MediaFile(path.name, path, sum_)
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

    halves = [[str(path) for path in paths[start::2]] for start in (0, 1)]
    expected = one_by_one().astype(int)
    sides: dict[str, Callable[[], object]] = {
        "pil": one_by_one,
        "decoding": decoding,
        "first": first_epoch,
        "later": later_epoch,
        "tensorflow": through_tensorflow,
    }
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sides["processes"] = lambda: pool.map(decode_with_pil, halves, chunksize=1)
        seconds = interleaved(sides, ROUNDS)
    off = np.abs(expected - through_tensorflow())
    return [
        row("PIL one by one, covers a second", N_COVERS / seconds["pil"]),
        row("decoding against it", seconds["pil"] / seconds["decoding"], at_least=1.8),
        row(
            "two processes of PIL, half each, against it: the hardware",
            seconds["pil"] / seconds["processes"],
        ),
        row("first epoch, stored for the next, against it", seconds["pil"] / seconds["first"]),
        row("largest difference of a pixel", np.abs(expected - first_epoch()).max(), at_most=0),
        row("later epoch against it", seconds["pil"] / seconds["later"], at_least=8),
        row("tf.data decoding and resizing, not used", seconds["pil"] / seconds["tensorflow"]),
        row("its largest difference of a pixel", off.max()),
        row("its share of pixels that differ", (off > 0).mean()),
    ]


def decode_with_pil(paths: Sequence[str]) -> None:
    """Decode and resize covers with PIL and nothing else, in a process of its own."""
    for path in paths:
        with Image.open(path) as picture:
            resized = picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC)
            np.asarray(resized)
