"""Each fault blanks the map for its own reason, and its cure brings it back, on every cover."""

from __future__ import annotations

import numpy as np
import pytest

from assets.make.covers import make_cover
from genre_core.explain.blank_maps import BlankMap, blank_maps


@pytest.fixture(scope="module", params=["rock", "jazz", "classical"])
def found(request: pytest.FixtureRequest) -> dict[str, BlankMap]:
    return {each.name: each for each in blank_maps(make_cover(request.param, 1, size=200))}


def test_all_three_are_blank_and_cured(found: dict[str, BlankMap]) -> None:
    assert list(found) == ["saturated", "dead", "single cell"]
    for each in found.values():
        assert not each.blank.saliency.is_located
        assert each.blank.n_not_a_number == each.blank.map.size
        assert each.cured.saliency.is_located
        assert each.cured.n_not_a_number == 0
        assert np.ptp(each.cured.map) > 0
        np.testing.assert_array_equal(each.blank.seen, each.cured.seen)


def test_the_reasons_differ(found: dict[str, BlankMap]) -> None:
    saturated, dead, single = found.values()
    # A flat sigmoid: the maps are there, no gradient reaches them.
    assert saturated.blank.largest_gradient == 0
    assert saturated.blank.largest_activation > 0
    assert saturated.cured.largest_gradient > 0
    # Dead ReLUs: no gradient passes them either, though the logit is explained.
    assert dead.blank.largest_gradient == 0
    assert dead.cured.largest_gradient > 0
    # A single cell: gradient and activation are sound, there is only no place.
    assert single.blank.largest_gradient > 0
    assert single.blank.map.shape == (1, 1)
    assert single.cured.map.shape == (13, 13)


def test_it_is_the_same_each_time() -> None:
    cover = make_cover("pop", 0, size=120)
    first, again = (blank_maps(cover) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_allclose(a.cured.map, b.cured.map, rtol=1e-5, atol=1e-9)
