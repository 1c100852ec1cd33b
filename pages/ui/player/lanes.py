"""The lanes of the player: what stands above the time axis, each ready to be sent to the browser.

Values and times are arrays [shape=(n,)]: values in [0, 1], `start_s` and `end_s` of segments in
order of time, which may overlap. Every `to_plain` returns what JavaScript reads, and raises
`ParameterError` where a lane's values, lengths or times do not fit.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genre_core.errors import ParameterError, describe
from pages.ui.player import packing

_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lane:
    """What every lane has: the label before it, its height in CSS px, and its CSS colour.

    Without a colour it takes the theme's.
    """

    label: str = ""
    height_px: int = 72
    colour: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads."""
        return {"label": self.label, "height_px": self.height_px, "colour": self.colour}


@dataclass(frozen=True, slots=True, eq=False)
class Waveform(Lane):
    """The sound's envelope: its lowest and highest value in equal stretches of the whole song.

    `low` and `high` lie in [-1, 1]; 10 to 20 stretches a second are enough to zoom in.
    """

    low: npt.ArrayLike
    high: npt.ArrayLike
    _: KW_ONLY
    label: str = "Waveform"

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads, in steps of 1/127."""
        low = packing.numbers(self.low, "low of a waveform")
        high = packing.numbers(self.high, "high of a waveform")
        if low.shape != high.shape or (low > high).any() or low.min() < -1 or high.max() > 1:
            raise ParameterError(
                "low and high of a waveform must be as many, in [-1, 1], low not above high.",
                received=f"{len(low)} from {low.min():g}, {len(high)} to {high.max():g}",
                cure="Divide the sound by its peak first.",
            )
        return Lane.to_plain(self) | {
            "kind": "waveform",
            "low": packing.packed(np.rint(low * 127), "i1"),
            "high": packing.packed(np.rint(high * 127), "i1"),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Spectrogram(Lane):
    """A picture whose width is the whole song, from its first sample to its last.

    `picture` is a PNG, JPEG or WebP file, low frequencies at the bottom; or its address (a `data:`
    URI or a path on this server). 10 columns a second and at most 8,192 columns are a good measure.
    `ticks` are heights as shares of the picture, 0 at the bottom, with their labels ("1 kHz").
    """

    picture: bytes | str
    ticks: Sequence[tuple[float, str]] = ()
    _: KW_ONLY
    label: str = "Spectrogram"
    height_px: int = 140

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads; the picture as an address."""
        if self.ticks:
            packing.shares([height for height, _ in self.ticks], "ticks of a spectrogram")
        uri = self.picture
        if isinstance(uri, bytes):
            uri = f"data:{self.mime()};base64,{base64.b64encode(uri).decode('ascii')}"
        elif not uri.startswith(("data:image/", "/")):
            self.mime()
        return Lane.to_plain(self) | {
            "kind": "spectrogram",
            "picture": uri,
            "ticks": [[float(height), label] for height, label in self.ticks],
        }

    def mime(self) -> str:
        """Return the picture's type by its first bytes; raise where it is no picture."""
        for magic, mime in _PICTURES.items():
            if isinstance(self.picture, bytes) and self.picture.startswith(magic):
                return mime
        raise ParameterError(
            "picture of a spectrogram must be a PNG, JPEG or WebP file or a data: URI.",
            received=describe(self.picture[:16]),
            cure="Save the array with Pillow into a BytesIO.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One named curve: a score for each segment."""

    name: str
    values: npt.ArrayLike
    start_s: npt.ArrayLike
    end_s: npt.ArrayLike
    colour: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads."""
        values = packing.shares(self.values, f"values of {self.name!r}")
        return {
            "name": self.name,
            "values": packing.packed(values, "f4"),
            **packing.packed_spans(self.start_s, self.end_s, len(values), repr(self.name)),
            "colour": self.colour,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Curves(Lane):
    """Scores of several networks on one scale, with a legend and a line at the threshold."""

    series: Sequence[Series]
    threshold: float | None = 0.5
    _: KW_ONLY
    label: str = "Scores"
    height_px: int = 110

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads."""
        if not self.series:
            raise ParameterError(
                "series of a lane of curves must have at least one.",
                received=describe(self.series),
                cure="Leave the lane out.",
            )
        if self.threshold is not None:
            packing.shares([self.threshold], "threshold of a lane of curves")
        return Lane.to_plain(self) | {
            "kind": "curves",
            "series": [series.to_plain() for series in self.series],
            "threshold": self.threshold,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Taggram(Lane):
    """Genres by segments, as shades: `values` [shape=(n_genres, n_segments)], a name for each row.

    The first row is on top; the colour is that of a full 1, and `row_px` the height of one row.
    """

    values: npt.ArrayLike
    rows: Sequence[str]
    start_s: npt.ArrayLike
    end_s: npt.ArrayLike
    _: KW_ONLY
    label: str = "Taggram"
    row_px: int = 14

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads."""
        values = packing.shares(self.values, "values of a taggram", ndim=2)
        if len(self.rows) != len(values):
            raise ParameterError(
                "rows of a taggram must name each row of values.",
                received=f"{len(self.rows)} names for {len(values)} rows",
                cure="values is (n_genres, n_segments): transpose it?",
            )
        return Lane.to_plain(self) | {
            "kind": "taggram",
            "rows": [str(row) for row in self.rows],
            "values": packing.packed_shares(values),
            **packing.packed_spans(self.start_s, self.end_s, values.shape[1], "a taggram"),
            "height_px": self.row_px * len(values),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Strip(Lane):
    """One row of shades, such as a class activation map's importance over time.

    Times are those of segments, or as fine as frames; the colour is that of a full 1.
    """

    values: npt.ArrayLike
    start_s: npt.ArrayLike
    end_s: npt.ArrayLike
    _: KW_ONLY
    label: str = "Importance"
    height_px: int = 26

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads."""
        values = packing.shares(self.values, "values of a strip")
        return Lane.to_plain(self) | {
            "kind": "strip",
            "values": packing.packed_shares(values),
            **packing.packed_spans(self.start_s, self.end_s, len(values), "a strip"),
        }
