"""The real server, `streamlit run app.py`, as a child process on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parents[1]

_WITHOUT_SHIPPED = """
import genre_core.lessons.stored
from genre_core.runs import bundle
from pathlib import Path
from streamlit.web import cli
bundle.SHIPPED_DIR = Path("none")
cli.main(prog_name="streamlit")
"""


_FORKED_RUNS = """
from tests.made_forks import fork_all_runs
fork_all_runs()
"""


class AppServer:
    """One running app with a home folder of its own; use it with `with`.

    Parameters
    ----------
    folder : Path
        An empty folder for the app's home (GENRE_HOME) and the server's log.
    app : Path
        The script to serve.
    has_shipped : bool
        Whether the shipped networks are there; those in the home folder always are.
    one_thread : bool
        Whether its networks leave the other cores to the browser, for many tests at once.
    start : callable
        What starts its process; `made_forks.start_python` forks it, and the runs it starts.
    """

    def __init__(
        self,
        folder: Path,
        *,
        app: Path = PROJECT / "app.py",
        has_shipped: bool = True,
        one_thread: bool = True,
        start: Callable[..., Any] = subprocess.Popen,
    ) -> None:
        self.home = folder / "genre_home"
        self.log = folder / "server.log"
        self.folder = PROJECT
        self._app = app
        self._has_shipped = has_shipped
        self._one_thread = one_thread
        self._start = start
        self._process: Any = None
        self.url = ""

    def __enter__(self) -> AppServer:
        port = _free_port()
        self.url = f"http://localhost:{port}"
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = self._start(
                self.command(port),
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_healthy(seconds=60)
        return self

    def command(self, port: int) -> list[str]:
        """Give the command that starts it."""
        start = ["-m", "streamlit"] if self._has_shipped else ["-c", _WITHOUT_SHIPPED]
        if self._start is not subprocess.Popen and not self._has_shipped:
            start[1] = _FORKED_RUNS + start[1]
        command = [sys.executable, *start, "run", str(self._app)]
        command += ["--server.port", str(port), "--server.address", "localhost"]
        return [*command, "--server.headless", "true", "--server.fileWatcherType", "none"]

    def environment(self) -> dict[str, str]:
        """Give the variables of its process."""
        environment = os.environ | {
            "GENRE_HOME": str(self.home),
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "PYTHONUNBUFFERED": "1",
        }
        if self._one_thread:
            environment |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
        # pytest's own variables would make the app believe that it is being tested.
        environment.pop("PYTEST_CURRENT_TEST", None)
        return environment

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        try:
            self.stop(seconds=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=15)

    def stop(self, *, seconds: float) -> int:
        """Ask it to stop; give its exit code, or raise `TimeoutExpired`."""
        assert self._process is not None
        self._process.terminate()
        code: int = self._process.wait(timeout=seconds)
        return code

    def log_text(self) -> str:
        """Return what the server has printed so far; an uncaught error stands there."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def process(self) -> psutil.Process:
        """The server's process."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def has_loaded(self, library: str) -> bool:
        """Tell whether the server has loaded a shared library with this word in its path."""
        assert self._process is not None
        maps = Path(f"/proc/{self._process.pid}/maps")
        return maps.exists() and library in maps.read_text(encoding="utf-8", errors="replace")

    def _wait_until_healthy(self, *, seconds: float) -> None:
        assert self._process is not None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"The app's server did not start. It printed:\n{self.log_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
    return port
