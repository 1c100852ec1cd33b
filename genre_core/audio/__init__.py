"""Songs as arrays: decoding, tags and what networks and features read of them.

Nothing is loaded before it is asked for: importing this package costs no decoder and no librosa.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genre_core.audio.clip import Clip
    from genre_core.audio.decode import decode_clip, decode_clips, probe_clip
    from genre_core.audio.reading import SoundFacts
    from genre_core.audio.tags import Tags, read_tags

__all__ = [
    "Clip",
    "SoundFacts",
    "Tags",
    "decode_clip",
    "decode_clips",
    "probe_clip",
    "read_tags",
]

_HOMES = {
    "Clip": "clip",
    "SoundFacts": "reading",
    "Tags": "tags",
    "decode_clip": "decode",
    "decode_clips": "decode",
    "probe_clip": "decode",
    "read_tags": "tags",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
