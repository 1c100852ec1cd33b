"""Visits that are over are forgotten with all they held, though nobody else comes."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from genre_core import classroom
from genre_core.errors import JobError
from pages import tidying

KEPT_S = 1.0


class Visit:
    """Holds an upload, and itself, as Streamlit's do."""

    def __init__(self, number: int) -> None:
        self.id = str(number)
        self.upload = bytearray(1_000)
        self.me = self


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemorySessionStorage]:
    """Streamlit's own, of a server that collects nothing by itself."""
    kept = MemorySessionStorage(ttl_seconds=KEPT_S)
    nothing: Any = None
    manager = WebsocketSessionManager(kept, nothing, nothing, nothing)
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager))
    gc.disable()
    yield kept
    gc.enable()


def test_a_visit_may_come_back_for_a_while_and_then_is_let_go(
    storage: MemorySessionStorage,
) -> None:
    visit = Visit(1)
    held = weakref.ref(visit)
    nothing: Any = None
    storage.save(SessionInfo(nothing, visit))
    del visit

    async def serve() -> None:
        tidy = asyncio.create_task(tidying.tidy_for_ever(0.02))
        assert tidying._visits() == {"1"}
        for _ in range(500):
            await asyncio.sleep(0.02)
            if held() is None:
                break
        tidy.cancel()

    asyncio.run(serve())
    assert held() is None


def test_old_rooms_are_deleted_though_nobody_opens_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def delete() -> int:
        asked.append(1)
        raise JobError("The file of rooms must be one.", received="none", cure="Remove it.")

    monkeypatch.setattr(classroom, "delete_old_rooms", delete)

    async def serve() -> None:
        tidy = asyncio.create_task(tidying.tidy_for_ever(0.01))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if asked:
                break
        await asyncio.sleep(0.1)
        assert not tidy.done()  # an error ends nothing
        tidy.cancel()

    asyncio.run(serve())
    assert asked == [1]  # once an hour


def test_another_version_of_streamlit_forgets_by_itself(
    storage: MemorySessionStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "get_instance", SimpleNamespace)
    assert tidying._visits() == set()


def test_without_a_server_there_is_nothing_to_forget() -> None:
    assert not runtime.exists()
    assert tidying._visits() == set()
