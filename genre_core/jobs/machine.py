"""The GPUs of this machine: who sees them, and what they are called, without TensorFlow."""

from __future__ import annotations

import os
import shutil
import subprocess

_VISIBLE, _KEPT = "CUDA_VISIBLE_DEVICES", "GENRE_RUNS_SEE_GPUS"
ASKED_FOR = "GENRE_APP_GPU"
"""Setting that lets the app itself compute on a GPU: 1."""

_PATIENCE_S = 5.0


def keep_off_gpus() -> None:
    """Let this process, and not the runs it starts, do without GPUs.

    A browser app that holds a GPU's memory leaves none for a training. Must come before TensorFlow
    is loaded; does nothing where `GENRE_APP_GPU` is 1, nor a second time.
    """
    if os.environ.get(ASKED_FOR) == "1" or _KEPT in os.environ:
        return
    os.environ[_KEPT] = os.environ.get(_VISIBLE, "")
    os.environ[_VISIBLE] = "-1"


def environment_of_a_run() -> dict[str, str]:
    """Return this process's environment as it was before `keep_off_gpus`."""
    environment = dict(os.environ)
    if _KEPT in environment:
        before = environment.pop(_KEPT)
        environment.pop(_VISIBLE, None)
        if before:
            environment[_VISIBLE] = before
    return environment


def gpu_names() -> tuple[str, ...]:
    """Name NVIDIA's GPUs in this machine, in order; none without NVIDIA's driver.

    Whether TensorFlow can use them shows when a run starts: it needs requirements-gpu.txt.
    """
    command = shutil.which("nvidia-smi")
    if command is None:
        return ()
    try:
        listed = subprocess.run(
            [command, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in listed.stdout.splitlines() if line.strip())
