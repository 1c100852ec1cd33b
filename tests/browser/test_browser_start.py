"""A first visit in a real browser, at the door and by the link of any page."""

import re
from collections.abc import Callable

import pytest
from app_server import AppServer
from chromium import THEMES, WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_sight_is_a_result(
    app: AppServer, open_page: Open, console: list[str], width: int
) -> None:
    page = open_page(app.url, width=width)
    # Before any TensorFlow: the head and the honest figures.
    expect(page.get_by_role("heading", name="Genre Explorer")).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_text("most probably").first).to_be_visible()
    expect(page.get_by_test_id("stImage").first).to_be_visible()
    check_both_themes(page)
    assert console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_about_opens_in_the_theme_of_the_visitor(
    app: AppServer, open_page: Open, console: list[str], width: int
) -> None:
    page = open_page(f"{app.url}/about", theme="dark", width=width)
    expect(page).to_have_title(re.compile("Genre Explorer"))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", THEMES["dark"])
    check_both_themes(page)
    assert console == []


# Covers, Songs and Data are opened so by links of their own, in their files.
@pytest.mark.parametrize(
    "address",
    ["lessons"]
    + [
        pytest.param(other, marks=pytest.mark.sweep)
        for other in ("kernels", "genres", "results", "training", "about")
    ],
)
def test_a_fresh_servers_first_request_may_be_any_page(
    fresh_server: AppServer, open_page: Open, console: list[str], address: str
) -> None:
    page = open_page(f"{fresh_server.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if address not in ("kernels", "genres"):  # what networks answer, other tests wait for
        wait_until_settled(page)
    assert page.url == f"{fresh_server.url}/{address}"
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    expect(page.get_by_role("link", name="Results", exact=False).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
