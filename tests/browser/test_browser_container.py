"""The Dockerfile tried without Docker: what it copies serves, names no visitor, and stops."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from chromium import wait_until_settled
from playwright.sync_api import BrowserContext, Page, expect

from genre_core.audio.decode import decode_clip
from genre_core.data.demo import demo_songs
from tests.app_server import PROJECT, AppServer

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")


def given(instruction: str) -> list[str]:
    """Give what stands after an instruction, line by line."""
    return re.findall(rf"^ *{instruction} (.+)$", DOCKERFILE, flags=re.MULTILINE)


def words(text: str, port: int) -> list[str]:
    """Give the words of one of its commands, for this Python and on another port."""
    listed = json.loads(text.replace("8501", str(port)))
    assert listed[0] == "python"
    return [sys.executable, *listed[1:]]


def paths(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


class Container(AppServer):
    """Its working folder with what it copies, and its command in the environment that it sets."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder / "app"
        self.folder.mkdir(parents=True)
        for line in given("COPY"):
            *sources, target = line.split()
            for name in sources:
                source, to = PROJECT / name, self.folder / target
                if source.is_dir():
                    shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source, to)

    def command(self, port: int) -> list[str]:
        [command] = [line for line in given("CMD") if "streamlit" in line]
        return words(command, port)

    def environment(self) -> dict[str, str]:
        said = dict(pair.split("=", 1) for line in given("ENV") for pair in line.split())
        # Of the two folders that it may write to, numba's stays this machine's: it would compile.
        assert (said.pop("GENRE_HOME"), said.pop("NUMBA_CACHE_DIR")) == ("/data", "/cache")
        return super().environment() | said | {"PYTHONDONTWRITEBYTECODE": "1"}

    def is_well(self) -> bool:
        """Ask as Docker asks."""
        [command] = [line for line in given("CMD") if "health" in line]
        port = int(self.url.rsplit(":", 1)[1])
        return subprocess.run(words(command, port), check=False, timeout=60).returncode == 0


@pytest.fixture
def container(browser: BrowserContext, tmp_path: Path) -> Iterator[Container]:
    with Container(tmp_path) as running:
        yield running


def test_it_serves_names_no_visitor_and_stops_while_a_song_is_heard(
    container: Container, open_page: Callable[..., Page], console: list[str], tmp_path: Path
) -> None:
    before = paths(container.folder)
    assert container.is_well()
    page = open_page(f"{container.url}/songs")
    wait_until_settled(page)
    expect(page.get_by_test_id("player").first).to_be_visible()
    broken, song = tmp_path / "diary of Jane.mp3", tmp_path / "Jane sings.flac"
    broken.write_text("no song")
    clip = decode_clip(demo_songs()[0].path)
    soundfile.write(song, np.roll(clip.y, clip.sr), clip.sr)
    field = page.locator('input[type="file"]').first
    field.set_input_files(broken)
    expect(page.get_by_test_id("stAlert").filter(has_text="diary of Jane.mp3")).to_be_visible()
    field.set_input_files(song)
    expect(page.get_by_text("The networks are listening")).to_be_visible()
    helpers = container.process.children(recursive=True)
    assert helpers  # what decodes
    assert console == []

    # Stopped in the middle of it, as Docker does it
    container.stop(seconds=30)
    assert not container.is_well()
    _, left = psutil.wait_procs(helpers, timeout=15)
    assert left == []
    assert paths(container.folder) == before
    assert not [path for path in container.home.rglob("*") if path.is_file()]
    log = container.log_text()
    assert "Traceback" not in log
    assert "external IP" not in log  # nobody elsewhere was asked for this server's address
    for name in ("Jane", "127.0.0.1", "::1", "Mozilla", "Chrome"):
        assert name not in log
