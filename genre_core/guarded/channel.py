"""Messages between the server and a process that decodes: a text in JSON and a block of bytes.

A block is handed over as the descriptor of a file without a name, so nothing can be left behind.
Once nobody reads it any more the next block is written over it: fresh memory would take a tenth of
a picture's time. Windows hands over no descriptors: there the bytes follow the text through the
socket.
"""

from __future__ import annotations

import functools
import io
import itertools
import json
import mmap
import os
import select
import socket
import struct
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

SHARES = hasattr(socket, "send_fds")
"""Whether descriptors can be handed over."""

_HEAD = struct.Struct("<QQ")  # bytes of the text; bytes of a block that follows it
_LOOK_S = 0.05
_MOST_KEPT = 4
_MOST_KEPT_BYTES = 32 * 2**20


class Block:
    """Bytes that came with a message; `let_go` is called once nobody needs them."""

    def __init__(self, content: BinaryIO | bytearray, let_go: Callable[[], None]) -> None:
        self._content = content
        self._let_go = let_go

    def map(self) -> mmap.mmap | bytearray:
        """Give the bytes for arrays on them, which need no copy; they last as long as the arrays.

        To be called once.
        """
        if isinstance(self._content, bytearray):
            return self._content
        with self._content as file:
            mapped = mmap.mmap(file.fileno(), 0)
        weakref.finalize(mapped, self._let_go).atexit = False
        return mapped

    def source(self, *, is_read_whole: bool = False) -> Path | bytes:
        """Give the bytes as decoders read them fastest: as a file, where it can be opened.

        What reads all of it at once is given bytes.
        """
        if isinstance(self._content, bytearray) or is_read_whole or sys.platform != "linux":
            return bytes(self.map())
        return Path(f"/dev/fd/{self._content.fileno()}")

    def close(self) -> None:
        """Give back the file behind a source; does nothing to what was mapped."""
        if not isinstance(self._content, bytearray) and not self._content.closed:
            self._content.close()
            self._let_go()


class Channel:
    """One end of a connection; `ConnectionError` where the other end is gone."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._numbers = itertools.count(1)
        self._lent: dict[int, _Memory] = {}  # blocks that the other end may still read
        self._spare: list[_Memory] = []
        self._let_go: list[int] = []  # numbers of blocks that nobody reads here

    def close(self) -> None:
        """Let the other end know that nothing more comes."""
        self._end.close()
        for memory in (*self._lent.values(), *self._spare):
            memory.close()

    def send(self, message: object, parts: Iterable[Any] = ()) -> None:
        """Send what JSON can write and, as one block, the bytes of any arrays and the like.

        A part may be a function instead, which writes its bytes to an open file.
        """
        parts = [part for part in parts if callable(part) or len(part)]
        number = next(self._numbers)
        let_go = [self._let_go.pop() for _ in range(len(self._let_go))]
        text = json.dumps([message, number, let_go]).encode()
        if SHARES and parts:
            memory = self._spare.pop() if self._spare else _Memory()
            memory.fill(parts)
            head = _HEAD.pack(len(text), 0)
            n_sent = socket.send_fds(self._end, [head], [memory.file.fileno()])
            self._lend(number, memory)
            self._end.sendall(head[n_sent:] + text)
            return
        block = io.BytesIO()
        for part in parts:
            _write(block, part)
        self._end.sendall(_HEAD.pack(len(text), block.tell()) + text)
        self._end.sendall(block.getbuffer())

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
        message, number, let_go = json.loads(self._read(n_text))
        self._spare += [self._lent.pop(known) for known in let_go if known in self._lent]
        content = shared or (self._read(n_inline) if n_inline else None)
        if content is None:
            return message, None
        return message, Block(content, functools.partial(self._let_go.append, number))

    def _lend(self, number: int, memory: _Memory) -> None:
        """Remember a block that was sent, so that it can be used again."""
        if memory.n_bytes > _MOST_KEPT_BYTES:
            memory.close()
            return
        self._lent[number] = memory
        if len(self._lent) > _MOST_KEPT:  # the other end keeps its own
            self._lent.pop(min(self._lent)).close()

    def _read(self, n_bytes: int) -> bytearray:
        content = bytearray(n_bytes)
        rest = memoryview(content)
        while rest:
            n = self._end.recv_into(rest)
            if not n:
                raise ConnectionResetError("the other end is gone")
            rest = rest[n:]
        return content


class _Memory:
    """A file without a name, mapped where it was written before: no page of it is asked for twice.

    n_bytes: What it holds.
    """

    def __init__(self) -> None:
        self.file = _nameless_file()
        self.n_bytes = 0
        self._mapped: mmap.mmap | None = None

    def fill(self, parts: Iterable[Any]) -> None:
        """Write parts over what it held."""
        if self.n_bytes and self._mapped is None:
            self._mapped = mmap.mmap(self.file.fileno(), self.n_bytes, **_NOW)
        self.n_bytes = 0
        for part in parts:
            _write(self, part)
        if self._mapped and len(self._mapped) != self.n_bytes:
            self._mapped = None
        self.file.truncate(self.n_bytes)

    def write(self, content: bytes | memoryview) -> int:
        """Write behind what was written; return how much."""
        start, stop = self.n_bytes, self.n_bytes + len(content)
        if self._mapped and stop <= len(self._mapped):
            self._mapped[start:stop] = content
        else:
            self.file.seek(start)
            stop = start + self.file.write(content)
        self.n_bytes = stop
        return stop - start

    def close(self) -> None:
        """Give it back to the system."""
        self._mapped = None
        self.file.close()


_NOW = {"flags": mmap.MAP_SHARED | mmap.MAP_POPULATE} if hasattr(mmap, "MAP_POPULATE") else {}
"""Have all pages of a map at once."""


def _nameless_file() -> BinaryIO:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("genre"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def _write(file: Any, part: Any) -> None:
    if callable(part):
        part(file)
        return
    view = memoryview(part).cast("B")
    while view:
        view = view[file.write(view) :]
