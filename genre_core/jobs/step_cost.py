"""What one training step of a recipe costs: parameters, memory by a formula, seconds by trying."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_core.config import Experiment, Training

if TYPE_CHECKING:
    import keras

_BYTES = 4  # of a float32
_ALWAYS = 150_000_000  # graphs, threads and buffers, whatever the network
_WAITING = 6  # batches of inputs that are read, waiting, cast to float32 or at work
_ON_THE_WAY = 2  # arrays the size of the trained weights, while an update is computed
_SLOTS = {"adam": 2, "adamw": 2, "sgd": 1}
_RNN_ANSWERS = 13  # arrays of `units` that Keras keeps of each frame: gates, states, products
_RNN_KERNELS = 2  # recurrent kernels that recurrent dropout keeps of each frame
_FROZEN_BATCH = 32  # covers a step of training.frozen.cached_maps
_PROBE = 2  # items of the first step that is tried


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """What one training step costs."""

    n_parameters: int
    n_trainable: int
    memory_bytes: int
    """At a step's peak, beside what Python and TensorFlow take themselves."""
    map_shape: tuple[int, ...] = ()
    """Of one of the frozen part's maps; empty where nothing is frozen."""
    step_s: float | None = None
    """Of a whole batch; None where none was tried."""
    frozen_s: float | None = None
    """Of the frozen part for one cover; None where nothing is frozen or tried."""
    n_measured: int = 0
    """Steps that were timed after the warm-up."""
    n_tried: int = 0
    """Items a timed step; below the batch size, its time is scaled up."""


def step_cost(
    experiment: Experiment, *, measure_steps: int, max_s: float, free_bytes: int | None = None
) -> StepCost:
    """Build a recipe's network and tell what a step of its training costs.

    The peak of a step's memory, in floats of 4 bytes, is taken for

        W + (1 + slots + 2) T + part (A + 2 A_max) + 6 batch X + 37.5 million

    with W all weights, T the trained ones, slots those of the optimizer (2 for Adam and AdamW, 1
    for SGD), part the items worked off at once, A the outputs of all layers that are trained for
    one item, A_max the largest of them and X one input. An LSTM or GRU counts 13 values a unit and
    frame, and where it has recurrent dropout twice its recurrent kernel a frame, whatever the part.

    After a warm-up `measure_steps` are timed, on made inputs; 0 tries none, and nothing is tried
    where the formula asks for more than `free_bytes`. Trying may take about `max_s`: a first step
    of two items tells how many items fit; a single one of those cannot be stopped, nor can
    building.

    Against what building and seven steps, read and changed as in a training, added to the peak of
    a process (2 CPU cores, TensorFlow 2.21, float32), the formula gave: study S1's network in parts
    of 8 and of 32 97 and 91 %, S3's models 5 and 3 112 and 110 %, S4's networks B and A 106 and
    106 %, S5's MLP and CNN 110 and 106 %. For EfficientNet-Lite2 with a frozen part it counts the
    pass over that part, which is more than the steps of the rest (185 % of them). What validation
    and storing add is not in it, nor cuDNN's workspaces on a GPU.
    """
    from genre_core.architectures import build_recipe
    from genre_core.architectures.cut import cut_network
    from genre_core.training.recipe import compile_network

    settings = experiment.training
    network = build_recipe(experiment)
    body, trained = None, network
    if settings.frozen_until:
        body, trained = cut_network(network, settings.frozen_until)
    _set_trainable(trained, settings)
    n_trained = sum(int(np.prod(weight.shape)) for weight in trained.trainable_weights)
    known: dict[str, Any] = {
        "n_parameters": network.count_params(),
        "n_trainable": n_trained,
        "memory_bytes": _memory(network, trained, body, settings, n_trained),
        "map_shape": () if body is None else tuple(body.output_shape[1:]),
    }
    if settings.method != "gradient":
        return StepCost(**known)
    ready = compile_network(trained, experiment, n_steps=1)
    if not measure_steps or (free_bytes is not None and known["memory_bytes"] > free_bytes):
        return StepCost(**known)
    deadline = time.perf_counter() + max_s
    if body is not None:
        known["frozen_s"] = _forward_s(body, experiment)
    return StepCost(**known, **_timed(ready, experiment, measure_steps, deadline))


def _set_trainable(trained: keras.Model, settings: Training) -> None:
    import keras

    for layer in trained.layers:
        is_norm = isinstance(layer, keras.layers.BatchNormalization)
        only_head = settings.method == "logistic" and layer.name != "logits"
        if (settings.freeze_norm and is_norm) or only_head or settings.method == "none":
            layer.trainable = False


