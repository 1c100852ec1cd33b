"""The form's field for a grid: what is written there, and what cannot be started."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_words import everything

LINES = "training.learning_rate=.01,.001\n\n training.batch_size=8,16,32 "
GRID = {"training.learning_rate": (0.01, 0.001), "training.batch_size": (8, 16, 32)}


def page(select: str) -> None:
    """Stand in for the page: draws the field for a small recipe and keeps what it gives."""
    import streamlit as st

    from pages.ui.training import grid
    from tests.made_training import small_recipe

    st.session_state["asked"] = grid.ask(small_recipe(select=select, repeats=2))


def asked(lines: str, select: str = "val_loss") -> tuple[Any, str]:
    app = AppTest.from_function(page, kwargs={"select": select}, default_timeout=60).run()
    assert app.session_state["asked"] == {}
    app.text_area(key="training_grid").set_value(lines).run()
    assert not app.exception
    return app.session_state["asked"], everything(app)


def test_a_setting_a_line_makes_a_grid_and_its_trainings_are_counted(empty_home: Path) -> None:
    grid, words = asked(LINES)
    assert grid == GRID
    assert "**6 combinations**, each 2 times: 12 trainings in one run." in words


@pytest.mark.parametrize(
    ("lines", "select", "said"),
    [
        ("training.seed=1,2", "val_loss", "use --repeats"),
        ("training.epochs", "val_loss", "PATH=VALUE"),
        (LINES, "last_epoch", "chosen on val"),
    ],
)
def test_what_is_no_grid_is_said_and_gives_none(
    empty_home: Path, lines: str, select: str, said: str
) -> None:
    grid, words = asked(lines, select)
    assert grid is None
    assert said in words
