"""Students for the benchmark of a class, most of them light, and what they do side by side."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tests.visitor import PATIENCE_S, Visitor

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

    from tests.app_server import AppServer

DECODED = "(4:00"
"""Its length stands behind a song's name when it is decoded; own songs are of four minutes."""
LISTENING = "The networks are listening"
"""What the page says while a song is being heard."""

PATH = (
    ("covers", ("Examples", "Method", "Examples", "Method")),
    ("songs", ("Examples", "Judge the song by", "Examples", "Judge the song by")),
)
"""What a student looks at, again and again: pages, and groups of buttons to choose from.

All of it is stored with the app. What mattered in a song by integrated gradients or occlusion is
not: on two busy processors one such answer takes minutes, and others' maps wait for it.
"""

THINK_S = (10.0, 25.0)
"""Whoever reads what is on the page clicks no faster."""

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
    """What was measured: seconds by kind of act, the server's memory over time."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory_gb: list[float] = field(default_factory=list)
    n_lost: int = 0

    def note(self, kind: str, seconds: float) -> None:
        """Note how long something took."""
        self.seconds.setdefault(kind, []).append(seconds)

    def percentile(self, kind: str, share: float) -> float:
        """Give a percentile of the seconds of one kind; NaN where there were none."""
        taken = self.seconds.get(kind, [])
        return float(np.percentile(taken, 100 * share)) if taken else float("nan")

    def __str__(self) -> str:
        """Write medians and the time within which 95 of 100 were answered."""
        told = [
            f"{kind} {self.percentile(kind, 0.5):.2f} and {self.percentile(kind, 0.95):.2f} s "
            f"({len(taken)})"
            for kind, taken in self.seconds.items()
        ]
        return f"{', '.join(told)}; {max(self.memory_gb):.2f} GB; lost {self.n_lost}"


class Student(Protocol):
    """What every student can do; each act notes how long its answer took."""

    async def open(self, page: str) -> None:
        """Open a page of the app."""

    async def choose_another(self, group: str) -> None:
        """Choose something else in a group of buttons."""

    async def bring(self, page: str, file: Path) -> None:
        """Bring a file of one's own, and wait until all that is said of it stands there."""

    async def leave(self) -> None:
        """Leave without a word to the server."""


class LightStudent:
    """A student's page without the browser around it."""

    kind = ""

    def __init__(self, visitor: Visitor, watched: Watched, seed: int) -> None:
        self.visitor, self._watched = visitor, watched
        self._random = np.random.default_rng(seed)

    async def timed(self, kind: str, act: Awaitable[object]) -> None:
        """Wait for an act, and note how long it took."""
        since = time.perf_counter()
        await act
        self._watched.note(kind, time.perf_counter() - since)

    async def open(self, page: str) -> None:
        name, _, query = page.partition("?")
        await self.timed("a page", self.visitor.open(name, query))

    async def choose_another(self, group: str) -> None:
        option = self._random.choice(self.visitor.options(group))
        await self.timed("a click", self.visitor.choose(group, option))

    async def bring(self, page: str, file: Path) -> None:
        await self.open(page)
        await self.timed(page, self._bring(page, file))

    async def _bring(self, page: str, file: Path) -> None:
        since = time.perf_counter()
        await self.visitor.upload(file.name, file.read_bytes())
        await self.visitor.until(file.stem)
        if page == "songs":
            await self.visitor.until(DECODED)  # its player comes with it
            self._watched.note("a song's player", time.perf_counter() - since)
        await self.visitor.until(LISTENING, is_there=False)

    async def leave(self) -> None:
        await self.visitor.vanish()


