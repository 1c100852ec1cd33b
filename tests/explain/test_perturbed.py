"""Integrated gradients and occlusion through `Cam`: at the right place, against a plain cover."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.explain.cam import cam_of
from genre_core.explain.saliency import PERTURBING


@pytest.mark.parametrize("method", PERTURBING)
@pytest.mark.parametrize("k", [0, 3])
def test_what_is_brighter_than_the_mean_speaks_for_its_quadrant(quadrants, method, k):
    """A plain cover of the mean colour is what these methods compare with."""
    cover = np.zeros((32, 32, 3), np.uint8)
    for top, left in ((0, 0), (0, 16), (16, 0), (16, 16)):
        cover[top + 1 : top + 15, left + 1 : left + 15] = 255
    cam = cam_of(quadrants(4), "softmax")
    found = cam.explain(cover, k, method=method)
    heat = cam.on_input(found)
    inside = np.zeros((32, 32), bool)
    inside[16 * (k // 2) :, 16 * (k % 2) :][:16, :16] = True
    assert (found.method, found.stage, heat.shape) == (method, "", (32, 32))
    assert heat[inside].mean() > 0.15
    assert heat[~inside].mean() < 0.15 * heat[inside].mean()
