"""What a training will cost, told before it starts."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genre_core.config import Experiment, SongInput, require
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.jobs.item_counts import ItemCounts, count_items
from genre_core.jobs.needs import need_for_training
from genre_core.jobs.step_cost import StepCost, step_cost

MAX_S = 10.0
"""How long measuring may take unless told otherwise, in seconds, beside loading and building."""

MEASURE_STEPS = 5

_CHOOSING = 1 / 3  # a forward pass against a forward and a backward one
_MEMORY_FACTS = Path("/proc/meminfo")  # Linux alone has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a training will cost; None stands for what is not known.

    Memory is that of a step's peak beside what Python and TensorFlow take themselves, see
    `step_cost` for the formula and how far off it was; of a GPU's own memory nothing is said. An
    early stop makes `total_s` less. `unknown` has a sentence for each thing that is left out.
    """

    experiment: str
    data: str
    bundle: str
    device: str  # "CPU" or "GPU"
    n_parameters: int
    n_trainable: int
    memory_bytes: int
    memory_free_bytes: int | None  # of this machine, now
    disk_bytes: dict[str, int]  # to be written: checkpoint, covers, maps, features, segments
    items: str  # "covers" or "segments"
    n_train: int | None  # this and what follows: of the network that is stored
    n_val: int | None
    n_fits: int  # networks that are fitted: repeats, times one more than there are folds
    steps_per_epoch: int | None
    step_s: float | None
    n_measured: int  # steps that step_s rests on
    prepare_s: float | None  # the frozen part, once
    epoch_s: float | None  # choosing included
    total_s: float | None  # all fits with all their epochs
    unknown: tuple[str, ...]

    def to_plain(self) -> dict[str, Any]:
        """Turn it into JSON values."""
        return dataclasses.asdict(self) | {"unknown": list(self.unknown)}


def estimate(
    experiment: Experiment,
    data: Catalog | str | Path,
    *,
    measure_steps: int = 0,
    max_s: float = MAX_S,
) -> Estimate:
    """Estimate a training's parameters, memory, disk and time; nothing is trained or written.

    Parameters
    ----------
    experiment : Experiment
        The recipe.
    data : Catalog, str or Path
        The data set, or what `data.importers.find_dataset` takes.
    measure_steps : int
        Steps to time on made inputs of the right shape, after a warm-up; 0 leaves all times open.
    max_s : float
        About how long measuring may take, above 0; loading TensorFlow and building come on top.

    Returns
    -------
    Estimate
        Decoding, testing and baselines are in no figure: they take their time before and after.

    Raises
    ------
    ParameterError, DatasetError, CheckpointError
        What the training itself would refuse (`jobs.needs`), or weights that are not installed.

    Notes
    -----
    One training, S3's model 3 on 2,135 covers, three epochs on two busy cores: 98 s were estimated
    and 94 s taken; the whole process, testing included, grew to 1.86 GB, where the formula and the
    .69 GB of TensorFlow itself make 1.56.
    """
    require(
        measure_steps >= 0,
        "measure_steps must be at least 0.",
        measure_steps,
        "Give 0 to measure nothing.",
    )
    require(max_s > 0, "max_s must be above 0 s.", max_s, "Give 10.0.")
    catalog = data if isinstance(data, Catalog) else find_dataset(data)
    lacking = need_for_training(experiment, catalog)
    counts = count_items(experiment, catalog)
    free = _free_bytes()
    cost = step_cost(experiment, measure_steps=measure_steps, max_s=max_s, free_bytes=free)
    return Estimate(
        experiment=experiment.name,
        data=catalog.head.name,
        bundle=experiment.bundle_name,
        device=_device(),
        n_parameters=cost.n_parameters,
        n_trainable=cost.n_trainable,
        memory_bytes=cost.memory_bytes,
        memory_free_bytes=free,
        disk_bytes=_disk(experiment, counts, cost),
        items=counts.items,
        step_s=cost.step_s,
        n_measured=cost.n_measured,
        unknown=lacking + _unknown(experiment, counts, cost, measure_steps, free),
        **_times(experiment, counts, cost),
    )


