"""A first visit in a real browser, at the door and by the link of any page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import THEMES, WIDTHS, check_both_themes, check_command, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.data.demo import demo_songs
from tests.app_server import AppServer

Open = Callable[..., Page]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_sight_is_a_result(
    app: AppServer, open_page: Open, console: list[str], tmp_path: Path, width: int
) -> None:
    page = open_page(app.url, width=width)
    # Before any TensorFlow: the head and the honest figures.
    expect(page.get_by_role("heading", name="Genre Explorer")).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_text("most probably").first).to_be_visible()
    expect(page.get_by_test_id("stImage").first).to_be_visible()
    check_both_themes(page)
    # A song that is dropped here is heard on its page, and the way back leads here.
    mine = tmp_path / "mine.ogg"
    mine.write_bytes(demo_songs()[2].path.read_bytes())
    page.locator('input[type="file"]').set_input_files(mine)
    expect(page).to_have_url(re.compile("/songs.song=mine"))
    wait_until_settled(page)
    check_command(
        page, "genre_core classify mine.ogg --json", label="The same from the command line"
    )
    page.go_back()
    expect(page.get_by_role("heading", name="Genre Explorer")).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_role("heading", name="Genre Explorer")).to_be_visible()
    assert console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_about_opens_in_the_theme_of_the_visitor_and_lessons_by_a_link(
    app: AppServer, open_page: Open, console: list[str], width: int
) -> None:
    page = open_page(f"{app.url}/about", theme="dark", width=width)
    expect(page).to_have_title(re.compile("Genre Explorer"))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", THEMES["dark"])
    check_both_themes(page)
    # And Lessons by its link, which no other test opens here.
    page.goto(f"{app.url}/lessons")
    wait_until_settled(page)
    check_arrived(page, f"{app.url}/lessons")
    assert console == []


def check_arrived(page: Page, address: str) -> None:
    assert page.url == address
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    expect(page.get_by_role("radio", name="Simple")).to_be_visible()  # the frame's
    expect(page.get_by_test_id("stException")).to_have_count(0)


# Of Songs by a test of its own, in every run.
@pytest.mark.sweep
@pytest.mark.parametrize(
    "address", ["first", "lessons", "data", "kernels", "genres", "results", "training", "about"]
)
def test_a_fresh_servers_first_request_may_be_any_page(
    fresh_server: AppServer, open_page: Open, console: list[str], address: str
) -> None:
    page = open_page(f"{fresh_server.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if address not in ("kernels", "genres"):  # what networks answer, other tests wait for
        wait_until_settled(page)
    check_arrived(page, f"{fresh_server.url}/{address}")
    assert console == []
