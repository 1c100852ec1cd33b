"""Processes of Python that need not load the libraries: forked from one that has loaded them.

To load TensorFlow takes some 8 s of a processor, more than most of what tests do in a process of
their own. `tests/run.py` shares one such nursery among all groups; elsewhere the first test that
asks starts one. Only Linux forks safely: on other systems each process loads its own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, Any

import pytest

PROJECT = Path(__file__).resolve().parents[1]
FORKS = sys.platform == "linux"
LIBRARIES = (
    "genre_core",  # first: it sets how TensorFlow computes
    *("tensorflow", "keras", "numba", "pandas", "scipy.signal"),
    *("sklearn.linear_model", "sklearn.ensemble"),
)
"""What takes long to load, with whatever it loads; no part of pytest, which loads those itself."""

_MOST_BYTES = 2**17  # of a request: words and environment
_line: socket.socket | None = None  # to the nursery; shared with whatever is forked from here
_own: list[object] = []  # the nursery that was started here, which ends by itself


def open_nursery() -> None:
    """Fork a nursery from this process, which has loaded what others need and has no threads."""
    global _line
    ours, theirs = _pair()
    if os.fork() == 0:
        ours.close()
        _serve(theirs)
    theirs.close()
    _line = ours
    atexit.register(ours.close)


class Forked:
    """What `subprocess.Popen` does with a command of this Python, in a session of its own.

    Like a daemon it ends when the process that asked for it does, so that it outlives no test.
    """

    def __init__(
        self,
        command: list[str],
        *,
        env: Mapping[str, str],
        stdout: IO[Any],
        stderr: IO[Any] | int,
        cwd: Path = PROJECT,
        **_: object,
    ) -> None:
        request = {"words": command[1:], "env": dict(env), "cwd": str(cwd)}
        errors = stdout if isinstance(stderr, int) else stderr  # subprocess.STDOUT
        ours, theirs = _pair()
        with theirs:
            files = [theirs.fileno(), stdout.fileno(), errors.fileno()]
            socket.send_fds(_nursery(), [json.dumps(request).encode()], files)
        # Never closed: its end is how the nursery notices ours.
        self._answers = ours.detach()
        self.pid = int(os.read(self._answers, 64))
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, or None while it runs."""
        if self._code is None and select.select([self._answers], [], [], 0)[0]:
            self._code = int(os.read(self._answers, 64))
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit status."""
        if self._code is None:
            if not select.select([self._answers], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0)
            self._code = int(os.read(self._answers, 64))
        return self._code

    def terminate(self) -> None:
        """Ask it to end."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


start_python = Forked if FORKS else subprocess.Popen
FORKING = vars(subprocess) | {"Popen": start_python}
"""What a module that starts Python sees as `subprocess`."""


def fork_runs(patch: pytest.MonkeyPatch) -> None:
    """Let `run_control.launch` fork its processes: nothing else is different about them."""
    from genre_core.jobs import run_control

    patch.setattr(run_control, "subprocess", SimpleNamespace(**FORKING))


def fork_all_runs() -> None:
    """Do so in a process that was forked itself and has no threads yet."""
    from genre_core.jobs import run_control

    open_nursery()
    run_control.subprocess = SimpleNamespace(**FORKING)


def said_by(code: str, *words: str, env: Mapping[str, str]) -> str:
    """Run a script with these variables besides ours, see it end well, return what it printed."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        command = [sys.executable, "-c", code, *words]
        process = start_python(
            command, env=os.environ | env, stdout=said, stderr=errors, cwd=PROJECT
        )
        ended = process.wait()
        for file in (said, errors):
            file.seek(0)
        assert ended == 0, errors.read()[-3_000:]
        return said.read()


def _pair() -> tuple[socket.socket, socket.socket]:
    # Messages that stay whole whoever sends, and an end once all who could send are gone.
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _nursery() -> socket.socket:
    global _line
    if _line is None:
        _line, theirs = _pair()
        with theirs:
            command = [sys.executable, "-m", "tests.made_forks"]
            _own.append(subprocess.Popen(command, cwd=PROJECT, stdin=theirs.fileno()))
        atexit.register(_line.close)
    return _line


def _serve(line: socket.socket) -> None:
    """Fork whatever is asked for until nobody is left to ask; only the forked return."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(line, _MOST_BYTES, 3)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            _watch(json.loads(message), *files)
        for file in files:
            os.close(file)


def _watch(request: dict[str, Any], answers: int, said: int, errors: int) -> None:
    """Fork one process, tell its number and its exit status, end it when nobody listens."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(answers)
        _become(request, said, errors)
    os.write(answers, str(pid).encode())
    ended = os.pidfd_open(pid)
    if ended not in select.select([ended, answers], [], [])[0]:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        os.write(answers, str(status).encode())
    finally:
        os._exit(0)


def _become(request: dict[str, Any], said: int, errors: int) -> None:
    """Run `-m module ...` or `-c code ...` as a new Python would, and end."""
    os.setsid()
    os.dup2(said, 1)
    os.dup2(errors, 2)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    kind, what, *words = request["words"]
    if kind == "-m":
        sys.argv = [what, *words]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [kind, *words]
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), main.__dict__)  # noqa: S102, the test's own
    sys.exit()


def load_libraries() -> None:
    """Load what takes long; the garbage collector passes over it from now on."""
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load_libraries()
    _serve(socket.socket(fileno=0))
