"""From the server's start to the first paint and to the first prediction, in a real browser.

Run `python tests/benchmarks/bench_app.py`. Seconds depend on the machine, so they have no aim; what
must hold is that TensorFlow is not loaded when the first page is painted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from tests.benchmarks.timing import print_rows, row  # noqa: E402


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
            page.goto(server.url)
            page.get_by_text("How good are these networks?").wait_for()
            painted = time.perf_counter()
            n_loaded = float(server.has_loaded("tensorflow"))
            # The chart of the ranking is there only after a prediction.
            page.locator(".js-plotly-plot").first.wait_for()
            predicted = time.perf_counter()
            page.goto(server.url)
            page.locator(".js-plotly-plot").first.wait_for()
            again = time.perf_counter()
        browser.close()
    return [
        row("server ready, s", serving - started),
        row("first paint after opening the page, s", painted - serving),
        row("TensorFlow loaded at first paint (1 = yes)", n_loaded, at_most=0),
        row("first prediction after opening the page, s", predicted - serving),
        row("the same page for the next visitor, s", again - predicted),
    ]


if __name__ == "__main__":
    raise SystemExit(print_rows(measure()))
