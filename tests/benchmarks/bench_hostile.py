"""A thousand harmed files of every format, each in a process that it may end."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.benchmarks.timing import row
from tests.mutant_run import LIMIT_S, run

SEED = 0
N_FILES = 1000


def measure() -> list[dict[str, Any]]:
    """Read them all and count how each ended."""
    outcomes = run(SEED, N_FILES)
    ended = Counter(each["ended"] for each in outcomes)
    return [
        row("harmed files", len(outcomes), at_least=N_FILES),
        row("answers", ended["answer"]),
        row("refusals, each one sentence", ended["refusal"]),
        row("tracebacks", ended["traceback"], at_most=0),
        row("deaths of the process, and hangs", ended["death"] + ended["hang"], at_most=0),
        row("slowest, s", max(each["seconds"] for each in outcomes), at_most=LIMIT_S),
        row("peak memory, MB", max(each["peak_mb"] for each in outcomes), at_most=1024),
    ]
