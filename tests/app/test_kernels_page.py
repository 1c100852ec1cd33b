"""Kernels: what the page says of a network's layers is what the network holds."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.config import CoverInput, SongInput
from pages.ui import kernel_words
from pages.ui.figures import kernels as drawn
from pages.ui.tiles import Tiles
from pages.ui.tiles import grid as tiles_grid
from tests.app_words import everything
from tests.made_bundles import make_network, write_bundle

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of covers whose second layer has three blank kernels."""
    network = make_network()
    weights, biases = network.get_layer("conv_2").get_weights()
    weights[..., [0, 5, 9]] = 0
    network.get_layer("conv_2").set_weights([weights, biases])
    models = tmp_path_factory.mktemp("blank")
    write_bundle(models, network=network, title="Made blanks")
    return models


@pytest.fixture
def blank_home(empty_home: Path, blank: Path) -> Path:
    shutil.copytree(blank, empty_home / "models")
    return empty_home


def write_song(models: Path, *, mixed: bool = False) -> None:
    frames = keras.Input((43, 128, 1))
    x = layers.Conv2D(6, 3, padding="same", name="conv_1")(frames)
    x = layers.MaxPooling2D(4)(x)
    x = layers.Conv2D(5, 1 if mixed else 3, padding="same", name="conv_2")(x)
    logits = layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(x))
    spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    write_bundle(
        models,
        name="song.test",
        genres=("non-prog", "prog"),
        network=keras.Model(frames, logits),
        media="song",
        input=spec,
        title="A made song network",
    )


def chart(app: AppTest, start: str) -> str:
    """Find the key of the grid whose name starts so."""
    keys = [element.proto.id for element in app.get("bidi_component")]
    return next(key for key in keys if start in key)


def test_the_first_visit_shows_the_first_layer(blank_home: Path, open_app: Open) -> None:
    app = open_app("kernels")
    assert not app.exception
    said = everything(app)
    assert "*conv_1* has 8 kernels of 3 x 3 over red, green and blue, 224 parameters" in said
    assert "None is blank" in said
    assert "spans **3 x 3 px**" in said
    assert app.selectbox(key="inputs").value == "in colour"
    assert "3 of them blank (7.5 %)" in said
    assert "3 kernels of 16 in *conv_2*" in said
    assert chart(app, "mosaic_made.test_conv_1")
    # A visitor's browser would first load 5 MB of Plotly, and the server pandas for a table.
    assert not app.get("plotly_chart")
    assert not app.get("arrow_data_frame")
    assert "kernels made.test --layer conv_1" in said


def test_a_link_restores_layer_order_and_kernel(blank_home: Path, open_app: Open) -> None:
    app = open_app(
        "kernels",
        network="made.test",
        layer="conv_2",
        order="weakest first",
        inputs="channel 3",
        kernel="9",
    )
    assert not app.exception
    said = everything(app)
    assert "**3 are blank**, outlined in orange" in said
    assert "**Kernel 9**: norm 0, place 16 of 16. It is **blank**." in said
    assert "its cells 2 px apart" in said
    assert "spans **6 x 6 px**" in said
    assert "it sees 8 x 8 px" in said
    assert "Its 8 slices, one a channel" in said
    assert app.selectbox(key="inputs").value == "channel 3"
    # The picker lists kernels as the grid does: the three blank ones are the weakest.
    assert sorted(app.selectbox(key="kernel").options[1:4]) == ["0", "5", "9"]


