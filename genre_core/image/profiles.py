"""Embedded colour profiles, applied as browsers apply them: to sRGB, relative colorimetric."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image, ImageCms

MAX_BYTES = 8 * 1024 * 1024
"""Largest profile that is used; printers' are about 2 MB."""

_SPACES = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
_DEVICES = (b"mntr", b"scnr", b"prtr", b"spac")
_LEAST_CHANGE = 2  # of 255: a profile that changes no colour by more is sRGB under another name
_KEPT = 16

_Transform = ImageCms.ImageCmsTransform


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring an RGB, grey or CMYK picture into sRGB by its profile.

    It stays as it is without a profile, with one of another colour space, a broken one, or sRGB's
    own. A grey picture becomes RGB where its profile counts.
    """
    transform = transform_of(profile, image.mode) if profile else None
    if transform is None:
        return image
    return ImageCms.applyTransform(image, transform) or image


def transform_of(profile: bytes, mode: str) -> _Transform | None:
    """Return the way from a profile to sRGB, None where there is none or nothing to change."""
    if mode not in _SPACES or not 128 <= len(profile) <= MAX_BYTES:
        return None
    if profile[16:20] != _SPACES[mode] or profile[12:16] not in _DEVICES:
        return None
    return _transform(profile, mode)


@functools.lru_cache(maxsize=_KEPT)
def _transform(profile: bytes, mode: str) -> _Transform | None:
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        return transform if mode == "CMYK" or _changes(transform, mode) else None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, MemoryError):
        return None  # As browsers do: a broken profile counts for nothing.


def _changes(transform: _Transform, mode: str) -> bool:
    """Tell whether some colour of a grid over all of them becomes another."""
    level = np.linspace(0, 255, 12).round().astype(np.uint8)
    if mode == "L":
        probe = np.arange(256, dtype=np.uint8)[None]
    else:
        probe = np.stack(np.meshgrid(level, level, level), axis=-1).reshape(1, -1, 3)
    image = Image.fromarray(probe)
    after = ImageCms.applyTransform(image, transform)
    before = np.asarray(image.convert("RGB"), dtype=np.int16)
    return bool(np.abs(np.asarray(after, dtype=np.int16) - before).max() > _LEAST_CHANGE)
