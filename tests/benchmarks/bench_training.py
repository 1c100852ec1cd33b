"""Training of study S1's network on covers of 260 px: its steps, and the memory of an epoch."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.bench_covers import made_catalog, write_covers
from tests.benchmarks.memory import memory_kb
from tests.benchmarks.timing import interleaved, row

RECIPE = "s1_prog_covers"  # also the name of its network
SIZE = 260
BATCH_SIZE = 32
N_STEPS = 30
MEMORY_COUNTS = (1_000, 5_000)
MEMORY_RUNS = 3  # TensorFlow's pool grows by leaps: one run says little


def measure() -> list[dict[str, Any]]:
    """Time training steps; measure what an epoch adds to the memory of the built network."""
    return _steps() + _memory()


def _steps() -> list[dict[str, Any]]:
    """Time S1's training steps: waiting for the next batch, and in parts against whole batches."""
    import keras

    from genre_core.architectures import build
    from genre_core.config import Augment, load_experiment
    from genre_core.training.batches import gather_covers, training_batches
    from genre_core.training.micro_batches import in_micro_batches

    covers = np.random.default_rng(0).integers(
        0, 256, (40 * BATCH_SIZE, SIZE, SIZE, 3), dtype=np.uint8
    )
    n_parts = load_experiment(RECIPE).training.parts
    whole, parted = build(RECIPE), in_micro_batches(build(RECIPE), BATCH_SIZE // n_parts)
    for network in (whole, parted):
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        network.compile("adam", loss, jit_compile=False)
    batches = iter(
        training_batches(
            gather_covers(covers, Augment(), 0),
            np.zeros((len(covers), 1), np.float32),
            np.ones(len(covers), np.float32),
            input_shape=(SIZE, SIZE, 3),
            batch_size=BATCH_SIZE,
            epochs=1,
            seed=0,
        )
    )
    for batch in itertools.islice(batches, 3):
        parted.train_on_batch(*batch)
    waited, began = 0.0, time.perf_counter()
    for _ in range(N_STEPS):
        start = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - start
        parted.train_on_batch(*batch)
    share = waited / (time.perf_counter() - began)
    seconds = interleaved(
        {
            "whole": lambda: whole.train_on_batch(*batch),
            "parted": lambda: parted.train_on_batch(*batch),
        },
        15,
    )
    return [
        row("input wait of a step of S1's network, share", share, at_most=0.05),
        row(f"a step in {n_parts} parts / a whole one", seconds["parted"] / seconds["whole"]),
    ]


def _memory() -> list[dict[str, Any]]:
    """Run an epoch of S1's recipe in processes of their own for each number of covers."""
    (few, _), (many, of_files) = (_median_grown(n, "train") for n in MEMORY_COUNTS)
    read, _ = _grown(MEMORY_COUNTS[1], "read")
    whole, _ = _median_grown(MEMORY_COUNTS[0], "whole")
    return [
        row(
            f"peak over the built model, {MEMORY_COUNTS[1]:,} covers of 260 px, GB",
            many,
            at_most=1.0,
        ),
        row("of that pages of files, which the system can take back, GB", of_files),
        row("the same, covers read and not trained on, GB", read, at_most=1.0),
        row(
            f"training on them against {MEMORY_COUNTS[0]:,} covers, relative difference",
            abs(many / few - 1),
            at_most=0.1,
        ),
        row(f"peak with parts = 1, {MEMORY_COUNTS[0]:,} covers, GB", whole),
    ]


def _median_grown(n: int, what: str) -> tuple[float, float]:
    runs = sorted(_grown(n, what) for _ in range(MEMORY_RUNS))
    return runs[MEMORY_RUNS // 2]


def _grown(n: int, what: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, str(n), what],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    peak, of_files = json.loads(done.stdout.splitlines()[-1])
    return peak, of_files


def epoch_of(n: int, what: str) -> tuple[float, float]:
    """Import, build, then decode and train on (or only read) covers for an epoch.

    Parameters
    ----------
    n : int
        Training covers; a tenth as many more are for validation.
    what : {"train", "whole", "read"}
        Train S1's recipe as it stands, or with `parts = 1`, or read the training covers alone.

    Returns
    -------
    tuple of float
        GB that the peak of memory grew by, and how much of the growth at the end is pages of files.
    """
    from genre_core.architectures import build
    from genre_core.config import load_experiment
    from genre_core.data.cover_cache import cached_covers
    from genre_core.training.batches import gather_covers, training_batches
    from genre_core.training.fit import fit_experiment
    from genre_core.training.split_data import SplitData

    recipe = load_experiment(RECIPE)
    parts = 1 if what == "whole" else recipe.training.parts
    training = dataclasses.replace(recipe.training, epochs=1, parts=parts)
    recipe = dataclasses.replace(recipe, training=training)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = str(Path(folder) / "home")
        catalog = made_catalog(write_covers(Path(folder) / "files", n + n // 10))
        build(RECIPE)
        before, of_files = memory_kb("VmRSS"), memory_kb("RssFile")
        # Forgets the peak of importing and of making the files (Linux).
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        train, val = (
            SplitData(cached_covers(catalog, frame, recipe.input), np.arange(len(frame)) % 2)
            for frame in (catalog.frame[:n], catalog.frame[n:])
        )
        if what == "read":
            batches = training_batches(
                gather_covers(train.inputs, recipe.augment, 0),
                train.targets(recipe.task),
                np.ones(n, np.float32),
                input_shape=recipe.input.shape,
                batch_size=BATCH_SIZE,
                epochs=1,
                seed=0,
            )
            sum(len(inputs) for inputs, _, _ in batches)
        else:
            fit_experiment(recipe, train, val, key="bench", cache_dir=Path(folder))
        # kB to GB
        return (memory_kb("VmHWM") - before) / 1e6, (memory_kb("RssFile") - of_files) / 1e6


if __name__ == "__main__":
    print(json.dumps(epoch_of(int(sys.argv[1]), sys.argv[2])))
