"""Where maps lie: an even map matches the area, one at the edge is all border."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.explain.borders import border_area, border_share, contour_correlation, mean_heat
from genre_core.explain.saliency import make_saliency


def saliency(values: np.ndarray):
    return make_saliency(values.astype(np.float32), method="gradcam", stage="s", genre_index=0)


@pytest.mark.parametrize("shape", [(5, 5), (13, 13), (7, 11)])
def test_an_even_map_has_the_border_s_area(shape: tuple[int, int]) -> None:
    assert border_share(np.ones(shape)) == pytest.approx(border_area(shape))
    middle = np.zeros(shape)
    middle[shape[0] // 2, shape[1] // 2] = 3
    assert border_share(middle) == 0
    corner = np.zeros(shape)
    corner[-1, -1] = 0.1
    assert border_share(corner) == 1


def test_a_deeper_border_holds_more() -> None:
    heat = np.random.default_rng(0).random((9, 9))
    assert border_share(heat, depth=1) < border_share(heat, depth=2) < border_share(heat, depth=4)


def test_a_map_of_the_contours_correlates_and_its_negative_does_the_opposite() -> None:
    cover = np.zeros((32, 32, 3), np.uint8)
    cover[8:24, 8:24] = 255
    heat = np.zeros((8, 8))
    heat[[2, 5], 2:6] = heat[2:6, [2, 5]] = 1
    assert contour_correlation(heat, cover) > 0.5
    assert contour_correlation(-heat, cover) == pytest.approx(-contour_correlation(heat, cover))
    assert np.isnan(contour_correlation(np.ones((8, 8)), cover))
    assert np.isnan(contour_correlation(heat, np.zeros_like(cover)))


def test_in_a_mean_each_cover_counts_the_same() -> None:
    one, other = np.zeros((4, 4)), np.zeros((4, 4))
    one[0, 0], other[3, 3] = 100, 1
    nowhere = saliency(np.zeros((4, 4)))
    mean = mean_heat([saliency(one), saliency(other), nowhere])
    assert mean[0, 0] == mean[3, 3] == 0.5
    assert mean.sum() == pytest.approx(1)
    with pytest.raises(ParameterError, match="Received"):
        mean_heat([nowhere])


@pytest.mark.parametrize("depth", [0, 2, 3])
def test_a_border_must_leave_something_inside(depth: int) -> None:
    with pytest.raises(ParameterError, match="Received"):
        border_share(np.ones((4, 4)), depth=depth)
