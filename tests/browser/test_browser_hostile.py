"""Names, tags, titles and links that are markup: a browser shows them as text, runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
import soundfile
from chromium import wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.audio.decode import decode_clip
from genre_core.data.demo import demo_covers, demo_songs
from tests.app_server import AppServer
from tests.made_evaluations import made_evaluation, made_predictions

Open = Callable[..., Page]

HIT = "window.hit = 1"
EVIL = f'<img src=x onerror="{HIT}"><script>{HIT}<script>[a](javascript:{HIT})'
"""A name that a file may have: it holds no slash."""


def check_that_nothing_ran(page: Page) -> None:
    wait_until_settled(page)
    assert page.evaluate("window.hit") is None
    assert page.locator('img[src="x"], [href^="javascript"]').count() == 0
    assert page.locator("#root script").count() == 0


def test_names_of_covers_and_songs_and_their_tags(
    app: AppServer, open_page: Open, tmp_path: Path
) -> None:
    cover, song = tmp_path / f"{EVIL}.jpg", tmp_path / f"{EVIL}.flac"
    cover.write_bytes(demo_covers()[2].path.read_bytes() + b"\0")
    clip = decode_clip(demo_songs()[1].path)
    with soundfile.SoundFile(song, "w", clip.sr, 1) as written:
        written.title, written.artist, written.album, written.genre = [f"{EVIL} tag"] * 4
        written.write(clip.y[: 16 * clip.sr])
    page = open_page(f"{app.url}/covers")
    page.locator('input[type="file"]').first.set_input_files(cover)
    expect(page.get_by_role("img", name=re.compile("^Your cover")).first).to_be_visible()
    check_that_nothing_ran(page)
    page.goto(f"{app.url}/songs")
    wait_until_settled(page)
    page.locator('input[type="file"]').first.set_input_files(song)
    expect(page.get_by_text(f"{EVIL} tag").first).to_be_visible()
    check_that_nothing_ran(page)
    expect(page.get_by_test_id("player").first).to_be_visible()


def test_titles_and_genres_behind_a_figure(
    app: AppServer, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRE_HOME", str(app.home))
    genres = (f"{EVIL} one", f"{EVIL} two")
    rows = made_predictions(12, genres=genres)
    rows["title"], rows["artist"] = f"{EVIL} title", f"{EVIL} artist"
    made_evaluation(genres=genres, predictions=rows, model="made.hostile", data="hostile")
    page = open_page(f"{app.url}/errors?evaluation=made.hostile@hostile")
    items = page.get_by_test_id("items")
    expect(items.get_by_text(f"{EVIL} title").first).to_be_visible()
    check_that_nothing_ran(page)
    items.get_by_role("option").first.press("Enter")
    expect(page.get_by_role("dialog").get_by_text(f"{EVIL} title").first).to_be_visible()
    check_that_nothing_ran(page)


@pytest.mark.parametrize("where", ["covers?cover=", "songs?song=", "errors?evaluation=", "?song="])
def test_what_a_link_says(app: AppServer, open_page: Open, where: str) -> None:
    page = open_page(f"{app.url}/{where}{quote(EVIL)}&model={quote(EVIL)}&network={quote(EVIL)}")
    check_that_nothing_ran(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
