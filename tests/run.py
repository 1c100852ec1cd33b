"""Run the tests group by group, each in processes of its own; words given are pytest's.

TensorFlow keeps some 28 MB of every network that was compiled and fitted until its process ends,
so one process for all tests would grow without bound. Two workers share each group. Told at the
end: time, the largest process and the outcome of each group.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
N_WORKERS = 2
GROUPS = {
    "sound and pictures": ["tests/audio", "tests/image", "genre_core/audio", "genre_core/image"],
    "data": ["tests/data", "genre_core/data"],
    "networks": ["tests/architectures", "genre_core/architectures"],
    "explain": ["tests/explain", "genre_core/explain"],
    "training": ["tests/training", "tests/inference", "tests/evaluation"],
    "jobs": ["tests/jobs", "tests/cli"],
    "pages": ["tests/app"],
    "browser": ["tests/browser"],
}
"""Folders by group; whatever is not named here runs in a last group, `rest`."""


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


def run(paths: list[str], words: list[str]) -> tuple[str, float, float, int]:
    """Run one group; give pytest's last line, seconds, the largest process in GB, exit status."""
    command = [sys.executable, "-m", "pytest", f"-n{N_WORKERS}", "--dist=loadfile", *words, *paths]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    last = ""
    for line in process.stdout or ():
        print(line, end="", flush=True)
        last = line.strip(" =\n") or last
    _, status, usage = os.wait4(process.pid, 0)
    unit = 1e9 if sys.platform == "darwin" else 1e6
    code = os.waitstatus_to_exitcode(status)
    return last, time.monotonic() - started, usage.ru_maxrss / unit, code


def main(words: list[str]) -> int:
    """Run every group, go on after a failure, and tell what became of each."""
    rows, totals, failed = [], {"passed": 0, "failed": 0, "skipped": 0}, False
    for name, paths in (GROUPS | {"rest": rest()}).items():
        print(f"\n{name}\n", flush=True)
        last, seconds, memory, code = run(paths, words)
        failed |= code not in (0, 5)  # 5: no test of this group was asked for
        rows.append(f"{name:20} {seconds:5.0f} s  {memory:4.1f} GB  {last}")
        for number, what in re.findall(r"(\d+) (passed|failed|skipped|error)", last):
            totals["failed" if what == "error" else what] += int(number)
    print("\n" + "\n".join(rows))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
