"""Processes of runs that need not load TensorFlow: forked from one that has loaded it."""

from __future__ import annotations

import multiprocessing
import os
import sys
from typing import IO

import pytest

from genre_core.jobs import run_control

_LOADED = ("genre_core.jobs.fits.covers", "genre_core.training.fit", "genre_core.evaluation.covers")


def fork_runs(patch: pytest.MonkeyPatch) -> None:
    """Let `run_control.launch` fork its processes, where the system forks safely.

    Loading TensorFlow takes longer than a small training. Nothing else is different: a forked
    process has its own number, environment and log, and is stopped and killed as any other.
    """
    if sys.platform == "linux":
        patch.setattr(run_control.subprocess, "Popen", Forked)


class Forked:
    """What `run_control.launch` uses of `subprocess.Popen`."""

    def __init__(
        self, command: list[str], *, env: dict[str, str], stdout: IO[bytes], **_: object
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(_LOADED))
        words = command[command.index("genre_core") + 1 :]
        # A daemon: it must not outlive a test that fails.
        process = context.Process(target=_work, args=(words, env, stdout.name), daemon=True)
        process.start()
        assert process.pid is not None
        self.pid, self.wait = process.pid, process.join


def _work(words: list[str], environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    from genre_core.cli import main

    sys.exit(main(words))
