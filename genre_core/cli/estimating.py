"""What a training will cost, as the command line tells it."""

from __future__ import annotations

import argparse

from genre_core.cli.printing import print_json, print_table
from genre_core.config import Experiment
from genre_core.jobs.estimate import MAX_S, MEASURE_STEPS, Estimate, duration, estimate


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what belongs to an estimate to the command that trains."""
    command.add_argument(
        "--estimate",
        action="store_true",
        help="tell parameters, memory, disk and time, and train nothing",
    )
    command.add_argument(
        "--measure-for",
        type=float,
        default=MAX_S,
        metavar="SECONDS",
        help="of --estimate: about how long steps are timed; 0 times none",
    )


def tell_estimate(options: argparse.Namespace, experiment: Experiment) -> int:
    """Estimate a training and print it."""
    seconds = options.measure_for
    found = estimate(
        experiment,
        options.data,
        measure_steps=0 if seconds == 0 else MEASURE_STEPS,
        max_s=seconds or MAX_S,
    )
    if options.json:
        print_json(found.to_plain())
    else:
        print_table(_rows(found), ("what", "how much"))
        for sentence in found.unknown:
            print(sentence)
    return 0


def _rows(found: Estimate) -> list[dict[str, str]]:
    n_train = "not known" if found.n_train is None else f"{found.n_train:,}"
    told = {
        "result": found.bundle,
        "device": found.device,
        "parameters": f"{found.n_parameters:,}, trained {found.n_trainable:,}",
        "memory of a step": f"{found.memory_bytes / 1e9:.2f} GB",
        **{f"disk, {what}": f"{n / 1e6:,.0f} MB" for what, n in found.disk_bytes.items()},
        f"{found.items} to learn from": n_train,
        "fits": str(found.n_fits),
        "steps an epoch": str(found.steps_per_epoch or "not known"),
        "a step": f"{duration(found.step_s)} ({found.n_measured} measured)",
        "before the first": duration(found.prepare_s),
        "an epoch": duration(found.epoch_s),
        "in all": duration(found.total_s),
    }
    if found.prepare_s is None:
        del told["before the first"]
    return [{"what": what, "how much": value} for what, value in told.items()]
