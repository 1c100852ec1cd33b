"""Edits: laws of each step, the order of the steps, and words that mean the same edit."""

import math

import numpy as np
import pytest
from PIL import Image

from genre_core.cli.parser import make_parser
from genre_core.cli.what_if import edit_of
from genre_core.config.options import as_options
from genre_core.data.demo import demo_covers
from genre_core.errors import ParameterError
from genre_core.image.decode import decode_cover
from genre_core.image.edits import (
    MAX_EDIT_PX,
    CoverEdit,
    edit_cover,
    shrink_to_edit,
)

BOX = (0.25, 0.1, 0.5, 0.6)

EVERY_STEP = {
    "hide": {"hide": BOX},
    "crop": {"crop": (0.1, 0.2, 0.9, 0.7)},
    "rotate": {"rotate": 30.0},
    "mirror": {"mirror": True},
    "grey": {"grey": True},
    "blur": {"blur": 2.0},
    "rescale": {"rescale": 0.25},
    "jpeg": {"jpeg": 20},
}


def noise(height: int = 60, width: int = 80, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def cover() -> np.ndarray:
    return decode_cover(demo_covers()[0].path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hide": (0.4, 0.1, 0.1, 0.4)}, "left < right"),
        ({"hide": (0.1, 0.1, 0.1, 0.4)}, "left < right"),
        ({"hide": (0.1, 0.1, 0.4)}, "left, top, right and bottom"),
        ({"hide": (-0.1, 0.1, 0.4, 0.4)}, "left, top, right and bottom"),
        ({"hide": (math.nan, 0.1, 0.4, 0.4)}, "left, top, right and bottom"),
        ({"hide_with": "noise"}, "mean, grey, blur"),
        ({"crop": (0.1, 0.1, 0.12, 0.9)}, "at least 0.05 apart"),
        ({"crop": (0.0, 0.0, 1.0, 1.01)}, "crop must be"),
        ({"rotate": 361}, "degrees"),
        ({"rotate": math.nan}, "degrees"),
        ({"blur": -0.1}, "per cent"),
        ({"blur": math.inf}, "per cent"),
        ({"rescale": 0.0}, "part of each side"),
        ({"rescale": 2.0}, "part of each side"),
        ({"jpeg": 0}, "quality from 1 to 100"),
        ({"jpeg": 30.5}, "quality from 1 to 100"),
        ({"jpeg": 101}, "quality from 1 to 100"),
    ],
)
def test_what_cannot_be_done_is_refused(fields: dict, said: str) -> None:
    with pytest.raises(ParameterError, match="Received") as caught:
        CoverEdit(**fields)
    assert said in str(caught.value)


@pytest.mark.parametrize("bad", [None, np.zeros((4, 4)), np.zeros((4, 4, 3), dtype=np.float32)])
def test_only_pictures_are_edited(bad: object) -> None:
    for change in (lambda: edit_cover(bad, CoverEdit()), lambda: shrink_to_edit(bad)):
        with pytest.raises(ParameterError, match="Received"):
            change()


@pytest.mark.parametrize("shape", [(60, 80), (1, 1), (8, 300)])
def test_an_empty_edit_is_the_picture_in_memory_of_its_own(shape: tuple[int, int]) -> None:
    picture = noise(*shape)
    for edit in (CoverEdit(), CoverEdit(rotate=360), CoverEdit(hide_with="blur")):
        assert edit.is_empty
        same = edit_cover(picture, edit)
        np.testing.assert_array_equal(same, picture)
        assert not np.shares_memory(same, picture)


@pytest.mark.parametrize("step", EVERY_STEP)
@pytest.mark.parametrize("shape", [(60, 80), (1, 1), (8, 300)])
def test_every_step_gives_a_picture_and_leaves_its_own_alone(
    step: str, shape: tuple[int, int]
) -> None:
    picture = noise(*shape)
    kept = picture.copy()
    edit = CoverEdit(**EVERY_STEP[step])
    changed = edit_cover(picture, edit)
    assert not edit.is_empty
    assert changed.dtype == np.uint8
    assert changed.ndim == 3
    assert changed.shape[2] == 3
    assert changed.flags.c_contiguous
    np.testing.assert_array_equal(picture, kept)
    if step != "crop":
        assert changed.shape == picture.shape
    if shape == (60, 80):
        assert not np.array_equal(changed, picture)
        np.testing.assert_array_equal(changed, edit_cover(picture, edit))


