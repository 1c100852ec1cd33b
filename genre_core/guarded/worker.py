"""The processes that decode, as the server sees them: started, asked, watched and ended."""

from __future__ import annotations

import atexit
import os
import queue
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from genre_core.errors import DecodeError
from genre_core.guarded.channel import Block, Channel

LIMIT_S = 120.0
"""Longest time one file may take; two hours of music take a tenth of it."""

LIMIT_BYTES = 2 * 2**30
"""Most memory a process may hold."""

N_WORKERS = 2
"""Processes for all visitors together; who comes third waits for a turn."""

MODULE = "genre_core.guarded"
"""What a process runs."""

# From file to file it keeps the memory that pictures and samples took: to get the same pages from
# the system again would take a tenth of the time of a picture. Read by Pillow and by glibc.
_KEEP_MEMORY = {
    "PILLOW_BLOCKS_MAX": "8",  # of 16 MB
    "MALLOC_MMAP_THRESHOLD_": str(64 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # in pages of 2 MB where the system has some
}

_PROJECT = Path(__file__).resolve().parents[2]


class Worker:
    """A process that decodes one file after the other."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # Never a fork, which TensorFlow's threads would not survive, and no multiprocessing,
            # which would run Streamlit's script again.
            self.process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                cwd=_PROJECT,
                env=os.environ | _KEEP_MEMORY,
                stdin=subprocess.PIPE if os.name == "nt" else theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C ends the server, which ends this
            )
            if self.process.stdin:
                with self.process.stdin as pipe:
                    pipe.write(theirs.share(self.process.pid))  # type: ignore[attr-defined]
        self._channel = Channel(ours)
        self._seen = psutil.Process(self.process.pid)

    def ask(
        self, request: dict[str, Any], parts: Sequence[Any], label: str
    ) -> tuple[Any, Block | None]:
        """Send a request and wait for the answer; `DecodeError` where it fails at the file."""
        until = time.monotonic() + LIMIT_S

        def look() -> None:
            if time.monotonic() > until:
                rule = f"A file must be decoded within {LIMIT_S:g} s."
                raise _refused(rule, f"{label}: it was still not done")
            if self.n_bytes() > LIMIT_BYTES:
                rule = f"A file may take {LIMIT_BYTES / 2**30:.3g} GB of memory to decode."
                raise _refused(rule, f"{label}: it took more")

        try:
            self._channel.send(request, parts)
            return self._channel.receive(look)
        except ConnectionError as error:
            rule = "A file must not make its decoder break down."
            raise _refused(rule, f"{label}: its decoder broke down") from error

    def n_bytes(self) -> int:
        """Tell how much memory the process holds; 0 once it has ended."""
        with suppress(psutil.Error):
            return int(self._seen.memory_info().rss)
        return 0

    def end(self, *, wait_s: float = 0.0) -> None:
        """End the process, at once or after it had time to end by itself."""
        self._channel.close()
        try:
            self.process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


_turns: queue.LifoQueue[Worker | None] = queue.LifoQueue()
for _ in range(N_WORKERS):
    _turns.put(None)


def ask(request: dict[str, Any], parts: Sequence[Any], label: str) -> tuple[Any, Block | None]:
    """Ask the next process that is free; as `Worker.ask`."""
    with _turn() as worker:
        return worker.ask(request, parts, label)


def start() -> None:
    """Start a process now, so that the first file need not wait for it."""
    with suppress(queue.Empty):
        worker = _turns.get_nowait()
        _turns.put(worker or Worker())


def stop() -> None:
    """End every process that waits for a file; the next file starts one again."""
    for worker in [_turns.get() for _ in range(_turns.qsize())]:
        if worker:
            worker.end(wait_s=1.0)
        _turns.put(None)


atexit.register(stop)


@contextmanager
def _turn() -> Iterator[Worker]:
    worker = _turns.get()  # the one used last, so that a second starts only beside a busy first
    try:
        if worker and worker.process.poll() is not None:
            worker.end()
            worker = None
        worker = worker or Worker()
        yield worker
        if worker.n_bytes() > LIMIT_BYTES / 2:  # what earlier files left must not count for others
            worker.end()
            worker = None
    except BaseException:
        if worker:
            worker.end()
            worker = None
        raise
    finally:
        _turns.put(worker)


def _refused(rule: str, received: str) -> DecodeError:
    cure = "Save it again from a sound or picture program, shorter or smaller if it is large."
    return DecodeError(rule, received=received, cure=cure)
