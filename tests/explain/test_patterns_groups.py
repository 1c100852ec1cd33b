"""Groups of patterns: planted ones of each kind are told right, also under noise."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.explain.patterns_groups import GROUPS, group_patterns, measure_pattern

SIDE = 48


def planted(kind: str, *, period: int = 8, seed: int = 0) -> np.ndarray:
    """A picture in 0 to 1 of one kind, with a little noise."""
    y, x = np.mgrid[:SIDE, :SIDE]
    chance = np.random.default_rng(seed)
    picture = {
        "horizontal": (y % period < period // 2).astype(float),
        "vertical": (x % period < period // 2).astype(float),
        "slanted": ((x + y) % period < period // 2).astype(float),
        "dots": ((y % period < 2) & (x % period < 2)).astype(float),
        "holes": 1 - ((y % period < 2) & (x % period < 2)).astype(float),
        "low bands": (y >= SIDE - SIDE // 5) * chance.random((SIDE, SIDE)),
        "slow": 0.5 + 0.4 * np.sin(6.283 * x / SIDE) * np.sin(6.283 * y / SIDE),
    }[kind]
    return np.clip(picture + chance.normal(0, 0.05, picture.shape), 0, 1)


@pytest.mark.parametrize("period", [6, 8, 12])
@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("horizontal", "horizontal"),
        ("vertical", "vertical"),
        ("slanted", "mixed"),
        ("dots", "dots"),
        ("holes", "dots"),
    ],
)
@pytest.mark.parametrize("is_song", [True, False])
def test_planted_patterns_are_told_right(kind: str, group: str, period: int, is_song: bool) -> None:
    pictures = np.stack([planted(kind, period=period, seed=seed) for seed in range(3)])
    assert group_patterns(pictures, [False] * 3, is_song=is_song) == [group] * 3


def test_low_is_low_bands_of_songs_and_slow_changes_of_covers() -> None:
    pictures = np.stack([planted("low bands"), planted("slow")])
    assert group_patterns(pictures, [False, False], is_song=True)[0] == "low frequency"
    assert group_patterns(pictures, [False, False], is_song=True)[1] != "low frequency"
    assert group_patterns(pictures, [False, False], is_song=False)[1] == "low frequency"
    # Upside down the same energy lies in high bands.
    assert group_patterns(pictures[:1, ::-1], [False], is_song=True) != ["low frequency"]


def test_a_blank_kernel_is_blank_whatever_its_picture() -> None:
    pictures = np.stack([planted("dots"), np.full((SIDE, SIDE), 0.5)])
    assert group_patterns(pictures, [True, True], is_song=True) == ["blank", "blank"]


@pytest.mark.parametrize("kind", ["horizontal", "vertical", "dots"])
def test_a_quarter_turn_turns_the_lines_and_leaves_the_dots(kind: str) -> None:
    turned = {"horizontal": "vertical", "vertical": "horizontal", "dots": "dots"}
    picture = planted(kind)
    assert measure_pattern(np.rot90(picture), is_song=False).group == turned[kind]
    flipped = measure_pattern(picture[::-1, ::-1], is_song=False)
    assert flipped.group == kind


def test_strength_and_ground_change_nothing() -> None:
    for kind in ("horizontal", "vertical", "dots", "slow"):
        picture = planted(kind)
        faint = 0.4 + 0.2 * picture
        one, other = (measure_pattern(each, is_song=False) for each in (picture, faint))
        assert one.group == other.group
        assert one.lines == pytest.approx(other.lines)


def test_a_pattern_that_is_the_same_everywhere_but_at_its_border_is_mixed() -> None:
    picture = np.ones((SIDE, SIDE))
    picture[-1] = picture[:, 0] = 0
    assert group_patterns(picture[np.newaxis], [False], is_song=True) == ["mixed"]


def test_colours_count_by_their_mean() -> None:
    picture = planted("vertical")
    colours = np.stack([picture, picture, picture], axis=-1)
    one, other = (measure_pattern(each, is_song=False) for each in (colours, picture))
    assert one.group == other.group == "vertical"
    assert one.lines == pytest.approx(other.lines)


def test_every_group_has_a_name_and_measures_stay_in_their_range() -> None:
    chance = np.random.default_rng(1)
    for picture in chance.random((20, 24, 30)):
        measures = measure_pattern(picture, is_song=True)
        assert measures.group in GROUPS
        assert 0 <= measures.low <= 1
        assert -1 <= measures.lines <= 1
        assert 0 <= measures.round <= 1


@pytest.mark.parametrize(
    ("pictures", "blank"),
    [(np.zeros((2, 4)), [False, False]), (np.zeros((2, 4, 4)), [False])],
)
def test_bad_input_is_a_message(pictures: np.ndarray, blank: list[bool]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        group_patterns(pictures, blank, is_song=True)
