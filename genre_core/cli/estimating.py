"""What a training will cost, as the command line tells it."""

from __future__ import annotations

import argparse

from genre_core.cli.making import experiment_of
from genre_core.cli.printing import print_json, print_table
from genre_core.cli.quiet import load_tensorflow
from genre_core.jobs.estimate import MAX_S, MEASURE_STEPS, Estimate, duration, estimate


def add_options(command: argparse.ArgumentParser) -> None:
    """Let `train --estimate` estimate a training instead of starting it."""
    command.add_argument(
        "--estimate",
        dest="run",
        action="store_const",
        const=print_estimate,
        help="tell parameters, memory, disk and time, and train nothing",
    )
    command.add_argument(
        "--measure-for",
        type=float,
        default=MAX_S,
        metavar="SECONDS",
        help="of --estimate: about how long steps are timed; 0 times none",
    )


def print_estimate(options: argparse.Namespace) -> int:
    """Estimate a training and print it."""
    experiment = experiment_of(options)
    load_tensorflow()
    seconds = options.measure_for
    cost = estimate(
        experiment,
        options.data,
        measure_steps=0 if seconds == 0 else MEASURE_STEPS,
        max_s=seconds or MAX_S,
    )
    if options.json:
        print_json(cost.to_plain())
    else:
        print_table(_rows(cost), ("what", "how much"))
        for sentence in cost.unknown:
            print(sentence)
    return 0


def _rows(cost: Estimate) -> list[dict[str, str]]:
    n_train = "not known" if cost.n_train is None else f"{cost.n_train:,}"
    rows = {
        "result": cost.bundle,
        "device": cost.device,
        "parameters": f"{cost.n_parameters:,}, trained {cost.n_trainable:,}",
        "memory of a step": f"{cost.memory_bytes / 1e9:.2f} GB",
        **{f"disk, {what}": f"{n / 1e6:,.0f} MB" for what, n in cost.disk_bytes.items()},
        f"{cost.items} to learn from": n_train,
        "fits": str(cost.n_fits),
        "steps an epoch": str(cost.steps_per_epoch or "not known"),
        "a step": f"{duration(cost.step_s)} ({cost.n_measured} measured)",
        "before the first": duration(cost.prepare_s),
        "an epoch": duration(cost.epoch_s),
        "in all": duration(cost.total_s),
    }
    if cost.prepare_s is None:
        del rows["before the first"]
    return [{"what": what, "how much": value} for what, value in rows.items()]
