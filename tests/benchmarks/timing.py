"""Fair timings: every side in turn, medians, and one table for all benchmarks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def interleaved(
    sides: dict[str, Callable[[], object]], rounds: int, *, rest_s: float = 0.0
) -> dict[str, float]:
    """Time several ways in turn, so that other work on the machine meets all of them alike.

    Parameters
    ----------
    sides : dict of str to callable
        Each is called once to warm up, then once a round.
    rounds : int
        Timed rounds.
    rest_s : float
        Pause before each call. Threads of BLAS spin for a tenth of a second after a product: a
        short call would share the processor with those of the one before.

    Returns
    -------
    dict of str to float
        Median seconds of each side.
    """
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for call in sides.values():
        call()
    for _ in range(rounds):
        for side, call in sides.items():
            time.sleep(rest_s)
            start = time.perf_counter()
            call()
            seconds[side].append(time.perf_counter() - start)
    return {side: statistics.median(values) for side, values in seconds.items()}


def row(
    name: str, value: float, *, at_least: float | None = None, at_most: float | None = None
) -> dict[str, Any]:
    """Make a row of the table, with its verdict where it has an aim."""
    aim, holds = "", True
    if at_least is not None:
        aim, holds = f">= {at_least:g}", value >= at_least
    if at_most is not None:
        aim, holds = f"<= {at_most:g}", value <= at_most
    return {"name": name, "value": float(value), "aim": aim, "holds": bool(holds)}


def print_rows(rows: list[dict[str, Any]]) -> int:
    """Print the table; return 1 if an aim is missed, else 0."""
    for each in rows:
        verdict = ("holds" if each["holds"] else "MISSED") if each["aim"] else ""
        print(f"{each['name']:62} {each['value']:12.4g}  {each['aim']:10} {verdict}".rstrip())
    return 0 if all(each["holds"] for each in rows) else 1
