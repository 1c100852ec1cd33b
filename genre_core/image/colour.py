"""Describe a cover by numbers that need no network: colours, layout, edges, a tiny thumbnail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genre_core.image.picture import Picture, as_image, check_picture

Floats = NDArray[np.float32]

# Every picture is described at this size: the numbers must not tell how large its file was.
_SIDE = 96
_THUMB = 8
_N_HUES, _N_VALUES, _N_SATURATIONS = 12, 8, 4
_GRID = 3
_GREY_BELOW = 0.1  # saturation times value below which nobody names a hue
_EDGE_ABOVE = 0.08  # change of lightness a pixel, of full scale

# sRGB to linear light (IEC 61966-2-1), then to CIE XYZ over the white point D65.
_SRGB = np.arange(256) / 255
_LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4)
_LINEAR = _LINEAR.astype(np.float32)
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_TO_LAB = np.array([[0, 500, 0], [116, -500, 200], [0, 0, -200]], dtype=np.float32)
_LAB_SHIFT = np.array([16, 0, 0], dtype=np.float32)
_TO_XYZ_OVER_WHITE = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).T.astype(np.float32)


def colour_statistics(picture: Picture) -> Floats:
    """Describe colours, layout and edges of a cover: the baseline a network has to beat.

    The picture is first resized to 96 x 96 (the thumbnail to 8 x 8 by area), so equal pictures of
    different sizes get nearly equal numbers.

    Returns
    -------
    np.ndarray [shape=(n_features,), dtype=float32]
        Finite; named by `COLOUR_FEATURES`. Saturation, value, shares and the thumbnail lie in
        [0, 1], Lab in its own units (lightness 0 to 100), colourfulness in [0, about 200].

    Notes
    -----
    Moments are mean, standard deviation and the cube root of the third central moment (Stricker
    and Orengo 1995, "Similarity of color images"), all in the channel's own unit.
    Colourfulness is that of Hasler and Suesstrunk 2003. Hues are counted with the weight
    saturation times value, since the hue of a grey pixel means nothing.

    Examples
    --------
    >>> red = np.zeros((50, 50, 3), dtype=np.uint8)
    >>> red[:, :, 0] = 255
    >>> numbers = dict(zip(COLOUR_FEATURES, colour_statistics(red), strict=True))
    >>> float(numbers["hue_00"]), float(numbers["edge_density"]), float(numbers["thumb_77_r"])
    (1.0, 0.0, 1.0)
    """
    planes = _Planes(check_picture(picture))
    numbers = [np.ravel(describe(planes)) for _, describe in _BLOCKS]
    return np.concatenate(numbers).astype(np.float32)  # (n_features,)


@dataclass
class _Planes:
    """One picture in the colour spaces that the blocks below read, each computed once."""

    picture: Picture

    @cached_property
    def small(self) -> Image.Image:
        image = as_image(self.picture)
        return image.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        return np.asarray(self.small)  # (side, side, 3)

    @cached_property
    def hsv(self) -> Floats:
        # Hue in turns, [0, 1).
        scale = np.array([1 / 256, 1 / 255, 1 / 255], dtype=np.float32)
        return np.asarray(self.small.convert("HSV")) * scale  # (side, side, 3)

    @cached_property
    def chroma(self) -> Floats:
        return np.asarray(self.hsv[:, :, 1] * self.hsv[:, :, 2])  # (side, side)

    @cached_property
    def lab(self) -> Floats:
        linear = _LINEAR[self.rgb.reshape(-1, 3)]  # (n_pixels, 3)
        xyz = linear @ _TO_XYZ_OVER_WHITE
        f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
        return (f @ _TO_LAB - _LAB_SHIFT).reshape(_SIDE, _SIDE, 3)

    @cached_property
    def light(self) -> Floats:
        return np.asarray(self.lab[:, :, 0] / 100)  # (side, side), 0 to 1

    @cached_property
    def edges(self) -> tuple[Floats, Floats]:
        """Absolute changes of lightness across (left to right) and down, both [side - 1, ^2]."""
        across = np.abs(np.diff(self.light, axis=1))[:-1]
        down = np.abs(np.diff(self.light, axis=0))[:, :-1]
        return across, down


def _moments(planes: _Planes) -> Floats:
    channels = np.concatenate([planes.hsv[:, :, 1:], planes.lab], axis=2)
    channels = channels.reshape(-1, channels.shape[2])  # (n_pixels, 5)
    mean = channels.mean(axis=0)
    rest = channels - mean
    third = np.cbrt((rest * rest * rest).mean(axis=0))
    return np.stack([mean, np.sqrt((rest * rest).mean(axis=0)), third], axis=1)  # (5, 3)


def _mixture(planes: _Planes) -> Floats:
    turn = 2 * np.pi * planes.hsv[:, :, 0]
    red, green, blue = np.moveaxis(planes.rgb.astype(np.float32), 2, 0)
    by_rg, by_yb = red - green, (red + green) / 2 - blue
    colourfulness = np.hypot(by_rg.std(), by_yb.std()) + 0.3 * np.hypot(by_rg.mean(), by_yb.mean())
    a, b = (plane - plane.mean() for plane in np.moveaxis(planes.lab[:, :, 1:], 2, 0))
    spread = np.sqrt((a**2).mean() * (b**2).mean())
    # A grey picture has rounding noise in a and b; it has no correlation.
    correlation = (a * b).mean() / spread if spread > 1e-3 else 0.0
    return np.array(
        [
            (planes.chroma * np.cos(turn)).mean(),
            (planes.chroma * np.sin(turn)).mean(),
            colourfulness,
            correlation,
            (planes.chroma < _GREY_BELOW).mean(),
        ],
        dtype=np.float32,
    )


def _hues(planes: _Planes) -> Floats:
    # Shifted by half a bin so that pure red does not sit on a border.
    bins = np.floor(planes.hsv[:, :, 0] * _N_HUES + 0.5).astype(int) % _N_HUES
    weights = np.bincount(bins.ravel(), weights=planes.chroma.ravel(), minlength=_N_HUES)
    return np.asarray(weights / planes.chroma.size, dtype=np.float32)  # (n_hues,)


def _shares(plane: Floats, n_bins: int) -> Floats:
    bins = np.minimum(plane * n_bins, n_bins - 1).astype(int)
    return np.asarray(np.bincount(bins.ravel(), minlength=n_bins) / plane.size, dtype=np.float32)


def _palette(planes: _Planes) -> Floats:
    red, green, blue = np.moveaxis((planes.rgb >> 6).astype(np.intp), 2, 0)
    shares = np.bincount((red * 16 + green * 4 + blue).ravel(), minlength=64) / _SIDE**2
    shares = np.sort(shares)[::-1]
    n_colours = int(np.searchsorted(np.cumsum(shares), 0.9)) + 1
    present = shares[shares > 0]
    entropy = -(present * np.log2(present)).sum() / 6  # of at most 6 bits
    return np.array([shares[0], shares[:3].sum(), n_colours / 64, entropy], dtype=np.float32)


def _layout(planes: _Planes) -> Floats:
    light, quarter = planes.light, _SIDE // 4
    middle = light[quarter:-quarter, quarter:-quarter]
    n_outer = light.size - middle.size
    outer = (light.sum() - middle.sum()) / n_outer
    return np.array(
        [
            middle.mean() - outer,
            light[: _SIDE // 2].mean() - light[_SIDE // 2 :].mean(),
            np.abs(light - light[:, ::-1]).mean(),
            np.abs(light - light[::-1]).mean(),
        ],
        dtype=np.float32,
    )


def _edge_facts(planes: _Planes) -> Floats:
    across, down = planes.edges
    strength = np.maximum(across, down)
    total = float(across.sum() + down.sum())
    upright = float(across.sum()) / total if total > 0 else 0.5
    whole = [(strength > _EDGE_ABOVE).mean(), strength.mean(), upright]
    cells = [
        (cell > _EDGE_ABOVE).mean()
        for band in np.array_split(strength, _GRID, axis=0)
        for cell in np.array_split(band, _GRID, axis=1)
    ]
    return np.array(whole + cells, dtype=np.float32)  # (3 + 9,)


def _thumbnail(planes: _Planes) -> Floats:
    image = as_image(planes.picture)
    tiny = np.asarray(image.resize((_THUMB, _THUMB), Image.Resampling.BOX))
    return np.asarray(tiny / np.float32(255))  # (8, 8, 3)


# Names beside what computes them, in the order of the result.
_BLOCKS: tuple[tuple[tuple[str, ...], Callable[[_Planes], Floats]], ...] = (
    (
        tuple(
            f"{channel}_{moment}"
            for channel in ("saturation", "value", "lab_l", "lab_a", "lab_b")
            for moment in ("mean", "std", "skew")
        ),
        _moments,
    ),
    (("hue_cos", "hue_sin", "colourfulness", "lab_ab_correlation", "grey_share"), _mixture),
    (tuple(f"hue_{k:02d}" for k in range(_N_HUES)), _hues),
    (
        tuple(f"value_share_{k}" for k in range(_N_VALUES)),
        lambda planes: _shares(planes.hsv[:, :, 2], _N_VALUES),
    ),
    (
        tuple(f"saturation_share_{k}" for k in range(_N_SATURATIONS)),
        lambda planes: _shares(planes.hsv[:, :, 1], _N_SATURATIONS),
    ),
    (("colour_top_1", "colour_top_3", "colours_for_90", "colour_entropy"), _palette),
    (("middle_over_border", "top_over_bottom", "asymmetry_x", "asymmetry_y"), _layout),
    (
        (
            *("edge_density", "edge_mean", "edge_upright"),
            *(f"edge_density_{row}{column}" for row in range(_GRID) for column in range(_GRID)),
        ),
        _edge_facts,
    ),
    (
        tuple(
            f"thumb_{row}{column}_{channel}"
            for row in range(_THUMB)
            for column in range(_THUMB)
            for channel in "rgb"
        ),
        _thumbnail,
    ),
)

COLOUR_FEATURES: tuple[str, ...] = tuple(name for names, _ in _BLOCKS for name in names)
"""Names of `colour_statistics`, in order."""
