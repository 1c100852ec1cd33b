"""A first visit in a real browser, at the door and by a deep link."""

import re
from collections.abc import Callable

import pytest
from app_server import AppServer
from chromium import wait_until_settled
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(
    ("theme", "background"), [("light", "rgb(253, 252, 249)"), ("dark", "rgb(22, 19, 29)")]
)
def test_the_app_opens_in_the_theme_of_the_visitor(
    server: AppServer,
    open_page: Callable[..., Page],
    console: list[str],
    theme: str,
    background: str,
) -> None:
    page = open_page(server.url, theme=theme)
    wait_until_settled(page)
    expect(page).to_have_title(re.compile("Genre Explorer"))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []


@pytest.mark.parametrize(
    "address", ["covers", "kernels", "results", "genres", "lessons", "training", "data", "about"]
)
def test_a_fresh_servers_first_request_may_be_any_page(
    fresh_server: AppServer, open_page: Callable[..., Page], console: list[str], address: str
) -> None:
    page = open_page(f"{fresh_server.url}/{address}")
    wait_until_settled(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.rstrip("/").endswith(address)
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    expect(page.get_by_role("link", name="Results", exact=False).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