class BrowserStudent:
    """A student in a real Chromium, where Streamlit's scripts are compiled by the first page."""

    def __init__(self, page: Page, url: str, watched: Watched, seed: int) -> None:
        self._page, self._url, self._watched = page, url, watched
        self._random = np.random.default_rng(seed)

    @classmethod
    async def enter(
        cls, context: BrowserContext, url: str, watched: Watched, seed: int
    ) -> BrowserStudent:
        """Open a tab of one's own, which is a visitor of its own to the server."""
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        await page.add_init_script(_NOTE_RUNS)
        return cls(page, url, watched, seed)

    async def _timed(self, kind: str, act: Callable[[], Awaitable[object]]) -> None:
        """Do something, and note how long it takes until the page rests."""
        since = time.time()
        await act()
        ended = await self._page.wait_for_function(
            _ENDED, arg=int(since * 1000), timeout=PATIENCE_S * 1000, polling=100
        )
        self._watched.note(kind, await ended.json_value() / 1000 - since)

    async def open(self, page: str) -> None:
        await self._timed("a page in Chromium", lambda: self._page.goto(f"{self._url}/{page}"))

    async def choose_another(self, group: str) -> None:
        choices = self._page.get_by_role("radiogroup", name=group, exact=True).first
        await choices.wait_for()
        others = await choices.get_by_role("radio", checked=False).all()
        other = others[self._random.integers(len(others))]
        # The button itself may be drawn by its label.
        await self._timed("a click in Chromium", lambda: other.dispatch_event("click"))

    async def bring(self, page: str, file: Path) -> None:
        await self.open(page)
        since = time.time()
        await self._page.locator('input[type="file"]').first.set_input_files(file)
        heading = self._page.get_by_role("heading", name=file.stem)
        image = self._page.get_by_role("img", name=f"Your cover {file.name}")
        await heading.or_(image).first.wait_for()
        await self._page.locator(_PLAYER if page == "songs" else _MAP).first.wait_for()
        await self._page.get_by_text(LISTENING).wait_for(state="detached")
        self._watched.note(f"{page} in Chromium", time.time() - since)

    async def play(self) -> None:
        """Let the song of this page sound, and stop it again."""
        button, since = self._page.get_by_test_id("player-play"), time.time()
        await button.click()
        await self._page.locator(f'{_PLAYER}[data-playing="true"]').first.wait_for()
        self._watched.note("play in Chromium", time.time() - since)
        await button.click()

    async def join(self, code: str, nickname: str) -> None:
        """Enter a quiz."""
        await self.open(f"quiz?room={code}")
        await self._page.get_by_label("Nickname").fill(nickname)
        await self._page.get_by_role("button", name="Join").click()
        await self._page.get_by_text("You are in").first.wait_for()

    async def answer(self, wait_s: float) -> None:
        """Guess the first genre of the first question, some seconds after it was asked."""
        button = self._page.locator('[class*="st-key-quiz_1_"] button').first
        await button.wait_for()
        await asyncio.sleep(wait_s)
        await self._timed("an answer in Chromium", lambda: button.dispatch_event("click"))

    async def leave(self) -> None:
        await self._page.close()


async def wait_until_ready(one: LightStudent) -> None:
    """Wait until the server has loaded its networks behind the first page."""
    await one.visitor.open("")
    await one.visitor.until("Getting ready")
    await one.visitor.until("Getting ready", is_there=False)


async def explore(
    one: Student, until: float, seed: int, think_s: tuple[float, float] = THINK_S
) -> None:
    """Look at what is built in, over and over, until the monotonic clock says so."""
    random = np.random.default_rng(seed)
    await asyncio.sleep(random.uniform(0, think_s[1]))  # thirty do not begin in one moment
    while True:
        for page, groups in PATH:
            await one.open(page)
            for group in groups:
                await asyncio.sleep(random.uniform(*think_s))
                if time.monotonic() >= until:
                    return
                await one.choose_another(group)


async def together(all_of_them: Iterable[Awaitable[None]], watched: Watched) -> None:
    """Let students do something side by side; one who gets no answer does not stop the others."""
    for end in await asyncio.gather(*all_of_them, return_exceptions=True):
        if isinstance(end, BaseException):
            print(repr(end), file=sys.stderr)
            watched.n_lost += 1


def memory_gb(server: AppServer) -> float:
    """Give the memory of the server's process and of those that it started."""
    everyone = [server.process, *server.process.children(recursive=True)]
    return sum(one.memory_info().rss for one in everyone) / 1e9
