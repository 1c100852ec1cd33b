"""A class of thirty on one server: what a click takes, a quiz, own files, and what memory.

Run `python tests/benchmarks/run.py bench_class`, or of one part `... bench_class:quiz`. Students
are light: they send and receive what a browser does, without drawing it. Thirty Chromium on the
server's own two cores took five sixths of them, and the seconds told of the browsers; a class
brings its own. The part `chromium` has thirty real ones, ten at a time.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from genre_core.audio.decode import decode_clip  # noqa: E402
from genre_core.data.demo import demo_covers, demo_songs  # noqa: E402
from tests.app_server import AppServer  # noqa: E402
from tests.benchmarks.students import (  # noqa: E402
    PATH,
    THINK_S,
    BrowserStudent,
    LightStudent,
    Watched,
    explore,
    memory_gb,
    together,
    wait_until_ready,
)
from tests.benchmarks.timing import print_rows, row  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

PARTS = ("explore", "chromium", "quiz", "own_files", "large_files")

N_STUDENTS = 30
N_AT_ONCE = 10
"""Real browsers beside each other, for want of memory and processors."""
MINUTES = 4.0
SONG_OF_EACH = 5
"""Of so many real browsers one brings a song, the others a cover."""
N_QUESTIONS = 3
ANSWER_S = 8.0
"""Within so many seconds a class answers a question."""
N_OWN_SONGS = 4
SONG_S = 240
UPLOAD_MB = 10
LEFT_S = 200
"""Streamlit keeps what somebody did for two minutes, in case their connection comes back, and
`pages.tidying` looks every half minute; the last of a class leave some seconds after the first."""


def measure(part: str, n_students: int = N_STUDENTS) -> list[dict[str, Any]]:
    """Let a class do one of `PARTS` on a server of its own, with two cores and warm answers.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds.
    """
    return asyncio.run(_measure(part, n_students))


async def _measure(part: str, n_students: int) -> list[dict[str, Any]]:
    os.environ.pop("GENRE_WARM_UP", None)
    do = {
        "explore": _exploring,
        "chromium": _in_chromium,
        "quiz": _quiz,
        "own_files": _own_files,
        "large_files": _large_files,
    }[part]
    watched = Watched()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(AppServer(folder / "server", one_thread=False))
        students = [
            LightStudent(await stack.enter_async_context(Visitor(server.url)), watched, seed)
            for seed in range(1 if part == "chromium" else n_students)
        ]
        watching = asyncio.create_task(_watch(server, watched))
        stack.callback(watching.cancel)
        await wait_until_ready(students[0])
        rows = await do(server, folder, watched, students)
        return [
            *rows,
            row("visitors who did not get an answer", watched.n_lost, at_most=0),
            row("tracebacks in the server's log", server.log_text().count("Traceback"), at_most=0),
            row("memory of the server, peak, GB", max(watched.memory_gb), at_most=4),
            row(
                f"wanting one of {os.cpu_count()} processors, the class among them (5 min)",
                os.getloadavg()[1],
            ),
        ]


async def _warm(one: LightStudent) -> float:
    """Ask once for all that the class will ask for, as who prepares a lesson does; seconds."""
    began = time.monotonic()
    visitor = one.visitor
    for page, groups in PATH:
        name, _, query = page.partition("?")
        await visitor.open(name, query)
        outer, *inner = dict.fromkeys(groups)
        for option in visitor.options(outer):
            await visitor.choose(outer, option)
            for group in inner:
                for other in visitor.options(group):
                    await visitor.choose(group, other)
    return time.monotonic() - began


# ---- exploring ---------------------------------------------------------------------------------


async def _exploring(
    server: AppServer, folder: Path, watched: Watched, students: Sequence[LightStudent]
) -> list[dict[str, Any]]:
    """Look at what is built in, in two rounds: what the second adds is no cache that fills."""
    warm_s, levels = await _warm(students[0]), []
    for part in range(2):
        watched.seconds.clear()
        until = time.monotonic() + 30 * MINUTES
        await together((explore(one, until, seed) for seed, one in enumerate(students)), watched)
        levels.append(memory_gb(server))
        print(f"round {part + 1}:", watched, file=sys.stderr, flush=True)
    return [
        row("all that is built in asked for once before, s", warm_s),
        row(f"clicks of {len(students)} light students", len(watched.seconds.get("a click", ()))),
        row("a click, median, s", watched.percentile("a click", 0.5)),
        row("a click, 95 of 100, s", watched.percentile("a click", 0.95), at_most=2),
        row("a page, 95 of 100, s", watched.percentile("a page", 0.95)),
        row("memory after the first half, GB", levels[0]),
        row("memory that the second half adds, GB", levels[1] - levels[0], at_most=0.1),
    ]


async def _in_chromium(
    server: AppServer, folder: Path, watched: Watched, students: Sequence[LightStudent]
) -> list[dict[str, Any]]:
    """Let real browsers look, play, bring files and answer a quiz, so many at once."""
    from chromium import find_chromium
    from playwright.async_api import async_playwright

    await _warm(students[0])
    covers, songs = _made_files(folder, N_STUDENTS, N_STUDENTS // SONG_OF_EACH)
    async with async_playwright() as playwright:
        path = find_chromium(playwright.chromium)
        if path is None:
            raise SystemExit("No Chromium was found.")
        for first in range(0, N_STUDENTS, N_AT_ONCE):
            browser = await playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
            context = await browser.new_context(viewport={"width": 1280, "height": 900})
            some = {
                k: await BrowserStudent.enter(context, server.url, watched, k)
                for k in range(first, first + N_AT_ONCE)
            }
            files = {
                k: ("songs", songs[k // SONG_OF_EACH])
                if k % SONG_OF_EACH == 0
                else ("covers", covers[k])
                for k in some
            }
            await together((_visit(one, k, *files[k]) for k, one in some.items()), watched)
            async with Visitor(server.url) as teacher:
                await _quiz_in_chromium(teacher, some, watched)
            await browser.close()
            print(f"after {first + N_AT_ONCE}:", watched, file=sys.stderr, flush=True)
    at_once = f"{N_STUDENTS} real Chromium on the server's own cores, {N_AT_ONCE} at a time"
    taken = {
        what: watched.percentile(f"{what} in Chromium", 0.95)
        for what in ("a click", "an answer", "play", "covers", "songs")
    }
    return [
        row(f"{at_once}: clicks", len(watched.seconds.get("a click in Chromium", ()))),
        row("a click, median, s", watched.percentile("a click in Chromium", 0.5)),
        row("a click, 95 of 100, s", taken["a click"], at_most=2),
        row("an answer in a quiz, 95 of 100, s", taken["an answer"], at_most=2),
        row("a song plays after a click, 95 of 100, s", taken["play"], at_most=2),
        row(
            "a page with scripts compiled anew, median, s",
            watched.percentile("a page in Chromium", 0.5),
        ),
        row("own cover with its map, 95 of 100, s", taken["covers"], at_most=8),
        row("own song of 4 minutes, heard by all networks, s", taken["songs"], at_most=8),
    ]


async def _visit(one: BrowserStudent, number: int, page: str, file: Path) -> None:
    """Go through the pages once, play a song, then bring a file."""
    random = np.random.default_rng(number)
    await asyncio.sleep(random.uniform(0, THINK_S[1]))  # ten do not begin in one moment
    for name, groups in PATH:
        await one.open(name)
        for group in groups:
            await asyncio.sleep(random.uniform(*THINK_S))
            await one.choose_another(group)
    await one.play()
    await asyncio.sleep(random.uniform(*THINK_S))
    await one.bring(page, file)


async def _quiz_in_chromium(
    teacher: Visitor, class_: Mapping[int, BrowserStudent], watched: Watched
) -> None:
    """Ask a class of browsers one question, and end."""
    await teacher.open("quiz")
    await teacher.press("Open the room")
    await teacher.until("in the room")
    code = dict(pair.split("=") for pair in teacher.query.split("&"))["room"]
    await together((one.join(code, f"Student {k}") for k, one in class_.items()), watched)
    await teacher.until(f"{len(class_)} in the room")
    await teacher.press("Start")
    wait_s = dict(zip(class_, np.random.default_rng(0).random(len(class_)), strict=True))
    await together((one.answer(ANSWER_S * wait_s[k]) for k, one in class_.items()), watched)
    await teacher.until(f"{len(class_)} of {len(class_)}")
    await teacher.press("End and show results")
    await teacher.until("Scoreboard")


# ---- the quiz ----------------------------------------------------------------------------------


async def _quiz(
    server: AppServer, folder: Path, watched: Watched, students: Sequence[LightStudent]
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
    server: AppServer, folder: Path, watched: Watched, students: Sequence[LightStudent]
) -> list[dict[str, Any]]:
    """Some bring files of their own while the others go on; then all vanish."""
    await _warm(students[0])
    n = min(N_OWN_SONGS, len(students) // 3)
    covers, songs = _made_files(folder, 2 * n, n)
    watched.seconds.clear()
    until = time.monotonic() + 60
    bringing = [one.bring("songs", song) for one, song in zip(students, songs, strict=False)]
    bringing += [
        one.bring("covers", cover) for one, cover in zip(students[n:], covers, strict=False)
    ]
    others = [explore(one, until, seed) for seed, one in enumerate(students[3 * n :])]
    await together([*bringing, *others], watched)
    for one in students:
        await one.leave()
    await asyncio.sleep(LEFT_S)
    return [
        row(
            f"own cover with its map, longest of {2 * n}, s",
            watched.percentile("covers", 1),
            at_most=8,
        ),
        row(
            f"own song of 4 minutes can be played, longest of {n}, s",
            watched.percentile("a song's player", 1),
            at_most=8,
        ),
        row(
            f"own song of 4 minutes, heard by all networks, longest of {n}, s",
            watched.percentile("songs", 1),
            at_most=8,
        ),
        row(
            f"a click of {len(students) - 3 * n} others meanwhile, 95 of 100, s",
            watched.percentile("a click", 0.95),
            at_most=2,
        ),
        row("memory a while after all have vanished, GB", memory_gb(server)),
    ]


async def _large_files(
    server: AppServer, folder: Path, watched: Watched, students: Sequence[LightStudent]
) -> list[dict[str, Any]]:
    """Bring large covers, all at once; then a second class does: what it adds is no cache."""
    n = len(students)
    covers, _ = _made_files(folder, 2 * n, n_songs=0)
    large = [_padded(cover, folder / f"large {k}.jpg") for k, cover in enumerate(covers)]
    before_gb, levels, took = memory_gb(server), [], []
    for files in (large[:n], large[n:]):
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            class_ = [
                LightStudent(await stack.enter_async_context(Visitor(server.url)), watched, k)
                for k in range(n)
            ]
            await together(
                (one.bring("covers", file) for one, file in zip(class_, files, strict=True)),
                watched,
            )
            took.append(time.monotonic() - began)
            for one in class_:
                await one.leave()
        await asyncio.sleep(LEFT_S)
        levels.append(memory_gb(server))
    return [
        row(
            f"{n} covers of {UPLOAD_MB} MB at once, all answered, slower of two classes, s",
            max(took),
        ),
        row("memory before, GB", before_gb),
        row("memory a while after all have vanished, GB", levels[0]),
        row("memory that the second class adds, GB", levels[1] - levels[0], at_most=0.1),
    ]


def _made_files(folder: Path, n_covers: int, n_songs: int) -> tuple[list[Path], list[Path]]:
    """Make covers and songs that nobody has seen: no two of one content."""
    built_in = demo_covers()
    covers = [folder / f"cover {k}.jpg" for k in range(n_covers)]
    for k, cover in enumerate(covers):
        cover.write_bytes(built_in[k % len(built_in)].path.read_bytes() + bytes([k]))
    songs = [folder / f"song {k}.mp3" for k in range(n_songs)]
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


async def _watch(server: AppServer, watched: Watched) -> None:
    while True:
        watched.memory_gb.append(memory_gb(server))
        await asyncio.sleep(1)


if __name__ == "__main__":
    raise SystemExit(print_rows(measure(sys.argv[1], *map(int, sys.argv[2:]))))
