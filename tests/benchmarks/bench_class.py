"""A class of thirty in real browsers on one server: what a click takes, and what memory.

Run `python tests/benchmarks/bench_class.py [MINUTES]`. The browsers share the server's processors
here, whereas a class brings its own: on two cores they take five sixths of them, and the seconds
tell more of the browsers than of the server. It needs a machine with a core for every few.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from genre_core.audio.decode import decode_clip  # noqa: E402
from genre_core.data.demo import demo_covers, demo_songs  # noqa: E402
from tests.benchmarks.timing import print_rows, row  # noqa: E402

if TYPE_CHECKING:
    from app_server import AppServer
    from playwright.async_api import Browser, Page

N_STUDENTS = 30
THINK_S = (10.0, 25.0)
"""Whoever reads what is on the page clicks no faster."""
N_OWN_SONGS = 4
SONG_S = 240
UPLOAD_MB = 10
PATIENCE_S = 300
LEFT_S = 130
"""Streamlit keeps what somebody did for two minutes, in case their connection comes back."""

_OF_SONGS = ("Examples", "Judge the song by", "What mattered, by")
_MAP, _PLAYER = '[data-stale="false"] img[alt^="Heat map"]', '[data-testid="player"]'

_NOTE_RUNS = """
window.runs = [];
const look = () => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app) return;
  const isAtWork = app.getAttribute('data-test-script-state') !== 'notRunning';
  const last = window.runs.at(-1);
  if (isAtWork && (!last || last.end)) window.runs.push({start: Date.now()});
  if (!isAtWork && last && !last.end) last.end = Date.now();
};
new MutationObserver(look).observe(
  document, {childList: true, subtree: true, attributeFilter: ['data-test-script-state']});
"""

_ENDED = """since => {
  const runs = window.runs.filter(run => run.start >= since), last = window.runs.at(-1);
  if (!runs.length || !last.end || Date.now() - last.end < 150) return 0;
  return last.end;
}"""


@dataclass(slots=True)
class Watched:
    """What was measured: seconds by kind of click, the server's memory over time."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory_gb: list[float] = field(default_factory=list)
    n_lost: int = 0

    def note(self, kind: str, seconds: float) -> None:
        """Note how long something took."""
        self.seconds.setdefault(kind, []).append(seconds)

    def __str__(self) -> str:
        """Write medians and the time within which 95 of 100 were answered."""
        told = [
            f"{kind} {self.percentile(kind, 0.5):.2f} and {self.percentile(kind, 0.95):.2f} s "
            f"({len(taken)})"
            for kind, taken in self.seconds.items()
        ]
        return f"{', '.join(told)}; {max(self.memory_gb):.2f} GB; lost {self.n_lost}"

    def percentile(self, kind: str, share: float) -> float:
        """Give a percentile of the seconds of one kind of click; NaN where there were none."""
        taken = self.seconds.get(kind, [])
        return float(np.percentile(taken, 100 * share)) if taken else float("nan")


