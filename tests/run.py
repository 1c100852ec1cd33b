"""Run the tests group by group, each in a process of its own; words given are pytest's.

TensorFlow keeps some 28 MB of every network that was compiled and fitted until its process ends,
so one process for all tests would grow without bound. Four groups run side by side, since two of
them often wait, for a server, a browser or a run; what a group printed is shown when it ends, and
at the end time, seconds of a processor, largest process and outcome of each. With
GENRE_REQUIRE_ALL=1, for a machine that has all that tests need, a skipped test is a failure.

On Linux each process is forked from this one, which has loaded the libraries and started no
thread: to load them costs 8 s of a processor. Elsewhere each loads its own. Processes that tests
start are forked too, by `made_forks`.
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parents[1]
sys.path[0] = str(PROJECT)  # as `python -m pytest` has it

from tests import made_forks  # noqa: E402

N_AT_ONCE = 4
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Some hundred processes start here: none should compile what another has compiled.
    "PYTHONDONTWRITEBYTECODE": "",
    # The groups fill the cores: threads of one would only wait, spinning, for those of another.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
GROUPS = {
    "browser": ["tests/browser"],
    "jobs": ["tests/jobs"],
    "cluster": ["tests/cluster"],
    "explain": ["tests/explain", "genre_core/explain"],
    "pages": ["tests/app"],
    "networks": ["tests/architectures", "genre_core/architectures"],
    "sound": ["tests/audio", "genre_core/audio", "tests/guarded", "genre_core/guarded"],
    "rest": [],
    "training": ["tests/training"],
    "evaluation": ["tests/evaluation", "tests/inference", "tests/lessons"],
    # The shipped networks of covers are tried on the covers that are imported there.
    "data": ["tests/data", "genre_core/data", "tests/test_shipped_models.py"],
    "command line": ["tests/cli"],
    "pictures": ["tests/image", "genre_core/image", "tests/analysis", "genre_core/analysis"],
}
"""Folders by group, the longest first, so that nothing long is left alone at the end. Whatever is
not named here is in `rest`."""


class Outcome(NamedTuple):
    """What became of one group."""

    name: str
    output: str
    seconds: float
    cpu_s: float
    largest_gb: float
    code: int

    @property
    def last_line(self) -> str:
        """Pytest's own count, or what was said last where it never came to that."""
        lines = [line.strip(" =") for line in self.output.splitlines() if line.strip(" =")]
        counts = [line for line in lines if re.search(r"\d (passed|failed|error|deselected)", line)]
        return (counts or lines or [""])[-1]


def compile_loops() -> None:
    """Compile librosa's loops in both precisions, before many processes would at once.

    A loop has one file for each type of number and an index over them. Numba locks neither, so two
    processes that add different types can leave an index which names the wrong file; whoever loads
    that, then and later, dies of a segmentation fault (seen in a new environment).
    """
    import librosa

    for precision in (np.float32, np.float64):
        y = np.sin(np.arange(4 * 22_050) / 10, dtype=precision)
        librosa.feature.zero_crossing_rate(y=y)
        librosa.feature.chroma_cqt(y=y)
        librosa.feature.chroma_stft(y=y)
        librosa.istft(librosa.stft(y))


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


def begin(words: list[str], told: IO[str]) -> int:
    """Start pytest in a process of its own, which prints into a file; return its number."""
    if not made_forks.FORKS:
        command = [sys.executable, "-m", "pytest", *words]
        return subprocess.Popen(command, stdout=told, stderr=told).pid
    if pid := os.fork():
        return pid
    os.dup2(told.fileno(), 1)
    os.dup2(told.fileno(), 2)
    code = pytest.main(words)
    gc.freeze()  # nothing is taken apart at the end, object by object
    sys.exit(code)


def outcomes(groups: dict[str, list[str]], words: list[str]) -> Iterator[Outcome]:
    """Run every group, a few at once, and tell of each when it ends."""
    waiting = list(groups.items())
    running: dict[int, tuple[str, IO[str], float]] = {}
    while waiting or running:
        while waiting and len(running) < N_AT_ONCE:
            name, paths = waiting.pop(0)
            print(f"{name}: begun", flush=True)
            told = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115, closed when read
            running[begin([*words, *paths], told)] = (name, told, time.monotonic())
        pid, status, usage = os.wait4(-1, 0)
        name, told, begun = running.pop(pid)
        with told:
            told.seek(0)
            output = told.read()
        cpu_s = usage.ru_utime + usage.ru_stime
        largest_gb = usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
        code = os.waitstatus_to_exitcode(status)
        yield Outcome(name, output, time.monotonic() - begun, cpu_s, largest_gb, code)


def summarise(done: list[Outcome]) -> bool:
    """Print what became of each group and of all tests; return whether that is a failure."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    print("\ngroup           time  processor largest")
    for own in done:
        facts = f"{own.name:14} {own.seconds:5.0f} s {own.cpu_s:5.0f} s  {own.largest_gb:4.1f} GB"
        print(f"{facts}  {own.last_line}")
        for number, what in re.findall(r"(\d+) (passed|failed|skipped|error)", own.last_line):
            totals["failed" if what == "error" else what] += int(number)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    too_few = totals["skipped"] > 0 and os.environ.get("GENRE_REQUIRE_ALL") == "1"
    if too_few:
        print("GENRE_REQUIRE_ALL=1, but tests were skipped: NOT RUN above says what they need.")
    return too_few or any(own.code not in (0, 5) for own in done)  # 5: no test was asked for


def main(words: list[str]) -> int:
    """Run every group, go on after a failure, and tell what became of each."""
    started = time.monotonic()
    os.chdir(PROJECT)
    os.environ.update(ENVIRONMENT)
    sys.dont_write_bytecode = False
    if made_forks.FORKS:
        made_forks.load_libraries()
    compile_loops()
    if made_forks.FORKS:
        made_forks.open_nursery()  # with the loops loaded, which takes a process 2 s
    done = []
    for outcome in outcomes(GROUPS | {"rest": rest()}, words):  # in its place
        print(f"\n{outcome.name}\n{outcome.output}", flush=True)
        done.append(outcome)
    failed = summarise(done)
    print(f"in {(time.monotonic() - started) / 60:.1f} minutes")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
