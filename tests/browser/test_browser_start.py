"""A first visit in a real browser, at the door and by a deep link."""

import re
from collections.abc import Callable

import pytest
from app_server import AppServer
from chromium import THEMES, wait_until_settled
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_app_opens_in_the_theme_of_the_visitor(
    server: AppServer, open_page: Open, console: list[str], theme: str
) -> None:
    page = open_page(f"{server.url}/about", theme=theme)
    expect(page).to_have_title(re.compile("Genre Explorer"))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", THEMES[theme])
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []


@pytest.mark.parametrize(
    "address", ["kernels", "songs", "genres", "lessons", "training", "data", "about"]
)
def test_a_fresh_servers_first_request_may_be_any_page(
    fresh_server: AppServer, open_page: Open, console: list[str], address: str
) -> None:
    """Covers and Results are opened so by links of their own, in their files."""
    page = open_page(f"{fresh_server.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if address not in ("kernels", "songs", "genres"):  # what networks answer, other tests wait for
        wait_until_settled(page)
    assert page.url == f"{fresh_server.url}/{address}"
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    expect(page.get_by_role("link", name="Results", exact=False).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
