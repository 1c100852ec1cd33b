"""What a visitor waits for, in a real browser: on a fresh server, and once its networks are ready.

Run `python tests/benchmarks/bench_app.py`. Seconds depend on the machine: the aims are those of a
quiet one with two processors, whose browser shares them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from genre_core.audio.decode import decode_clip  # noqa: E402
from genre_core.data.demo import demo_covers, demo_songs  # noqa: E402
from tests.benchmarks.timing import print_rows, row  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.app_server import AppServer

SONG_S = 240

_NOTE_FIRST_PAINT = """
const seen = new MutationObserver(() => {
  if (!document.querySelector('h1')) return;
  seen.disconnect();
  requestAnimationFrame(() => { window.paintedAt = Date.now(); });
});
seen.observe(document, {childList: true, subtree: true});
"""

_NEW = '[data-stale="false"]'
_RANKING, _MAP = f'[class*="ranking"] {_NEW} [role="progressbar"]', f'{_NEW} img[alt^="Heat map"]'
_SEGMENT, _PLAYER = ".segment img", '[data-testid="player"]'
_KERNELS = ".tiles[data-drawn]"
_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def measure() -> list[dict[str, Any]]:
    """Open pages of fresh servers with empty home folders, then bring files to one that is ready.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds; one row that says so where there is no browser.
    """
    from chromium import find_chromium
    from playwright.sync_api import sync_playwright

    # Here networks are loaded behind the page; tests switch it off.
    os.environ.pop("GENRE_WARM_UP", None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = find_chromium(playwright.chromium)
        if path is None:
            return [row("no Chromium found: nothing measured", 0)]
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        rows = _start(browser, Path(folder) / "start")
        rows += _fresh(browser, Path(folder) / "fresh")
        rows += _kernels(browser, Path(folder) / "kernels")
        rows += _own_files(browser, Path(folder) / "own")
        browser.close()
    return rows


def _server(folder: Path) -> AppServer:
    from tests.app_server import AppServer

    folder.mkdir(parents=True)
    return AppServer(folder, one_thread=False)  # as `make run` starts it


def _page(browser: Browser) -> Page:
    page = browser.new_page()
    page.set_default_timeout(180_000)
    page.add_init_script(_NOTE_FIRST_PAINT)
    return page


def _shown(page: Page, *parts: str) -> float:
    """Wait until all parts are there and the script is over; give the time."""
    for part in parts:
        page.locator(part).first.wait_for()
    page.locator(_IDLE).wait_for(state="attached")
    return time.time()


def _start(browser: Browser, folder: Path) -> list[dict[str, Any]]:
    started = time.perf_counter()
    with _server(folder) as server:
        serving = time.perf_counter()
        page = _page(browser)
        loading = _Watch(lambda: server.has_loaded("tensorflow"))
        opened = time.time()
        page.goto(server.url)
        whole = _shown(page, _RANKING, _PLAYER)
        painted = page.evaluate("window.paintedAt") / 1000
        page.goto(server.url)
        again = _shown(page, _RANKING, _PLAYER)
        loaded = loading.stop()
        page.close()
    return [
        row("server ready, s", serving - started),
        row("first paint after opening Start, s", painted - opened),
        row("Start complete on a fresh server, s", whole - opened, at_most=3),
        row("TensorFlow begins to load after the first paint, s", loaded - painted, at_least=0),
        row("the same page for the next visitor, s", again - whole),
    ]


def _fresh(browser: Browser, folder: Path) -> list[dict[str, Any]]:
    """Open Songs as a fresh server's first page, then items that nobody has looked at."""
    with _server(folder) as server:
        page = _page(browser)
        rows = []
        for name, address, parts in (
            ("Songs complete on a fresh server, s", "/songs", (_PLAYER, _SEGMENT)),
            (
                "another built-in song, s",
                f"/songs?song={demo_songs()[1].title}",
                (_PLAYER, _SEGMENT),
            ),
            (
                "another built-in cover with its map, s",
                f"/covers?cover={demo_covers()[3].title}",
                (_RANKING, _MAP),
            ),
        ):
            opened = time.time()
            page.goto(f"{server.url}{address}")
            rows.append(row(name, _shown(page, *parts) - opened, at_most=3))
        page.close()
    return rows


def _kernels(browser: Browser, folder: Path) -> list[dict[str, Any]]:
    """Open Kernels as a fresh server's first page: stored patterns and weights, no network."""
    with _server(folder) as server:
        page = _page(browser)
        opened = time.time()
        page.goto(f"{server.url}/kernels")
        page.locator(_KERNELS).first.wait_for()
        drawn = time.time() - opened
        complete = _shown(page) - opened
        page.close()
    return [
        row("Kernels, first picture on a fresh server, s", drawn, at_most=3),
        row("Kernels complete on a fresh server, s", complete),
    ]


def _own_files(browser: Browser, folder: Path) -> list[dict[str, Any]]:
    """Bring a cover and a song once the networks are ready."""
    with _server(folder) as server:
        cover, song = folder / "my cover.jpg", folder / "my song.mp3"
        cover.write_bytes(demo_covers()[5].path.read_bytes() + b"\0")  # of no stored content
        clip = decode_clip(demo_songs()[0].path, sr=44_100)
        soundfile.write(song, np.resize(clip.y, SONG_S * clip.sr), clip.sr, format="MP3")
        page = _page(browser)
        opened = time.time()
        page.goto(f"{server.url}/covers")
        page.get_by_text("Getting ready").wait_for()
        page.get_by_text("Getting ready").wait_for(state="detached")
        ready = time.time()
        page.locator('input[type="file"]').first.set_input_files(cover)
        page.get_by_role("img", name="Your cover my cover.jpg", exact=True).first.wait_for()
        # What is on the page of the cover before is stale by now, until it is drawn anew.
        page.locator(_RANKING).first.wait_for()
        ranked = time.time() - ready
        page.locator(_MAP).first.wait_for()
        mapped = time.time() - ready
        _shown(page)
        page.goto(f"{server.url}/songs")
        _shown(page, _PLAYER)
        given = time.time()
        page.locator('input[type="file"]').first.set_input_files(song)
        page.get_by_role("heading", name="my song").wait_for()
        page.locator(_PLAYER).first.wait_for()
        playing = time.time() - given
        page.get_by_text("The networks are listening").wait_for()
        curve = page.locator(_PLAYER).get_by_text("CNN").first
        curve.wait_for(state="detached")  # that of the song before
        curve.wait_for()
        first_curve = time.time() - given
        page.get_by_text("The networks are listening").wait_for(state="detached")
        complete = _shown(page, _SEGMENT) - given
        page.close()
    return [
        row("networks ready behind the page, s", ready - opened),
        row("own cover, ranking, s", ranked, at_most=1),
        row("own cover, map, s", mapped, at_most=1.5),
        row("own song, MP3 of 4 minutes, player, s", playing, at_most=2),
        row("own song, MP3 of 4 minutes, first curve, s", first_curve, at_most=5),
        row("own song, MP3 of 4 minutes, complete, s", complete, at_most=5),
    ]


class _Watch:
    """Look twenty times a second, in a thread, and remember when something first held."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self._holds = holds
        self._since = float("inf")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.05):
            if self._holds():
                self._since = time.time()
                return

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self._since


if __name__ == "__main__":
    raise SystemExit(print_rows(measure()))
