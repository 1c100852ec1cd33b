"""A grid of 12 tiny trainings: one after the other, on a Ray cluster of one node, and of two.

Each node is one processor. All lie on one machine, which the process of the run and those of
Ray itself share with them: what two nodes gain here is less than two machines would.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.timing import row

GRID = {
    "training.learning_rate": (0.01, 0.003, 0.001, 0.0003),
    "training.batch_size": (8, 16, 24),
}
EPOCHS = 3


def measure() -> list[dict[str, Any]]:
    """Time the whole run of each: the trainings, and the test of the one that is chosen."""
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_NUM_INTRAOP_THREADS": "1"}
    from tests.made_cluster import Nodes

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENRE_HOME"] = f"{folder}/home"
        covers = _covers(Path(folder))
        _grid(covers, None, n=1)  # libraries are loaded, covers prepared
        alone_s, alone = _grid(covers, None)
        seconds, tables = {}, {}
        for n_nodes in (1, 2):
            started = time.perf_counter()
            nodes = Nodes(n_nodes)
            start_s = time.perf_counter() - started
            try:
                seconds[n_nodes], tables[n_nodes] = _grid(covers, nodes.address)
            finally:
                nodes.end()
    differ = max(
        abs(own - other)
        for table in tables.values()
        for trial, same in zip(table.trials, alone.trials, strict=True)
        for own, other in zip(trial.values, same.values, strict=True)
    )
    return [
        row("12 trainings one after the other in one process, s", alone_s),
        row("the same on Ray, one node of one processor, s", seconds[1]),
        row("the same on Ray, two nodes of one processor on this machine, s", seconds[2]),
        row("two nodes, times as fast as one", seconds[1] / seconds[2]),
        row("two nodes, times as fast as one process without Ray", alone_s / seconds[2]),
        row("start of a cluster of two nodes, s", start_s),
        row("largest difference of a val figure from one process", differ, at_most=1e-6),
    ]


def _covers(folder: Path) -> Path:
    from tests.made_training import write_covers

    return write_covers(folder / "covers")


def _grid(covers: Path, address: str | None, n: int = 12) -> tuple[float, Any]:
    from genre_core.jobs.run_worker import carry_out
    from genre_core.runs.grid_table import read_grid_table
    from genre_core.runs.run_folder import new_run
    from tests.made_training import small_request

    grid = GRID if n == 12 else {name: values[:1] for name, values in GRID.items()}
    engine = {"name": "ray", "address": address, "memory_gb": 0.5} if address else None
    training = {"epochs": EPOCHS}
    run = new_run(
        small_request(
            covers,
            grid=grid,
            engine=engine,
            training=training,
            deterministic=True,
            promote_it=False,
        )
    )
    started = time.perf_counter()
    carry_out(run)
    seconds = time.perf_counter() - started
    table = read_grid_table(run.path)
    assert table is not None
    assert len(table.trials) == n
    return seconds, table
