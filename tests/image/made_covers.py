"""Made covers with something of a design: a ground of two colours, shapes and a line of marks."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw


def made_cover(seed: int, side: int = 192) -> np.ndarray:
    """Return a picture [shape=(side, side, 3), dtype=uint8]; another seed gives another design."""
    rng = np.random.default_rng(seed)

    def colour() -> tuple[int, int, int]:
        return tuple(int(c) for c in rng.integers(0, 256, 3))  # type: ignore[return-value]

    image = Image.new("RGB", (side, side), colour())
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = (float(c) for c in rng.uniform(0, side, 2))
        width, height = (float(c) for c in rng.uniform(side / 12, side / 2.5, 2))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x - width / 2, y - height / 2, x + width / 2, y + height / 2), fill=colour())
    for k in range(12):
        left = side / 10 + k * side / 15
        tall = float(rng.uniform(side / 30, side / 12))
        draw.rectangle((left, side / 12, left + side / 40, side / 12 + tall), fill=colour())
    return np.array(image)
