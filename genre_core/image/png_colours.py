"""The colour profile that a PNG without one tells in its head: by a gamma and three primaries."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_D50 = (0.9642, 1.0, 0.8249)
_SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)  # white, red, green, blue: x and y
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_GAMMAS = (0.2, 3.0)  # of files; others are damage
_NEAR = 0.02  # from sRGB's own


def told_profile(info: Mapping[Any, Any], *, is_grey: bool) -> bytes:
    """Return an ICC profile of what Pillow read of a PNG's chunks gAMA and cHRM; b"" of sRGB.

    As browsers do it: the chunk sRGB and an own profile go first, and without gAMA primaries count
    for nothing.
    """
    gamma, primaries = info.get("gamma"), info.get("chromaticity", _SRGB)
    if "srgb" in info or gamma is None or not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return b""
    is_near = abs(gamma - 1 / 2.2) < _NEAR
    if is_near and (is_grey or np.allclose(primaries, _SRGB, atol=0.001)):
        return b""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 / gamma)) + b"\0\0"
    if is_grey:
        return _profile(b"GRAY", [(b"kTRC", curve)])
    columns = _to_d50(np.array(primaries, float).reshape(4, 2))
    if columns is None:
        return b""
    tags = [
        (name, b"XYZ \0\0\0\0" + _fixed(xyz))
        for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True)
    ]
    return _profile(b"RGB ", tags + [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")])


def _to_d50(points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the XYZ of full red, green and blue under D50 [shape=(3, 3)], a column each."""
    if (points[:, 1] <= 0).any():
        return None
    xyz = np.array([points[:, 0], points[:, 1], 1 - points.sum(axis=1)]) / points[:, 1]  # (3, 4)
    white, primaries = xyz[:, 0], xyz[:, 1:]
    if abs(np.linalg.det(primaries)) < 1e-6:
        return None
    cones = _BRADFORD @ np.array(_D50) / (_BRADFORD @ white)
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD
    columns: NDArray[np.float64] = adapted @ (primaries * np.linalg.solve(primaries, white))
    return columns if (np.abs(columns) < 4).all() else None


def _fixed(values: Iterable[float]) -> bytes:
    return b"".join(struct.pack(">i", round(float(value) * 65_536)) for value in values)


def _profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    """Write the smallest profile of a monitor (ICC.1, version 2)."""
    common = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 4) + b"PNG\0" + bytes(79)),
        (b"cprt", b"text\0\0\0\0none\0"),
        (b"wtpt", b"XYZ \0\0\0\0" + _fixed(_D50)),
    ]
    head = bytearray(128)
    head[8:12], head[12:16], head[16:20] = b"\x02\x40\0\0", b"mntr", space
    head[20:24], head[36:40], head[68:80] = b"XYZ ", b"acsp", _fixed(_D50)
    table, body = struct.pack(">I", len(common) + len(tags)), b""
    start = 132 + 12 * (len(common) + len(tags))
    for name, data in (*common, *tags):
        padded = data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, start + len(body), len(padded))
        body += padded
    whole = bytes(head) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]
