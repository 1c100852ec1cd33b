"""The player in a real browser: sound, playhead, one rerun a click, keys, themes, a long song."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import wait_until_settled
from playwright.sync_api import Browser, JSHandle, Locator, Page, WebSocket, expect

from tests.app_server import AppServer
from tests.made_forks import start_python

APP = Path(__file__).with_name("player_app.py")
MOST_BYTES = 1_500_000  # of all messages that show a song of 20 minutes


@pytest.fixture(scope="module")
def player_server(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppServer]:
    folder = tmp_path_factory.mktemp("player")
    with AppServer(folder, app=APP, start=start_python) as running:
        yield running
        assert "Traceback" not in running.log_text(), running.log_text()


@pytest.fixture
def open_song(player_server: AppServer, open_page: Callable[..., Page]) -> Callable[..., Page]:
    def open_(song: str, *, theme: str = "light") -> Page:
        page = open_page(f"{player_server.url}/?song={song}", theme=theme, height=1100)
        wait_until_settled(page)
        # The sound is known to the browser, and everything has been drawn.
        page.wait_for_function(
            "() => { const a = document.querySelector('[data-testid=stBidiComponentIsolated]')"
            "?.shadowRoot?.querySelector('audio'); return a && a.readyState > 0; }"
        )
        expect(page.get_by_test_id("player")).to_have_attribute("data-draws", re.compile(r"\d"))
        return page

    return open_


def player(page: Page) -> Locator:
    return page.get_by_test_id("player")


def audio(page: Page) -> Locator:
    return page.locator("audio")


def now(page: Page) -> float:
    return float(player(page).get_attribute("data-current-time") or "nan")


def runs(page: Page) -> int:
    return int(page.get_by_text("runs:").inner_text().split()[1])


def playhead_x(page: Page) -> float:
    box = page.get_by_test_id("player-playhead").bounding_box()
    assert box is not None
    return box["x"]


def click_at(page: Page, part: str, share: float) -> None:
    """Click a lane near its top at a share of its width."""
    page.get_by_test_id(part).scroll_into_view_if_needed()
    box = page.get_by_test_id(part).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + share * box["width"], box["y"] + 12)


def note_playing(page: Page) -> JSHandle:
    """Return a list in the page that fills with [event, time of the sound]."""
    return audio(page).evaluate_handle(
        "a => { const heard = []; for (const what of ['play', 'pause'])"
        " a.addEventListener(what, () => heard.push([what, a.currentTime])); return heard; }"
    )


def until(page: Page, seconds: float) -> None:
    """Wait until the playhead is at a time or later."""
    page.wait_for_function(
        "([e, s]) => Number(e.dataset.currentTime) >= s",
        arg=[player(page).element_handle(), seconds],
    )


def pixels(page: Page) -> list[int]:
    """Return how often each red value occurs in the curves, 16 bins."""
    return (
        page.get_by_test_id("player-lane-2")
        .locator("canvas")
        .evaluate(
            "c => { const h = Array(16).fill(0);"
            " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " for (let k = 0; k < d.length; k += 4) if (d[k + 3] > 100) h[d[k] >> 4] += 1;"
            " return h; }"
        )
    )


def test_lanes_are_sharp_and_tell_what_is_under_the_pointer(
    open_song: Callable[..., Page],
) -> None:
    page = open_song("short")
    ratio = page.evaluate("devicePixelRatio")
    for k in range(5):
        canvas = page.get_by_test_id(f"player-lane-{k}").locator("canvas")
        drawn, shown = canvas.evaluate("c => [c.width, c.clientWidth]")
        assert drawn == round(shown * ratio)
        # The spectrogram's picture is fetched, so it may come late.
        page.wait_for_function(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)",
            arg=canvas.element_handle(),
        )
    tip = page.get_by_test_id("player-tip")
    page.get_by_test_id("player-lane-2").hover()
    expect(tip).to_contain_text(re.compile(r"00:\d\d\.\d\s+LSTM: 0\.\d\d\s+CNN: 0\.\d\d\s+MLP: "))
    page.get_by_test_id("player-lane-3").hover()
    expect(tip).to_contain_text(re.compile(r"genre 2: [01]\.\d\d"))
    page.get_by_test_id("player-ruler").hover()
    expect(tip).to_contain_text("Segment ")
    page.get_by_role("heading", level=1).hover()
    expect(tip).to_be_hidden()
    # Focus can be seen.
    page.get_by_test_id("player-play").focus()
    page.keyboard.press("Tab")
    width = page.get_by_test_id("player-forward").evaluate("e => getComputedStyle(e).outlineWidth")
    assert width == "3px"


def test_playing_seeking_and_another_theme_rerun_nothing(
    open_song: Callable[..., Page], console: list[str]
) -> None:
    page = open_song("short")
    begin, draws = playhead_x(page), player(page).get_attribute("data-draws")
    page.get_by_role("button", name="Play (Space)").click()
    until(page, 2.2)
    assert playhead_x(page) > begin + 50
    expect(page.get_by_test_id("player-time")).to_have_text(
        re.compile(r"^00:0[2-9]\.\d / 00:20\.0$")
    )
    assert runs(page) == 1
    assert player(page).get_attribute("data-draws") == draws  # only the playhead moves
    page.get_by_role("button", name="Pause (Space)").click()
    expect(player(page)).to_have_attribute("data-playing", "false")
    stopped = now(page)
    page.wait_for_timeout(300)
    assert now(page) == pytest.approx(stopped, abs=0.05)
    # A click on waveform, spectrogram or slider only seeks.
    for part, share in (("player-lane-0", 0.75), ("player-lane-1", 0.5), ("player-slider", 0.25)):
        click_at(page, part, share)
        page.wait_for_timeout(400)
        assert now(page) == pytest.approx(20 * share, abs=0.1)
        assert runs(page) == 1
        expect(player(page)).to_have_attribute("data-selected", "")
        expect(player(page)).to_have_attribute("data-playing", "false")
    # Another theme redraws while the sound goes on.
    page.get_by_test_id("player-play").click()
    light = pixels(page)
    time = page.get_by_test_id("player-time")
    expect(time).to_have_css("color", "rgb(36, 31, 46)")
    page.emulate_media(color_scheme="dark")
    expect(time).to_have_css("color", "rgb(239, 236, 245)")
    expect(player(page)).to_have_attribute("data-playing", "true")
    page.wait_for_timeout(200)
    dark = pixels(page)
    # The threshold's line takes the colour of text: dark in the light theme, light in the dark one.
    assert light[14] < dark[14]
    assert light[2] > dark[2]
    assert console == []


def test_a_click_on_a_segment_plays_it_to_its_end_with_one_rerun(
    open_song: Callable[..., Page], console: list[str]
) -> None:
    page = open_song("short")
    heard = note_playing(page)
    parts = ("player-ruler", "player-lane-2", "player-lane-3", "player-lane-4")
    for n_before, (part, segment) in enumerate(zip(parts, (4, 6, 2, 8), strict=True)):
        share, n_heard = segment / 10, 2 * (n_before + (n_before > 0))
        click_at(page, part, share + 0.03)  # 0.6 s after its beginning
        expect(page.get_by_text(f"selected: {segment}")).to_be_visible()
        expect(player(page)).to_have_attribute("data-selected", str(segment))
        page.wait_for_function("([heard, n]) => heard.length === n", arg=[heard, n_heard + 2])
        (play, began), (pause, ended) = heard.json_value()[-2:]
        assert (play, pause) == ("play", "pause")
        # A busy machine may tell of the beginning and notice the end a little late.
        assert 2 * segment - 0.01 < began < 2 * segment + 0.25
        assert 2 * segment + 1.9 < ended < 2 * segment + 3.5
        status = f"Segment {segment + 1} of 10: 00:{2 * segment:02}.0"
        expect(page.get_by_test_id("player-status")).to_contain_text(status)
        lane, outline = (
            page.get_by_test_id(name).bounding_box() for name in (part, "player-selection")
        )
        assert lane is not None
        assert outline is not None
        assert outline["x"] == pytest.approx(lane["x"] + share * lane["width"], abs=2)
        assert outline["width"] == pytest.approx(0.1 * lane["width"], abs=2)
        assert runs(page) == n_before + 2
        if n_before == 0:  # The same segment again is heard again, but tells nothing new.
            click_at(page, part, share + 0.03)
            page.wait_for_function("heard => heard.length === 4", arg=heard)
            assert runs(page) == 2
    assert console == []


def test_a_song_of_four_minutes_is_sought_in_every_format_and_outlives_a_rerun(
    open_song: Callable[..., Page],
) -> None:
    page = open_song("four")
    click_at(page, "player-slider", 0.5)
    page.get_by_test_id("player-play").click()
    until(page, 120.5)
    whole = player(page).get_attribute("data-view")
    page.get_by_test_id("player-zoom-in").click()
    # The view is drawn in the frame after the click.
    expect(player(page)).not_to_have_attribute("data-view", whole or "")
    view = player(page).get_attribute("data-view")
    before, draws = now(page), player(page).get_attribute("data-draws")
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("runs: 2")).to_be_visible()
    expect(player(page)).to_have_attribute("data-playing", "true")
    assert before <= now(page) < before + 10
    assert player(page).get_attribute("data-view") == view
    assert int(player(page).get_attribute("data-draws") or 0) - int(draws or 0) <= 1
    for song in ("four", "ogg", "mp3"):
        if song != "four":
            page.get_by_role("radio", name=song).click()
        expect(player(page)).to_have_attribute("aria-label", f"Player: made song {song}")
        page.wait_for_function("a => a.readyState > 0", arg=audio(page).element_handle())
        page.get_by_test_id("player-fit").click()
        expect(player(page)).to_have_attribute("data-view", "0.000 240.000")
        if player(page).get_attribute("data-playing") == "true":
            page.get_by_test_id("player-play").click()
        click_at(page, "player-lane-0", 0.875)
        page.keyboard.press("Space")
        until(page, 211)
        assert now(page) < 235
        assert audio(page).evaluate("a => a.seekable.end(0)") == pytest.approx(240, abs=0.2)


def test_the_view_is_zoomed_and_keys_do_what_the_buttons_do(
    open_song: Callable[..., Page],
) -> None:
    page = open_song("short")
    shown = player(page)
    page.get_by_test_id("player-zoom-in").click()
    expect(shown).to_have_attribute("data-view", "0.000 10.000")
    box = page.get_by_test_id("player-lane-0").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_timeout(200)
    begin, end = (float(s) for s in (shown.get_attribute("data-view") or "").split())
    assert end - begin < 8
    assert (begin + end) / 2 == pytest.approx(5, abs=0.1)  # what is under the pointer stays there
    page.get_by_test_id("player-scroll").evaluate("e => { e.scrollLeft = e.scrollWidth; }")
    expect(shown).to_have_attribute("data-view", re.compile(r" (19\.9\d+|20\.000)$"))
    click_at(page, "player-lane-0", 0.5)
    page.wait_for_timeout(200)
    assert now(page) == pytest.approx(20 - (end - begin) / 2, abs=0.1)
    page.get_by_test_id("player-fit").click()
    expect(shown).to_have_attribute("data-view", "0.000 20.000")
    assert runs(page) == 1
    slider = page.get_by_role("slider", name="Position in the song")
    slider.focus()
    steps = [
        ("Home", 0),
        ("ArrowRight", 5),
        ("ArrowRight", 10),
        ("ArrowLeft", 5),
        ("Shift+ArrowRight", 6),
        ("Shift+ArrowRight", 8),
        ("Shift+ArrowLeft", 6),
        ("End", 20),
        ("Home", 0),
        ("ArrowLeft", 0),
    ]
    for key, wanted in steps:
        page.keyboard.press(key)
        page.wait_for_timeout(120)
        assert now(page) == pytest.approx(wanted, abs=0.05), key
        if key.startswith("Shift"):
            expect(shown).to_have_attribute("data-selected", str(wanted // 2))
    expect(page.get_by_text("selected: 3")).to_be_visible()  # of three steps only where they rest
    assert runs(page) == 2
    expect(slider).to_have_attribute("aria-valuetext", "00:00.0 of 00:20.0")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "5")
    expect(slider).to_have_attribute("aria-valuemax", "20.0")
    page.keyboard.press("Space")
    expect(player(page)).to_have_attribute("data-playing", "true")
    page.keyboard.press("Space")
    expect(player(page)).to_have_attribute("data-playing", "false")
    assert runs(page) == 2
    # What the page calls the best moment is played from by M, or its button.
    best = page.get_by_role("button", name="Best 0:07: play from there")
    for play in (lambda: page.keyboard.press("m"), best.click):
        page.keyboard.press("Home")
        play()
        expect(player(page)).to_have_attribute("data-playing", "true")
        assert 7.5 <= now(page) < 10
        page.get_by_test_id("player-play").click()
        expect(player(page)).to_have_attribute("data-playing", "false")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_text("selected: 0")).to_be_visible()
    assert runs(page) == 3
    # A loop turns back at the segment's end.
    page.get_by_test_id("player-loop").click()
    expect(page.get_by_test_id("player-loop")).to_have_attribute("aria-pressed", "true")
    click_at(page, "player-ruler", 0.98)  # the last one: its end is the sound's own
    page.wait_for_timeout(2600)
    expect(player(page)).to_have_attribute("data-playing", "true")
    assert 18 <= now(page) <= 20.1
    page.get_by_test_id("player-loop").click()
    expect(player(page)).to_have_attribute("data-playing", "false")


def test_the_page_may_select_and_another_song_begins_anew(open_song: Callable[..., Page]) -> None:
    page = open_song("short")
    heard = note_playing(page)
    click_at(page, "player-ruler", 0.75)
    expect(page.get_by_text("selected: 7")).to_be_visible()
    page.wait_for_function("heard => heard.length === 2", arg=heard)  # the segment is over
    page.get_by_role("button", name="Jump to segment 3").click()
    expect(page.get_by_text("selected: 3")).to_be_visible()
    expect(player(page)).to_have_attribute("data-selected", "3")
    expect(player(page)).to_have_attribute("data-current-time", "6.000")
    page.get_by_test_id("player-loop").click()  # so that it still plays when the song changes
    click_at(page, "player-ruler", 0.75)
    expect(page.get_by_text("selected: 7")).to_be_visible()
    expect(player(page)).to_have_attribute("data-playing", "true")
    page.get_by_role("radio", name="other").click()
    expect(player(page)).to_have_attribute("data-selected", "3")  # the page still asks for it
    expect(player(page)).to_have_attribute("data-playing", "false")
    expect(player(page)).to_have_attribute("aria-label", "Player: made song other")


def test_a_song_of_twenty_minutes_is_sent_once_and_stays_fluid(
    player_server: AppServer, open_page: Callable[..., Page]
) -> None:
    page = open_page("about:blank", height=1100)
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: sizes.append(len(frame)))

    page.on("websocket", listen)
    page.goto(f"{player_server.url}/?song=long")
    wait_until_settled(page)
    expect(player(page)).to_have_attribute("data-draws", re.compile(r"\d"))
    assert 50_000 < sum(sizes) < MOST_BYTES
    sizes.clear()
    click_at(page, "player-lane-3", 0.5004)  # 600.5 s
    expect(page.get_by_text("selected: 600")).to_be_visible()
    assert sum(sizes) < 20_000  # nothing of the lanes comes again
    expect(player(page)).to_have_attribute("data-playing", "false")  # the segment of 1 s is over
    page.keyboard.press("Space")
    expect(player(page)).to_have_attribute("data-playing", "true")
    begin = now(page)
    frames = page.evaluate(
        "() => new Promise(done => { let n = 0; const began = performance.now();"
        " const count = now => { n += 1; now - began < 2000 ? requestAnimationFrame(count)"
        " : done(n / 2); }; requestAnimationFrame(count); })"
    )
    assert now(page) > begin + 0.5
    # A shared machine may be slow; far below, something is drawn in every frame.
    assert frames > 5
    assert float(player(page).get_attribute("data-draw-ms") or "inf") < 500
