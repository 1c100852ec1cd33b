"""The training desk: what its loop costs, what kills cost, and the two LSTMs of study S5."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import psutil
import tensorflow as tf

from tests.benchmarks.timing import interleaved, row
from tests.made_training import small_recipe, small_request, write_covers

ROUNDS = 10
N_COVERS, SIZE, BATCH_SIZE, N_EPOCHS = 512, 64, 32, 4
N_KILLS = 20
PATIENCE_S = 300


def measure() -> list[dict[str, Any]]:
    """Time our loop against Keras's own, kill a run twenty times, and time the LSTMs."""
    return _loop() + _kills() + _lstms()


class _Ends(keras.callbacks.Callback):
    """Notes when epochs end."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())


def _loop() -> list[dict[str, Any]]:
    from genre_core.architectures import build
    from genre_core.config import Augment, CoverInput
    from genre_core.jobs.run_worker import RunWorker
    from genre_core.runs.run_folder import Request, new_run
    from genre_core.training.fit import fit_experiment
    from genre_core.training.recipe import make_accuracy, make_loss, make_optimizer
    from genre_core.training.split_data import SplitData
    from genre_core.training.training_state import StateFolder

    rng = np.random.default_rng(0)
    covers = rng.integers(0, 256, (N_COVERS, SIZE, SIZE, 3), dtype=np.uint8)
    genre = np.arange(N_COVERS) % 2
    recipe = small_recipe(epochs=N_EPOCHS, batch_size=BATCH_SIZE, select="last_epoch")
    recipe = dataclasses.replace(recipe, input=CoverInput(size=SIZE), augment=Augment())
    seconds: dict[str, list[float]] = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = folder

        def bare() -> None:
            keras.utils.set_random_seed(0)
            network = build(recipe.architecture, n_logits=2, input_shape=(SIZE, SIZE, 3))
            network.compile(
                optimizer=make_optimizer(recipe.training, N_COVERS // BATCH_SIZE),
                loss=make_loss("softmax", 0.0),
                metrics=[make_accuracy("softmax")],
            )
            targets = np.eye(2, dtype=np.float32)[genre]
            batches = tf.data.Dataset.from_tensor_slices((covers, targets)).shuffle(N_COVERS)
            batches = batches.batch(BATCH_SIZE).map(lambda x, y: (tf.cast(x, tf.float32), y))
            ends = _Ends()
            network.fit(batches.prefetch(2), epochs=N_EPOCHS, callbacks=[ends], verbose=0)
            seconds["bare"].append((ends.times[-1] - ends.times[0]) / (N_EPOCHS - 1))

        def ours() -> None:
            run = new_run(Request("train", "bench", {}))
            worker = RunWorker(run)
            worker.plan(recipe, None)
            times: list[float] = []
            save = worker.epoch

            def epoch(*args: Any) -> None:
                save(*args)
                times.append(time.perf_counter())

            worker.epoch = epoch  # type: ignore[method-assign]
            fit_experiment(
                recipe,
                SplitData(covers, genre),
                None,
                key="bench",
                cache_dir=Path(folder),
                states=StateFolder(run.states, watcher=worker),
            )
            seconds["ours"].append((times[N_EPOCHS - 1] - times[0]) / (N_EPOCHS - 1))

        for _ in range(ROUNDS):
            bare()
            ours()
    one, other = (float(np.median(seconds[side])) for side in ("bare", "ours"))
    return [
        row(f"an epoch of {N_COVERS} covers of {SIZE} px, bare model.fit, s", one),
        row(
            "ours, with its status, states and live history, against it", other / one, at_most=1.05
        ),
    ]


def _kills() -> list[dict[str, Any]]:
    from genre_core.inference.checkpoint import load_network
    from genre_core.jobs import run_control
    from genre_core.runs.run_folder import RunFolder

    def weights(run: RunFolder) -> list[np.ndarray]:
        bundle = run_control.made_by(run)
        if bundle is None:
            raise RuntimeError(f"{run.status()}\n{run.log_tail()}")
        return load_network(bundle).get_weights()

    def until(*states: str) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while (state := run.status().state) not in states:
            if time.monotonic() > deadline:
                raise TimeoutError(str(run.status()))
            time.sleep(0.05)
        return state

    rng = np.random.default_rng(0)
    n_killed = n_lost = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = str(Path(folder) / "home")
        covers = write_covers(Path(folder) / "covers")
        settings = {"deterministic": True, "promote_it": False, "training": {"epochs": 2 * N_KILLS}}
        run = undisturbed = run_control.start(small_request(covers, **settings))
        until("done", "failed")
        run = run_control.start(small_request(covers, **settings))
        while n_killed < N_KILLS and until("running", "done", "failed") == "running":
            n_before = len(run.history())
            deadline = time.monotonic() + PATIENCE_S
            while len(run.history()) == n_before and run.status().state == "running":
                if time.monotonic() > deadline:
                    raise TimeoutError(str(run.status()))
                time.sleep(0.01)
            time.sleep(float(rng.uniform(0, 0.15)))
            status, n_epochs = run.status(), len(run.history())
            if status.state != "running":
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(status.pid, signal.SIGKILL)
            psutil.wait_procs([psutil.Process(p) for p in psutil.pids() if p == status.pid], 10)
            n_killed += 1
            n_lost = max(n_lost, n_epochs - len(run.history()))
            run_control.resume(run)
        until("done", "failed")
        off = max(
            float(np.abs(a - b).max())
            for a, b in zip(weights(run), weights(undisturbed), strict=True)
        )
    return [
        row("kills at random moments", n_killed, at_least=N_KILLS),
        row("epochs that were over and were lost", n_lost, at_most=0),
        row("largest difference of a weight from an undisturbed run", off, at_most=1e-6),
    ]


def _lstms() -> list[dict[str, Any]]:
    from genre_core.architectures import build

    n, n_frames = 32, 430
    sound = np.random.default_rng(0).normal(size=(n, n_frames, 205)).astype(np.float32)
    genre = (np.arange(n) % 2).astype(np.float32)[:, np.newaxis]
    sides = {}
    for name, dropout in (("faithful", 0.35), ("fast", 0.0)):
        network = build(
            "s5_lstm", n_logits=1, input_shape=(n_frames, 205), recurrent_dropout=dropout
        )
        network.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
        sides[name] = lambda network=network: network.train_on_batch(sound, genre)
    seconds = interleaved(sides, 3)
    return [
        row("S5's LSTM, segments of 10 s a second of training", n / seconds["faithful"]),
        row("the same without recurrent dropout", n / seconds["fast"]),
        row("faithful / without", seconds["faithful"] / seconds["fast"]),
    ]