def test_a_second_mirror_and_four_quarter_turns_bring_the_picture_back() -> None:
    picture = noise()
    mirrored = edit_cover(picture, CoverEdit(mirror=True))
    np.testing.assert_array_equal(mirrored, picture[:, ::-1])
    np.testing.assert_array_equal(edit_cover(mirrored, CoverEdit(mirror=True)), picture)
    turned = picture
    for _ in range(4):
        turned = edit_cover(turned, CoverEdit(rotate=90))
    np.testing.assert_array_equal(turned, picture)
    once = edit_cover(picture, CoverEdit(rotate=90))
    assert once.shape == (80, 60, 3)
    np.testing.assert_array_equal(once[0, 0], picture[0, -1])  # anticlockwise: right becomes top
    np.testing.assert_array_equal(
        edit_cover(picture, CoverEdit(rotate=-90)), edit_cover(picture, CoverEdit(rotate=270))
    )
    np.testing.assert_array_equal(edit_cover(picture, CoverEdit(rotate=180)), picture[::-1, ::-1])


def test_other_turns_fill_the_corners_with_the_mean_colour_and_go_the_same_way() -> None:
    picture = noise(81, 81)
    picture[:20, :, 0] = 255
    turned = edit_cover(picture, CoverEdit(rotate=45))
    mean = np.rint(picture.mean(axis=(0, 1)))
    np.testing.assert_array_equal(turned[0, 0], mean)
    np.testing.assert_array_equal(turned[-1, -1], mean)
    nearly = edit_cover(picture, CoverEdit(rotate=89.9)).astype(int)
    assert np.abs(nearly - edit_cover(picture, CoverEdit(rotate=90))).mean() < 12


def test_grey_has_equal_channels_and_keeps_what_is_grey() -> None:
    grey = edit_cover(noise(), CoverEdit(grey=True))
    np.testing.assert_array_equal(grey[..., 0], grey[..., 1])
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    np.testing.assert_array_equal(edit_cover(grey, CoverEdit(grey=True)), grey)
    luma = noise() @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    np.testing.assert_allclose(grey[..., 0], luma, atol=1)


@pytest.mark.parametrize("how", ["mean", "grey"])
def test_nothing_of_what_is_hidden_can_be_told_from_the_result(how: str) -> None:
    picture, edit = noise(), CoverEdit(hide=BOX, hide_with=how)
    hidden = edit_cover(picture, edit)
    inside = (slice(6, 36), slice(20, 40))  # rows, columns of BOX in 60 x 80
    outside = np.ones(picture.shape[:2], dtype=bool)
    outside[inside] = False
    np.testing.assert_array_equal(hidden[outside], picture[outside])
    expected = 128 if how == "grey" else np.rint(picture[outside].mean(axis=0))
    assert (hidden[inside] == expected).all()
    picture[inside] = 255
    np.testing.assert_array_equal(edit_cover(picture, edit), hidden)


def test_hiding_by_blur_keeps_the_regions_colour_and_loses_its_detail() -> None:
    picture = noise()
    picture[6:36, 20:40, 0] //= 4
    hidden = edit_cover(picture, CoverEdit(hide=BOX, hide_with="blur"))
    region, was = hidden[6:36, 20:40], picture[6:36, 20:40]
    np.testing.assert_allclose(region.mean(axis=(0, 1)), was.mean(axis=(0, 1)), atol=6)
    assert (region.std(axis=(0, 1)) < was.std(axis=(0, 1)) / 4).all()
    np.testing.assert_array_equal(hidden[36:], picture[36:])


def test_hiding_all_leaves_mid_grey() -> None:
    assert (edit_cover(noise(), CoverEdit(hide=(0.0, 0.0, 1.0, 1.0))) == 128).all()


def test_a_region_is_at_least_a_pixel_and_stays_inside() -> None:
    picture = np.zeros((10, 10, 3), dtype=np.uint8)
    corner = edit_cover(picture, CoverEdit(hide=(0.999, 0.999, 1.0, 1.0), hide_with="grey"))
    assert (corner[9, 9] == 128).all()
    assert corner.sum() == 3 * 128


