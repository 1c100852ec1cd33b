"""Where a training computes: the processor, one GPU, or several that share each batch."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import tensorflow as tf

from genre_core.config import require

DEVICES = "auto, cpu, gpu:N or gpus"
"""What can be asked for."""

PRECISIONS = ("auto", "float32", "mixed")
"""`mixed` computes in float16 where a GPU gains by it; weights and logits stay float32."""

_MIXED_FROM = (7, 0)  # compute capability with units for float16


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a training computes on."""

    title: str
    """For people, for example "CPU" or "NVIDIA H100"."""
    keys: tuple[str, ...]
    """What it occupies, for the queue: "cpu", "gpu-0"."""
    n_replicas: int = 1
    """Copies of the network that share each batch."""
    is_mixed: bool = False
    """Whether layers compute in float16."""


@contextlib.contextmanager
def on_device(device: str = "auto", precision: str = "auto") -> Iterator[Chosen]:
    """Compute on a device for as long as this lasts; everything must be built inside.

    Memory of a GPU is taken as it is needed. TensorFlow lets devices be chosen once a process:
    call this before anything else computes.

    Parameters
    ----------
    device : str
        "auto" takes the first GPU, or the processor where there is none; "cpu"; "gpu:1" the second
        GPU; "gpus" all of them, each batch shared between them.
    precision : {"auto", "float32", "mixed"}
        "auto" is mixed on GPUs with units for float16 and float32 elsewhere.

    Raises
    ------
    ParameterError
        No such device, or mixed precision without a GPU.

    Examples
    --------
    >>> with on_device("cpu") as chosen:
    ...     chosen.keys, chosen.n_replicas, chosen.is_mixed
    (('cpu',), 1, False)
    """
    present = tf.config.list_physical_devices("GPU")
    numbers = pick(device, len(present))
    require(
        precision in PRECISIONS,
        f"precision must be one of {', '.join(PRECISIONS)}.",
        precision,
        "Leave it at 'auto'.",
    )
    require(
        precision != "mixed" or bool(numbers),
        "Mixed precision needs a GPU: a processor only loses time by it.",
        device,
        "Set precision = 'auto'.",
    )
    picked = [present[k] for k in numbers]
    # What is hidden stays free for others. On a processor all are, since TensorFlow takes the
    # first GPU it sees.
    with contextlib.suppress(RuntimeError):  # devices were chosen before: those count
        tf.config.set_visible_devices(picked, "GPU")
        for gpu in picked:
            tf.config.experimental.set_memory_growth(gpu, True)
    is_mixed = bool(picked) and (
        precision == "mixed" or (precision == "auto" and all(map(_has_float16, picked)))
    )
    chosen = Chosen(
        title=", ".join(_name_of(gpu) for gpu in picked) or "CPU",
        keys=tuple(f"gpu-{k}" for k in numbers) or ("cpu",),
        n_replicas=max(1, len(picked)),
        is_mixed=is_mixed,
    )
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16" if is_mixed else "float32")
    try:
        with sharing(chosen.n_replicas):
            yield chosen
    finally:
        keras.mixed_precision.set_dtype_policy(before)


@contextlib.contextmanager
def full_precision() -> Iterator[None]:
    """Build in float32 for as long as this lasts: what is stored is served anywhere."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def always_the_same() -> None:
    """Let TensorFlow take sums in the same order every time, which on a GPU costs speed.

    It holds for the whole process and cannot be taken back.
    """
    tf.config.experimental.enable_op_determinism()


def pick(device: str, n_gpus: int) -> tuple[int, ...]:
    """Tell which of `n_gpus` GPUs a word of `on_device` names; none of them is the processor.

    Examples
    --------
    >>> pick("auto", 0), pick("auto", 2), pick("gpu:1", 2), pick("gpus", 2)
    ((), (0,), (1,), (0, 1))
    >>> pick("gpu:0", 0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A GPU must be one that TensorFlow sees, here none. \
Received 'gpu:0' (str). Use 'cpu', or see the README's page on GPUs.
    """
    if device in ("auto", "cpu"):
        return (0,) if device == "auto" and n_gpus else ()
    match = re.fullmatch(r"gpu:(\d{1,3})|gpus", device)
    require(
        match is not None,
        f"device must be {DEVICES}.",
        device,
        "Leave it at 'auto'.",
    )
    numbers = tuple(range(n_gpus)) if device == "gpus" else (int(device[4:]),)
    require(
        bool(numbers) and max(numbers) < n_gpus,
        f"A GPU must be one that TensorFlow sees, here {n_gpus or 'none'}.",
        device,
        "Use 'cpu', or see the README's page on GPUs.",
    )
    return numbers


@contextlib.contextmanager
def sharing(n_replicas: int, devices: tuple[str, ...] = ()) -> Iterator[None]:
    """Share every batch between copies of the network, or do nothing for one.

    `devices` are TensorFlow's names, for example of logical ones; all visible GPUs by default.
    """
    if n_replicas == 1 and not devices:
        yield
        return
    with tf.distribute.MirroredStrategy(list(devices) or None).scope():
        yield


def _name_of(device: tf.config.PhysicalDevice) -> str:
    details = tf.config.experimental.get_device_details(device)
    return str(details.get("device_name", "GPU"))


def _has_float16(device: tf.config.PhysicalDevice) -> bool:
    details = tf.config.experimental.get_device_details(device)
    return tuple(details.get("compute_capability", (0, 0))) >= _MIXED_FROM
