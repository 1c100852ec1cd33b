"""The process that decodes: answers requests from its standard input, a socket, until it closes.

What no decoder should raise ends it, with a traceback in the server's log.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip, decode_clips, probe_clip
from genre_core.audio.tags import read_tags
from genre_core.errors import GenreError
from genre_core.guarded.channel import Block, Channel
from genre_core.guarded.worker import LIMIT_S
from genre_core.image.decode import decode_image
from genre_core.quiet import keep_libraries_quiet

Answer = tuple[Any, list[Any]]
"""What JSON can write, and what goes into the block, or writes itself there."""


def _decode_clip(source: Any, *, name: str, sr: int | None) -> Answer:
    return _clips([decode_clip(source, sr=sr, name=name)])


def _decode_clips(source: Any, *, name: str, srs: list[int]) -> Answer:
    return _clips(decode_clips(source, srs=tuple(srs), name=name).values())


def _clips(clips: Iterable[Clip]) -> Answer:
    facts, samples = [], []
    for clip in clips:
        fields = {name: getattr(clip, name) for name in clip.__slots__ if name != "y"}
        facts.append(fields | {"n_samples": clip.n_samples})
        samples.append(clip.y)
    return facts, samples


def _probe_clip(source: Any, *, name: str) -> Answer:
    return asdict(probe_clip(source, name=name)), []


def _read_tags(source: Any, *, name: str) -> Answer:
    facts = asdict(read_tags(source, name=name))
    cover = facts.pop("cover")
    return facts, [cover] if cover else []


def _decode_cover(source: Any, *, name: str) -> Answer:
    notes: list[str] = []
    image = decode_image(source, name=name, notes=notes)
    # Written by Pillow itself: an array would be two more copies. Its head is passed over.
    shape = (image.height, image.width, 3)
    return (shape, notes), [lambda file: image.save(file, "PPM")]


CALLS: dict[str, Callable[..., Answer]] = {
    "decode_clip": _decode_clip,
    "decode_clips": _decode_clips,
    "probe_clip": _probe_clip,
    "read_tags": _read_tags,
    "decode_cover": _decode_cover,
}


def main() -> None:
    """Answer until the server closes the socket, or is no longer there to close it."""
    if os.name == "nt":
        channel = Channel(socket.fromshare(sys.stdin.buffer.read()))  # type: ignore[attr-defined]
    else:
        channel = Channel(socket.socket(fileno=os.dup(0)))
    keep_libraries_quiet()
    with suppress(ConnectionError):
        while True:
            _answer(channel, *channel.receive())


def _answer(channel: Channel, request: dict[str, Any], block: Block | None) -> None:
    if hasattr(signal, "alarm"):  # a server that was killed watches no clock
        signal.alarm(2 * int(LIMIT_S))
    is_picture = request["call"] == "decode_cover"
    source: Any = block.source(is_read_whole=is_picture) if block else b""
    if "path" in request:
        os.chdir(request["folder"])
        source = request["path"]
    try:
        result, parts = CALLS[request["call"]](source, name=request["name"], **request["settings"])
        channel.send({"result": result}, parts)
    except GenreError as error:
        channel.send({"error": type(error).__name__, **vars(error)})
    finally:
        if block:
            block.close()
    if hasattr(signal, "alarm"):
        signal.alarm(0)


if __name__ == "__main__":
    main()
