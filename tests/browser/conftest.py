"""A real Chromium and the real server, for the tests in this folder (all marked `browser`)."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import NO_BROWSER, find_chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from genre_core.runs.bundle import SHIPPED_DIR
from tests.app_server import AppServer
from tests.made_forks import start_python
from tests.made_results import write_evaluated
from tests.made_song_bundles import write_song_bundle

_HERE = Path(__file__).parent

# The first prediction loads TensorFlow, on a shared machine a matter of a minute.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)

# Asked for a deep link, Streamlit's own script first looks for the server below the page's path;
# Chromium writes the 404 of these two questions into the console, and nothing of ours prevents it.
_PROBES = ("/_stcore/health", "/_stcore/host-config")

# Where there is no graphics card, Chromium warns that maps are drawn slowly.
_WITHOUT_CARD = re.compile(r"\[\.WebGL-.*GL Driver Message \(OpenGL, Performance")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One headless Chromium for the whole run.

    Its profile lies on disk: a private window would compile Streamlit's scripts anew for each test,
    which takes longer than most tests; a process for all pages keeps them compiled. Without
    movement it draws still pages once only.
    """
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium)
        if path is None:
            if os.environ.get("GENRE_REQUIRE_BROWSER") == "1":
                pytest.fail(f"GENRE_REQUIRE_BROWSER=1, but {NO_BROWSER}")
            pytest.skip(NO_BROWSER)
        started = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=path,
            args=["--disable-gpu", "--process-per-site"],
            reduced_motion="reduce",
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def app(browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app, started once; tests share it as visitors share a server.

    Its networks are small made ones, for covers with known results and for songs: with the shipped
    ones, every page would wait for their answers. Those answer on fresh servers.
    """
    folder = tmp_path_factory.mktemp("server")
    with AppServer(folder, has_shipped=False, start=start_python) as running:
        models = running.home / "models"
        write_evaluated(models)
        write_song_bundle(models)
        write_song_bundle(models, name="made.genres", genres=("Jazz", "Metal", "Pop"))
        browser.new_page().goto(f"{running.url}/_stcore/health")  # its process stays
        yield running
        # Read only at the end: a traceback here is a page that failed for one of the visitors.
        assert "Traceback" not in running.log_text(), running.log_text()


@pytest.fixture
def fresh_server(browser: BrowserContext, tmp_path: Path) -> Iterator[AppServer]:
    """An app that nobody has opened yet, for this test alone, with one shipped network a medium.

    It starts as it does for a visitor, whereas the others are forked.
    """
    with AppServer(tmp_path, has_shipped=False) as running:
        for name in ("efficientnet_lite2.gaid5", "s5_cnn.soft_prog"):
            shutil.copytree(SHIPPED_DIR / name, running.home / "models" / name)
        yield running
        assert "Traceback" not in running.log_text(), running.log_text()


@pytest.fixture
def console() -> list[str]:
    """Errors and warnings in the browser's console during this test, and errors of its scripts."""
    return []


@pytest.fixture
def open_page(browser: BrowserContext, console: list[str]) -> Iterator[Callable[..., Page]]:
    """Open a new visitor's page: `open_page(url, theme="dark", width=1280, height=900)`."""
    pages: list[Page] = []

    def note(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # A picture that the next run replaced before the browser asked for it is gone by then; that
        # those on the page are whole, `wait_until_settled` sees.
        if address.endswith(_PROBES) or "/media/" in address:
            return
        if _WITHOUT_CARD.match(message.text):
            return
        if message.type in ("error", "warning"):
            console.append(f"{message.type}: {message.text}")

    def open_(url: str, *, theme: str = "light", width: int = 1280, height: int = 900) -> Page:
        page = browser.new_page()
        pages.append(page)
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", note)
        page.on("pageerror", lambda error: console.append(f"script: {error}"))
        page.goto(url)
        return page

    yield open_
    for page in pages:
        page.close()
