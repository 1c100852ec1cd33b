"""The simple view: the same pages without command lines, code names and layer pickers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.ui.problems import plain
from tests.app_words import everything

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


def test_single_commands_are_left_out_too(empty_home: Path, open_app: Open) -> None:
    assert "genre_core train" in everything(open_app("results"))
    assert "genre_core train" not in everything(open_app("results", detail="Simple"))


def test_a_link_to_the_simple_view_is_large_from_the_first_run(
    made_home: Path, open_app: Open
) -> None:
    assert "font-size: 125%" in everything(open_app("about", detail="Simple"))
    assert "font-size: 125%" not in everything(open_app("about"))
    assert "font-size: 125%" not in everything(open_app("about", detail="Expert"))
