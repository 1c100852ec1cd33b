"""The server's memory while a class of thirty looks around for an hour.

Run `python tests/benchmarks/run.py class_hour`; `make bench` leaves it out, for its hour. It needs
no quiet machine: nothing here is timed.
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

from tests.benchmarks.bench_class import explore, memory_gb, together, wait_until_ready  # noqa: E402
from tests.benchmarks.students import LightStudent, Watched  # noqa: E402
from tests.benchmarks.timing import print_rows, row  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

N_STUDENTS = 30
MINUTES = 60.0
SETTLED = 1 / 6
"""By so much of the time whatever is built in has been asked for, and caches are full."""
THINK_S = (30.0, 60.0)


def measure(minutes: float = MINUTES, n_students: int = N_STUDENTS) -> list[dict[str, Any]]:
    """Watch the memory; rows with name, value, aim (as text) and holds."""
    return asyncio.run(_measure(minutes, n_students))


async def _measure(minutes: float, n_students: int) -> list[dict[str, Any]]:
    from tests.app_server import AppServer

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
        until = time.monotonic() + 60 * minutes
        looking = asyncio.create_task(
            together(
                (explore(one, until, seed, THINK_S) for seed, one in enumerate(students)), watched
            )
        )
        seen: list[tuple[float, float]] = []
        while not looking.done():
            seen.append((minutes + (time.monotonic() - until) / 60, memory_gb(server)))
            watched.memory_gb.append(seen[-1][1])
            if len(seen) % 60 == 0:
                print(f"{seen[-1][0]:.0f} min:", watched, file=sys.stderr, flush=True)
            await asyncio.wait([looking], timeout=5)
        tracebacks = server.log_text().count("Traceback")
    minute, gb = np.array(seen).T
    late = minute > minute[0] + SETTLED * (minute[-1] - minute[0])
    slope = np.polyfit(minute[late], gb[late], 1)[0]
    return [
        row(f"clicks of {n_students} students", len(watched.seconds.get("a click", ()))),
        row("pages that they opened", len(watched.seconds.get("a page", ()))),
        row("memory once all has been asked for, GB", gb[late][0]),
        row("memory at the end, GB", gb[-1]),
        row("memory, peak, GB", gb.max(), at_most=4),
        row("memory gained from then on, MB an hour", 60_000 * slope, at_most=100),
        row("visitors who did not get an answer", watched.n_lost, at_most=0),
        row("tracebacks in the server's log", tracebacks, at_most=0),
    ]


if __name__ == "__main__":
    raise SystemExit(print_rows(measure(*map(float, sys.argv[1:2]))))
