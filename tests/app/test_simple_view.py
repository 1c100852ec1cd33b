"""The simple view: the same pages without command lines, code names and layer pickers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from genre_core.explain.patterns_store import StoredLayer, home_folder, save_patterns
from pages.ui import controls
from pages.ui.problems import plain
from tests.app_words import everything
from tests.made_bundles import write_bundle

Open = Callable[..., AppTest]


def test_it_leaves_out_what_only_experts_need_and_the_switch_brings_it_back(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("results", detail="Simple")
    assert not app.exception
    assert "python -m genre_core" not in everything(app)
    assert "The same from the command line" not in everything(app)
    assert plain("made.test") not in [caption.value for caption in app.caption]
    app.segmented_control(key="detail").set_value("Expert").run()
    assert "python -m genre_core" in everything(app)
    assert plain("made.test") in [caption.value for caption in app.caption]


def test_kernels_ask_for_a_depth_in_plain_words_and_show_patterns_alone(
    empty_home: Path, open_app: Open
) -> None:
    bundle = write_bundle(empty_home / "models")
    stored = StoredLayer(
        layer="conv_3",
        n_filters=16,
        kernels=np.arange(16),
        pictures=np.zeros((16, 8, 8, 3), np.uint8),
        values=np.ones(16),
        noise=np.zeros(16),
        real=np.ones(16),
        blank=np.zeros(16, bool),
        groups=("mixed",) * 16,
    )
    save_patterns(bundle.card, home_folder(), [stored])
    app = open_app("kernels", detail="Simple", layer="conv_3")
    assert not app.exception
    depth = app.selectbox(key="layer")
    assert (depth.label, depth.value) == ("How deep in the network", "conv_3")
    assert depth.options == [
        "Early: often edges and colours",
        "Middle: often textures and parts",
        "Late: often whole things",
    ]
    shown = {box.label for box in app.selectbox}
    assert not shown & {"Layer", "Order", "Show kernels as"}
    said = everything(app)
    assert "What excites them most" in said
    assert "Grid of" not in said
    for left_out in ("parameters", "norm", "What is counted as blank?", "No data set was asked"):
        assert left_out not in said
    app.segmented_control(key="detail").set_value("Expert").run()
    assert app.selectbox(key="layer").value == "conv_3"
    assert "Grid of" in everything(app)


def test_commands_wait_behind_a_click_so_that_no_page_loads_what_colours_code(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("results")
    [line] = [code for code in app.code if "genre_core models" in code.value]
    popovers = [block for block in app.get("popover") if line in block]
    assert [block.proto.popover.label for block in popovers] == ["The same from the command line"]


def test_single_commands_are_left_out_too(empty_home: Path, open_app: Open) -> None:
    assert "genre_core train" in everything(open_app("results"))
    assert "genre_core train" not in everything(open_app("results", detail="Simple"))


def test_a_link_to_the_simple_view_is_large_from_the_first_run(
    made_home: Path, open_app: Open
) -> None:
    assert "font-size: 125%" in everything(open_app("about", detail="Simple"))
    assert "font-size: 125%" not in everything(open_app("about"))
    assert "font-size: 125%" not in everything(open_app("about", detail="Expert"))


def test_how_a_library_is_made_leaves_the_command_to_experts(
    empty_home: Path, open_app: Open
) -> None:
    assert "classify MUSIC" in everything(open_app("library"))
    simple = everything(open_app("library", detail="Simple"))
    assert "Your own music" in simple
    assert "genre_core" not in simple


def test_the_layers_of_genres_are_asked_for_by_depth(
    empty_home: Path, stored: Path, open_app: Open
) -> None:
    shutil.copytree(stored / "made.song", empty_home / "models" / "made.song")
    expert = open_app("genres")
    assert expert.selectbox("board_layer").label == "Layer"
    layer = expert.selectbox("board_layer").value
    assert f"kernels of {layer} respond" in everything(expert).replace("\\", "")
    app = open_app("genres", detail="Simple")
    assert not app.exception
    depth = app.selectbox("board_layer")
    assert (depth.label, depth.value) == ("How deep in the network", layer)
    assert set(depth.options) <= {controls.depth(k, 3, "song") for k in range(3)}
    assert "kernels of this layer respond" in everything(app)
