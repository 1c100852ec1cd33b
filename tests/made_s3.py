"""A server of S3's and the web's kind on this machine: it gives files of a folder, and counts.

It knows what reading needs of S3: HEAD and GET of an object, also of a range, and its errors.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_ABSENT = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>"


class FileServer(ThreadingHTTPServer):
    """Serves a folder; `asked` counts GETs by path, `breaks` how often a path still breaks off."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.asked = folder, Counter[str]()
        self.breaks: Counter[str] = Counter()

    @property
    def address(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FileServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, *, with_content: bool) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        file = self.server.folder / path
        if with_content:
            self.server.asked[path] += 1
        if not file.is_file():
            self._send(404, _ABSENT, with_content)
            return
        content, code = file.read_bytes(), 200
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        n = len(content)
        headers = {"Accept-Ranges": "bytes", "ETag": '"made"'}
        headers["Last-Modified"] = "Mon, 01 Jan 2024 00:00:00 GMT"
        if match:
            first, last = int(match[1]), min(int(match[2] or n - 1), n - 1)
            content, code = content[first : last + 1], 206
            headers["Content-Range"] = f"bytes {first}-{last}/{n}"
        if with_content and self.server.breaks[path] > 0:
            self.server.breaks[path] -= 1
            self.send_response(code)
            self.send_header("Content-Length", str(n))
            self.end_headers()
            self.wfile.write(content[: n // 2])
            self.close_connection = True
            return
        self._send(code, content, with_content, **headers)

    def _send(self, code: int, content: bytes, with_content: bool, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_content:
            self.wfile.write(content)


@contextmanager
def served(folder: Path) -> Iterator[FileServer]:
    """Serve a folder for as long as this lasts."""
    server = FileServer(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