def test_crop_cuts_out_what_it_says() -> None:
    picture = noise()
    np.testing.assert_array_equal(edit_cover(picture, CoverEdit(crop=BOX)), picture[6:36, 20:40])
    whole = edit_cover(picture, CoverEdit(crop=(0.0, 0.0, 1.0, 1.0)))
    np.testing.assert_array_equal(whole, picture)


def test_more_blur_and_a_smaller_scale_leave_less_detail(cover: np.ndarray) -> None:
    def detail(**fields: float) -> float:
        changed = edit_cover(cover, CoverEdit(**fields)).astype(float)
        return float(np.abs(np.diff(changed, axis=1)).mean())

    assert detail() > detail(blur=0.5) > detail(blur=2) > detail(blur=8)
    assert detail() > detail(rescale=0.5) > detail(rescale=0.2) > detail(rescale=0.05)
    flat = np.full((40, 40, 3), 77, dtype=np.uint8)
    for fields in ({"blur": 5.0}, {"rescale": 0.1}, {"rotate": 12.0}):
        np.testing.assert_array_equal(edit_cover(flat, CoverEdit(**fields)), flat)


def test_blur_is_relative_to_the_picture() -> None:
    small = np.zeros((100, 100, 3), dtype=np.uint8)
    small[:, 50:] = 255
    large = small.repeat(4, axis=0).repeat(4, axis=1)
    blurred = [edit_cover(each, CoverEdit(blur=5)) for each in (small, large)]
    shrunk = np.asarray(Image.fromarray(blurred[1]).resize((100, 100), Image.Resampling.BOX))
    np.testing.assert_allclose(blurred[0].astype(int), shrunk.astype(int), atol=6)


def test_jpeg_of_quality_100_is_nearly_the_same_and_lower_ones_less_so(cover: np.ndarray) -> None:
    errors = [
        float(np.abs(edit_cover(cover, CoverEdit(jpeg=q)).astype(int) - cover).mean())
        for q in (100, 75, 30, 5)
    ]
    assert errors[0] < 2
    assert errors == sorted(errors)
    assert errors[-1] > 2 * errors[0]


def test_regions_are_named_on_the_picture_as_it_came() -> None:
    picture = noise()
    together = edit_cover(picture, CoverEdit(hide=BOX, crop=BOX, mirror=True, hide_with="grey"))
    assert (together == 128).all()
    hidden = edit_cover(picture, CoverEdit(hide=BOX))
    one_by_one = edit_cover(hidden, CoverEdit(mirror=True))
    np.testing.assert_array_equal(edit_cover(picture, CoverEdit(hide=BOX, mirror=True)), one_by_one)


def test_the_steps_are_done_in_the_order_in_which_they_are_named() -> None:
    picture = noise()
    fields = {key: value for step in EVERY_STEP.values() for key, value in step.items()}
    together = CoverEdit(**fields)
    assert len(together.words) == len(EVERY_STEP)
    for step in EVERY_STEP.values():
        picture = edit_cover(picture, CoverEdit(**step))
    np.testing.assert_array_equal(edit_cover(noise(), together), picture)


def test_large_pictures_are_scaled_down_first_and_small_ones_are_not() -> None:
    assert shrink_to_edit(noise(2000, 500)).shape == (MAX_EDIT_PX, 256, 3)
    picture = noise()
    np.testing.assert_array_equal(shrink_to_edit(picture), picture)
    assert shrink_to_edit(noise(4000, 1)).shape == (MAX_EDIT_PX, 1, 3)


@pytest.mark.parametrize(
    "fields",
    [{}, *EVERY_STEP.values(), {"rotate": -33.5}, {"hide": (0.0, 0.0, 1.0, 0.333)},
     {"hide": BOX, "hide_with": "blur", "blur": 1.5, "grey": True, "jpeg": 100}],
)  # fmt: skip
def test_the_command_line_reads_what_an_edit_writes(fields: dict) -> None:
    edit = CoverEdit(**fields)
    options = make_parser().parse_args(["what-if", "cover.jpg", *as_options(edit)])
    assert edit_of(options, CoverEdit) == edit
