"""A class of thirty on one server: what a click takes, a quiz, own files, and what memory.

Run `python tests/benchmarks/bench_class.py [MINUTES] [STUDENTS]`: so long they explore. All but
two are light students, who send and receive what a browser does without drawing it: thirty
Chromium on the server's own two cores took five sixths of them, and the seconds told of the
browsers. A class brings its own.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from genre_core.audio.decode import decode_clip  # noqa: E402
from genre_core.data.demo import demo_covers, demo_songs  # noqa: E402
from tests.benchmarks.students import BrowserStudent, LightStudent, Student, Watched  # noqa: E402
from tests.benchmarks.timing import print_rows, row  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

if TYPE_CHECKING:
    from tests.app_server import AppServer

N_STUDENTS = 30
N_BROWSERS = 2
MINUTES = 4.0
THINK_S = (10.0, 25.0)
"""Whoever reads what is on the page clicks no faster."""
N_QUESTIONS = 3
ANSWER_S = 8.0
"""Within so many seconds a class answers a question."""
N_OWN_SONGS = 4
SONG_S = 240
UPLOAD_MB = 10
LEFT_S = 130
"""Streamlit keeps what somebody did for two minutes, in case their connection comes back."""

PATH = (
    ("covers", ("Examples", "Method", "Examples", "Method")),
    ("songs", ("Examples", "Judge the song by", "What mattered, by")),
)
"""What a student looks at, again and again: pages, and groups of buttons to choose from."""


def measure(minutes: float = MINUTES, n_students: int = N_STUDENTS) -> list[dict[str, Any]]:
    """Let a class explore, play the quiz, bring own files, and vanish.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds.
    """
    return asyncio.run(_measure(minutes, n_students))


async def _measure(minutes: float, n_students: int) -> list[dict[str, Any]]:
    from tests.app_server import AppServer

    os.environ.pop("GENRE_WARM_UP", None)
    watched = Watched()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with AppServer(folder / "server", one_thread=False) as server:
            watching = asyncio.create_task(_watch(server, watched))
            try:
                return await _class(server, folder, watched, minutes, n_students)
            finally:
                watching.cancel()


async def _class(
    server: AppServer, folder: Path, watched: Watched, minutes: float, n_students: int
) -> list[dict[str, Any]]:
    async with AsyncExitStack() as stack:
        light = [
            LightStudent(await stack.enter_async_context(Visitor(server.url)), watched, seed)
            for seed in range(max(2, n_students - N_BROWSERS))
        ]
        browsers = await _browsers(stack, server, watched, n_students - len(light))
        students: list[Student] = [*light, *browsers]
        await wait_until_ready(light[0])
        rows = [row("all built-in answers asked for once before, s", await _warm(light[0]))]
        rows += await _exploring(server, watched, students, minutes)
        rows += await _quiz(server, watched, light)
        rows += await _own_files(folder, watched, students, light)
        for one in students:
            await one.leave()
        await asyncio.sleep(LEFT_S)
        return [
            *rows,
            row("visitors who did not get an answer", watched.n_lost, at_most=0),
            row("tracebacks in the server's log", server.log_text().count("Traceback"), at_most=0),
            row("memory of the server, peak, GB", max(watched.memory_gb), at_most=4),
            row("memory a while after all have vanished, GB", memory_gb(server)),
        ]


async def _browsers(
    stack: AsyncExitStack, server: AppServer, watched: Watched, n: int
) -> list[BrowserStudent]:
    from chromium import find_chromium
    from playwright.async_api import async_playwright

    if n <= 0:
        return []
    playwright = await stack.enter_async_context(async_playwright())
    path = find_chromium(playwright.chromium)
    if path is None:
        print("No Chromium was found: all students are light.", file=sys.stderr)
        return []
    browser = await playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    return [await BrowserStudent.enter(context, server.url, watched, seed) for seed in range(n)]


async def wait_until_ready(one: LightStudent) -> None:
    """Wait until the server has loaded its networks behind the first page."""
    await one.visitor.open("")
    await one.visitor.until("Getting ready")
    await one.visitor.until("Getting ready", is_there=False)


async def _warm(one: LightStudent) -> float:
    """Ask once for all that the class will ask for, as who prepares a lesson does; seconds."""
    began = time.monotonic()
    visitor = one.visitor
    for page, groups in PATH:
        await visitor.open(page)
        outer, *inner = dict.fromkeys(groups)
        for option in visitor.options(outer):
            await visitor.choose(outer, option)
            for group in inner:
                for other in visitor.options(group):
                    await visitor.choose(group, other)
    return time.monotonic() - began


# ---- exploring ---------------------------------------------------------------------------------


async def _exploring(
    server: AppServer, watched: Watched, students: Sequence[Student], minutes: float
) -> list[dict[str, Any]]:
    """Look at what is built in, in two rounds: what the second adds is no cache that fills."""
    levels = []
    for part in range(2):
        watched.seconds.clear()
        until = time.monotonic() + 30 * minutes
        exploring = (explore(one, until, seed) for seed, one in enumerate(students))
        await together(exploring, watched)
        levels.append(memory_gb(server))
        print(f"round {part + 1}:", watched, file=sys.stderr, flush=True)
    n = len(watched.seconds.get("a click", ())) + len(
        watched.seconds.get("a click in Chromium", ())
    )
    return [
        row(f"clicks of {len(students)} students on what is built in", n),
        row("a click, median, s", watched.percentile("a click", 0.5)),
        row("a click, 95 of 100, s", watched.percentile("a click", 0.95), at_most=2),
        row(
            f"a click in {N_BROWSERS} Chromium beside them, 95 of 100, s",
            watched.percentile("a click in Chromium", 0.95),
            at_most=2,
        ),
        row("a page, 95 of 100, s", watched.percentile("a page", 0.95)),
        row("memory after the first half, GB", levels[0]),
        row("memory that the second half adds, GB", levels[1] - levels[0], at_most=0.1),
    ]


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


# ---- the quiz ----------------------------------------------------------------------------------


async def _quiz(
    server: AppServer, watched: Watched, students: Sequence[LightStudent]
) -> list[dict[str, Any]]:
    """Let the first lead the others through some questions, answered within seconds."""
    teacher, *class_ = students
    await teacher.visitor.open("quiz")
    await teacher.visitor.press("Open the room")
    await teacher.visitor.until("in the room")
    code = dict(pair.split("=") for pair in teacher.visitor.query.split("&"))["room"]
    await together((_join(one, code, k) for k, one in enumerate(class_)), watched)
    await teacher.visitor.until(f"{len(class_)} in the room")
    for number in range(1, N_QUESTIONS + 1):
        await teacher.visitor.press("Start" if number == 1 else "Next question")
        await together((_answer(one, number, k) for k, one in enumerate(class_)), watched)
        await teacher.visitor.until(f"{len(class_)} of {len(class_)}")
        for label in ("Close answers", "Ask the network"):
            await teacher.timed("a step of the teacher", teacher.visitor.press(label))
    await teacher.timed("a step of the teacher", teacher.visitor.press("End and show results"))
    await teacher.visitor.until("Scoreboard")
    await together((one.visitor.until("The quiz is over") for one in class_), watched)
    with closing(sqlite3.connect(server.home / "quiz.sqlite")) as kept:
        n_kept = kept.execute("select count(*) from answers").fetchone()[0]
    print("after the quiz:", watched, file=sys.stderr, flush=True)
    return [
        row(f"quiz: answers kept of {len(class_) * N_QUESTIONS}", n_kept, at_least=_all(class_)),
        row("quiz: an answer, 95 of 100, s", watched.percentile("an answer", 0.95), at_most=2),
        row(
            "quiz: a step of the teacher, longest, s",
            watched.percentile("a step of the teacher", 1),
        ),
    ]


def _all(class_: Sequence[LightStudent]) -> int:
    return len(class_) * N_QUESTIONS


async def _join(one: LightStudent, code: str, number: int) -> None:
    await one.visitor.open("quiz", f"room={code}")
    one.visitor.write("Nickname", f"Student {number}")
    await one.visitor.press("Join")
    await one.visitor.until("You are in")


async def _answer(one: LightStudent, question: int, number: int) -> None:
    await one.visitor.until(f"Question {question} of")
    await asyncio.sleep(ANSWER_S * np.random.default_rng([question, number]).random())
    await one.visitor.until("Guess before the network does")
    genres = one.visitor.labels("button", key=f"quiz_{question}_")
    await one.timed("an answer", one.visitor.press(genres[number % len(genres)]))


# ---- own files ---------------------------------------------------------------------------------


async def _own_files(
    folder: Path, watched: Watched, students: Sequence[Student], light: Sequence[LightStudent]
) -> list[dict[str, Any]]:
    """Some bring files of their own while the others go on; then all at once large ones."""
    covers, songs = _made_files(folder, len(students))
    n = min(len(songs), len(light) // 3)
    watched.seconds.clear()
    until = time.monotonic() + 60
    bringing = [one.bring("songs", song) for one, song in zip(light, songs[:n], strict=False)]
    bringing += [
        one.bring("covers", cover)
        for one, cover in zip(light[n : 3 * n], covers[n : 3 * n], strict=False)
    ]
    others = [explore(one, until, seed) for seed, one in enumerate(students[3 * n :])]
    await together([*bringing, *others], watched)
    print("after own files:", watched, file=sys.stderr, flush=True)
    rows = [
        row("own cover with its map, 95 of 100, s", watched.percentile("covers", 0.95), at_most=8),
        row(f"own song of 4 minutes, longest of {n}, s", watched.percentile("songs", 1), at_most=8),
        row(
            "a click of the others meanwhile, 95 of 100, s",
            watched.percentile("a click", 0.95),
            at_most=2,
        ),
    ]
    large = [_padded(cover, folder / f"large {k}.jpg") for k, cover in enumerate(covers)]
    began = time.monotonic()
    await together(
        (one.bring("covers", file) for one, file in zip(students, large, strict=True)), watched
    )
    took = time.monotonic() - began
    return [*rows, row(f"{len(large)} covers of {UPLOAD_MB} MB at once, all answered, s", took)]


def _made_files(folder: Path, n_covers: int) -> tuple[list[Path], list[Path]]:
    """Make covers and songs that nobody has seen: no two of one content."""
    built_in = demo_covers()
    covers = [folder / f"cover {k}.jpg" for k in range(n_covers)]
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


# ---- all of them -------------------------------------------------------------------------------


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


async def _watch(server: AppServer, watched: Watched) -> None:
    while True:
        watched.memory_gb.append(memory_gb(server))
        await asyncio.sleep(1)


if __name__ == "__main__":
    raise SystemExit(
        print_rows(measure(*(kind(x) for kind, x in zip((float, int), sys.argv[1:], strict=False))))
    )
