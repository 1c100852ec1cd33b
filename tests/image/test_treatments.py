"""Covers made in two ways on purpose: only the asked class changes, and chance is seeded."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.image.treatments import treat_covers

GENRE = np.array([0, 1, 0, 1])


@pytest.fixture
def covers() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("treatment", "changed"),
    [
        ("as they are", [False] * 4),
        ("scaled apart", [False, True, False, True]),
        ("scaled the other way", [True, False, True, False]),
        ("neutralised", [True] * 4),
    ],
)
def test_which_covers_change(covers: np.ndarray, treatment: str, changed: list[bool]) -> None:
    before = covers.copy()
    made = treat_covers(covers, GENRE, treatment)
    assert [not np.array_equal(a, b) for a, b in zip(made, covers, strict=True)] == changed
    np.testing.assert_array_equal(covers, before)
    assert not np.shares_memory(made, covers)


def test_scaling_down_and_up_takes_detail_out(covers: np.ndarray) -> None:
    def detail(pictures: np.ndarray) -> float:
        return float(np.abs(np.diff(pictures.astype(float), axis=2)).mean())

    made = treat_covers(covers, GENRE, "scaled apart")
    assert detail(made[GENRE == 1]) < 0.6 * detail(covers[GENRE == 1])


def test_neutralising_is_seeded(covers: np.ndarray) -> None:
    first, again, other = (treat_covers(covers, GENRE, "neutralised", seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_input(covers: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        treat_covers(covers, GENRE, "sharpened")
    with pytest.raises(ParameterError, match="Received"):
        treat_covers(covers, GENRE[:3], "scaled apart")
