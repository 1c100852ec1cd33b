"""What if, in a real browser: a region drawn with the mouse, the keyboard, links, both themes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from chromium import WIDTHS, check_both_themes, check_command, wait_until_settled
from PIL import Image
from playwright.sync_api import Page, expect

from genre_core.data.demo import demo_covers
from genre_core.image.decode import decode_cover
from genre_core.image.edits import CoverEdit, edit_cover
from tests.app_server import AppServer
from tests.made_bundles import make_network, write_bundle

Open = Callable[..., Page]

ADDRESS = "covers?view=What+if+it+were+different%3F&whatif_model=made.soft"


@pytest.fixture(autouse=True)
def soft(app: AppServer) -> None:
    """A made network whose scores move visibly and are never 0 or 100 %."""
    if (app.home / "models" / "made.soft").exists():
        return
    network = make_network()
    weights = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([40 * weights[0], weights[1]])
    write_bundle(app.home / "models", name="made.soft", network=network)


def draw(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Draw a rectangle over the cover with the mouse, in parts of its sides."""
    plot = page.locator(".st-key-draw .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    places = [(left, top), ((left + right) / 2, (top + bottom) / 2), (right, bottom)]
    spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()


def region(page: Page) -> list[int]:
    sides = ("Left", "Top", "Right", "Bottom")
    return [int(page.get_by_label(side, exact=True).input_value()) for side in sides]


def test_a_region_is_drawn_by_mouse_or_keyboard_and_outlives_the_other_tabs(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    page = open_page(f"{app.url}/{ADDRESS}")
    wait_until_settled(page)
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    scores = page.get_by_role("figure", name="Before and after")
    unchanged = scores.first.get_attribute("aria-label")
    draw(page, 0.2, 0.1, 0.7, 0.6)
    expect(page.get_by_label("Right", exact=True)).to_have_value("70")
    wait_until_settled(page)
    np.testing.assert_allclose(region(page), [20, 10, 70, 60], atol=1)
    # The new figure reports an empty selection; what was drawn must outlive it.
    page.wait_for_timeout(1000)
    wait_until_settled(page)
    np.testing.assert_allclose(region(page), [20, 10, 70, 60], atol=1)
    assert scores.first.get_attribute("aria-label") != unchanged
    expect(page.get_by_role("figure", name="Drawn: 20 to 70 % across").first).to_be_visible()
    expect(page.get_by_text("It still says").or_(page.get_by_text("now it says"))).to_be_visible()
    check_command(page, "--hide 0.2,0.1,0.7,0.6")
    assert "left=20" in page.url
    draw(page, 0.5, 0.5, 0.9, 0.95)
    expect(page.get_by_label("Bottom", exact=True)).to_have_value("95")
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    wait_until_settled(page)
    assert region(page) == [0, 0, 0, 0]
    assert scores.first.get_attribute("aria-label") == unchanged
    # The keyboard reaches every edit.
    for side, value in (("Right", "50"), ("Bottom", "40")):
        page.get_by_label(side, exact=True).fill(value)
        page.keyboard.press("Enter")
        wait_until_settled(page)
    page.get_by_role("slider", name="Blur").focus()
    page.keyboard.press("ArrowRight")
    wait_until_settled(page)
    page.get_by_role("switch", name="Mirror").or_(
        page.get_by_role("checkbox", name="Mirror")
    ).focus()
    page.keyboard.press("Space")
    wait_until_settled(page)
    check_command(page, "--hide 0,0,0.5,0.4 --mirror --blur 0.25")
    page.get_by_role("tab", name="Where did it look?").click()
    expect(page.get_by_text("As the network receives it, ")).to_be_visible()
    wait_until_settled(page)
    page.get_by_role("tab", name="What if it were different?").click()
    check_command(page, "--hide 0,0,0.5,0.4 --mirror --blur 0.25")
    assert console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_link_restores_an_edit_whose_cover_is_taken_along(
    app: AppServer, open_page: Open, console: list[str], tmp_path: Path, width: int
) -> None:
    link = "mirror=true&left=25&top=25&right=75&bottom=75&shrink=4&grey=true"
    page = open_page(f"{app.url}/{ADDRESS}&{link}", width=width)
    wait_until_settled(page)
    check_command(page, "--hide 0.25,0.25,0.75,0.75 --mirror --grey --rescale 0.25")
    expect(page.get_by_role("figure", name="Before and after").first).to_be_visible()
    check_both_themes(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the changed cover").click()
    download.value.save_as(tmp_path / "changed.png")
    edit = CoverEdit(mirror=True, hide=(0.25, 0.25, 0.75, 0.75), grey=True, rescale=0.25)
    expected = edit_cover(decode_cover(demo_covers()[0].path), edit)
    with Image.open(tmp_path / "changed.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), expected)
    assert console == []
