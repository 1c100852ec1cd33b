"""Picture files made in memory for the tests of decoding: whole ones, and bombs."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

# A picture without any symmetry, so that every turn and mirror is told apart.
HEIGHT, WIDTH = 24, 40
COVER = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
COVER[:, :, 0] = np.linspace(0, 255, WIDTH).astype(np.uint8)
COVER[:, :, 1] = np.linspace(255, 0, HEIGHT).astype(np.uint8)[:, None]
COVER[:12, :20, 2] = 200


def encoded(picture: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return an RGB PNG that promises a size and holds whatever chunks."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks)


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG whose pixels, all black, really are there: 200 kB for 200 MB."""
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(1 + 3 * width)) for _ in range(height)) + rows.flush()
    return png(width, height, png_chunk(b"IDAT", data))


LOSSLESS = {
    "png": encoded(COVER, "PNG"),
    "bmp": encoded(COVER, "BMP"),
    "tiff": encoded(COVER, "TIFF"),
    "tiff-lzw": encoded(COVER, "TIFF", compression="tiff_lzw"),
    "webp": encoded(COVER, "WEBP", lossless=True),
}
LOSSY = {
    "jpeg": encoded(COVER, "JPEG", quality=98, subsampling=0),
    "progressive": encoded(COVER, "JPEG", quality=98, subsampling=0, progressive=True),
    "webp-lossy": encoded(COVER, "WEBP", quality=95),
    "avif": encoded(COVER, "AVIF", quality=95, subsampling="4:4:4"),
    "gif": encoded(COVER, "GIF"),
}


def webp_bomb() -> bytes:
    """Return a WebP whose header promises 16,000 x 16,000 px around one of 16 x 16."""
    still = encoded(COVER[:16, :16], "WEBP", lossless=True)[12:]
    size = struct.pack("<I", 15_999)[:3]
    canvas = b"VP8X" + struct.pack("<IB3x", 10, 2) + size + size
    loop = b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    frame = bytes(6) + struct.pack("<I", 15)[:3] * 2 + struct.pack("<I", 40)[:3] + b"\x00" + still
    body = canvas + loop + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
