"""Laws of the made covers: seeded, different, well formed, and shipped as listed."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.make.covers import STYLES, made_dataset, make_cover, shipped, write_covers, write_zip
from assets.make.covers.logo import logo_picture, logo_svg
from assets.make.covers.words import POOLS, words_for
from genre_core.data.demo import ASSETS_DIR, COVERS_DIR, DRAWN_COVERS, demo_covers
from genre_core.errors import ParameterError


@pytest.mark.parametrize(
    "call",
    [
        lambda: make_cover("polka", 0),
        lambda: make_cover("jazz", -1),
        lambda: make_cover("jazz", 0, size=31),
        lambda: make_cover("jazz", 0, size=4096),
        lambda: made_dataset("never-made", n_per_style=0),
        lambda: made_dataset("never-made", n_per_style=1, styles=()),
    ],
)
def test_bad_input_is_named(call):
    with pytest.raises(ParameterError, match="Received"):
        call()
    assert not Path("never-made").exists()


def test_styles_are_many():
    assert len(STYLES) >= 8
    assert set(STYLES) == set(POOLS)


@pytest.mark.parametrize("style", STYLES)
def test_a_seed_gives_the_same_pixels_and_another_seed_others(style):
    first, again, other = (make_cover(style, seed, size=64) for seed in (5, 5, 6))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert np.abs(first.astype(int) - other).mean() > 3
    assert first.std() > 15  # a picture, not a plain ground


@pytest.mark.parametrize("style", STYLES)
def test_size_changes_the_pixels_not_the_design(style):
    small = make_cover(style, 3, size=96).astype(float)
    large = Image.fromarray(make_cover(style, 3, size=256)).resize((96, 96), Image.Resampling.BOX)
    here = small.reshape(12, 8, 12, 8, 3).mean((1, 3)).ravel()
    there = np.asarray(large, dtype=float).reshape(12, 8, 12, 8, 3).mean((1, 3)).ravel()
    strange = make_cover(style, 4, size=96).astype(float).reshape(12, 8, 12, 8, 3).mean((1, 3))
    assert np.corrcoef(here, there)[0, 1] > 0.97
    assert np.abs(here - there).mean() < 0.6 * np.abs(here - strange.ravel()).mean()


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - what others might use
    make_cover("metal", 1, size=32)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_colour_tells_the_styles_apart_better_than_chance():
    n_seen, n_new = 6, 4
    features = {
        style: np.stack(
            [
                np.concatenate([picture.mean((0, 1)), picture.std((0, 1))])
                for picture in (make_cover(style, 500 + k, size=48) for k in range(n_seen + n_new))
            ]
        )
        for style in STYLES
    }
    centres = np.stack([features[style][:n_seen].mean(0) for style in STYLES])
    hits = [
        int(np.argmin(np.linalg.norm(centres - each, axis=1)) == k)
        for k, style in enumerate(STYLES)
        for each in features[style][n_seen:]
    ]
    assert len(hits) == n_new * len(STYLES)
    assert np.mean(hits) > 3 / len(STYLES)  # chance is one style in ten


def test_built_in_covers_exist_decode_and_are_described():
    covers = demo_covers()
    assert 8 <= len(covers) <= 12
    assert len({cover.name for cover in covers}) == len(covers)
    assert {cover.style for cover in covers} == set(STYLES)
    for cover in covers:
        with Image.open(cover.path) as picture:
            assert picture.format == "JPEG"
            assert picture.size == (640, 640)
            picture.load()
        words = words_for(cover.style, cover.seed)
        assert (cover.title, cover.artist) == (words.title, words.artist)
        assert 40 < len(cover.alt) < 200
        assert cover.alt.endswith(".")
    listed = {cover.path.name for cover in covers} | {"covers.json"}
    assert {path.name for path in COVERS_DIR.iterdir()} == listed
    assert sum(path.stat().st_size for path in COVERS_DIR.iterdir()) < 1_500_000


def test_built_in_covers_are_what_the_painter_paints():
    for cover in demo_covers()[:3]:
        with Image.open(cover.path) as picture:
            shipped = np.asarray(picture.resize((16, 16), Image.Resampling.BOX), dtype=float)
        fresh = Image.fromarray(make_cover(cover.style, cover.seed, size=256))
        painted = np.asarray(fresh.resize((16, 16), Image.Resampling.BOX), dtype=float)
        # Grain, JPEG and another size move single pixels, not the means of whole fields.
        assert np.abs(shipped - painted).mean() < 6


def test_writing_gives_what_listing_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", (("jazz", 4, "Bars like piano keys"),))
    (cover,) = write_covers(tmp_path)
    assert (cover,) == demo_covers(tmp_path)
    assert cover.path.parent == tmp_path
    assert json.loads((tmp_path / "covers.json").read_text(encoding="utf-8"))["covers"]


def test_made_dataset_fills_genre_folders_the_same_way_twice(tmp_path):
    styles = ("pop", "jazz", "electronic")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        where = tmp_path / name
        assert made_dataset(where, n_per_style=2, size=40, seed=seed, styles=styles) == where
    files = {name: sorted((tmp_path / name).glob("*/*.jpg")) for name in "abc"}
    assert [len(files[name]) for name in "abc"] == [6, 6, 6]
    assert {path.parent.name for path in files["a"]} == set(styles)
    content = {name: [path.read_bytes() for path in files[name]] for name in "abc"}
    assert content["a"] == content["b"]
    assert not set(content["a"]) & set(content["c"])
    assert len(set(content["a"])) == 6
    with Image.open(files["a"][0]) as picture:
        assert picture.size == (40, 40)


def test_the_zip_is_the_same_covers_every_time(tmp_path):
    (tmp_path / "again").mkdir()
    archives = [write_zip(folder, n_per_style=1) for folder in (tmp_path, tmp_path / "again")]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as made, zipfile.ZipFile(DRAWN_COVERS) as kept:
        names = made.namelist()
        assert [name.split("/")[0] for name in names] == sorted(STYLES)
        assert len(kept.namelist()) == len(STYLES) * shipped.N_PER_STYLE
        for name in names:
            fresh, stored = (
                np.asarray(Image.open(io.BytesIO(each.read(name))), dtype=float)
                for each in (made, kept)
            )
            assert np.abs(fresh - stored).mean() < 6  # another processor may round otherwise
    assert DRAWN_COVERS.stat().st_size < 1_500_000


def test_logo_is_one_drawing_on_a_clear_ground():
    for name, size in (("logo.png", 512), ("favicon.png", 64)):
        with Image.open(ASSETS_DIR / name) as picture:
            assert picture.mode == "RGBA"
            assert picture.size == (size, size)
            np.testing.assert_array_equal(np.asarray(picture), np.asarray(logo_picture(size)))
            alpha = np.asarray(picture)[..., 3]
        assert alpha[0, 0] == alpha[-1, -1] == 0
        assert 0.4 < (alpha > 128).mean() < 0.8
    assert (ASSETS_DIR / "logo.svg").read_text(encoding="utf-8") == logo_svg()


def test_logo_stands_on_white_and_on_near_black():
    drawn = np.asarray(logo_picture(128), dtype=float)
    ink = drawn[drawn[..., 3] > 250][:, :3] / 255
    linear = np.where(ink <= 0.04045, ink / 12.92, ((ink + 0.055) / 1.055) ** 2.4)
    light = float(np.median(linear @ [0.2126, 0.7152, 0.0722]))
    for ground in (1.0, 0.0056):  # white, and #0e1117
        high, low = max(light, ground) + 0.05, min(light, ground) + 0.05
        assert high / low >= 2.5
