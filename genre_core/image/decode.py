"""Decode a cover file into RGB pixels, or say why it cannot be done."""

from __future__ import annotations

import io
import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from genre_core.errors import DecodeError, ParameterError, describe
from genre_core.image.mend import Mended, checksum_note, mend
from genre_core.image.picture import Picture
from genre_core.image.png_colours import told_profile
from genre_core.image.profiles import to_srgb
from genre_core.plain_files import is_text, name_content, open_plain_file, stripped_head

MAX_BYTES = 20 * 1024 * 1024
"""Largest file, 20 MB."""

MAX_PIXELS = 64_000_000
"""Largest picture, width times height."""

MIN_SIDE = 8
"""Smallest height and width, in pixels; below it nothing of a cover is left."""

COVER_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".mpo", ".png", ".apng", ".webp",
    ".gif", ".bmp", ".dib", ".tif", ".tiff", ".avif",
)  # fmt: skip
"""File names worth trying as covers, in lower case; the content decides in the end."""

# Pillow may only try these. Others (EPS runs Ghostscript, FITS and PSD guess) stay shut.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

_RULE = "A cover must be a whole JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture."
_FLOATS = "floating-point pixels have no agreed range"
_RESAVE = "Save it again as JPEG or PNG from a picture program."

# How these formats begin, in lower case.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89png", "PNG"),
    (b"gif8", "GIF"),
    (b"bm", "BMP"),
    (b"ii*\x00", "TIFF"),
    (b"mm\x00*", "TIFF"),
)


def cover_format(content: bytes) -> str:
    r"""Name the format of a picture that may be a cover by how its file begins; "" for others.

    Examples
    --------
    >>> cover_format(b"\xff\xd8\xff\xe0"), cover_format(b"BMW, a text")
    ('JPEG', '')
    """
    head = stripped_head(content)
    if head[:4] == b"riff" and head[8:12] == b"webp":
        return "WebP"
    if head[4:8] == b"ftyp" and head[8:11] == b"avi":
        return "AVIF"
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    return "" if kind == "BMP" and is_text(content[:4096]) else kind


def decode_cover(
    source: str | Path | bytes, *, name: str = "", notes: list[str] | None = None
) -> Picture:
    """Decode one cover, a file's path or its content, to RGB.

    The content decides what a file is, not its name. EXIF orientation is applied, transparency is
    laid on white, grey, palette, CMYK and 16-bit pictures are scaled to 0..255. Of several frames
    or pages the first counts. Size is checked before any pixel is decoded. A list given as `notes`
    gets what was damaged about the file, whole sentences.

    Returns
    -------
    np.ndarray [shape=(height, width, 3), dtype=uint8]
        RGB, both sides at least 8 px, at most 64 million pixels; own memory, writable.

    Raises
    ------
    DecodeError
        Missing file, folder, over 20 MB, nothing inside, no picture of these formats, damaged or
        cut short, too large or too small.

    Notes
    -----
    As browsers show it: an embedded colour profile is applied (`image.profiles`), and so is a PNG's
    gamma (`image.png_colours`); a CMYK JPEG holds inverted inks whether or not it has Adobe's
    marker, a JPEG, PNG, GIF or BMP that lacks its last
    bytes is read where nearly all is there (`image.mend`). A damaged EXIF block is passed over: it
    says nothing about the pixels. Integer pictures up to 65,535 count as 16-bit, wider ones as
    32-bit; TIFFs of floats have no agreed range and are refused.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (20, 10), "red").save(file, "PNG")
    >>> decode_cover(file.getvalue()).shape
    (10, 20, 3)
    >>> decode_cover(b"hello", name="cover.jpg")
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A cover must be a whole JPEG, PNG, WebP, GIF, BMP, TIFF or \
AVIF picture. Received cover.jpg: text. Save it again as JPEG or PNG from a picture program.
    """
    return np.array(decode_image(source, name=name, notes=notes), dtype=np.uint8)


def decode_image(
    source: str | Path | bytes, *, name: str = "", notes: list[str] | None = None
) -> Image.Image:
    """Decode one cover to an RGB image of Pillow's, as `decode_cover` does."""
    if isinstance(source, bytes | bytearray | memoryview):
        content, label = bytes(source), name or "bytes"
    elif isinstance(source, str | Path):
        label = name or Path(source).name or str(source)
        content = _read(source, label)
    else:
        raise ParameterError(
            "source must be a file's path or its bytes.",
            received=describe(source),
            cure="An array needs no decoding; of an upload give getvalue().",
        )
    if not content:
        raise DecodeError(
            _RULE, received=f"{label}: an empty file (0 bytes)", cure="Download or copy it again."
        )
    if len(content) > MAX_BYTES:
        raise _too_heavy(label, len(content))
    own: list[str] = []
    with _pillow_kept_quiet():
        image = _decode(content, label, own)
    if notes is not None:
        notes += own or filter(None, [checksum_note(content)])
    return image


def _read(source: str | Path, label: str) -> bytes:
    rule = "A cover must be a file that exists and can be read."
    with open_plain_file(source, label, rule=rule) as file:
        try:
            content = file.read(MAX_BYTES + 1)
        except OSError as error:
            cure = "Check the path and its permissions."
            raise DecodeError(rule, received=f"{label}: {error}", cure=cure) from error
        if len(content) > MAX_BYTES:
            raise _too_heavy(label, os.fstat(file.fileno()).st_size)
    return content


