"""A Chromium to drive: Debian's, Chrome, or the one Playwright downloads."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import BrowserType, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

NO_BROWSER = (
    "no Chromium found (looked for Debian's, Chrome's and Playwright's own); "
    "install one or say `make browser`"
)


def find_chromium(own: BrowserType) -> str | None:
    """Return the path of a Chromium to start, or None where there is none.

    Parameters
    ----------
    own : BrowserType
        Playwright's `chromium`, which knows where its own download would lie.
    """
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    for path in (*_MAC_APPS, own.executable_path):
        if Path(path).is_file():
            return path
    return None


def wait_until_settled(page: Page, *, seconds: float = 120) -> None:
    """Wait until the page has begun, its script has run to its end and its pictures are there.

    Parameters
    ----------
    page : Page
        A page of the app; a first prediction loads TensorFlow, so the wait may be long.
    seconds : float
        Longest wait for each of the steps.
    """
    longest_ms = seconds * 1000
    page.get_by_role("heading", level=1).first.wait_for(timeout=longest_ms)
    app = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    app.wait_for(state="attached", timeout=longest_ms)
    # While networks hear a song its player is drawn anew, by runs with a pause between them.
    page.get_by_text("The networks are listening").wait_for(state="detached", timeout=longest_ms)
    # A rerun asked for by the click before may not have begun; look once more after a breath.
    page.wait_for_timeout(300)
    app.wait_for(state="attached", timeout=longest_ms)
    # A picture that is replaced while it is still on its way is a 404 in the console, and what is
    # drawn by a script of its own, as charts are, stands as a grey bar until that script is there.
    page.wait_for_function(
        """[...document.images].every(image => image.complete && image.naturalWidth > 0)
        && !document.querySelector('[data-testid="stSkeleton"]')""",
        timeout=longest_ms,
    )


def check_command(page: Page, text: str, *, label: str = "Command line") -> None:
    """Open a command line, find a text in it and shut it again."""
    page.get_by_role("button", name=label, exact=True).click()
    expect(page.get_by_text(text)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text(text)).to_be_hidden()


WIDTHS = [390, pytest.param(1280, marks=pytest.mark.sweep)]
"""A phone's, where things run over the edge first, in every run; a desk's in `make test-all`."""

THEMES = {"light": "rgb(253, 252, 249)", "dark": "rgb(22, 19, 29)"}
"""Colour of the app's background by theme."""


INK = {"light": "rgb(36, 31, 46)", "dark": "rgb(239, 236, 245)"}
"""Colour of words by theme."""

WORDS = (
    ".js-plotly-plot :is(.xtick, .ytick, .g-xtitle, .g-ytitle, .legend, .annotation, .bars) text"
)
"""The words of charts."""


def check_both_themes(page: Page) -> None:
    """Check that in either theme nothing runs over the edge and no picture lacks words."""
    app, main = page.get_by_test_id("stApp"), page.get_by_test_id("stMain")
    for theme, background in THEMES.items():
        page.emulate_media(color_scheme=theme)
        expect(app).to_have_css("background-color", background)
        wait_until_settled(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert main.evaluate("m => m.scrollWidth - m.clientWidth") == 0
        colours = page.locator(WORDS).evaluate_all("all => all.map(t => getComputedStyle(t).fill)")
        assert set(colours) <= {INK[theme]}
        assert page.locator("img:not([alt])").count() == 0
