"""Read mutants in processes of their own and tell how each ended.

`python -m tests.mutant_run SEED START STOP` reads some in this process, a line of JSON for each.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from genre_core.audio.decode import decode_clips, probe_clip
from genre_core.audio.tags import read_tags
from genre_core.config import CoverInput
from genre_core.data.importers import AUTO, ImportOptions, import_source
from genre_core.errors import GenreError
from genre_core.image.cover import read_cover
from genre_core.image.decode import decode_cover
from tests.made_mutants import File, mutant

LIMIT_S = 20.0
_COMMAND = [sys.executable, "-m", "tests.mutant_run"]
_PROJECT = Path(__file__).resolve().parents[1]
_MB = 1 << 20 if sys.platform == "darwin" else 1 << 10  # of ru_maxrss


def run(seed: int, n_files: int) -> list[dict[str, Any]]:
    """Read mutants 0 to n_files; for each `file`, `ended`, `error`, `seconds` and `peak_mb`.

    ended is "answer", "refusal" (a GenreError), "traceback", "death" (of the process) or "hang".
    """
    outcomes: list[dict[str, Any]] = []
    while len(outcomes) < n_files:
        outcomes += _one_process(seed, len(outcomes), n_files)
    return outcomes


def _one_process(seed: int, start: int, stop: int) -> list[dict[str, Any]]:
    """Read until the end, or until a mutant ends the process."""
    outcomes: list[dict[str, Any]] = []
    ended = "death"
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(
            [*_COMMAND, str(seed), str(start), str(stop)],
            cwd=_PROJECT,
            env=os.environ | {"GENRE_HOME": home},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_pass_on, args=(process, lines))
        reader.start()
        while start + len(outcomes) < stop:
            try:
                # The first waits for the imports too.
                line = lines.get(timeout=LIMIT_S + (0 if outcomes else 100))
            except queue.Empty:
                ended = "hang"
                break
            if not line:
                break
            outcomes.append(json.loads(line))
        process.kill()
        reader.join()
    if start + len(outcomes) < stop:
        file = mutant(seed, start + len(outcomes)).kind
        outcomes.append(
            {"file": file, "ended": ended, "error": "", "seconds": LIMIT_S, "peak_mb": 0}
        )
    return outcomes


def _pass_on(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    for line in process.stdout or ():
        lines.put(line)
    lines.put("")


def read(file: File) -> None:
    """Read a file in every way in which the app reads one; the last error counts."""
    refusals = []
    for way in _WAYS[file.medium]:
        try:
            way(file.content)
        except GenreError as error:
            refusals.append(error)
    if refusals:
        raise refusals[-1]


def _embedded(content: bytes) -> None:
    cover = read_tags(content).cover
    if cover is not None:
        decode_cover(cover)


def _import(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "covers.zip"
        path.write_bytes(content)
        import_source(AUTO, path, ImportOptions.of({"name": f"mutant-{time.monotonic_ns()}"}))


_WAYS = {
    "song": (_embedded, probe_clip, decode_clips),
    "cover": (decode_cover, lambda content: read_cover(content, CoverInput(size=64))),
    "zip": (_import,),
}


def main(seed: int, start: int, stop: int) -> None:
    """Read some mutants here."""
    for index in range(start, stop):
        file = mutant(seed, index)
        ended, text = "answer", ""
        started = time.perf_counter()
        try:
            read(file)
        except GenreError as error:
            ended, text = "refusal", str(error)
        except Exception as error:
            ended, text = "traceback", repr(error)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
        outcome = {"file": file.kind, "ended": ended, "error": text, "seconds": seconds}
        print(json.dumps(outcome | {"peak_mb": peak}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