def _decode(
    content: bytes, label: str, notes: list[str], mended: Mended | None = None
) -> Image.Image:
    """Decode a file; once more where it could be mended, then with the profile that it had."""
    if mended:
        content = mended.content
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        n_pixels = re.search(r"\d+", str(error))
        size = f"{int(n_pixels[0]) / 1e6:,.0f} million pixels" if n_pixels else "a far larger one"
        raise _too_large(f"{label}: {size}") from error
    except Exception as error:  # Pillow's readers raise nearly anything on damaged bytes
        # A PNG's texts may be too large for Pillow; of a JPEG there is no size to check first.
        is_png = content.startswith(b"\x89PNG")
        if mended is None and is_png and (mended := mend(content)):
            return _decode(content, label, notes, mended)
        raise DecodeError(_RULE, received=f"{label}: {_name_it(content)}", cure=_RESAVE) from error
    with image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise _too_large(f"{label}: {width} x {height} px")
        if min(width, height) < MIN_SIDE:
            raise DecodeError(
                f"Both sides of a cover must be at least {MIN_SIDE} px.",
                received=f"{label}: {width} x {height} px",
                cure="Give a larger picture; 192 px and more work well.",
            )
        try:
            if getattr(image, "default_image", False):  # for what shows no moving PNG
                image.seek(1)
            image.load()
            if mended and mended.profile:
                image.info["icc_profile"] = mended.profile
            levels = _grey_levels(image)
            _set_upright(image)
            picture = _to_rgb(image, levels)
        except Exception as error:
            if mended is None and (mended := mend(content)):
                return _decode(content, label, notes, mended)
            why = f" ({_FLOATS})" if _FLOATS in str(error) else ""
            raise DecodeError(
                _RULE,
                received=f"{label}: a damaged, cut or odd {image.format} of {width} x {height} px"
                f"{why}",
                cure=f"Copy it again from where it came, or: {_RESAVE[0].lower()}{_RESAVE[1:]}",
            ) from error
        if mended and mended.note:
            notes.append(mended.note)
        return picture


def _grey_levels(image: Image.Image) -> tuple[int, bool]:
    """Tell how many bits a TIFF's grey has (0: unknown) and whether 0 means white."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(258, (0,))[0]), tags.get(262) == 0


def _set_upright(image: Image.Image) -> None:
    with suppress(Exception):  # a damaged EXIF block says nothing about the pixels
        ImageOps.exif_transpose(image, in_place=True)


def _to_rgb(image: Image.Image, levels: tuple[int, bool]) -> Image.Image:
    """Bring any mode to 8-bit sRGB, by its profile first and then on white where it is clear."""
    profile = image.info.get("icc_profile")
    if not profile and image.format == "PNG":
        is_grey = image.mode in ("1", "L", "LA") or image.mode.startswith("I")
        profile = told_profile(image.info, is_grey=is_grey)
    if image.mode.startswith("I"):
        image = Image.fromarray(_integers_to_grey(image, levels))
    if image.mode == "F":
        raise ValueError(_FLOATS)
    alpha = None
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        is_grey = image.mode in ("LA", "La", "L", "1")
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.getchannel("R") if is_grey else image.convert("RGB")
    elif profile and image.mode in ("P", "1"):
        image = image.convert("RGB" if image.mode == "P" else "L")
    image = to_srgb(image, profile)
    if image.mode != "RGB":  # it would be copied
        image = image.convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=alpha)
        image = white
    return image


def _integers_to_grey(image: Image.Image, levels: tuple[int, bool]) -> Picture:
    bits, is_white_zero = levels
    values = np.array(image)
    if values.dtype == np.int32:
        wide = values.view(np.uint32)  # Pillow reads unsigned 32-bit as signed
        values = wide >> 16 if wide.max() > 0xFFFF else wide
    full = (1 << bits) - 1 if bits in (12, 16) else 0xFFFF
    grey = np.minimum((np.arange(0x10000) * 255 + full // 2) // full, 255).astype(np.uint8)
    if is_white_zero:  # at 8 bits Pillow turns such a TIFF round, at 16 bits it does not
        grey = 255 - grey
    if isinstance(key := image.info.get("transparency"), int) and key <= 0xFFFF:
        grey[key] = 255
    return np.asarray(grey[values])


def _name_it(content: bytes) -> str:
    kind = cover_format(content)
    if kind:
        return f"a damaged or cut {kind}"
    return name_content(content) or "content of no known picture format"


def _too_heavy(label: str, n_bytes: int) -> DecodeError:
    return DecodeError(
        f"A cover may have at most {MAX_BYTES // 2**20} MB.",
        received=f"{label}: {n_bytes / 2**20:.1f} MB",
        cure="Save a smaller JPEG of it; 1,000 px are plenty.",
    )


def _too_large(received: str) -> DecodeError:
    return DecodeError(
        f"A cover may have at most {MAX_PIXELS // 10**6} million pixels.",
        received=received,
        cure="Scale it down first; 1,000 px are plenty.",
    )


_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_state = warnings.catch_warnings()


@contextmanager
def _pillow_kept_quiet() -> Iterator[None]:
    """Mute the warnings of Pillow's own modules while any thread decodes.

    `warnings.catch_warnings` swaps one list for the whole process: two overlapping uses in two
    threads could leave it muted for good. So the first one in saves it and the last one out
    puts it back.
    """
    global _quiet_depth, _quiet_state
    with _quiet_lock:
        if _quiet_depth == 0:
            _quiet_state = warnings.catch_warnings()
            _quiet_state.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\b")
        _quiet_depth += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0:
                _quiet_state.__exit__(None, None, None)
