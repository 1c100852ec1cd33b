"""Draw assets/screenshot.png: the first page of the real app, with its own cover and song.

`make picture` runs it. The README shows the picture, so it must show nothing but what a newcomer
sees: the shipped models, built-in items, the light theme.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from pathlib import Path

from chromium import NO_BROWSER, find_chromium, wait_until_settled
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.app_server import PROJECT, AppServer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", default="", help="what stands behind the address: covers")
    parser.add_argument("--out", type=Path, default=PROJECT / "assets" / "screenshot.png")
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--height", type=int, default=980, help="of the window, in px")
    options = parser.parse_args()
    os.environ["GENRE_WARM_UP"] = "0"  # nothing in a corner
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = find_chromium(playwright.chromium)
        if path is None:
            print(f"error: {NO_BROWSER}", file=sys.stderr)
            return 1
        with AppServer(Path(folder)) as server:
            browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
            # A page scrolls inside itself, so a tall window is how all of it is seen.
            page = browser.new_page(
                viewport={"width": 1280, "height": options.height},
                color_scheme=options.theme,
                reduced_motion="reduce",
            )
            page.goto(f"{server.url}/{options.page}")
            wait_until_settled(page, seconds=300)
            page.wait_for_timeout(1500)  # charts draw themselves after the script has ended
            n_errors = page.get_by_test_id("stException").count()
            picture = page.screenshot()
            browser.close()
            if n_errors:
                print(f"error: the page shows {n_errors} errors", file=sys.stderr)
                print(server.log_text(), file=sys.stderr)
                return 1
    # Full colours: a palette would draw steps into the heat map that the app does not show.
    Image.open(io.BytesIO(picture)).convert("RGB").save(options.out, optimize=True)
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
