"""The Covers page in a real browser: first visit, upload, switches, links, both themes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.data.demo import demo_covers
from tests.app_server import AppServer
from tests.made_results import write_evaluated

Open = Callable[..., Page]


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=re.compile(label))
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    wait_until_settled(page)


@pytest.mark.parametrize("kind", ["app", pytest.param("fresh_server", marks=pytest.mark.sweep)])
def test_a_deep_link_is_restored_even_as_a_fresh_servers_first_request(
    kind: str, request: pytest.FixtureRequest, open_page: Open, console: list[str]
) -> None:
    server: AppServer = request.getfixturevalue(kind)
    if kind == "fresh_server":
        write_evaluated(server.home / "models")
    cover = demo_covers()[1]
    page = open_page(
        f"{server.url}/covers?cover={cover.title}&model=made.test&genre=Pop&stage=small"
        "&method=LayerCAM&opacity=80"
    )
    wait_until_settled(page)
    expect(page.get_by_text("LayerCAM on small, 6 x 6")).to_be_visible()
    expect(page.get_by_text("What speaks for Pop")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_value("80")
    expect(page.get_by_role("img", name=cover.alt).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    assert console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_switches_stay_in_the_link_and_own_files_are_read(
    app: AppServer, open_page: Open, console: list[str], tmp_path: Path, width: int
) -> None:
    page = open_page(f"{app.url}/covers?model=made.test", width=width)
    wait_until_settled(page)
    check_both_themes(page)
    mine, bad = tmp_path / "my cover.jpg", tmp_path / "bad.jpg"
    mine.write_bytes(demo_covers()[4].path.read_bytes())
    bad.write_text("no picture")
    page.locator('input[type="file"]').set_input_files(mine)
    expect(page.get_by_role("img", name="Your cover my cover.jpg").first).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_test_id("stProgress").first).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    for genre in ("Jazz", "Pop"):
        choose(page, "Genre", genre)
        expect(page.get_by_text(f"What speaks for {genre}")).to_be_visible()
        assert f"genre={genre}" in page.url
    # A map is written when it is asked for.
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the map (JSON)").click()
    report = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert (report["genre"], report["stage"]) == ("Pop", "wide")
    choose(page, "Layer", "single")
    expect(page.get_by_text("No location")).to_be_visible()
    choose(page, "Layer", "small")
    expect(page.get_by_text("a map of only 6 x 6")).to_be_visible()
    assert "stage=small" in page.url
    page.locator('input[type="file"]').set_input_files(bad)
    alert = page.get_by_test_id("stAlert").filter(has_text="Received")
    expect(alert.first).to_contain_text("bad.jpg")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
