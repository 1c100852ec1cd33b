"""Prints of covers: blind to what makes another file of a cover, and not to another cover."""

from __future__ import annotations

import io
import itertools

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from genre_core.errors import ParameterError
from genre_core.image.cover_hash import (
    REACH,
    SIDE,
    close_hashes,
    correlations,
    cover_print,
    n_views,
    score,
)
from tests.image.made_covers import made_cover

FIRST = np.array([0])


def likeness(one: np.ndarray, other: np.ndarray, *, thorough: bool = False) -> float:
    """Return the score of two covers: the best of all views of the second."""
    whole, seen = cover_print(one), cover_print(other, thorough=thorough)
    scores = []
    for view in range(len(seen.hashes)):
        distance = np.bitwise_count(whole.hashes[:1] ^ seen.hashes[view : view + 1])
        found = correlations(whole.thumbs, seen.thumbs[view : view + 1], FIRST, FIRST)
        scores.append(float(score(found, distance)[0]))
    return max(scores)


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def darker(picture: np.ndarray) -> np.ndarray:
    return np.array(ImageEnhance.Brightness(Image.fromarray(picture)).enhance(0.6))


def other_colours(picture: np.ndarray) -> np.ndarray:
    return np.array(Image.fromarray(picture).convert("L").convert("RGB")) // 2 + 60


def with_sticker(picture: np.ndarray) -> np.ndarray:
    changed = picture.copy()
    changed[10:40, 140:170] = (250, 240, 30)
    return changed


def smaller(picture: np.ndarray) -> np.ndarray:
    return np.array(Image.fromarray(picture).resize((97, 97)))


def moved(picture: np.ndarray) -> np.ndarray:
    return np.roll(picture, (4, -5), axis=(0, 1))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "change", [lambda p: as_jpeg(p, 30), darker, other_colours, with_sticker, smaller, moved]
)
def test_another_file_of_a_cover_scores_high(seed: int, change: object) -> None:
    cover = made_cover(seed)
    assert likeness(cover, change(cover)) > 0.6  # type: ignore[operator]


def test_other_covers_score_low() -> None:
    covers = [made_cover(seed) for seed in range(12)]
    scores = [likeness(one, two, thorough=True) for one, two in itertools.combinations(covers, 2)]
    assert len(scores) == 66
    assert max(scores) < 0.4


@pytest.mark.parametrize("part", [0.95, 0.9, 0.85])
def test_cut_and_mirrored_covers_need_the_thorough_look(part: float) -> None:
    cover = made_cover(1)
    cut = round((1 - part) / 2 * len(cover))
    middle = cover[cut:-cut, cut:-cut]
    assert likeness(middle, cover, thorough=True) > 0.75
    assert likeness(middle, cover, thorough=True) > likeness(middle, cover)
    assert likeness(cover, cover[:, ::-1]) < 0.3
    assert likeness(cover, cover[:, ::-1], thorough=True) > 0.9


def test_the_same_cover_scores_one_and_order_does_not_matter() -> None:
    one, two = made_cover(0), as_jpeg(made_cover(0), 20)
    assert likeness(one, one) == pytest.approx(1, abs=1e-6)
    assert likeness(one, two) == pytest.approx(likeness(two, one), abs=1e-6)
    assert likeness(one, two) <= 1


@pytest.mark.parametrize("noise", [0, 2])
def test_a_plain_cover_is_like_no_other(noise: int) -> None:
    rng = np.random.default_rng(0)
    plain = [(100 + rng.integers(0, noise + 1, (80, 80, 3))).astype(np.uint8) for _ in range(2)]
    assert likeness(*plain) < 0.4
    if not noise:
        assert not cover_print(plain[0]).thumbs.any()


def test_the_hash_is_imagehash_s_own() -> None:
    cover = made_cover(3)
    bits = imagehash.phash(Image.fromarray(cover)).hash.ravel()
    mine = np.unpackbits(cover_print(cover).hashes.view(np.uint8))
    assert mine.tolist() == bits.astype(int).tolist()


def test_correlation_is_the_best_of_all_shifts() -> None:
    rng = np.random.default_rng(0)
    thumbs = rng.integers(-128, 128, (3, SIDE, SIDE)).astype(np.int8)
    thumbs[2] = np.roll(thumbs[0], (REACH, -REACH), axis=(0, 1))
    found = correlations(thumbs, thumbs, np.array([0, 0, 1]), np.array([1, 2, 1]))
    big = np.pad(thumbs[0].astype(float), REACH)
    other = thumbs.astype(float)
    shifts = itertools.product(range(2 * REACH + 1), repeat=2)
    sums = [(big[i : i + SIDE, j : j + SIDE] * other[1]).sum() for i, j in shifts]
    expected = max(sums) / np.sqrt((other[0] ** 2).sum() * (other[1] ** 2).sum())
    assert found[0] == pytest.approx(expected, rel=1e-5)
    assert found[1] > 0.85  # what moved out at the border is lost
    assert found[2] == pytest.approx(1)


def test_a_blank_picture_correlates_with_nothing() -> None:
    thumbs = np.zeros((2, SIDE, SIDE), np.int8)
    thumbs[1] = 5
    assert correlations(thumbs, thumbs, np.array([0, 0]), np.array([1, 0])).tolist() == [0, 0]


@pytest.mark.parametrize("block", [1, 50, 1 << 22])
@pytest.mark.parametrize("two_views", [False, True])
def test_close_hashes_are_those_of_a_plain_loop(
    block: int, two_views: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_core.image.cover_hash._BLOCK", block)
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 2**64, (2, 40), dtype=np.uint64)
    other[:20] = one[:20] ^ np.uint64(0b1011)
    given = (one, other) if two_views else (np.concatenate([one, other]),)
    found = {
        (int(a), int(b)): int(d)
        for blocks in close_hashes(*given, radius=26)
        for a, b, d in zip(*blocks, strict=True)
    }
    expected = {}
    for a, x in enumerate(given[0]):
        for b, y in enumerate(given[-1]):
            bits = bin(int(x) ^ int(y)).count("1")
            if bits <= 26 and (a != b if two_views else a < b):
                expected[a, b] = bits
    assert len(expected) > 20
    assert found == expected


def test_views_are_counted() -> None:
    for thorough in (False, True):
        found = cover_print(made_cover(0), thorough=thorough)
        assert len(found.hashes) == len(found.thumbs) == n_views(thorough=thorough)


@pytest.mark.parametrize("picture", [np.zeros((9, 9, 3)), np.zeros((9, 9), np.uint8), "a.jpg"])
def test_what_is_no_picture_is_refused(picture: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        cover_print(picture)  # type: ignore[arg-type]


@pytest.mark.parametrize("radius", [-1, 65])
def test_a_radius_must_be_bits(radius: int) -> None:
    with pytest.raises(ParameterError, match="Received"):
        list(close_hashes(np.zeros(2, np.uint64), radius=radius))
