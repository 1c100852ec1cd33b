"""From the server's start to the first paint and to the first prediction, in a real browser.

Run `python tests/benchmarks/bench_app.py`. Seconds depend on the machine, so they have no aim; what
must hold is that TensorFlow is not loaded when the first page is painted.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from tests.benchmarks.timing import print_rows, row  # noqa: E402

_NOTE_FIRST_PAINT = """
const seen = new MutationObserver(() => {
  if (!document.querySelector('h1')) return;
  seen.disconnect();
  requestAnimationFrame(() => { window.paintedAt = Date.now(); });
});
seen.observe(document, {childList: true, subtree: true});
"""


def measure() -> list[dict[str, Any]]:
    """Open the Start page of a fresh server once, with an empty home folder.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds; one row that says so where there is no browser.
    """
    from app_server import AppServer
    from chromium import find_chromium
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = find_chromium(playwright.chromium)
        if path is None:
            return [row("no Chromium found: nothing measured", 0)]
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        started = time.perf_counter()
        with AppServer(Path(folder)) as server:
            serving = time.perf_counter()
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.add_init_script(_NOTE_FIRST_PAINT)
            loading = _Watch(lambda: server.has_loaded("tensorflow"))
            opened = time.time()
            page.goto(server.url)
            # The chart of the ranking is there only after a prediction.
            page.locator(".js-plotly-plot").first.wait_for()
            predicted = time.time()
            painted = page.evaluate("window.paintedAt") / 1000
            page.goto(server.url)
            page.locator(".js-plotly-plot").first.wait_for()
            again = time.time()
            loaded = loading.stop()
        browser.close()
    return [
        row("server ready, s", serving - started),
        row("first paint after opening the page, s", painted - opened),
        row("TensorFlow begins to load after the first paint, s", loaded - painted, at_least=0),
        row("first prediction after opening the page, s", predicted - opened),
        row("the same page for the next visitor, s", again - predicted),
    ]


class _Watch:
    """Look every few milliseconds, in a thread, and remember when something first held."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self._holds = holds
        self._since = float("inf")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.005):
            if self._holds():
                self._since = time.time()
                return

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self._since


if __name__ == "__main__":
    raise SystemExit(print_rows(measure()))
