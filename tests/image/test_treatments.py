"""Covers made in two ways on purpose: only the asked class changes, and chance is seeded."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.image.edits import CoverEdit, edit_cover
from genre_core.image.treatments import ALIKE, RESCALE, scale_alike, treat_covers

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


def test_only_scaling_well_below_hides_what_was_scaled_before() -> None:
    """The same cover scaled before and not: the difference between them, next to the covers' own.

    Scaling all to the same half would look like a cure and is none: twice is not once.
    """
    fine = np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), dtype=np.uint8)
    softened = treat_covers(fine, np.ones(6, int), "scaled apart")

    def told_apart(one: np.ndarray, other: np.ndarray) -> float:
        spread = one.astype(float).std(axis=(1, 2, 3)).mean()
        return float(np.abs(one.astype(float) - other).mean() / spread)

    def halved(covers: np.ndarray) -> np.ndarray:
        return np.stack([edit_cover(each, CoverEdit(rescale=RESCALE)) for each in covers])

    assert ALIKE < RESCALE / 2
    assert told_apart(fine, softened) > 0.5
    assert told_apart(halved(fine), halved(softened)) > 0.1
    assert told_apart(scale_alike(fine), scale_alike(softened)) < 0.05


def test_scaling_alike_needs_no_genre_and_keeps_its_input(covers: np.ndarray) -> None:
    before = covers.copy()
    made = scale_alike(covers)
    np.testing.assert_array_equal(covers, before)
    assert made.shape == covers.shape
    assert made.dtype == np.uint8
    for place, cover in enumerate(covers):  # each by itself, the same in any company
        np.testing.assert_array_equal(scale_alike(cover[np.newaxis])[0], made[place])
    with pytest.raises(ParameterError, match="Received"):
        scale_alike(covers[..., 0])


def test_neutralising_is_seeded(covers: np.ndarray) -> None:
    first, again, other = (treat_covers(covers, GENRE, "neutralised", seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_input(covers: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        treat_covers(covers, GENRE, "sharpened")
    with pytest.raises(ParameterError, match="Received"):
        treat_covers(covers, GENRE[:3], "scaled apart")
