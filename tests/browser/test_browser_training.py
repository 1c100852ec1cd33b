"""From a zip to a network that answers, in a real browser: import, train, refresh, results, try."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from chromium import wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.runs.bundle import find_bundle
from genre_core.runs.run_folder import LIVE_FILE
from tests.app_server import AppServer
from tests.made_training import GENRES, write_covers

Open = Callable[..., Page]
TRAINING_MS = 300_000


def zipped(folder: Path) -> Path:
    """Lay made covers out as one folder a genre, and zip them."""
    covers = write_covers(folder / "made")
    path = folder / "blue or red.zip"
    lines = (covers / "labels.csv").read_text().splitlines()[1:]
    with zipfile.ZipFile(path, "w") as archive:
        for line in lines:
            name, genre, _ = line.split(",")
            archive.write(covers / name, f"{genre}/{name}")
    return path


def set_number(page: Page, label: str, value: int) -> None:
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    wait_until_settled(page)


def test_from_a_zip_to_a_network_that_answers(
    app: AppServer, open_page: Open, console: list[str], tmp_path: Path
) -> None:
    # Import
    page = open_page(f"{app.url}/data")
    wait_until_settled(page)
    page.locator('input[type="file"]').first.set_input_files(zipped(tmp_path))
    expect(page.get_by_text("blue or red.zip")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("colours")
    page.get_by_role("textbox", name="Name").press("Enter")
    wait_until_settled(page)
    page.get_by_role("button", name="Start the import").click()
    expect(page.get_by_text(re.compile("colours is among the data sets")).first).to_be_visible()

    # Start a training of one epoch with a study's recipe on the set's own genres
    page.goto(f"{app.url}/training?desk=New+training&recipe=s3_model_5")
    wait_until_settled(page)
    expect(page.get_by_text("colours").first).to_be_visible()
    expect(page.get_by_text("The genres are those of")).to_be_visible()
    set_number(page, "Epochs", 1)
    set_number(page, "Batch size", 8)
    set_number(page, "Repeats", 1)
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Watch it").click()
    wait_until_settled(page)
    expect(page.get_by_text(re.compile("^(Waiting|Running)")).first).to_be_visible()
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0

    # Gone in the middle, the run goes on, and back again so does the view of it. A view costs more
    # than the epoch: each second it is drawn anew.
    address = page.url
    page.goto("about:blank")
    until = time.monotonic() + TRAINING_MS / 1000
    while not list(app.home.glob(f"runs/*/{LIVE_FILE}")) and time.monotonic() < until:
        page.wait_for_timeout(500)
    page.goto(address)
    expect(page.get_by_role("heading", name="Train your own network")).to_be_visible()
    expect(page.get_by_text("s3_model_5.colours is ready").first).to_be_visible(timeout=TRAINING_MS)
    # While it is drawn anew there may be two of it for a moment.
    expect(page.get_by_text("epochs done").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)

    # See it in Results
    page.get_by_role("link", name="Its results").click()
    wait_until_settled(page)
    assert "network=s3_model_5.colours" in page.url
    expect(page.get_by_role("heading", name="Which genres does it confuse?")).to_be_visible()

    # Classify with it
    page.goto(f"{app.url}/covers?model=s3_model_5.colours")
    wait_until_settled(page)
    expect(page.get_by_text(re.compile("Blue|Red")).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
    folder = app.home / "models" / "s3_model_5.colours"
    assert folder.is_dir()
    assert find_bundle(str(folder)).card.genres == GENRES
