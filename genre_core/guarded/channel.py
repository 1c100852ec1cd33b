"""Messages between the server and a process that decodes: a text in JSON and a block of bytes.

A block is handed over as the descriptor of a file without a name, so nothing can be left behind.
Windows hands over no descriptors: there the bytes follow the text through the socket.
"""

from __future__ import annotations

import json
import mmap
import os
import select
import socket
import struct
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

SHARES = hasattr(socket, "send_fds")
"""Whether descriptors can be handed over."""

_HEAD = struct.Struct("<QQ")  # bytes of the text; bytes of a block that follows it
_LOOK_S = 0.05


class Block:
    """Bytes that came with a message."""

    def __init__(self, content: BinaryIO | bytearray) -> None:
        self._content = content

    def map(self) -> mmap.mmap | bytearray:
        """Give the bytes for arrays on them, which need no copy; they last as long as the arrays.

        To be called once.
        """
        if isinstance(self._content, bytearray):
            return self._content
        with self._content as file:
            return mmap.mmap(file.fileno(), 0)

    def source(self) -> Path | bytes:
        """Give the bytes as decoders read them fastest: as a file, where it can be opened."""
        if not isinstance(self._content, bytearray) and sys.platform == "linux":
            return Path(f"/dev/fd/{self._content.fileno()}")
        return bytes(self.map())

    def close(self) -> None:
        """Give back the file behind a source; does nothing to what was mapped."""
        if not isinstance(self._content, bytearray):
            self._content.close()


class Channel:
    """One end of a connection; `ConnectionError` where the other end is gone."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def close(self) -> None:
        """Let the other end know that nothing more comes."""
        self._end.close()

    def send(self, message: object, parts: Iterable[Any] = ()) -> None:
        """Send what JSON can write and, as one block, the bytes of any arrays and the like."""
        text = json.dumps(message).encode()
        views = [memoryview(part).cast("B") for part in parts if len(part)]
        if SHARES and views:
            with _nameless_file() as file:
                for view in views:
                    _write(file.fileno(), view)
                os.lseek(file.fileno(), 0, os.SEEK_SET)
                head = _HEAD.pack(len(text), 0)
                n_sent = socket.send_fds(self._end, [head], [file.fileno()])
            self._end.sendall(head[n_sent:] + text)
            return
        self._end.sendall(_HEAD.pack(len(text), sum(map(len, views))) + text)
        for view in views:
            self._end.sendall(view)

    def receive(self, look: Callable[[], None] | None = None) -> tuple[Any, Block | None]:
        """Wait for a message.

        Until it comes `look` is called twenty times a second; what it raises ends the wait.
        """
        while look and not select.select([self._end], [], [], _LOOK_S)[0]:
            look()
        head, descriptors = b"", list[int]()
        if SHARES:
            head, descriptors, _, _ = socket.recv_fds(self._end, _HEAD.size, 1)
        shared = os.fdopen(descriptors[0], "r+b", buffering=0) if descriptors else None
        n_text, n_inline = _HEAD.unpack(head + self._read(_HEAD.size - len(head)))
        message = json.loads(self._read(n_text))
        content = shared or (self._read(n_inline) if n_inline else None)
        return message, None if content is None else Block(content)

    def _read(self, n_bytes: int) -> bytearray:
        content = bytearray(n_bytes)
        rest = memoryview(content)
        while rest:
            n = self._end.recv_into(rest)
            if not n:
                raise ConnectionResetError("the other end is gone")
            rest = rest[n:]
        return content


def _nameless_file() -> BinaryIO:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("genre"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def _write(descriptor: int, view: memoryview) -> None:
    while view:
        view = view[os.write(descriptor, view) :]
