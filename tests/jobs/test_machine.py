"""GPUs are named without TensorFlow, hidden from the app and shown to its runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genre_core.jobs.machine import environment_of_a_run, gpu_names, keep_off_gpus


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set first, so that monkeypatch puts back what the functions change.
    for name in ("CUDA_VISIBLE_DEVICES", "GENRE_RUNS_SEE_GPUS", "GENRE_APP_GPU"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("before", [None, "1", "0,1"])
def test_the_app_sees_none_and_its_runs_see_what_there_was(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", before)
    for _ in range(2):
        keep_off_gpus()
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"
        assert environment_of_a_run().get("CUDA_VISIBLE_DEVICES") == before
    assert "GENRE_RUNS_SEE_GPUS" not in environment_of_a_run()


def test_the_app_may_be_let(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_APP_GPU", "1")
    keep_off_gpus()
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


@pytest.mark.skipif(os.name == "nt", reason="stands in for nvidia-smi by a shell script")
@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("echo 'NVIDIA H100'; echo 'NVIDIA A40'", ("NVIDIA H100", "NVIDIA A40")),
        ("echo 'no driver' >&2; exit 9", ()),
        ("true", ()),
    ],
)
def test_names_come_from_the_driver_s_own_tool(
    script: str, names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert gpu_names() == names


def test_no_driver_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_names() == ()
