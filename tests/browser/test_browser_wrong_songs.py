"""A wrong song on Errors is heard where it erred, and opened in Songs at its worst segment."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pandas as pd
from chromium import wait_until_settled
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.made_songs_set import GENRES, MEL, write_song_bundle, write_songs

Open = Callable[..., Page]
NAME = "tiny.songs"


def write_wrong(server: AppServer) -> None:
    """A data set of made songs, and a network that is wrong about two of them."""
    write_songs(server.home / "datasets" / "made_songs")
    bundle = write_song_bundle(server.home / "models", NAME, MEL)
    pd.DataFrame(
        {
            "item_id": ["Noise-6.ogg", "Tones-7.ogg", "Beats-6.ogg", "gone.ogg"],
            "title": ["Title 14", "Title 23", "Title 6", "Gone"],
            "split": "test",
            "genre_index": [1, 2, 0, 0],
            "predicted": [2, 1, 0, 2],
            "prob_0": [0.05, 0.1, 0.9, 0.1],
            "prob_1": [0.05, 0.7, 0.05, 0.1],
            "prob_2": [0.9, 0.2, 0.05, 0.8],
        }
    ).to_parquet(bundle.folder / "predictions.parquet")
    metrics = {
        "headline": "accuracy",
        "values": {"accuracy": {"value": 0.25}},
        "n": 4,
        "n_groups": 4,
        "split": "test",
    }
    (bundle.folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")


def test_a_wrong_song_is_heard_opened_at_its_worst_piece_and_left_again(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    write_wrong(app)
    asked = f"evaluation={NAME}@made_songs&only=outcome.wrong"
    page = open_page(f"{app.url}/errors?{asked}")
    wait_until_settled(page)
    songs = page.get_by_test_id("items").get_by_role("option")
    expect(songs).to_have_count(3)
    expect(songs.get_by_text("not here")).to_have_count(1)
    songs.first.focus()
    page.keyboard.press("Space")
    expect(songs.first.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("ArrowDown")  # the next one plays on; one at a time
    expect(page.get_by_role("button", name="Pause")).to_have_count(1)
    expect(songs.nth(2).get_by_role("button", name="Pause")).to_be_visible()  # one is not here
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("link", name="Open it in Songs").click()
    expect(page.get_by_role("heading", name=re.compile("Title 14"))).to_be_visible()
    wait_until_settled(page)
    query = {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}
    assert query["item"] == "Noise-6.ogg"
    assert query["wrong"] == GENRES[2]
    expect(page.get_by_text("The segment that speaks most for Tones.")).to_be_visible()
    # The same link restores the same view.
    page.reload()
    wait_until_settled(page)
    expect(page.get_by_text("The segment that speaks most for Tones.")).to_be_visible()
    page.go_back()
    expect(songs).to_have_count(3)
    wait_until_settled(page)
    assert "only=outcome.wrong" in page.url
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
