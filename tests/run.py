"""Run the tests group by group, each in a process of its own; words given are pytest's.

TensorFlow keeps some 28 MB of every network that was compiled and fitted until its process ends,
so one process for all tests would grow without bound. Three groups run side by side, since one of
them mostly waits for a server, a browser or a run; what a group printed is shown when it ends, and
at the end time, largest process and outcome of each.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
N_AT_ONCE = 3
# Some hundred processes start here: none should compile what another has compiled.
ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
GROUPS = {
    "browser": ["tests/browser"],
    "jobs": ["tests/jobs"],
    "pages": ["tests/app"],
    "rest": [],
    "networks": ["tests/architectures", "genre_core/architectures"],
    "explain": ["tests/explain", "genre_core/explain"],
    "training": ["tests/training"],
    "evaluation": ["tests/evaluation", "tests/inference", "tests/lessons"],
    "command line": ["tests/cli"],
    "sound": ["tests/audio", "genre_core/audio", "tests/guarded", "genre_core/guarded"],
    "data": ["tests/data", "genre_core/data"],
    "pictures": ["tests/image", "genre_core/image"],
}
"""Folders by group, the longest first, so that nothing long is left alone at the end. Whatever is
not named here is in `rest`."""


class Outcome(NamedTuple):
    """What became of one group."""

    name: str
    output: str
    seconds: float
    largest_gb: float
    code: int

    @property
    def last_line(self) -> str:
        """Pytest's own count."""
        lines = [line.strip(" =") for line in self.output.splitlines() if line.strip(" =")]
        return lines[-1] if lines else ""


def rest() -> list[str]:
    """Name the tests' folders and files and the library's rooms that no group has."""
    taken = {path for paths in GROUPS.values() for path in paths}
    everything = [*PROJECT.glob("tests/*"), *PROJECT.glob("genre_core/*")]
    names = [path.relative_to(PROJECT).as_posix() for path in sorted(everything)]
    return [
        name
        for name in names
        if name not in taken
        and (Path(name).suffix == ".py" or any((PROJECT / name).rglob("*.py")))
        and not name.startswith("tests/benchmarks")
    ]


def run(name: str, paths: list[str], words: list[str]) -> Outcome:
    """Run one group to its end."""
    print(f"{name}: begun", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *words, *paths],
            cwd=PROJECT,
            env=ENVIRONMENT,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        output = told.read()
    unit = 1e9 if sys.platform == "darwin" else 1e6
    seconds = time.monotonic() - started
    return Outcome(name, output, seconds, usage.ru_maxrss / unit, process.returncode)


def main(words: list[str]) -> int:
    """Run every group, go on after a failure, and tell what became of each."""
    started = time.monotonic()
    rows, totals, failed = [], {"passed": 0, "failed": 0, "skipped": 0}, False
    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        groups = (GROUPS | {"rest": rest()}).items()  # in its place
        for future in as_completed([pool.submit(run, *group, words) for group in groups]):
            done = future.result()
            print(f"\n{done.name}\n{done.output}", flush=True)
            failed |= done.code not in (0, 5)  # 5: no test of this group was asked for
            facts = f"{done.name:14} {done.seconds:5.0f} s  {done.largest_gb:4.1f} GB"
            rows.append(f"{facts}  {done.last_line}")
            for number, what in re.findall(r"(\d+) (passed|failed|skipped|error)", done.last_line):
                totals["failed" if what == "error" else what] += int(number)
    print("\n" + "\n".join(rows))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals), end="")
    print(f" in {(time.monotonic() - started) / 60:.1f} minutes")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
