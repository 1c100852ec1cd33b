"""Train only the end of a network: its frozen part runs once and its maps are kept on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from genre_core.config import Augment
from genre_core.data.files import atomic_path
from genre_core.image.augment import augment_cover
from genre_core.progress import Log, Progress


def cached_maps(
    frozen: keras.Model,
    covers: np.ndarray,
    augment: Augment,
    *,
    n_views: int,
    seed: int,
    key: str,
    folder: Path,
    dtype: str = "float16",
    batch_size: int = 32,
    progress: Progress | None = None,
) -> np.ndarray:
    """Run the frozen part over `n_views` versions of each cover, or find what was kept in `folder`.

    The first version shows the covers as they are; seed, version and item decide each change of
    the others. `key` names the covers: their data set's digest and selection. Gives a read-only
    memory map (n_views, n, *map); float16 takes half the disk, at a relative error under 1e-3.
    """
    path = folder / f"maps-{_digest(frozen, covers, augment, n_views, seed, key)}.npy"
    if path.is_file():
        return np.load(path, mmap_mode="r")
    forward = tf.function(lambda x: frozen(tf.cast(x, tf.float32), training=False))
    shape = (n_views, len(covers), *frozen.output_shape[1:])
    with atomic_path(path) as part:
        maps = np.lib.format.open_memmap(part, mode="w+", dtype=dtype, shape=shape)
        for view in range(n_views):
            for start in range(0, len(covers), batch_size):
                batch = np.asarray(covers[start : start + batch_size])
                if view > 0:
                    batch = _changed(batch, augment, seed, view, start)
                maps[view, start : start + len(batch)] = forward(batch).numpy()
                if progress:
                    done = view * len(covers) + start + len(batch)
                    progress(done, n_views * len(covers), "running the frozen part")
        maps.flush()
        del maps
    return np.load(path, mmap_mode="r")


def every_tenth(log: Log) -> Progress:
    """Tell a log of a long pass at each tenth."""
    tenths = set()

    def progress(done: int, total: int, text: str) -> None:
        tenth = 10 * done // total
        if tenth not in tenths:
            tenths.add(tenth)
            log(f"{text}: {done} of {total}")

    return progress


def _changed(batch: np.ndarray, augment: Augment, seed: int, view: int, start: int) -> np.ndarray:
    return np.stack(
        [
            augment_cover(cover, augment, np.random.default_rng((seed, view, start + place)))
            for place, cover in enumerate(batch)
        ]
    )


def _digest(
    frozen: keras.Model, covers: np.ndarray, augment: Augment, n_views: int, seed: int, key: str
) -> str:
    digest = hashlib.sha256(f"{covers.shape}{augment}{n_views}{seed}{key}".encode())
    for weights in frozen.get_weights():
        digest.update(np.ascontiguousarray(weights).tobytes())
    return digest.hexdigest()[:24]
