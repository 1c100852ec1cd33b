"""The lanes of the player: what stands above the time axis, each ready to be sent to the browser.

Colours are CSS colours; None takes the theme's. Heights are CSS pixels.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genre_core.errors import ParameterError, describe
from pages.ui.player import packing
from pages.ui.player.curves import Curves

_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """The sound's envelope: its lowest and highest value in equal stretches of the whole song.

    Parameters
    ----------
    low, high : array [shape=(n,)]
        In [-1, 1], `low` nowhere above `high`. 10 to 20 stretches a second are enough to zoom in.
    label : str
        Stands before the lane.
    height_px : int
    colour : str, optional
    """

    low: npt.ArrayLike
    high: npt.ArrayLike
    label: str = "Waveform"
    height_px: int = 72
    colour: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads.

        Raises
        ------
        ParameterError
            Unequal lengths, numbers outside [-1, 1] or `low` above `high`.
        """
        low = packing.numbers(self.low, "low of a waveform")
        high = packing.numbers(self.high, "high of a waveform")
        if low.shape != high.shape or (low > high).any() or low.min() < -1 or high.max() > 1:
            raise ParameterError(
                "low and high of a waveform must be as many, in [-1, 1], low not above high.",
                received=f"{len(low)} from {low.min():g}, {len(high)} to {high.max():g}",
                cure="Divide the sound by its peak first.",
            )
        return {
            "kind": "waveform",
            "low": packing.packed(np.rint(low * 127), "i1"),
            "high": packing.packed(np.rint(high * 127), "i1"),
            "label": self.label,
            "height_px": self.height_px,
            "colour": self.colour,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Spectrogram:
    """A picture whose width is the whole song, from its first sample to its last.

    Parameters
    ----------
    picture : bytes or str
        A PNG, JPEG or WebP file, low frequencies at the bottom; or its address (a `data:` URI or a
        path on this server). 10 columns a second and at most 8,192 columns are a good measure.
    ticks : sequence of (float, str)
        Height as a share of the picture, 0 at the bottom, with its label ("1 kHz").
    label : str
    height_px : int
    """

    picture: bytes | str
    ticks: Sequence[tuple[float, str]] = ()
    label: str = "Spectrogram"
    height_px: int = 140

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads; the picture as an address.

        Raises
        ------
        ParameterError
            Not a picture, or a tick outside [0, 1].
        """
        if self.ticks:
            packing.shares([height for height, _ in self.ticks], "ticks of a spectrogram")
        uri = self.picture
        if isinstance(uri, bytes):
            uri = f"data:{self.mime()};base64,{base64.b64encode(uri).decode('ascii')}"
        elif not uri.startswith(("data:image/", "/")):
            self.mime()
        return {
            "kind": "spectrogram",
            "picture": uri,
            "ticks": [[float(height), label] for height, label in self.ticks],
            "label": self.label,
            "height_px": self.height_px,
        }

    def mime(self) -> str:
        """Return the picture's type by its first bytes.

        Raises
        ------
        ParameterError
            Neither PNG, JPEG nor WebP.
        """
        for magic, mime in _PICTURES.items():
            if isinstance(self.picture, bytes) and self.picture.startswith(magic):
                return mime
        raise ParameterError(
            "picture of a spectrogram must be a PNG, JPEG or WebP file or a data: URI.",
            received=describe(self.picture[:16]),
            cure="Save the array with Pillow into a BytesIO.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Taggram:
    """Genres by segments, as shades.

    Parameters
    ----------
    values : array [shape=(n_genres, n_segments)]
        In [0, 1].
    rows : sequence of str
        One name a genre, the first on top.
    start_s, end_s : array [shape=(n_segments,)]
    label : str
    row_px : int
        Height of one row.
    colour : str, optional
        Of a full 1.
    """

    values: npt.ArrayLike
    rows: Sequence[str]
    start_s: npt.ArrayLike
    end_s: npt.ArrayLike
    label: str = "Taggram"
    row_px: int = 14
    colour: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads.

        Raises
        ------
        ParameterError
            Not one row a name, a value outside [0, 1], or times that do not fit.
        """
        values = packing.shares(self.values, "values of a taggram", ndim=2)
        if len(self.rows) != len(values):
            raise ParameterError(
                "rows of a taggram must name each row of values.",
                received=f"{len(self.rows)} names for {len(values)} rows",
                cure="values is (n_genres, n_segments): transpose it?",
            )
        starts, ends = packing.spans(self.start_s, self.end_s, values.shape[1], "a taggram")
        return {
            "kind": "taggram",
            "rows": [str(row) for row in self.rows],
            "values": packing.packed_shares(values),
            "start_s": packing.packed(starts, "f4"),
            "end_s": packing.packed(ends, "f4"),
            "label": self.label,
            "height_px": self.row_px * len(values),
            "colour": self.colour,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One row of shades, such as a class activation map's importance over time.

    Parameters
    ----------
    values : array [shape=(n,)]
        In [0, 1].
    start_s, end_s : array [shape=(n,)]
        Segments, or as fine as frames.
    label : str
    height_px : int
    colour : str, optional
        Of a full 1.
    """

    values: npt.ArrayLike
    start_s: npt.ArrayLike
    end_s: npt.ArrayLike
    label: str = "Importance"
    height_px: int = 26
    colour: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return what JavaScript reads.

        Raises
        ------
        ParameterError
            A value outside [0, 1], or times that do not fit.
        """
        values = packing.shares(self.values, "values of a strip")
        starts, ends = packing.spans(self.start_s, self.end_s, len(values), "a strip")
        return {
            "kind": "strip",
            "values": packing.packed_shares(values),
            "start_s": packing.packed(starts, "f4"),
            "end_s": packing.packed(ends, "f4"),
            "label": self.label,
            "height_px": self.height_px,
            "colour": self.colour,
        }


Lane = Waveform | Spectrogram | Curves | Taggram | Strip