ORDERS = ["strongest first", "weakest first", "by number"]
INPUTS = ["strongest channel", "mean over channels", "channel 2"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("inputs", INPUTS)
def test_every_choice_draws(blank_home: Path, open_app: Open, order: str, inputs: str) -> None:
    app = open_app("kernels", layer="conv_2", order=order, inputs=inputs)
    assert not app.exception
    assert "All kernels of a layer share one range" in everything(app)


def test_another_layer_keeps_what_still_fits(blank_home: Path, open_app: Open) -> None:
    app = open_app("kernels", layer="conv_2", inputs="channel 7", kernel="15")
    app.selectbox(key="layer").select("conv_1").run()
    assert not app.exception
    # conv_1 has 8 kernels over 3 channels: neither 15 nor channel 7 is there.
    assert app.selectbox(key="inputs").value == "in colour"
    assert "place 1 of 8" in everything(app)


def test_a_song_network_is_measured_in_ms_and_hz(empty_home: Path, open_app: Open) -> None:
    write_song(empty_home / "models")
    app = open_app("kernels", network="song.test")
    said = everything(app)
    assert not app.exception
    assert "one kernel is **70 ms long** and as high as **77 Hz** at the lowest" in said
    assert "frequency" in said
    app.selectbox(key="layer").select("conv_2").run()
    said = everything(app)
    assert "**279 ms long** (one column is 4 frames here)" in said
    assert "(one row is 4 bands here)" in said


def test_kernels_of_one_cell_are_strips(empty_home: Path, open_app: Open) -> None:
    write_song(empty_home / "models", mixed=True)
    app = open_app("kernels", network="song.test", layer="conv_2")
    assert not app.exception
    said = everything(app)
    assert "A kernel of 1 x 1 has no picture" in said
    assert "all its channels" in said
    assert "slices, one a channel" not in said


def test_of_many_kernels_a_part_is_drawn_at_a_time(empty_home: Path, open_app: Open) -> None:
    image = keras.Input((64, 64, 3))
    x = layers.Conv2D(300, 3, name="wide")(image)
    logits = layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(x))
    write_bundle(empty_home / "models", network=keras.Model(image, logits))
    said = everything(open_app("kernels"))
    assert "256 of 300 kernels at a time, strongest first" in said
    assert "Grid of 256 of the 300 kernels of wide" in said


def test_a_network_without_convolutions_says_so(empty_home: Path, open_app: Open) -> None:
    image = keras.Input((64, 64, 3))
    x = layers.Flatten()(layers.AveragePooling2D(32)(image))
    network = keras.Model(image, layers.Dense(2, name="logits")(x))
    write_bundle(empty_home / "models", network=network, title="Only dense")
    app = open_app("kernels")
    assert not app.exception
    assert "**Only dense** has no convolution" in everything(app)


def test_without_any_network_the_page_says_what_to_do(empty_home: Path, open_app: Open) -> None:
    app = open_app("kernels")
    assert not app.exception
    assert "There is no trained network here yet" in everything(app)


def test_a_damaged_network_is_a_message(blank_home: Path, open_app: Open) -> None:
    path = blank_home / "models" / "made.test" / "model.keras"
    path.write_bytes(path.read_bytes()[:-3] + b"xyz")
    from pages.ui import cached

    cached.conv_layers.clear()
    app = open_app("kernels")
    assert not app.exception
    assert "checksum" in app.error[0].value


def test_the_mosaic_places_marks_and_outlines_what_it_is_given() -> None:
    pictures = np.random.default_rng(0).normal(size=(5, 3, 3)).astype(np.float32)
    grid = drawn.mosaic(
        pictures, list("abcde"), alt="", numbers=(4, 2, 0, 1, 3), blanks=(0, 1, 0, 0, 1), chosen=2
    )
    plain = grid.to_plain()
    assert (plain["numbers"], plain["chosen"]) == ([4, 2, 0, 1, 3], 2)
    assert [bool(edge) for edge in plain["edges"]] == [False, True, False, False, True]
    # Each weight's colour: the sign by its hue, the size by its opacity.
    top = np.abs(pictures).max()
    is_orange = grid.pictures[..., 0] > grid.pictures[..., 2]
    np.testing.assert_array_equal(is_orange, pictures > 0)
    np.testing.assert_allclose(grid.pictures[..., 3], 20 + 235 * np.abs(pictures) / top, atol=0.51)
    assert plain["bar"][1] == [f"{-top:.2g}", "0", f"{top:.2g}"]


def test_a_grids_image_holds_every_picture_where_javascript_looks_for_it() -> None:
    rng = np.random.default_rng(0)
    for n, side in ((5, 3), (256, 64)):  # these stand in two columns
        pictures = rng.integers(1, 256, (n, side, side, 4), np.uint8)
        plain = Tiles(pictures, 2, [""] * n, "").to_plain()
        content = base64.b64decode(plain["picture"].split(",")[1])
        whole = np.asarray(Image.open(io.BytesIO(content)))
        across = whole.shape[1] // side
        assert across == (1 if n == 5 else 2)
        for place, picture in enumerate(pictures):
            row, column = divmod(place, across)
            cut = whole[row * side : (row + 1) * side, column * side : (column + 1) * side]
            np.testing.assert_array_equal(cut, picture)


