"""A walk through a network on Covers and Songs: layers, their maps, and those before training."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_songs
from genre_core.explain.walk import Step
from pages.ui.walk import section
from tests.app_words import everything
from tests.made_bundles import make_network, write_bundle

Open = Callable[..., AppTest]
VIEW = "Walk through it"


def pictures(app: AppTest) -> list[str]:
    return [image.alt for image in app.get("imgs") for image in image.proto.imgs]


def test_it_waits_behind_its_tab(made_home: Path, open_app: Open) -> None:
    assert "Every layer as a table" not in everything(open_app("covers"))


def test_a_layer_and_the_same_before_training(made_home: Path, open_app: Open) -> None:
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "before training" in words
    assert "parameters" in words
    names = app.selectbox("step").options
    shown = app.selectbox("step").value
    assert f"The maps of {shown} of made.test" in words
    assert f"The maps of {shown} of made.test, before training" in words
    app.selectbox("step").set_value(names[-1]).run()
    assert "Only convolutions have maps" in everything(app)


def test_captions_name_whose_maps_they_are_and_what_black_and_grey_ones_are(
    made_home: Path, open_app: Open
) -> None:
    network = make_network()
    weights, biases = network.get_layer("conv_1").get_weights()
    weights[..., 2], biases[2] = 0, -1
    weights[..., 3], biases[3] = 0, 1
    network.get_layer("conv_1").set_weights([weights, biases])
    write_bundle(made_home / "models", name="made.dead", title="One dead kernel", network=network)
    words = everything(open_app("covers", view=VIEW, walk_model="made.dead", step="conv_1"))
    assert re.search(
        r"One dead kernel: 8 of its 8 maps of this cover, [1-8] of them blank here: 0 everywhere, "
        "black, 1 of one value everywhere: mid-grey;",
        words,
    )
    assert "One dead kernel, before training: 8 of its 8 maps of this cover" in words


@pytest.mark.parametrize(
    ("n", "said"), [(1, "the one of the last layer speaks"), (4, "the last 4")]
)
def test_the_lead_counts_the_last_layers_numbers(n: int, said: str) -> None:
    walk = [Step("image", "input", "", (8, 8, 3), 0), Step("logits", "dense layer", "", (n,), 5)]
    assert said in section._lead(walk)


def test_another_network_stands_beside_it(made_home: Path, open_app: Open) -> None:
    write_bundle(made_home / "models", name="made.other", title="Another")
    app = open_app("covers", view=VIEW)
    beside = app.selectbox("beside")
    [other] = [option for option in beside.options if option != section.BEFORE]
    beside.set_value(other).run()
    assert not app.exception
    words = everything(app)
    assert "before training" not in words.replace(section.BEFORE, "")
    assert words.count("The maps of") == 2


def test_a_click_on_a_block_chooses_its_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict = {section._CHART: {"selection": {"points": [{"customdata": 2}]}}}
    monkeypatch.setattr(st, "session_state", kept)
    section._take(["input", "conv_1", "pool_1"])
    assert kept[section._KEY] == "pool_1"


def test_a_segment_of_a_song(empty_home: Path, stored: Path, open_app: Open) -> None:
    shutil.copytree(stored / "made.song", empty_home / "models" / "made.song")
    app = open_app("songs", song=demo_songs()[2].title, part=VIEW)
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "of this segment" in words
    assert "before training" in words
