"""The Kernels page in a real browser: a link, a click on a kernel, downloads, both themes."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from chromium import WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.explain.patterns_store import StoredLayer, save_patterns
from tests.app_server import AppServer
from tests.made_bundles import make_network, write_bundle

Open = Callable[..., Page]

BLANK = [0, 5, 9]


@pytest.fixture(scope="module", autouse=True)
def blank_network(app: AppServer) -> None:
    """A network whose second layer has three blank kernels."""
    network = make_network()
    weights, biases = network.get_layer("conv_2").get_weights()
    weights[..., BLANK] = 0
    network.get_layer("conv_2").set_weights([weights, biases])
    write_bundle(app.home / "models", name="made.blank", network=network, title="Made blanks")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_link_shows_a_layer_and_a_click_brings_a_kernel_near(
    app: AppServer, open_page: Open, console: list[str], tmp_path: Path, width: int
) -> None:
    link = "network=made.blank&layer=conv_2&kernel=5&order=by number"
    page = open_page(f"{app.url}/kernels?{link}", width=width)
    wait_until_settled(page)
    expect(page.get_by_text("3 are blank, outlined in orange")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Kernel 5: norm 0, place \d+ of 16"))).to_be_visible()
    grid = page.get_by_role("figure", name="Grid of 16 of the 16 kernels of conv_2").first
    expect(grid).to_be_visible()
    check_both_themes(page)
    # Of 16 kernels by number, one of the blank ones: the outlines show where they are.
    marker = grid.get_by_role("button").nth(9)
    marker.click()
    expect(page.get_by_text("Kernel 9: norm 0")).to_be_visible()
    expect(page.get_by_text("It is blank.")).to_be_visible()
    wait_until_settled(page)
    assert "kernel=9" in page.url
    # The table and the norms are taken along.
    for button, file in (("Download the table", "table.csv"), ("Download every norm", "n.json")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        download.value.save_as(tmp_path / file)
    with (tmp_path / "table.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(row["layer"], row["blank"]) for row in rows] == [
        ("conv_1", "0"),
        ("conv_2", "3"),
        ("conv_3", "0"),
    ]
    taken = json.loads((tmp_path / "n.json").read_text())
    assert np.flatnonzero(np.array(taken["layers"][1]["norms"]) == 0).tolist() == BLANK
    assert console == []


def test_a_click_on_a_pattern_brings_its_kernel_near_and_groups_filter(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    network = make_network()
    bundle = write_bundle(app.home / "models", name="made.excited", network=network)
    groups = ("dots", "horizontal", "blank", "mixed", "mixed", "dots", "vertical", "mixed")
    stored = StoredLayer(
        layer="conv_1",
        n_filters=8,
        kernels=np.arange(8),
        pictures=np.random.default_rng(0).integers(0, 256, (8, 24, 24, 3), np.uint8),
        values=np.full(8, 2.0),
        noise=np.full(8, 0.5),
        real=np.full(8, 1.0),
        blank=np.array([group == "blank" for group in groups]),
        groups=groups,
    )
    save_patterns(bundle.card, app.home / "patterns", [stored])
    link = "network=made.excited&layer=conv_1&view=what excites it most&order=by number"
    page = open_page(f"{app.url}/kernels?{link}")
    wait_until_settled(page)
    figure = page.get_by_role("figure", name="Patterns that excite 8 kernels of conv_1 most")
    expect(figure.first).to_be_visible()
    check_both_themes(page)
    # By keyboard: one tab stop, and arrows from picture to picture.
    tiles = figure.first.get_by_role("button")
    assert tiles.evaluate_all("all => all.filter((one) => one.tabIndex === 0).length") == 1
    tiles.nth(5).focus()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(6)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Group vertical, by the rule.")).to_be_visible()
    wait_until_settled(page)
    assert "kernel=6" in page.url
    # By keyboard: a group alone.
    page.get_by_role("button", name="dots (2)").press("Enter")
    filtered = page.get_by_role("figure", name="Patterns that excite 2 kernels of conv_1 most")
    expect(filtered.first).to_be_visible()
    assert console == []