def _memory(
    network: keras.Model,
    trained: keras.Model,
    body: keras.Model | None,
    settings: Training,
    n_trained: int,
) -> int:
    outputs, largest, fixed = _outputs(trained)
    part = settings.batch_size // settings.parts
    copies = 1 + _SLOTS[settings.optimizer] + _ON_THE_WAY
    of_step = copies * n_trained + part * (outputs + 2 * largest) + fixed
    of_step += _WAITING * settings.batch_size * int(np.prod(trained.input_shape[1:]))
    if settings.method != "gradient":
        of_step = part * 2 * largest
    of_frozen = 0 if body is None else _FROZEN_BATCH * 2 * _outputs(body)[1]
    return _BYTES * (network.count_params() + max(of_step, of_frozen)) + _ALWAYS


def _outputs(network: keras.Model) -> tuple[int, int, int]:
    """Count what the layers answer to one item, the largest answer, and what no item changes."""
    import keras

    counts, fixed = [0], 0
    for layer in network.layers:
        answers = layer.output if isinstance(layer.output, list) else [layer.output]
        n_values = sum(int(np.prod(answer.shape[1:])) for answer in answers)
        if isinstance(layer, keras.layers.LSTM | keras.layers.GRU):
            # Behind a mask there is more than one input.
            sequence = layer.input[0] if isinstance(layer.input, list) else layer.input
            n_frames = int(sequence.shape[1])
            n_values = max(n_values, _RNN_ANSWERS * n_frames * layer.units)
            if layer.recurrent_dropout:
                kernel = int(np.prod(layer.cell.recurrent_kernel.shape))
                fixed += _RNN_KERNELS * n_frames * kernel
        counts.append(n_values)
    return sum(counts), max(counts), fixed


def _timed(
    trained: keras.Model, experiment: Experiment, measure_steps: int, deadline: float
) -> dict[str, Any]:
    """Time steps of as many items as the time allows, each read and changed as in a training."""
    batch_size = experiment.training.batch_size
    size = min(_PROBE, batch_size)
    steps = _steps(trained, experiment, size)
    first, second = next(steps), next(steps)
    tracing, times = max(0.0, first - second), [second]
    # A new size is traced anew, warmed up once and timed at least once.
    left = deadline - time.perf_counter() - tracing
    affordable = min(batch_size, int(left / (2 * second / size)))
    if affordable > size:
        size = affordable
        steps = _steps(trained, experiment, size)
        next(steps)
        times = [next(steps)]
    while len(times) < measure_steps and time.perf_counter() + times[-1] < deadline:
        times.append(next(steps))
    step_s = statistics.median(times) * batch_size / size
    return {"step_s": step_s, "n_measured": len(times), "n_tried": size}


def _steps(trained: keras.Model, experiment: Experiment, size: int) -> Iterator[float]:
    """Train on made batches for ever; give the seconds of each step."""
    from genre_core.config import SongInput
    from genre_core.training.batches import gather_covers, gather_maps, training_batches

    n_items, rng = 8 * size, np.random.default_rng(0)
    shape = tuple(trained.input_shape[1:])
    # One made item stands for all of them: however large, it needs no room.
    one: np.ndarray = rng.standard_normal(shape).astype(np.float32)
    if experiment.training.frozen_until:
        maps = np.broadcast_to(one.astype(np.float16), (1, n_items, *shape))
        gather = gather_maps(maps, 0)
    else:
        if not isinstance(experiment.input, SongInput):
            one = rng.integers(0, 256, shape, dtype=np.uint8)
        gather = gather_covers(np.broadcast_to(one, (n_items, *shape)), experiment.augment, 0)
    batches = training_batches(
        gather,
        rng.integers(0, 2, (n_items, experiment.task.n_logits)).astype(np.float32),
        np.ones(n_items, np.float32),
        input_shape=shape,
        batch_size=size,
        epochs=10**6,
        seed=0,
    )
    reading = iter(batches)
    while True:
        start = time.perf_counter()
        inputs, targets, weights = next(reading)
        trained.train_on_batch(inputs, targets, sample_weight=weights)
        yield time.perf_counter() - start


def _forward_s(body: keras.Model, experiment: Experiment) -> float:
    """Time the frozen part on a few made covers, after a warm-up; seconds a cover."""
    few = np.zeros((2 * _PROBE, *experiment.input.shape), np.float32)
    body.predict_on_batch(few)
    start = time.perf_counter()
    body.predict_on_batch(few)
    return (time.perf_counter() - start) / len(few)