class Student:
    """One visitor: a page of the app and what they do there."""

    def __init__(self, page: Page, url: str, watched: Watched, seed: int) -> None:
        self._page, self._url, self._watched = page, url, watched
        self._random = np.random.default_rng(seed)

    async def _timed(self, kind: str, act: Callable[[], Awaitable[object]]) -> None:
        """Do something, and note how long it takes until the page rests."""
        since = time.time()
        await act()
        ended = await self._page.wait_for_function(
            _ENDED, arg=int(since * 1000), timeout=PATIENCE_S * 1000, polling=100
        )
        ended_s = await ended.json_value() / 1000
        self._watched.note(kind, ended_s - since)

    async def open(self, where: str) -> None:
        await self._timed("a page", lambda: self._page.goto(f"{self._url}/{where}"))

    async def wait_until_ready(self) -> None:
        """Open the app, and wait until its networks are loaded behind the page."""
        await self.open("")
        getting_ready = self._page.get_by_text("Getting ready")
        await getting_ready.wait_for()
        await getting_ready.wait_for(state="detached")

    async def leave(self) -> None:
        """Close the page, as a browser is closed: without a word to the server."""
        await self._page.close()

    async def think(self) -> None:
        await asyncio.sleep(self._random.uniform(*THINK_S))

    async def _choose(self, group: str) -> None:
        """Click one of the choices of a group that is not chosen."""
        choices = self._page.get_by_role("radiogroup", name=group, exact=True).first
        await choices.wait_for()
        others = await choices.get_by_role("radio", checked=False).all()
        other = others[self._random.integers(len(others))]
        # The button itself may be drawn by its label.
        await self._timed("a click", lambda: other.dispatch_event("click"))

    async def explore(self, minutes: float) -> None:
        """Look at built-in covers and songs by several methods, till the time is over."""
        until = time.time() + 60 * minutes
        await asyncio.sleep(
            self._random.uniform(0, THINK_S[1])
        )  # nor do thirty begin in one moment
        steps = itertools.cycle(
            [
                lambda: self.open("covers"),
                *(partial(self._choose, group) for group in ("Examples", "Method") * 2),
                lambda: self.open("songs"),
                *(partial(self._choose, group) for group in _OF_SONGS),
                self._play,
            ]
        )
        for step in steps:
            if time.time() >= until:
                return
            await step()
            await self.think()

    async def _play(self) -> None:
        await self._page.get_by_role("button", name="Play (Space)").first.click()

    async def bring(self, where: str, file: Path, done: str) -> None:
        """Upload a file on a page and wait until what is said of it stands there."""
        await self.open(where)
        since = time.time()
        await self._page.locator('input[type="file"]').first.set_input_files(file)
        heading = self._page.get_by_role("heading", name=file.stem)
        image = self._page.get_by_role("img", name=f"Your cover {file.name}")
        await heading.or_(image).first.wait_for()
        await self._page.locator(done).first.wait_for()
        listening = self._page.get_by_text("The networks are listening")
        await listening.wait_for(state="detached")
        self._watched.note(where, time.time() - since)


async def _together(all_of_them: Iterable[Awaitable[None]], watched: Watched) -> None:
    """Let students do something side by side; one who gets no answer does not stop the others."""
    for end in await asyncio.gather(*all_of_them, return_exceptions=True):
        if isinstance(end, BaseException):
            print(end, file=sys.stderr)
            watched.n_lost += 1


async def _page(browser: Browser) -> Page:
    # Each student has a browser of their own: no cookie, no cache is shared.
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    await page.add_init_script(_NOTE_RUNS)
    return page


def memory_gb(server: AppServer) -> float:
    """Give the memory of the server's process and of those that it started."""
    everyone = [server.process, *server.process.children(recursive=True)]
    return sum(one.memory_info().rss for one in everyone) / 1e9


async def _watch(server: AppServer, watched: Watched) -> None:
    while True:
        watched.memory_gb.append(memory_gb(server))
        await asyncio.sleep(1)


