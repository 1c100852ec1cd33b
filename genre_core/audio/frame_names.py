"""The names of study S5's 205 numbers a frame; to name them costs no numba and no librosa."""

from __future__ import annotations

FAMILIES = {
    "mfcc": 20,
    "chroma_stft": 12,
    "chroma_cqt": 12,
    "chroma_cens": 12,
    "melspectrogram": 128,
    "rms": 1,
    "spectral_centroid": 1,
    "spectral_bandwidth": 1,
    "spectral_contrast": 7,
    "spectral_flatness": 1,
    "spectral_rolloff": 1,
    "poly_features": 2,
    "tonnetz": 6,
    "zero_crossing_rate": 1,
}
"""Families in the order of their columns, and their widths."""

_PARTS = {
    **dict.fromkeys(
        ("chroma_stft", "chroma_cqt", "chroma_cens"),
        ("c", "c_sharp", "d", "d_sharp", "e", "f", "f_sharp", "g", "g_sharp", "a", "a_sharp", "b"),
    ),
    "poly_features": ("slope", "height"),
    "tonnetz": ("fifth_x", "fifth_y", "minor_x", "minor_y", "major_x", "major_y"),
}


def _names() -> tuple[str, ...]:
    names: list[str] = []
    for family, width in FAMILIES.items():
        parts = _PARTS.get(family, tuple(str(k) for k in range(width)))
        names += [family] if width == 1 else [f"{family}_{part}" for part in parts]
    return tuple(names)


FRAME_NAMES = _names()
"""Names of the 205 columns."""
