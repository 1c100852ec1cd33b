"""Decode what a visitor brings in a process of its own, which a file may end but not the server.

The calls and their results are those of `audio` and `image`. A file that makes its decoder break
down, hang or take too much memory is a `DecodeError` too, and the next file gets a new process.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genre_core import errors
from genre_core.audio.clip import Clip
from genre_core.audio.reading import SoundFacts
from genre_core.audio.source import SoundSource, open_sound
from genre_core.audio.tags import Tags
from genre_core.guarded.channel import Block
from genre_core.guarded.worker import ask, start
from genre_core.image.picture import Picture

__all__ = ["decode_clip", "decode_clips", "decode_cover", "probe_clip", "read_tags", "start"]


def decode_clip(source: SoundSource, *, sr: int | None = 22_050, name: str = "") -> Clip:
    """Decode one song to mono samples at one rate, as `audio.decode_clip`.

    Raises `DecodeError` also where the decoder breaks down, takes longer than 2 minutes or more
    than 2 GB of memory.

    Examples
    --------
    >>> decode_clip(b"hello", name="song.mp3")
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be ... Received song.mp3: text. Save it again ...
    """
    [clip] = _clips(*_ask("decode_clip", source, name, sr=sr))
    return clip


def decode_clips(
    source: SoundSource, *, srs: Sequence[int] = (22_050, 16_000), name: str = ""
) -> dict[int, Clip]:
    """Decode one song to several rates, as `audio.decode_clips`; raises as `decode_clip`."""
    return {clip.sr: clip for clip in _clips(*_ask("decode_clips", source, name, srs=list(srs)))}


def probe_clip(source: SoundSource, *, name: str = "") -> SoundFacts:
    """Read what a sound file's header claims, as `audio.probe_clip`; raises as `decode_clip`."""
    return SoundFacts(**_ask("probe_clip", source, name)[0])


def read_tags(source: SoundSource, *, name: str = "") -> Tags:
    """Read a sound file's tags, as `audio.read_tags`; raises as `decode_clip`."""
    facts, block = _ask("read_tags", source, name)
    return Tags(**_with_tuples(facts), cover=None if block is None else bytes(block.map()))


def decode_cover(
    source: str | Path | bytes, *, name: str = "", notes: list[str] | None = None
) -> Picture:
    """Decode a picture to RGB, as `image.decode_cover`; raises as `decode_clip`."""
    (shape, damage), block = _ask("decode_cover", source, name)
    if notes is not None:
        notes += damage
    content = np.frombuffer(_need(block).map(), np.uint8)
    return content[-math.prod(shape) :].reshape(shape)  # (height, width, 3)


def _ask(call: str, source: SoundSource, name: str, **settings: Any) -> tuple[Any, Block | None]:
    request: dict[str, Any] = {"call": call, "settings": settings}
    content: tuple[Any, ...] = ()
    if isinstance(source, str | Path):
        request |= {"path": str(source), "folder": str(Path.cwd())}
        name = name or Path(source).name or str(source)
    elif isinstance(source, bytes | bytearray | memoryview):
        content, name = (source,), name or "bytes"
    else:
        with open_sound(source, name=name) as sound:
            content, name = (sound.file.read(),), sound.label
    answer, block = ask(request | {"name": name}, content, name)
    if "error" in answer:
        raise getattr(errors, answer.pop("error"))(**answer)
    return answer["result"], block


def _clips(facts: list[dict[str, Any]], block: Block | None) -> list[Clip]:
    y, clips = np.frombuffer(_need(block).map(), np.float32), []
    for fact in facts:
        own, y = np.split(y, [fact.pop("n_samples")])
        clips.append(Clip(own, **_with_tuples(fact)))
    return clips


def _need(block: Block | None) -> Block:
    if block is None:
        raise AssertionError("an answer without its samples or pixels")
    return block


def _with_tuples(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }
