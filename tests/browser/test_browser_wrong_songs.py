"""A wrong song on Results is opened in Songs at its worst segment, by mouse and by keyboard."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pandas as pd
from app_server import AppServer
from chromium import wait_until_settled
from playwright.sync_api import Page, expect

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


def test_a_wrong_song_opens_at_its_worst_piece(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    write_wrong(app)
    page = open_page(f"{app.url}/results?result={NAME}")
    for by_keyboard in (True, False):
        wait_until_settled(page)
        links = page.get_by_role("link", name="Open at its worst segment")
        expect(links).to_have_count(2)
        expect(page.get_by_text("not on this machine")).to_have_count(1)
        if by_keyboard:
            links.first.focus()
            page.keyboard.press("Enter")
        else:
            links.first.click()
        expect(page.get_by_role("heading", name=re.compile("Title 14"))).to_be_visible()
        wait_until_settled(page)
        if by_keyboard:
            page.go_back()
            expect(links.first).to_be_visible()
    asked = {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}
    assert asked["item"] == "Noise-6.ogg"
    assert asked["of"] == asked["network"] == NAME
    assert asked["wrong"] == GENRES[2]
    expect(page.get_by_text("The segment that speaks most for Tones.")).to_be_visible()
    # The same link restores the same view.
    page.reload()
    wait_until_settled(page)
    expect(page.get_by_text("The segment that speaks most for Tones.")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
