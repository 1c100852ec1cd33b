"""A walk through a network on Covers and Songs: layers, their maps, and those before training."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_songs
from pages.ui.walk import section
from tests.app_words import everything
from tests.made_bundles import write_bundle

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
