"""The Songs page in a real browser: a real MP3, its timeline, a click on a segment."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from app_server import AppServer
from chromium import WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.audio.decode import decode_clip
from genre_core.data.demo import demo_songs

Open = Callable[..., Page]

SECONDS = 40


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an MP3 of a real song where there is one here, else of a built-in one."""
    root = Path(os.environ.get("GENRE_DATA", "")) / "audio" / "debian_songs"
    real = root / "lincity_city_blues.ogg"
    clip = decode_clip(real if real.is_file() else demo_songs()[1].path, sr=44_100)
    path = tmp_path_factory.mktemp("mp3") / "a song of mine.mp3"
    soundfile.write(path, clip.y[: SECONDS * clip.sr], clip.sr, format="MP3")
    return path


@pytest.fixture
def songs(app: AppServer, open_page: Open) -> Iterator[Page]:
    """Open the page on a short built-in song."""
    page = open_page(f"{app.url}/songs?song={demo_songs()[2].title}", height=1400)
    wait_until_settled(page, seconds=300)
    yield page
    expect(page.get_by_test_id("stException")).to_have_count(0)


def player(page: Page):
    return page.get_by_test_id("player")


def test_the_first_visit_shows_a_song_that_was_read(songs: Page, console: list[str]) -> None:
    expect(player(songs)).to_be_visible()
    expect(songs.get_by_text("Prog score").first).to_be_attached()
    expect(songs.get_by_text(re.compile("It scores higher than .* songs")).first).to_be_visible()
    expect(songs.get_by_text(re.compile("How sure is that?")).first).to_be_visible()
    expect(songs.get_by_test_id("stAlert").filter(has_text="Received")).to_have_count(0)
    assert console == []


def test_a_real_mp3_is_uploaded_clicked_and_heard(
    songs: Page, console: list[str], mp3: Path
) -> None:
    songs.locator('input[type="file"]').first.set_input_files(mp3)
    expect(songs.get_by_role("heading", name=re.compile("a song of mine"))).to_be_visible()
    wait_until_settled(songs, seconds=300)
    ruler = songs.get_by_test_id("player-ruler")
    ruler.scroll_into_view_if_needed()
    box = ruler.bounding_box()
    assert box is not None
    before = songs.get_by_test_id("player-playhead").bounding_box()
    assert before is not None
    songs.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    expect(player(songs)).to_have_attribute("data-selected", re.compile(r"\d+"))
    # The sound runs and the playhead with it.
    songs.wait_for_function(
        "e => Number(e.dataset.currentTime) > 18", arg=player(songs).element_handle()
    )
    after = songs.get_by_test_id("player-playhead").bounding_box()
    assert after is not None
    assert after["x"] > before["x"] + 100
    wait_until_settled(songs)
    expect(songs.get_by_text(re.compile(r"^Segment \d+ of \d+$"))).to_be_visible()
    assert console == []


def test_another_network_threshold_and_rule_stay_in_the_link(
    songs: Page, console: list[str]
) -> None:
    box = songs.get_by_role("combobox", name=re.compile("Explain this network"))
    box.click()
    songs.get_by_role("option").last.click()
    wait_until_settled(songs)
    assert "look=" in songs.url
    songs.get_by_text("Prog or not prog? Set a threshold of your own").click()
    songs.get_by_text("majority vote", exact=True).first.click()
    wait_until_settled(songs)
    assert "vote=" in songs.url
    field = songs.get_by_role("spinbutton", name="Threshold for all networks")
    field.fill("0.49")
    field.press("Enter")
    expect(songs).to_have_url(re.compile("threshold=0.49"))
    wait_until_settled(songs)
    expect(player(songs)).to_be_visible()
    assert console == []


def test_what_is_no_song_is_a_message(songs: Page, console: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "picture.mp3"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(np.zeros(200, np.uint8)))
    songs.locator('input[type="file"]').first.set_input_files(bad)
    expect(songs.get_by_test_id("stAlert").first).to_contain_text("Received")
    assert console == []


def test_the_kernels_of_a_songs_network_are_a_click_away(songs: Page, console: list[str]) -> None:
    songs.get_by_role("link", name=re.compile("What have these networks learned")).click()
    wait_until_settled(songs)
    expect(songs.get_by_role("heading", level=1)).to_contain_text("learned")
    assert "/kernels" in songs.url
    assert console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_window_in_both_themes(
    app: AppServer, open_page: Open, console: list[str], width: int
) -> None:
    url = f"{app.url}/songs?song={demo_songs()[2].title}"
    page = open_page(url, width=width)
    wait_until_settled(page, seconds=300)
    expect(player(page)).to_be_visible()
    check_both_themes(page)
    assert console == []
