"""The server's memory while a class looks around for an hour.

Run `python tests/benchmarks/run.py class_hour`, or with fewer minutes and students
`... class_hour:45:12`; `make bench` leaves it out, for its hour. It needs no quiet machine: nothing
here is timed. What was seen each minute is written to class_hour.csv beside this file.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from tests.app_server import AppServer  # noqa: E402
from tests.benchmarks.students import (  # noqa: E402
    LightStudent,
    Watched,
    explore,
    memory_gb,
    together,
    wait_until_ready,
)
from tests.benchmarks.timing import print_rows, row  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

LOG = Path(__file__).with_suffix(".csv")

N_STUDENTS = 30
MINUTES = 60.0
SETTLED = 1 / 6
"""By so much of the time whatever is built in has been asked for, and caches are full."""
THINK_S = (30.0, 60.0)


def measure(minutes: float = MINUTES, n_students: int = N_STUDENTS) -> list[dict[str, Any]]:
    """Watch the memory; rows with name, value, aim (as text) and holds."""
    return asyncio.run(_measure(float(minutes), int(n_students)))


async def _measure(minutes: float, n_students: int) -> list[dict[str, Any]]:
    os.environ.pop("GENRE_WARM_UP", None)
    watched = Watched()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(AppServer(Path(folder)))
        students = [
            LightStudent(await stack.enter_async_context(Visitor(server.url)), watched, seed)
            for seed in range(n_students)
        ]
        await wait_until_ready(students[0])
        began = time.monotonic()
        until = began + 60 * minutes
        looking = asyncio.create_task(
            together(
                (explore(one, until, seed, THINK_S) for seed, one in enumerate(students)), watched
            )
        )
        seen: list[tuple[float, float]] = []
        LOG.write_text("minute,server_gb,clicks\n", encoding="utf-8")
        while not looking.done():
            seen.append(((time.monotonic() - began) / 60, memory_gb(server)))
            with LOG.open("a", encoding="utf-8") as log:
                n_clicks = len(watched.seconds.get("a click", ()))
                log.write(f"{seen[-1][0]:.1f},{seen[-1][1]:.4f},{n_clicks}\n")
            await asyncio.wait([looking], timeout=60)
        tracebacks = server.log_text().count("Traceback")
    minute, gb = np.array(seen).T
    settled = minute > SETTLED * minute[-1]
    slope = np.polyfit(minute[settled], gb[settled], 1)[0]
    first, *_, last = np.array_split(gb[settled], 4)
    return [
        row("minutes", minute[-1]),
        row(f"clicks of {n_students} students", len(watched.seconds.get("a click", ()))),
        row("pages that they opened", len(watched.seconds.get("a page", ()))),
        row("memory, mean of the first quarter once all was asked for, GB", first.mean()),
        row("memory, mean of the last quarter, GB", last.mean()),
        row("memory, peak, GB", gb.max(), at_most=4),
        row("memory gained by least squares, MB an hour", 60_000 * slope, at_most=100),
        row("visitors who did not get an answer", watched.n_lost, at_most=0),
        row("tracebacks in the server's log", tracebacks, at_most=0),
    ]


if __name__ == "__main__":
    raise SystemExit(print_rows(measure(*map(float, sys.argv[1:3]))))
