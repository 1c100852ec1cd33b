"""The Library page in a real browser: filtered, played by keys, opened in Songs, and back."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chromium import check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.data.scores_merge import merge_scores
from tests.app_server import AppServer
from tests.made_libraries import made_scores
from tests.made_songs_set import write_song

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=document.title='hacked'> & **bold**"
N = 40


@pytest.fixture
def library(app: AppServer, tmp_path: Path) -> Iterator[Path]:
    """Forty songs of the server's own, of which the first two are there."""
    songs = [write_song(tmp_path / f"{k}.ogg", "Tones", k, duration_s=20.0) for k in range(2)]
    columns = made_scores(N).to_pydict()
    for k, song in enumerate(songs):
        columns["path"][k] = str(song)
        columns["prog_score"][k] = 0.99 - k / 100
        columns["made.lstm:most_prog_s"][k] = 5.0
    columns["title"][0] = HOSTILE
    columns["artist"][1] = "Somebody Else"
    out = app.home / "libraries" / "browser.parquet"
    out.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns, made_scores(0).schema), out)
    merge_scores([out], out)
    yield out
    out.unlink()


@pytest.mark.parametrize("width", [1280, 400])
def test_a_library_is_filtered_played_opened_and_left(
    app: AppServer, open_page: Open, console: list[str], library: Path, width: int
) -> None:
    page = open_page(f"{app.url}/library?library=browser", width=width)
    expect(page.get_by_role("heading", name="What is in your music?")).to_be_visible()
    wait_until_settled(page)
    rows = page.locator(".item")
    expect(rows).to_have_count(25)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What a song is called is text, whatever it says.
    expect(rows.first.locator(".name")).to_have_text(f"{HOSTILE} · Artist 0")
    assert page.title() != "hacked"

    # By keys: Space plays the first from its most prog moment, an arrow goes on to the next.
    rows.first.focus()
    page.keyboard.press("Space")
    expect(rows.first.locator(".time")).to_have_text(re.compile(r"0:(0[5-9]|1\d)"), timeout=30_000)
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator(".time")).to_have_text(re.compile(r"0:(0[5-9]|1\d)"), timeout=30_000)
    page.keyboard.press("Space")
    expect(rows.nth(2).locator(".time")).to_have_text("not here")
    expect(page.get_by_text("23 of these 25 files")).to_be_visible()

    # The filter stands in the link, and whoever opens that sees the same.
    search = page.get_by_role("textbox", name="Search")
    search.fill("somebody else")
    search.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.get_by_text(re.compile("^1 song of 40 files"))).to_be_visible()
    wait_until_settled(page)
    assert "library_text=somebody" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Playlist of these songs").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[2].endswith("1.ogg")
    check_both_themes(page)

    # Enter opens the song in Songs, and from there a link leads back to the filter.
    rows.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("How progressive"))).to_be_visible()
    back = page.get_by_role("link", name="Back to the library")
    expect(back).to_be_visible(timeout=120_000)
    wait_until_settled(page, seconds=300)
    back.click()
    expect(page.get_by_role("heading", name="What is in your music?")).to_be_visible()
    expect(rows).to_have_count(1)
    wait_until_settled(page)
    assert "library_text=somebody" in page.url
    assert console == []
