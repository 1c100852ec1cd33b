"""A small class on one server at once: pages, a quiz, uploads, and those who vanish."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import psutil
import pytest

from genre_core.data.demo import demo_covers
from genre_core.guarded.worker import MODULE
from tests.app_server import AppServer
from tests.made_forks import start_python
from tests.made_results import write_evaluated
from tests.visitor import Visitor

N = 6
LARGE_MB = 10
ROUNDS = 4
MOST_GAINED_MB = 30
"""What a server may gain in two rounds of a class that asks for what it has: threads and pools
of the libraries grow by some MB. One page that is kept for each visitor and click is far more."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    folder = tmp_path_factory.mktemp("class")
    with AppServer(folder, has_shipped=False, start=start_python) as running:
        write_evaluated(running.home / "models")
        yield running
        assert "Traceback" not in running.log_text(), running.log_text()


@asynccontextmanager
async def class_of(n: int, server: AppServer) -> AsyncIterator[list[Visitor]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Visitor(server.url)) for _ in range(n)]


async def all_do(do: Callable[[Visitor, int], Awaitable[object]], visitors: list[Visitor]) -> None:
    await asyncio.gather(*(do(one, k) for k, one in enumerate(visitors)))


def test_every_answer_of_a_quiz_counts_and_a_teacher_sees_them(server: AppServer) -> None:
    async def answer(one: Visitor, k: int) -> None:
        await one.until("Guess before the network does")
        genres = one.labels("button", key="quiz_1_")
        await one.press(genres[k % len(genres)])

    async def play() -> None:
        async with class_of(N + 1, server) as (teacher, *class_):
            await teacher.open("quiz")
            await teacher.press("Open the room")
            await teacher.until("0 in the room")
            code = dict(pair.split("=") for pair in teacher.query.split("&"))["room"]

            async def join(one: Visitor, k: int) -> None:
                await one.open("quiz", f"room={code}")
                one.write("Nickname", f"Student {k}")
                await one.press("Join")
                await one.until("You are in")

            await all_do(join, class_)
            await teacher.until(f"{N} in the room")
            await teacher.press("Start")
            await all_do(answer, class_)
            await teacher.until(f"{N} of {N}")
            await teacher.press("End and show results")
            await teacher.until("Scoreboard")
            for one in class_:
                await one.until("The quiz is over")

    asyncio.run(play())
    with closing(sqlite3.connect(server.home / "quiz.sqlite")) as kept:
        assert kept.execute("select count(*) from answers").fetchone() == (N,)


def test_a_quiz_goes_on_where_it_was_after_its_server_was_killed(tmp_path: Path) -> None:
    """The links of teacher and students are all that they need on the next server."""

    def served() -> AppServer:
        return AppServer(tmp_path, has_shipped=False, start=start_python)

    async def until_killed(server: AppServer) -> list[str]:
        async with class_of(3, server) as (teacher, *class_):
            await teacher.open("quiz")
            await teacher.press("Open the room")
            await teacher.until("0 in the room")
            code = dict(pair.split("=") for pair in teacher.query.split("&"))["room"]
            for one, name in zip(class_, ("Ann", "Bob"), strict=True):
                await one.open("quiz", f"room={code}")
                one.write("Nickname", name)
                await one.press("Join")
                await one.until("You are in")
            await teacher.press("Start")
            await class_[0].until("Guess before the network does")
            await class_[0].press(class_[0].labels("button", key="quiz_1_")[1])
            await teacher.until("1 of 2")
            server.process.kill()
            return [one.query for one in (teacher, *class_)]

    async def go_on(server: AppServer, queries: list[str]) -> None:
        async with class_of(3, server) as (teacher, ann, bob):
            for one, query in zip((teacher, ann, bob), queries, strict=True):
                await one.open("quiz", query)
            await teacher.until("1 of 2")
            await bob.until("Guess before the network does")
            await bob.press(bob.labels("button", key="quiz_1_")[0])
            await teacher.until("2 of 2")
            await teacher.press("End and show results")
            await teacher.until("Scoreboard")
            for one, name in ((ann, "Ann"), (bob, "Bob")):
                await one.until("The quiz is over")
                assert name in teacher.text()

    with served() as server:
        write_evaluated(server.home / "models")
        queries = asyncio.run(until_killed(server))
    with served() as again:
        asyncio.run(go_on(again, queries))
        assert "Traceback" not in again.log_text(), again.log_text()
    with closing(sqlite3.connect(again.home / "quiz.sqlite")) as kept:
        assert kept.execute("select count(*) from answers").fetchone() == (2,)
        assert kept.execute("pragma integrity_check").fetchone() == ("ok",)


def test_large_uploads_at_once_are_all_read(server: AppServer) -> None:
    cover = demo_covers()[0].path.read_bytes()

    async def bring(one: Visitor, k: int) -> None:
        await one.open("covers")
        await one.upload(f"mine {k}.jpg", cover.ljust(LARGE_MB * 1_000_000 + k, b"\0"))
        await one.until(f"mine {k}.jpg")
        # Nobody sees what somebody else has brought.
        assert f"mine {(k + 1) % N}.jpg" not in one.text()

    async def all_bring() -> None:
        async with class_of(N, server) as visitors:
            await all_do(bring, visitors)

    asyncio.run(all_bring())


@pytest.mark.skipif(os.name != "posix", reason="No process can be held up there.")
def test_one_whose_file_takes_long_stops_nobody(server: AppServer) -> None:
    cover = demo_covers()[0].path.read_bytes()

    def decoders() -> list[psutil.Process]:
        children = psutil.Process(server.process.pid).children(recursive=True)
        return [one for one in children if MODULE in one.cmdline()]

    async def bring_and_look() -> None:
        async with class_of(2, server) as (slow, other):
            await slow.open("covers")
            await slow.upload("first.jpg", cover + b"first")
            await slow.until("first.jpg")
            held_up = decoders()  # the one that was used last is asked next
            assert held_up
            for process in held_up:
                process.suspend()
            try:
                bringing = asyncio.create_task(slow.upload("slow.jpg", cover + b"slow"))
                for page in ("quiz", "results", "about", "results"):
                    await other.open(page)
                assert not bringing.done()
            finally:
                for process in held_up:
                    process.resume()
            await bringing
            await slow.until("slow.jpg")

    asyncio.run(bring_and_look())


def test_memory_stays_and_those_who_vanish_stop_nobody(server: AppServer) -> None:
    memory_mb = []

    async def look(one: Visitor, k: int) -> None:
        await one.open("covers")
        examples = one.options("Examples")
        example = examples[1 + k % (len(examples) - 1)]
        await one.choose("Examples", example)
        await one.until(f"{example} ·")  # below its picture

    async def go_round() -> None:
        async with class_of(N, server) as visitors:
            await all_do(look, visitors)
            memory_mb.append(server.process.memory_info().rss / 1e6)
            for one in visitors[: N // 2]:
                await one.vanish()
            await all_do(look, visitors[N // 2 :])

    for _ in range(ROUNDS):
        asyncio.run(go_round())
    assert memory_mb[-1] - memory_mb[ROUNDS // 2 - 1] < MOST_GAINED_MB, memory_mb
