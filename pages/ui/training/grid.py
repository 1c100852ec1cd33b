"""Several values at once: the form's field for a grid, and a grid's table on its run."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.config import Experiment, read_grid, trials_of
from genre_core.runs.grid_table import read_grid_table
from genre_core.runs.run_folder import RunFolder
from pages.ui import cards, controls, problems
from pages.ui.problems import plain

_KEY = "training_grid"
_EXAMPLE = "training.learning_rate=.01,.001"


def ask(experiment: Experiment | None) -> dict[str, tuple[Any, ...]] | None:
    """Ask for a grid; an empty one for none, None where it does not hold, which is said."""
    with st.expander("Try several values (a grid)", icon=":material/grid_on:"):
        st.caption(
            "One setting a line, its values with commas between them. Every combination is "
            "trained; the best on validation is kept, and it alone is tested."
        )
        text = st.text_area("Settings and their values", key=_KEY, placeholder=_EXAMPLE, height=90)
        words = [line.strip() for line in (text or "").splitlines() if line.strip()]
        if not words or experiment is None:
            return {}
        with problems.shown("The grid"):
            grid = read_grid(experiment, words)
            n = len(trials_of(experiment, grid))
            n_repeats = experiment.training.repeats
            times = f", each {n_repeats} times" if n_repeats > 1 else ""
            st.markdown(f"**{n} combinations**{times}: {n * n_repeats} trainings in one run.")
            return grid
    return None


def table(run: RunFolder) -> None:
    """Show how the combinations of a run's grid stand, where it has one."""
    grid = read_grid_table(run.path)
    if grid is None:
        return
    if text := grid.chosen_text():
        st.success(f"{plain(text[0].upper() + text[1:])}.", icon=":material/check_circle:")
    figure = cards.label(grid.select)
    controls.long_table(
        [
            {figure if name == grid.select else name: row[name] for name in row}
            for row in grid.rows()
        ],
        f"{len(grid.trials)} combinations of settings with {figure}, their repeats and best epochs",
        **{figure: st.column_config.NumberColumn(format="%.4f")},
    )
