"""The Genres page in a real browser: the first link, both themes, a phone, and the keyboard."""

from collections.abc import Callable

import pytest
from chromium import WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.data.demo import demo_songs
from tests.app_server import AppServer

Open = Callable[..., Page]
TWO = f"board_songs={demo_songs()[1].title}&board_songs={demo_songs()[2].title}"


@pytest.mark.parametrize("width", WIDTHS)
def test_songs_and_kernels_are_drawn_within_the_page_and_a_layer_is_chosen_by_keyboard(
    app: AppServer, open_page: Open, console: list[str], width: int
) -> None:
    page = open_page(f"{app.url}/genres?{TWO}&board_layer=conv_1", width=width)
    expect(page.get_by_role("heading", name="What do genres look like?")).to_be_visible()
    wait_until_settled(page, seconds=300)
    expect(page.get_by_text("kernels of conv_1 respond somewhere")).to_be_visible()
    box = page.get_by_role("combobox", name="Layer")
    box.focus()
    page.keyboard.type("conv_2")
    page.keyboard.press("Enter")
    expect(page.get_by_text("kernels of conv_2 respond somewhere")).to_be_visible()
    wait_until_settled(page)
    assert "board_layer=conv_2" in page.url or "board_layer" not in page.url
    charts = page.get_by_test_id("stPlotlyChart")
    # Two songs, and a page of kernels.
    expect(charts).to_have_count(2 + 6)
    for chart in charts.all():
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_both_themes(page)
    assert console == []
