"""What is said of kernels: how large they are in a cover or a song, and how many are blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genre_core.config import CoverInput, SongInput
from genre_core.explain.kernel_pictures import PLACES, AxisSpans, axis_spans
from genre_core.explain.kernel_weights import MAX_MIXED
from genre_core.explain.patterns_scale import RANGES
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer

RGB = ("red", "green", "blue")
"""Channels of a cover; three are taken for these, for no other layer reads three."""

COLOUR, ROOT = "in colour", "root sum of squares"
"""Two ways to show kernels that read several channels."""

STUDY = (
    "**Beside study S5** (prog rock from audio). Its figures show such grids for six layers. It "
    "found *blank* kernels in the fourth and the sixth, each the second of two equal layers; it "
    "gives no rule, so the one above is ours. It also reports dots, low frequencies and "
    "horizontal lines in its deep layers. Weights of 3 x 3 are too small for these, so its deep "
    "grids show inputs that excite a kernel most: here both, the weights and these inputs."
)

BLANK_RULE = (
    "**Norm**: the root of the sum of a kernel's squared weights, over all channels that it reads. "
    "**Blank**: below 1 % of its layer's largest norm, or below 0.0001, where it started at about "
    "1. Biases and batch normalization are left out of this: a kernel that is not blank may still "
    "never respond. *Covers*, under *What does this layer respond to?*, counts those on one cover."
)


def many(n: int, one: str, more: str = "") -> str:
    """Count in words that fit the number.

    Examples
    --------
    >>> many(1, "kernel"), many(1200, "kernel"), many(0, "is", "are")
    ('1 kernel', '1,200 kernels', '0 are')
    """
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def answer(layer: ConvLayer) -> str:
    """Say what a layer holds and how much of it is blank."""
    height, width = layer.size
    reads = many(layer.n_inputs, "channel")
    if layer.kind == "depthwise":
        reads = "one channel each"
    elif layer.n_inputs == len(RGB):
        reads = "red, green and blue"
    counted = (
        f"**{many(layer.n_blank, 'is', 'are')} blank**, outlined in orange: all weights near 0."
        if layer.n_blank
        else "**None is blank**: a blank kernel has all weights near 0."
    )
    return (
        f"*{plain(layer.name)}* has {many(layer.n_filters, 'kernel')} of {height} x {width} over "
        f"{reads}, {layer.n_parameters:,} parameters. {counted}"
    )


def whole(layers: Sequence[ConvLayer]) -> str:
    """Say how many kernels of the network are blank, and where most of them are."""
    n_kernels = sum(layer.n_filters for layer in layers)
    n_blank = sum(layer.n_blank for layer in layers)
    counted = f"All {many(len(layers), 'convolution')} together: {many(n_kernels, 'kernel')}, "
    if not n_blank:
        return f"{counted}none of them blank."
    worst = max(layers, key=lambda layer: layer.n_blank / layer.n_filters)
    return (
        f"{counted}{n_blank:,} of them blank ({100 * n_blank / n_kernels:.1f} %); the largest "
        f"share is {many(worst.n_blank, 'kernel')} of {worst.n_filters:,} in *{plain(worst.name)}*."
    )


def reads_pixels_or_bands(spec: CoverInput | SongInput) -> bool:
    """Tell whether inputs can be sought that excite kernels: covers and spectrograms."""
    return isinstance(spec, CoverInput) or spec.features in RANGES


def channel(layer: ConvLayer, k: int) -> str:
    """Name a channel that a layer reads."""
    return RGB[k] if layer.n_inputs == len(RGB) else f"channel {k}"


def reading(layer: ConvLayer, shown: str, n_drawn: int, order: str) -> str:
    """Say how to read a mosaic of kernels."""
    sentences = []
    if n_drawn < layer.n_filters:
        sentences.append(f"{n_drawn} of {layer.n_filters:,} kernels at a time, {order}.")
    if not layer.has_pictures:
        sentences.append(
            "A kernel of 1 x 1 has no picture: it looks at one place and mixes the channels there. "
            "Each strip is one kernel; each cell is the weight it gives to one channel"
            + (
                f"; of {layer.n_inputs:,} channels the {MAX_MIXED} with the largest weights in "
                "this layer."
                if layer.n_inputs > MAX_MIXED
                else "."
            )
        )
    if shown == COLOUR:
        sentences.append(
            "Grey means no effect. The kernel responds to the colour shown and is suppressed by "
            "its opposite."
        )
    elif shown == ROOT:
        sentences.append(
            "The darker, the larger the weights; whether they are above or below 0 is not shown."
        )
    else:
        sentences.append(
            "Orange weights are above 0, blue ones below; where nothing is drawn they are near 0."
        )
    sentences.append("All kernels of a layer share one range of colours. Click one to enlarge it.")
    return " ".join(sentences)


def extent(layer: ConvLayer, spec: CoverInput | SongInput) -> str:
    """Say how much of a cover or a song one kernel covers."""
    if isinstance(spec, SongInput):
        return _in_a_song(layer, spec)
    (down, across), step = layer.size, layer.step
    if step[0] is None or step[1] is None:
        return ""
    apart = f", its cells {step[0]} px apart" if step != (1, 1) and layer.has_pictures else ""
    text = f"On a cover, as the network receives it ({spec.size} px), one kernel spans "
    text += f"**{across * step[1]} x {down * step[0]} px**{apart}."
    if None not in layer.sees and layer.sees != layer.size:
        seen = [min(side or 0, spec.size) for side in layer.sees]
        text += f" With the layers before it, it sees {seen[1]} x {seen[0]} px."
    return text


def _in_a_song(layer: ConvLayer, spec: SongInput) -> str:
    spans = axis_spans(layer.size, layer.step, spec)
    if spans is None:
        return ""
    clauses = []
    time, bands = (0, 1) if spec.layout == "time_frequency" else (1, 0)
    if spans.time_ms:
        step = layer.step[time] or 1
        deeper = f" (one column is {many(step, 'frame')} here)" if step > 1 else ""
        clauses.append(
            f"In a song, one kernel is **{milliseconds(spans.time_ms[-1])} long**{deeper}"
        )
    if spans.hz:
        step = layer.step[bands] or 1
        deeper = f" (one row is {many(step, 'band')} here)" if step > 1 else ""
        clauses.append(_heights(spans) + deeper)
    elif layer.step[bands] is None:
        clauses.append("its rows no longer stand for single frequencies")
    text = " and ".join(clauses) + "." if clauses else ""
    seen = layer.sees[time]
    if seen is not None and spans.time_ms and seen > layer.size[time]:
        seen_ms = 1000 * spec.frame_step_s * min(seen, spec.n_frames)
        text += f" With the layers before it, it sees {milliseconds(seen_ms)}."
    return text


def _heights(spans: AxisSpans) -> str:
    heights = [hertz(height) for height in spans.heights_hz]
    if len(set(heights)) == 1:
        return f"**{heights[0]} high** at every frequency"
    places = zip(heights, PLACES, strict=True)
    listed = [f"**{height}** at the {place}" for height, place in places]
    return f"as high as {', '.join(listed[:-1])} and {listed[-1]} frequencies, since it slides"


def edges(
    layer: ConvLayer, spec: CoverInput | SongInput, place: str
) -> tuple[tuple[str, list[str]], tuple[str, list[str]]]:
    """Label the edges of a kernel's columns from the left and of its rows from the top.

    `place` is one of `PLACES`: where on the frequency axis the kernel stands.
    """
    if isinstance(spec, CoverInput):
        (rows, cols), (down, across) = layer.size, layer.step
        right = [str(k * across) for k in range(cols + 1)] if across else []
        low = [str(k * down) for k in range(rows + 1)] if down else []
        return ("px to the right", right), ("px down", low)
    spans = axis_spans(layer.size, layer.step, spec)
    if spans is None:
        return ("", []), ("", [])
    times = [f"{edge:.0f}" for edge in spans.time_ms]
    hz = spans.hz[PLACES.index(place)] if spans.hz else ()
    return ("ms", times), ("Hz" if hz else "", [f"{edge:,.0f}" for edge in reversed(hz)])


def milliseconds(value: float) -> str:
    """Write a time, in s from 1,000 ms on.

    Examples
    --------
    >>> milliseconds(69.66), milliseconds(1486.0)
    ('70 ms', '1.49 s')
    """
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.2f} s"


def hertz(value: float) -> str:
    """Write a frequency.

    Examples
    --------
    >>> hertz(93.75), hertz(1234.5)
    ('94 Hz', '1,234 Hz')
    """
    return f"{value:,.0f} Hz"
