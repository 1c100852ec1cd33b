"""A visitor of the running app without a browser: what a page in one sends and receives.

It costs next to nothing, so that a whole class of them leaves the processors to the server, as
students do, who bring their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections import Counter
from types import TracebackType
from typing import Any

import requests
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE_S = 300
_MOST_BYTES = 200_000_000  # of one message
_MEDIA = re.compile(rb"/media/[0-9a-f]+(?:\.\w+)?")


class Visitor:
    """One session of the app; use it with `async with`.

    It keeps the elements of the page as a browser does: those of a run that ended and were not sent
    again are gone. Fragments that run by the clock do so here too, and pictures are fetched.

    Parameters
    ----------
    url : str
        Where the app is served, `http://localhost:8501`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.n_bytes = 0
        self.elements: dict[tuple[int, ...], tuple[str, Any]] = {}
        """By place on the page: the fragment that an element belongs to, and the element."""
        self._states: dict[str, WidgetState] = {}
        self._page = self._page_hash = self.query = ""
        self._session = ""
        self._http = requests.Session()
        self._http.trust_env = False
        self._socket: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_clock: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Condition()
        self._ended: Counter[str] = Counter()  # runs, by fragment
        self._of_run: set[str] = set()
        self._may_be_over = False
        self._fresh: set[tuple[int, ...]] = set()
        self._fetched: set[bytes] = set()
        self._urls: dict[str, Any] = {}

    async def __aenter__(self) -> Visitor:
        # The last gives the cookie that uploads are asked for.
        for asked in ("", "_stcore/health", "_stcore/host-config"):
            await asyncio.to_thread(self._http.get, f"{self.url}/{asked}", timeout=PATIENCE_S)
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        cookies = "; ".join(f"{c.name}={c.value}" for c in self._http.cookies)
        self._socket = await websockets.connect(
            address,
            subprotocols=[websockets.Subprotocol("streamlit")],
            additional_headers={"Cookie": cookies},
            max_size=_MOST_BYTES,
            open_timeout=PATIENCE_S,
            ping_interval=None,
            proxy=None,
        )
        self._begin(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()
        self._http.close()

    async def vanish(self) -> None:
        """Drop the connection without a word, as a phone that goes out of reach."""
        for task in list(self._tasks):
            task.cancel()
        self._socket.transport.abort()

    # ---- what a visitor does ----------------------------------------------------------------

    async def open(self, page: str, query: str = "") -> None:
        """Open a page of the app by its address, and wait until its script has ended."""
        self._page, self.query, self._page_hash = page, query, ""
        self._states.clear()
        await self._run("")

    def labelled(self, label: str, kind: str = "button_group") -> Any:
        """Give the element of a kind with this label; LookupError where there is none."""
        return self._find(label, kind)[1]

    def labels(self, kind: str, *, key: str = "") -> list[str]:
        """Give the labels of all elements of a kind whose key begins like this."""
        found = [
            getattr(element, kind)
            for _, (_, element) in sorted(self.elements.items())
            if element.WhichOneof("type") == kind
        ]
        return [one.label for one in found if key in one.id]

    def options(self, label: str) -> list[str]:
        """Give what is written on the buttons of a group."""
        return [option.content for option in self.labelled(label).options]

    async def choose(self, label: str, option: str) -> None:
        """Choose one of a group of buttons by what is written on it."""
        fragment, group = self._find(label, "button_group")
        state = WidgetState(id=group.id)
        state.string_array_value.data[:] = [option]
        self._states[group.id] = state
        await self._run(fragment)

    async def press(self, label: str) -> None:
        """Press a button."""
        fragment, button = self._find(label, "button")
        self._states[button.id] = WidgetState(id=button.id, trigger_value=True)
        try:
            await self._run(fragment)
        finally:
            self._states.pop(button.id, None)

    def write(self, label: str, text: str) -> None:
        """Write into a field of a form; the form's button sends it."""
        _, field = self._find(label, "text_input")
        self._states[field.id] = WidgetState(id=field.id, string_value=text)

    async def upload(self, name: str, content: bytes) -> None:
        """Give a file to the first field of the page that takes files."""
        fragment, field = next(
            found
            for _, found in sorted(self.elements.items())
            if found[1].WhichOneof("type") == "file_uploader"
        )
        field = field.file_uploader
        asked = BackMsg()
        asked.file_urls_request.request_id = str(uuid.uuid4())
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self._session
        await self._send(asked)
        await self._until(lambda: asked.file_urls_request.request_id in self._urls)
        where = self._urls.pop(asked.file_urls_request.request_id)
        token = self._http.cookies.get("_streamlit_xsrf", "")
        answer = await asyncio.to_thread(
            self._http.put,
            self.url + where.upload_url,
            files={"file": (name, content)},
            headers={"X-Xsrftoken": token},
            timeout=PATIENCE_S,
        )
        answer.raise_for_status()
        state = WidgetState(id=field.id)
        info = state.file_uploader_state_value.uploaded_file_info.add(
            file_id=where.file_id, name=name, size=len(content)
        )
        info.file_urls.CopyFrom(where)
        self._states[field.id] = state
        await self._run(fragment)

    def text(self) -> str:
        """Give what is written on the page, element by element."""
        written = "\n".join(str(element) for _, (_, element) in sorted(self.elements.items()))
        return written.replace("\\'", "'")

    async def until(self, words: str, *, is_there: bool = True) -> None:
        """Wait until the page says something, or says it no more."""
        await self._until(lambda: (words in self.text()) == is_there)

    # ---- what its page does -----------------------------------------------------------------

    def _begin(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _find(self, label: str, kind: str) -> tuple[str, Any]:
        for _, (fragment, element) in sorted(self.elements.items()):
            if element.WhichOneof("type") == kind:
                found = getattr(element, kind)
                if found.label == label:
                    return fragment, found
        raise LookupError(f"no {kind} called {label!r} on {self._page}")

    async def _run(self, fragment: str) -> None:
        """Ask for a run of a fragment, or of the whole page for "", and wait until it ended."""
        before = self._ended.copy()
        await self._ask(fragment)
        # A fragment may ask for the whole page to be drawn.
        await self._until(lambda: any(self._ended[f] > before[f] for f in {fragment, ""}))

    async def _ask(self, fragment: str, *, is_by_clock: bool = False) -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.page_name = "" if self._page_hash else self._page
        rerun.page_script_hash, rerun.query_string = self._page_hash, self.query
        rerun.fragment_id, rerun.is_auto_rerun = fragment, is_by_clock
        rerun.context_info.url = f"{self.url}/{self._page}"
        rerun.widget_states.widgets.extend(self._states.values())
        await self._send(message)

    async def _send(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())

    async def _until(self, holds: Any) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: holds() or not self._is_listening)
        if not self._is_listening:
            raise ConnectionError("The server closed the connection.") from self._failure

    _is_listening = True
    _failure: BaseException | None = None

    async def _listen(self) -> None:
        try:
            async for data in self._socket:
                self.n_bytes += len(data)
                for link in set(_MEDIA.findall(data)) - self._fetched:
                    self._fetched.add(link)
                    self._begin(self._fetch(link.decode()))
                message = ForwardMsg.FromString(data)
                async with self._changed:
                    self._take(message)
                    self._changed.notify_all()
        except Exception as error:
            self._failure = error
        finally:
            self._is_listening = False
            with contextlib.suppress(RuntimeError):
                async with self._changed:
                    self._changed.notify_all()

    async def _fetch(self, link: str) -> None:
        with contextlib.suppress(requests.RequestException):
            answer = await asyncio.to_thread(self._http.get, self.url + link, timeout=PATIENCE_S)
            self.n_bytes += len(answer.content)

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            if self._may_be_over and message.metadata.run.fragment_ids:
                self._ended[""] += 1  # what waited was a fragment: the page was over
            self._may_be_over = False
            self._session = message.new_session.initialize.session_id or self._session
            self._of_run = set(message.metadata.run.fragment_ids)
            self._fresh.clear()
            if not self._of_run:
                self._stop_clocks()
        elif kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            fragment = message.auto_rerun.fragment_id
            if fragment not in self._by_clock:
                self._by_clock[fragment] = self._begin(
                    self._again(fragment, message.auto_rerun.interval)
                )
        elif kind == "file_urls_response":
            self._urls[message.file_urls_response.response_id] = (
                message.file_urls_response.file_urls[0]
            )
        elif kind == "script_finished":
            # It says so too where it was over and the next run, perhaps a clock's, was waiting.
            if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN and not self._of_run:
                self._may_be_over = True
                return
            if not self._of_run:
                self.elements = {p: e for p, e in self.elements.items() if p in self._fresh}
            self._ended.update(self._of_run or {""})

    def _draw(self, place: tuple[int, ...], delta: Delta) -> None:
        if delta.WhichOneof("type") == "new_element":
            self.elements[place] = (delta.fragment_id, delta.new_element)
            self._fresh.add(place)
        elif delta.WhichOneof("type") == "add_block" and self._of_run:
            # What stood in a block that a fragment draws anew is drawn anew as well.
            n = len(place)
            self.elements = {
                p: e for p, e in self.elements.items() if p[:n] != place or p in self._fresh
            }

    async def _again(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._ask(fragment, is_by_clock=True)

    def _stop_clocks(self) -> None:
        for task in self._by_clock.values():
            task.cancel()
        self._by_clock.clear()
