"""Colour profiles made by hand, as small as the standard allows (ICC.1, version 2)."""

from __future__ import annotations

import struct

Tag = tuple[bytes, bytes]


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _gamma(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def _profile(space: bytes, kind: bytes, pcs: bytes, tags: list[Tag]) -> bytes:
    common = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"made\0" + bytes(78)),
        (b"cprt", b"text\0\0\0\0none\0"),
        (b"wtpt", _xyz(0.9642, 1, 0.8249)),
    ]
    head = bytearray(128)
    head[8:12], head[12:16], head[16:20] = b"\x02\x40\0\0", kind, space
    head[20:24], head[36:40], head[68:80] = pcs, b"acsp", _fixed(0.9642, 1, 0.8249)
    body = b""
    every = [*common, *tags]
    table = struct.pack(">I", len(every))
    for name, data in every:
        data += bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, 132 + 12 * len(every) + len(body), len(data))
        body += data
    whole = bytes(head) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def rgb(primaries: tuple[tuple[float, float, float], ...], gamma: float = 2.2) -> bytes:
    """A monitor with three primaries (XYZ, D50) and one gamma."""
    tags = [(b"rgb"[k : k + 1] + b"XYZ", _xyz(*own)) for k, own in enumerate(primaries)]
    return _profile(
        b"RGB ", b"mntr", b"XYZ ", tags + [(c + b"TRC", _gamma(gamma)) for c in (b"r", b"g", b"b")]
    )


def grey(gamma: float) -> bytes:
    return _profile(b"GRAY", b"mntr", b"XYZ ", [(b"kTRC", _gamma(gamma))])


def cmyk(corners: bytes) -> bytes:
    """A printer by the Lab colours of the 16 corners of its inks, black fastest (8-bit, signed)."""
    same = bytes(range(256))
    head = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return _profile(b"CMYK", b"prtr", b"Lab ", [(b"A2B0", head + same * 4 + corners + same * 3)])


SRGB_PRIMARIES = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.7141),
)
P3_PRIMARIES = (
    (0.51512, 0.2412, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.1571, 0.06657, 0.78407),
)
ADOBE_PRIMARIES = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
