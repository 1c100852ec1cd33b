"""The colour baseline: named finite numbers that follow what changes in a picture."""

import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genre_core.errors import ParameterError
from genre_core.image.colour import COLOUR_FEATURES, colour_statistics

# Moments, mixtures, hues, shares and the palette know no place.
PLACELESS = COLOUR_FEATURES[: COLOUR_FEATURES.index("middle_over_border")]


def described(picture):
    return dict(zip(COLOUR_FEATURES, colour_statistics(picture).tolist(), strict=True))


def flat(*colour):
    return np.broadcast_to(np.array(colour, dtype=np.uint8), (96, 96, 3)).copy()


def smooth(seed=0, side=96):
    """Return a soft random picture with all hues, like a blurred photo."""
    x, y = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side))
    rng = np.random.default_rng(seed)
    waves = [np.sin(rng.uniform(1, 9) * x + rng.uniform(1, 9) * y + k) for k in range(3)]
    return ((np.stack(waves, axis=2) + 1) * 127).astype(np.uint8)


def test_names_are_unique_and_fit():
    assert len(set(COLOUR_FEATURES)) == len(COLOUR_FEATURES) == len(colour_statistics(smooth()))


@settings(max_examples=50)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
        lambda sides: arrays(np.uint8, (*sides, 3), elements=st.integers(0, 255))
    )
)
def test_always_finite_and_in_range(picture):
    features = colour_statistics(picture)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    named = described(picture)
    for name, value in named.items():
        if name.startswith(("thumb", "edge", "hue_0", "hue_1", "saturation_mean", "colour_")):
            assert -1e-6 <= value <= 1 + 1e-6, name
    for kind, n in (("value_share_", 8), ("saturation_share_", 4)):
        assert sum(named[f"{kind}{k}"] for k in range(n)) == pytest.approx(1, abs=1e-5)


def test_mirroring_keeps_colours_and_mirrors_the_thumbnail():
    picture = smooth()
    here, there = described(picture), described(picture[:, ::-1])
    for name in PLACELESS:
        assert there[name] == pytest.approx(here[name], abs=2e-3), name
    for row in range(8):
        for column in range(8):
            assert there[f"thumb_{row}{column}_g"] == pytest.approx(
                here[f"thumb_{row}{7 - column}_g"], abs=1 / 255
            )
    assert there["asymmetry_x"] == pytest.approx(here["asymmetry_x"], abs=1e-4)


def test_shuffled_pixels_keep_colours_and_lose_order():
    picture = smooth()
    shuffled = np.random.default_rng(0).permutation(picture.reshape(-1, 3)).reshape(picture.shape)
    here, there = described(picture), described(shuffled)
    for name in PLACELESS:
        assert there[name] == pytest.approx(here[name], abs=2e-3), name
    assert there["edge_density"] > here["edge_density"] + 0.3


def test_size_does_not_matter():
    once, twice = (
        colour_statistics(smooth(side=96)),
        colour_statistics(smooth(side=96).repeat(2, axis=0).repeat(2, axis=1)),
    )
    names = np.array(COLOUR_FEATURES)
    loose = np.array([name.startswith("lab") or name == "colourfulness" for name in names])
    np.testing.assert_allclose(twice[~loose], once[~loose], atol=0.03)
    np.testing.assert_allclose(twice[loose], once[loose], atol=1.5)  # in Lab's units


def test_grey_has_no_colour():
    ramp = np.repeat(np.linspace(0, 255, 96).astype(np.uint8)[None, :, None], 96, axis=0)
    named = described(np.repeat(ramp, 3, axis=2))
    assert named["grey_share"] == 1
    for name in ("saturation_mean", "colourfulness", "lab_ab_correlation", "hue_00", "hue_06"):
        assert named[name] == pytest.approx(0, abs=1e-3)
    for name in ("lab_a_mean", "lab_b_mean", "lab_a_std", "lab_b_std"):
        assert named[name] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    ("colour", "lab"),
    [  # from the CIE formulas for sRGB over D65, as printed by several calculators
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_lab_of_known_colours(colour, lab):
    named = described(flat(*colour))
    found = [named[f"lab_{channel}_mean"] for channel in "lab"]
    assert found == pytest.approx(lab, abs=0.03)


@pytest.mark.parametrize("k", range(12))
def test_each_hue_falls_into_its_bin(k):
    colour = [round(255 * part) for part in colorsys.hsv_to_rgb(k / 12, 1, 1)]
    named = described(flat(*colour))
    assert named[f"hue_{k:02d}"] == pytest.approx(1, abs=1e-3)
    assert sum(named[f"hue_{j:02d}"] for j in range(12)) == pytest.approx(1, abs=1e-3)
    angle = np.arctan2(named["hue_sin"], named["hue_cos"]) % (2 * np.pi)
    assert np.cos(angle - 2 * np.pi * k / 12) > 0.999


def test_edges_follow_their_direction():
    bars = flat(0, 0, 0)
    bars[:, ::8] = 255
    assert described(bars)["edge_upright"] == pytest.approx(1)
    assert described(bars.transpose(1, 0, 2))["edge_upright"] == pytest.approx(0)
    assert described(flat(9, 9, 9))["edge_density"] == 0


def test_layout():
    picture = flat(0, 0, 0)
    picture[24:72, 24:72] = 255
    named = described(picture)
    assert named["middle_over_border"] == pytest.approx(1, abs=1e-3)
    assert named["asymmetry_x"] == pytest.approx(0, abs=1e-6)
    assert named["colours_for_90"] == pytest.approx(2 / 64)
    assert named["colour_top_1"] == pytest.approx(0.75)
    picture = flat(0, 0, 0)
    picture[:48] = 255
    assert described(picture)["top_over_bottom"] == pytest.approx(1, abs=1e-3)
    assert described(picture)["asymmetry_y"] == pytest.approx(1, abs=1e-3)


def test_what_is_no_picture_is_refused():
    with pytest.raises(ParameterError, match="Received"):
        colour_statistics(np.zeros((8, 8)))
