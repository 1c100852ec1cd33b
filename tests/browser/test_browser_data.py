"""The Data page in a real browser: doubles side by side, within the page, and a set deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from chromium import check_both_themes, wait_until_settled
from PIL import Image
from playwright.sync_api import Page, expect

from genre_core.jobs.importing import import_and_save
from tests.app_server import AppServer

Open = Callable[..., Page]


def write_covers(folder: Path) -> Path:
    """Write twelve covers of two genres, two of which are one picture in two sizes."""
    rng = np.random.default_rng(1)
    coarse = [rng.integers(0, 256, (6, 6, 3), dtype=np.uint8) for _ in range(11)]
    for k in range(12):
        path = folder / ("Rock", "Pop")[k % 2] / f"a_cover_with_a_long_name_{k:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(coarse[min(k, 10)])
        picture.resize((160 - 40 * (k == 11),) * 2, Image.Resampling.BICUBIC).save(path)
    return folder


def test_doubles_stand_side_by_side_and_a_set_is_deleted(
    app: AppServer,
    open_page: Open,
    console: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GENRE_HOME", str(app.home))
    folder = write_covers(tmp_path / "mine")
    import_and_save(folder, {"name": "mine"})
    link = f"{app.url}/data?data_of=Imported+here&data_set=mine"
    page = open_page(link)
    wait_until_settled(page)
    expect(page.get_by_role("heading", name="What is it trained on?")).to_be_visible()
    page.get_by_role("button", name="Find duplicates").click()
    expect(page.get_by_text("Nearly the same", exact=True)).to_be_visible()
    wait_until_settled(page)
    pair = page.locator(".st-key-pair_0").get_by_test_id("stImage")
    expect(pair).to_have_count(2)
    for width in (1280, 400):
        if width == 400:  # A refresh finds what was found, and the link keeps the data set.
            page.set_viewport_size({"width": width, "height": 900})
            page.reload()
        expect(page.get_by_text("Nearly the same", exact=True)).to_be_visible()
        wait_until_settled(page)
        expect(pair).to_have_count(2)
        one, other = (picture.bounding_box() for picture in pair.all())
        assert one is not None
        assert other is not None
        assert other["x"] >= one["x"] + one["width"] - 1
        assert abs(other["y"] - one["y"]) < 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_both_themes(page)
    page.get_by_role("button", name="Delete this data set").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("button", name="Delete it")).to_have_count(0)
    wait_until_settled(page)
    assert not (app.home / "datasets" / "mine").exists()
    assert len(list(folder.rglob("*.png"))) == 12
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