def duration(seconds: float | None) -> str:
    """Say a time as people do.

    Examples
    --------
    >>> [duration(seconds) for seconds in (0.0123, 42.4, 60 * 59.6, 3600 * 30, None)]
    ['0.012 s', '42 s', '1.0 h', '30.0 h', 'not known']
    """
    if seconds is None:
        return "not known"
    if seconds < 9.5:
        return f"{seconds:.2g} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 59.5 * 60 else f"{seconds / 3600:.1f} h"


def _times(experiment: Experiment, counts: ItemCounts, cost: StepCost) -> dict[str, Any]:
    settings = experiment.training
    n_fits = settings.repeats * (settings.folds + 1 if settings.folds else 1)
    facts: dict[str, Any] = dict.fromkeys(
        ("n_train", "n_val", "steps_per_epoch", "prepare_s", "epoch_s", "total_s")
    )
    if settings.method != "gradient":
        return facts | {"n_fits": 0}
    facts["n_fits"] = n_fits
    if not counts.fits:
        return facts
    n_train, n_val = counts.fits[-1]
    facts |= {
        "n_train": n_train,
        "n_val": n_val,
        "steps_per_epoch": math.ceil(n_train / settings.batch_size),
    }
    if cost.step_s is None:
        return facts
    epochs_s = [_epoch_s(settings.batch_size, cost.step_s, *items) for items in counts.fits]
    prepare_s = None
    if cost.frozen_s is not None:
        prepare_s = cost.frozen_s * sum(settings.views * t + v for t, v in counts.fits)
    total_s = settings.repeats * settings.epochs * sum(epochs_s) + (prepare_s or 0.0)
    return facts | {"prepare_s": prepare_s, "epoch_s": epochs_s[-1], "total_s": total_s}


def _epoch_s(batch_size: int, step_s: float, n_train: int, n_val: int) -> float:
    choosing_s = _CHOOSING * n_val * step_s / batch_size
    return math.ceil(n_train / batch_size) * step_s + choosing_s


def _disk(experiment: Experiment, counts: ItemCounts, cost: StepCost) -> dict[str, int]:
    disk = {"checkpoint": 4 * cost.n_parameters, **counts.disk_bytes}
    if cost.map_shape:
        n_maps = sum(experiment.training.views * t + v for t, v in counts.fits)
        disk["maps"] = 2 * n_maps * math.prod(cost.map_shape)  # float16
    return {name: size for name, size in disk.items() if size}


def _unknown(
    experiment: Experiment,
    counts: ItemCounts,
    cost: StepCost,
    measure_steps: int,
    free: int | None,
) -> tuple[str, ...]:
    settings, sentences = experiment.training, list(counts.unknown)
    if settings.method != "gradient":
        items = "songs" if isinstance(experiment.input, SongInput) else "covers"
        sentences.append(
            f"This recipe takes no training steps: its time is that of reading the {items} once."
        )
    elif cost.step_s is None and measure_steps:
        sentences.append(
            f"A step needs about {cost.memory_bytes / 1e9:.1f} GB and {(free or 0) / 1e9:.1f} GB "
            "are free: none was tried, so no time is known. Set training.parts or a smaller "
            "training.batch_size."
        )
    elif cost.step_s is None:
        sentences.append("No step was tried, so no time is known.")
    elif cost.n_tried < settings.batch_size:
        sentences.append(
            f"Steps were timed with {cost.n_tried} of {settings.batch_size} items and scaled up: "
            "a whole batch may be faster."
        )
    if settings.patience and settings.method == "gradient":
        sentences.append("An early stop makes it shorter.")
    if cost.map_shape:
        sentences.append(
            "Maps of the frozen part that are kept from an earlier training are not seen."
        )
    return tuple(sentences)


def _device() -> str:
    import tensorflow as tf

    return "GPU" if tf.config.list_physical_devices("GPU") else "CPU"


def _free_bytes() -> int | None:
    try:
        lines = _MEMORY_FACTS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    available = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(available[0][1]) if available else None
