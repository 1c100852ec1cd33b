"""The Results page in a real browser: a cell is clicked, or reached by keyboard."""

from collections.abc import Callable

import pytest
from app_server import AppServer
from chromium import wait_until_settled
from playwright.sync_api import Page, expect

from tests.made_results import CONFUSION, GENRES, write_evaluated

Open = Callable[..., Page]


@pytest.mark.parametrize("true", range(2))
@pytest.mark.parametrize("said", range(2))
def test_a_click_on_a_cell_shows_the_covers_behind_it(
    app: AppServer, open_page: Open, console: list[str], true: int, said: int
) -> None:
    page = open_page(f"{app.url}/results?result=made.test")
    wait_until_settled(page)
    # A number is written at the middle of its cell; every one of them occurs once.
    number = page.locator(".textpoint text", has_text=str(CONFUSION[true][said])).first
    number.scroll_into_view_if_needed()
    spot = number.bounding_box()
    assert spot is not None
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    verdict = "rightly called" if true == said else "taken for"
    n = CONFUSION[true][said]
    head = f"{GENRES[true]}, {verdict} {GENRES[said]}: {n} cover"
    expect(page.get_by_role("heading", name=head)).to_be_visible()
    wait_until_settled(page)
    assert f"true={GENRES[true]}" in page.url
    assert f"predicted={GENRES[said]}" in page.url
    assert console == []


def test_a_second_click_moves_to_the_other_cell(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    page = open_page(f"{app.url}/results?result=made.test&true=Jazz&predicted=Pop")
    wait_until_settled(page)
    expect(page.get_by_role("heading", name="Jazz, taken for Pop")).to_be_visible()
    number = page.locator(".textpoint text", has_text="4").first
    spot = number.bounding_box()
    assert spot is not None
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    expect(page.get_by_role("heading", name="Pop, rightly called Pop")).to_be_visible()
    assert console == []


def test_shares_and_the_cell_are_restored_by_a_fresh_servers_first_link(
    fresh_server: AppServer, open_page: Open, console: list[str]
) -> None:
    write_evaluated(fresh_server.home / "models")
    page = open_page(
        f"{fresh_server.url}/results?result=made.test&cells=per+cent+of+its+row"
        "&true=Pop&predicted=Jazz"
    )
    wait_until_settled(page)
    expect(page.get_by_role("heading", name="Pop, taken for Jazz: 2 covers")).to_be_visible()
    expect(page.locator(".textpoint text", has_text="75")).to_have_count(1)
    assert console == []
