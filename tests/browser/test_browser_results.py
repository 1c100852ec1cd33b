"""The Results page in a real browser: a cell is clicked, studies and repeats are looked at."""

from collections.abc import Callable

import pytest
from chromium import WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.made_results import CONFUSION, GENRES, write_batch

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def studies(app: AppServer) -> AppServer:
    """The shared app with two rebuilt runs of study S3, one of them stuck."""
    write_batch(app.home / "models")
    write_batch(app.home / "models", "made.stuck", stuck=True)
    return app


@pytest.mark.parametrize("width", WIDTHS)
def test_a_click_on_a_cell_opens_the_covers_behind_it(
    app: AppServer, open_page: Open, console: list[str], width: int
) -> None:
    page = open_page(f"{app.url}/results?result=made.test&cells=per+cent+of+its+row", width=width)
    wait_until_settled(page)
    expect(page.locator(".textpoint text", has_text="75")).to_have_count(1)
    check_both_themes(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("radio", name="counts").click()
    expect(page.locator(".textpoint text", has_text="75")).to_have_count(0)
    for true, said in ((1, 1), (0, 0), (1, 0), (0, 1)):
        wait_until_settled(page)
        # A number is written at the middle of its cell; every one of them occurs once.
        n = CONFUSION[true][said]
        number = page.locator(".textpoint text", has_text=str(n)).first
        number.scroll_into_view_if_needed()
        spot = number.bounding_box()
        assert spot is not None
        page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
        expect(page.get_by_text(f"{n} of 10 covers")).to_be_visible()
        wait_until_settled(page)
        assert f"true.{GENRES[true]}~predicted.{GENRES[said]}" in page.url
        page.go_back()
        expect(page.get_by_role("heading", name="Which genres does it confuse?")).to_be_visible()
    assert console == []


def test_a_link_opens_a_study_and_on_a_phone_none_runs_over_the_edge(
    studies: AppServer, open_page: Open, console: list[str]
) -> None:
    page = open_page(f"{studies.url}/results?view=The+studies&study=S1")
    wait_until_settled(page)
    expect(page.get_by_role("heading", name="S1: Prog covers against the rest")).to_be_visible()
    expect(page.get_by_text("always the most common answer: 0.972")).to_be_visible()
    # Its picture stands on the first screen, before everything that explains it.
    box = page.get_by_test_id("stPlotlyChart").first.bounding_box()
    assert box is not None
    assert box["y"] < 600
    page.set_viewport_size({"width": 390, "height": 800})
    for study, title in (
        ("S4", "S4: Twenty genres from spectrograms"),
        ("S5", "S5: Prog rock against the world"),
        ("S3", "S3: Twelve genres from covers"),
    ):
        page.get_by_role("radio", name=study).click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        wait_until_settled(page)
        for chart in page.get_by_test_id("stPlotlyChart").all():
            box = chart.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= 390
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_text("13.2 %").first).to_be_visible()
    expect(page.get_by_role("heading", name="Our own networks on this question")).to_be_visible()
    check_both_themes(page)
    assert console == []


def test_repeats_become_single_lines_and_the_link_keeps_it(
    studies: AppServer, open_page: Open, console: list[str]
) -> None:
    page = open_page(f"{studies.url}/results?result=made.stuck&curve=accuracy")
    wait_until_settled(page)
    expect(page.get_by_text("stuck on the most common genre")).to_be_visible()
    expect(page.get_by_text("kept: run 2, epoch 2")).to_be_visible()
    curves = page.locator('[data-testid="stPlotlyChart"]').last.locator(".scatterlayer .trace")
    # A band and a mean for training and for validation, the dotted line, the diamond.
    expect(curves).to_have_count(6)
    page.get_by_text("One line per run").click()
    # Three runs in training and in validation, the dotted line, the diamond.
    expect(curves).to_have_count(8)
    wait_until_settled(page)
    assert "singles=true" in page.url
    assert console == []
