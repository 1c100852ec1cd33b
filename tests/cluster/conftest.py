"""A cluster of two nodes for all tests here, what they train on, and a folder for Ray itself."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made_cluster import SKIPPED, Nodes
from tests.made_training import write_covers


@pytest.fixture(scope="session", autouse=True)
def ray_folder() -> Iterator[Path]:
    """Ray's folder while these tests run: gone with its logs when they have ended.

    Its name is short: the paths of sockets below it may have 107 characters.
    """
    short = "/tmp" if os.name == "posix" else None  # noqa: S108, mkdtemp makes it safe
    folder = Path(tempfile.mkdtemp(prefix="r", dir=short))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", str(folder))
        # Ray's own 15 lets steps starve beside the other groups of tests.
        patch.setenv("RAY_worker_niceness", "0")
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(ray_folder: Path) -> Iterator[Nodes]:
    """The nodes, started once."""
    pytest.importorskip("ray", reason=SKIPPED)
    nodes = Nodes()
    yield nodes
    nodes.end()


@pytest.fixture
def two_nodes(cluster: Nodes) -> Nodes:
    """Two nodes, also after a test that killed one."""
    cluster.add()
    return cluster


@pytest.fixture(autouse=True)
def disconnected() -> Iterator[None]:
    """No test is still connected when the next one begins."""
    yield
    if ray := sys.modules.get("ray"):
        ray.shutdown()


@pytest.fixture
def covers(tmp_path: Path) -> Path:
    """Blue and red noise, in a folder."""
    return write_covers(tmp_path / "covers")
