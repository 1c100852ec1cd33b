"""A first visit in a real browser."""

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
