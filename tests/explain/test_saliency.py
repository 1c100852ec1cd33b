"""Saliency: a constant map locates nothing and is never scaled."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_core.errors import GenreError, ParameterError
from genre_core.explain.saliency import make_saliency, normalise


def _make(values, scale=None):
    array = np.asarray(values, dtype=np.float32)
    return make_saliency(array, method="gradcam", stage="conv", genre_index=0, scale=scale)


@pytest.mark.parametrize(
    ("values", "scale", "reason"),
    [
        ([[3.0]], None, "single cell"),
        ([[0.0, 0.0]], None, "reaches"),
        ([[-1.0, -2.0]], None, "against"),
        ([[5.0, 5.0]], None, "same everywhere"),
        ([[5.0, 5.00002]], None, "same everywhere"),
        ([[0.0, 1e-6]], 1.0, "same everywhere"),
    ],
)
def test_what_locates_nothing_says_why_and_stays_dark(values, scale, reason):
    found = _make(values, scale)
    assert not found.is_located
    assert reason in found.reason
    assert found.heat.shape == found.map.shape
    assert not found.heat.any()


@pytest.mark.parametrize("values", [[[0.0, 1e-30]], [[5.0, 5.01]], [[-3.0, 1.0]], [[0.0, 3e38]]])
def test_what_differs_between_places_is_scaled_to_0_and_1(values):
    found = _make(values)
    assert found.is_located
    assert found.reason == ""
    assert (found.heat.min(), found.heat.max()) == (0, 1)


@given(st.floats(1e-20, 1e20), st.integers(0, 1000))
def test_a_positive_factor_changes_neither_heat_nor_verdict(factor, seed):
    values = np.random.default_rng(seed).normal(size=(5, 7)).astype(np.float32)
    plain, scaled = _make(values), _make(values * np.float32(factor))
    assert plain.is_located == scaled.is_located
    np.testing.assert_allclose(plain.heat, scaled.heat, atol=1e-6)


def test_a_map_that_is_not_finite_is_an_error():
    with pytest.raises(GenreError, match="Received 1 of 2 values not finite"):
        _make([[np.nan, 1.0]])
    with pytest.raises(ParameterError, match="Received"):
        normalise(np.array([[np.inf, 0.0]]))


def test_a_saliency_survives_a_cache_that_pickles():
    found = _make([[0.0, 2.0]])
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
    assert again.map.tolist() == found.map.tolist()
    assert again.is_located


def test_the_names_of_the_methods_are_known_without_tensorflow():
    code = (
        "import sys, genre_core.explain.saliency as s;"
        "print(len(s.METHODS), any(m in sys.modules for m in ('keras', 'tensorflow')))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.split() == ["7", "False"]
