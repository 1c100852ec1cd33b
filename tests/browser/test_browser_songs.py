"""The Songs page in a real browser: a real MP3, its timeline, a click on a segment."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from chromium import WIDTHS, check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.audio.decode import decode_clip
from genre_core.data.demo import demo_songs
from genre_core.runs.bundle import REFERENCES_FILE
from tests.app_server import AppServer

Open = Callable[..., Page]

SECONDS = 16


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an MP3 of a real song where there is one here, else of a built-in one."""
    root = Path(os.environ.get("GENRE_DATA", "")) / "audio" / "debian_songs"
    real = root / "lincity_city_blues.ogg"
    clip = decode_clip(real if real.is_file() else demo_songs()[1].path, sr=44_100)
    path = tmp_path_factory.mktemp("mp3") / "a song of mine.mp3"
    soundfile.write(path, clip.y[: SECONDS * clip.sr], clip.sr, format="MP3")
    return path


def player(page: Page):
    return page.get_by_test_id("player")


def test_a_fresh_server_reads_a_song_and_its_networks_kernels_are_a_click_away(
    fresh_server: AppServer, open_page: Open, console: list[str]
) -> None:
    page = open_page(f"{fresh_server.url}/songs?song={demo_songs()[2].title}")
    wait_until_settled(page, seconds=300)
    expect(player(page)).to_be_visible()
    expect(page.get_by_text("Prog score").first).to_be_attached()
    has_references = any(fresh_server.home.glob(f"models/*/{REFERENCES_FILE}"))
    place = "It scores above" if has_references else "No references are stored"
    expect(page.get_by_text(re.compile(place)).first).to_be_visible()
    # The star stands on the first screen, the scores with the threshold that draws in them.
    for width, height, lowest in ((1280, 900, 600), (390, 844, 844)):
        page.set_viewport_size({"width": width, "height": height})
        wait_until_settled(page)
        button = page.get_by_test_id("player-play").bounding_box()
        assert button is not None
        assert button["y"] + button["height"] < lowest
        if width == 390:
            bar = page.get_by_test_id("player-slider").bounding_box()
            assert bar is not None
            assert bar["y"] + bar["height"] < lowest
        if width == 1280:
            curves = page.get_by_test_id("player-lane-0").bounding_box()
            field = page.get_by_role("spinbutton", name="Threshold for all networks").bounding_box()
            assert curves is not None
            assert field is not None
            assert curves["y"] + curves["height"] < height
            assert field["y"] < curves["y"] + curves["height"]
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.get_by_text(re.compile("How sure is that?")).first).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text="Received")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    page.get_by_role("link", name=re.compile("What have these networks learned")).click()
    wait_until_settled(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("learned")
    assert "/kernels" in page.url
    # The first sight is a network's kernels, or what excites them, on the first screen.
    first_sight = re.compile(r"Grid of \d+ of the \d+ kernels|Patterns that excite \d+ kernels")
    grid = page.get_by_role("figure", name=first_sight).first
    expect(grid).to_be_visible()
    wait_until_settled(page)
    box = grid.bounding_box()
    assert box is not None
    assert box["y"] < 500
    expect(page.get_by_test_id("stException")).to_have_count(0)
    # Where the keyboard stops in a table, it is named.
    page.goto(f"{fresh_server.url}/songs?part=Every+score")
    expect(
        page.get_by_role("group", name="Each segment with its time and its scores")
    ).to_be_visible()
    assert console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_network_threshold_and_rule_stay_in_the_link_and_own_songs_are_heard(
    app: AppServer, open_page: Open, console: list[str], mp3: Path, tmp_path: Path, width: int
) -> None:
    page = open_page(f"{app.url}/songs?song={demo_songs()[2].title}", width=width)
    wait_until_settled(page, seconds=300)
    expect(player(page)).to_be_visible()
    check_both_themes(page)
    page.set_viewport_size({"width": 1280, "height": 1400})
    box = page.get_by_role("combobox", name=re.compile("Explain this network"))
    box.click()
    page.get_by_role("option").last.click()
    wait_until_settled(page)
    assert "network=" in page.url
    page.get_by_text("majority vote", exact=True).first.click()
    wait_until_settled(page)
    assert "vote=" in page.url
    field = page.get_by_role("spinbutton", name="Threshold for all networks")
    field.fill("0.49")
    field.press("Enter")
    expect(page).to_have_url(re.compile("threshold=0.49"))
    wait_until_settled(page)
    expect(player(page)).to_be_visible()
    # What is no song is a message, and the next one is read.
    bad = tmp_path / "picture.mp3"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(np.zeros(200, np.uint8)))
    page.locator('input[type="file"]').first.set_input_files(bad)
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Received")
    wait_until_settled(page)
    page.locator('input[type="file"]').first.set_input_files(mp3)
    expect(page.get_by_role("heading", name=re.compile("a song of mine"))).to_be_visible()
    # It can be played while networks hear it: the whole page has the same player, not another.
    expect(player(page)).to_have_attribute("aria-label", re.compile("a song of mine"))
    player(page).evaluate("player => { player.dataset.mark = 'the same' }")
    wait_until_settled(page)
    expect(player(page)).to_have_attribute("data-mark", "the same")
    ruler = page.get_by_test_id("player-ruler")
    ruler.scroll_into_view_if_needed()
    box = ruler.bounding_box()
    assert box is not None
    before = page.get_by_test_id("player-playhead").bounding_box()
    assert before is not None
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    expect(player(page)).to_have_attribute("data-selected", re.compile(r"\d+"))
    # The sound runs and the playhead with it.
    page.wait_for_function(
        "([e, s]) => Number(e.dataset.currentTime) > s",
        arg=[player(page).element_handle(), 0.45 * SECONDS],
    )
    after = page.get_by_test_id("player-playhead").bounding_box()
    assert after is not None
    assert after["x"] > before["x"] + 100
    wait_until_settled(page)
    expect(page.get_by_text(re.compile(r"^Segment \d+ of \d+$"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"song=a\+song\+of\+mine.mp3.*segment=\d+"))
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