def test_a_click_tells_of_a_picture_that_is_there() -> None:
    def page() -> None:
        import numpy as np
        import streamlit as st

        from pages.ui.tiles import Tiles

        st.session_state.setdefault("told", [])
        grid = Tiles(np.zeros((2, 4, 4, 4), np.uint8), 2, ["a", "b"], "Two.", numbers=[7, 9])
        grid.show("grid", st.session_state["told"].append)

    with pytest.MonkeyPatch.context() as patch:
        mounted: list[dict[str, object]] = []
        patch.setattr(tiles_grid, "_mount", lambda **given: mounted.append(given))
        app = AppTest.from_function(page).run()
        assert not app.exception
    [[plain], told] = mounted[0]["data"], mounted[0]["on_chosen_change"]
    assert plain["says"] == ["a", "b"]
    state = {"grid": {"chosen": {"number": 9}}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles_grid.st, "session_state", state)
        told()
        state["grid"]["chosen"] = {"number": 8}
        told()
        state["grid"]["chosen"] = None
        told()
    assert app.session_state["told"] == [9]


def test_a_picture_without_a_sign_starts_at_nothing() -> None:
    grid = drawn.mosaic(np.ones((2, 3, 3), np.float32), ["a", "b"], alt="")
    assert grid.bar is not None
    assert grid.bar.ticks == ("0", "1")


def test_a_kernel_enlarged_has_its_values_and_edges_in_order() -> None:
    weights = np.array([[0.5, -1.0], [0.25, 0.0]], np.float32)
    axes = {"across": ("<px>", ["0", "3", "6"]), "upwards": ("Hz", ["90", "60", "30"])}
    inner = drawn.enlarged(weights, alt="One.", largest=1.0, **axes).inner
    words = re.findall(r">([^<]+)</text>", inner)
    assert words[:4] == ["0.50", "-1.00", "0.25", "0.00"]
    assert words[4:] == ["0", "3", "6", "90", "60", "30", "&lt;px&gt;", "Hz"]


def test_norms_fall_and_the_blank_ones_are_squares_below_the_line() -> None:
    inner = drawn.norms(np.array([2.0, 0.0, 1.0, 1e-9]), 0.02, "conv_1").inner
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', inner)]
    squares = [float(y) + 3.5 for y in re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', inner)]
    [line] = [float(y) for y in re.findall(r'M[\d.]+ ([\d.]+)H[\d.]+" [^/]*dasharray', inner)]
    assert (len(heights), len(squares)) == (2, 2)
    assert heights == sorted(heights)
    assert max(heights) < line < min(squares)


def test_rows_are_labelled_from_the_top_and_columns_from_the_left() -> None:
    layer = SimpleNamespace(size=(2, 3), step=(2, 4))
    across, down = kernel_words.edges(layer, CoverInput(size=64), "lowest")
    assert across == ("px to the right", ["0", "4", "8", "12"])
    assert down == ("px down", ["0", "2", "4"])
    spec = SongInput(features="stft_db", n_frames=256, hop_frames=256)
    across, upwards = kernel_words.edges(layer, spec, "highest")
    assert across[1] == ["0", "256", "512", "768"]
    heights = [float(label.replace(",", "")) for label in upwards[1]]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 3


def test_what_is_taken_along_holds_every_norm(blank_home: Path) -> None:
    from genre_core.runs.bundle import open_bundle
    from pages.ui import cached, kernel_table

    bundle = open_bundle(blank_home / "models" / "made.test")
    found = cached.conv_layers(bundle)
    taken = json.loads(kernel_table._as_json(bundle, found))
    assert [len(layer["norms"]) for layer in taken["layers"]] == [8, 16, 16]
    assert [layer["blank"] for layer in taken["layers"]] == [0, 3, 0]
    assert np.count_nonzero(np.array(taken["layers"][1]["norms"]) == 0) == 3