def _own_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Make covers and songs that nobody has seen: no two of one content."""
    built_in = demo_covers()
    covers = [folder / f"cover {k}.jpg" for k in range(N_STUDENTS)]
    for k, cover in enumerate(covers):
        cover.write_bytes(built_in[k % len(built_in)].path.read_bytes() + bytes([k]))
    songs = [folder / f"song {k}.mp3" for k in range(N_OWN_SONGS)]
    for k, song in enumerate(songs):
        clip = decode_clip(demo_songs()[k % len(demo_songs())].path, sr=44_100)
        y = np.roll(np.resize(clip.y, SONG_S * clip.sr), k * clip.sr)
        soundfile.write(song, y, clip.sr, format="MP3")
    return covers, songs


def _padded(cover: Path, target: Path) -> Path:
    """Copy a cover and let it grow to `UPLOAD_MB`."""
    data = cover.read_bytes()
    target.write_bytes(data + bytes(UPLOAD_MB * 1_000_000 - len(data)))
    return target


def measure(minutes: float = 1.0) -> list[dict[str, Any]]:
    """Let thirty students explore, bring their own files, and leave.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds; one row that says so where there is no browser.
    """
    return asyncio.run(_measure(minutes))


async def _measure(minutes: float) -> list[dict[str, Any]]:
    from app_server import AppServer
    from chromium import find_chromium
    from playwright.async_api import async_playwright

    os.environ.pop("GENRE_WARM_UP", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with async_playwright() as playwright:
            path = find_chromium(playwright.chromium)
            if path is None:
                return [row("no Chromium found: nothing measured", 0)]
            with AppServer(folder / "server", one_thread=False) as server:
                browser = await playwright.chromium.launch(
                    executable_path=path, args=["--disable-gpu"]
                )
                rows = await _class(browser, server, folder, minutes)
                await browser.close()
    return rows


async def _class(
    browser: Browser, server: AppServer, folder: Path, minutes: float
) -> list[dict[str, Any]]:
    watched = Watched()
    watching = asyncio.create_task(_watch(server, watched))
    students = [
        Student(await _page(browser), server.url, watched, seed) for seed in range(N_STUDENTS)
    ]
    await students[0].wait_until_ready()

    # Nobody has asked anything before the first round: what it leaves is what the caches hold
    await _together((one.explore(minutes) for one in students), watched)
    after_one = memory_gb(server)
    print("after the first round:", watched, file=sys.stderr, flush=True)
    watched.seconds.clear()
    await _together((one.explore(minutes) for one in students), watched)
    after_two = memory_gb(server)
    explored = watched.seconds
    print("after the second round:", watched, file=sys.stderr, flush=True)
    rows = [
        row("clicks of 30 students on what is built in", len(explored["a click"])),
        row("a click, median, s", watched.percentile("a click", 0.5)),
        row("a click, 95 of 100, s", watched.percentile("a click", 0.95), at_most=2),
        row("a page, 95 of 100, s", watched.percentile("a page", 0.95)),
    ]

    # Some bring files of their own, while the others go on
    watched.seconds = {}
    covers, songs = _own_files(folder)
    n = len(songs)
    own = [one.bring("songs", song, _PLAYER) for one, song in zip(students, songs, strict=False)]
    own += [
        one.bring("covers", cover, _MAP)
        for one, cover in zip(students[n:], covers[n : 3 * n], strict=False)
    ]
    await _together([*own, *(one.explore(1.0) for one in students[3 * n :])], watched)
    rows += [
        row("own cover with its map, 95 of 100, s", watched.percentile("covers", 0.95), at_most=8),
        row("own song of 4 minutes, longest of 4, s", watched.percentile("songs", 1), at_most=8),
        row("a click of the others meanwhile, 95 of 100, s", watched.percentile("a click", 0.95)),
    ]

    print("after own files:", watched, file=sys.stderr, flush=True)

    # All at once
    began = time.time()
    large = [_padded(cover, folder / f"large {k}.jpg") for k, cover in enumerate(covers)]
    bringing = [one.bring("covers", file, _MAP) for one, file in zip(students, large, strict=True)]
    await _together(bringing, watched)
    rows.append(row(f"30 covers of {UPLOAD_MB} MB at once, all read after, s", time.time() - began))
    for one in students:
        await one.leave()
    await asyncio.sleep(LEFT_S)
    watching.cancel()
    return [
        *rows,
        row("visitors who did not get an answer", watched.n_lost, at_most=0),
        row("tracebacks in the server's log", server.log_text().count("Traceback"), at_most=0),
        row("memory of the server, peak, GB", max(watched.memory_gb), at_most=4),
        row("memory after the second round beside the first, GB", after_two - after_one),
        row("memory a while after all have left, GB", memory_gb(server)),
    ]


if __name__ == "__main__":
    raise SystemExit(print_rows(measure(*map(float, sys.argv[1:2]))))
