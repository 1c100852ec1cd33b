"""Plotly figures of the pages: transparent, coloured by the theme, each with words for a reader."""

from pages.ui.figures.bars import before_after, label_balance, song_lengths
from pages.ui.figures.chart import Chart, share_text
from pages.ui.figures.curves import learning_curves, runs_side_by_side, score_curve
from pages.ui.figures.dots import against_baselines, judged_tables, repeated_runs
from pages.ui.figures.embedding_map import embedding_map
from pages.ui.figures.families import families, families_over_time, family_importance
from pages.ui.figures.first import cells, simple_bars, spectrum, wave
from pages.ui.figures.histogram import histogram
from pages.ui.figures.lessons import (
    found_and_false,
    lengths,
    rules_compared,
    trained_and_tested,
    worth_of_columns,
)
from pages.ui.figures.matrix import confusion, printed_matrix, share_matrix
from pages.ui.figures.reliability import reliability
from pages.ui.figures.segment import segment
from pages.ui.figures.shuffled import shuffled
from pages.ui.figures.strip import Row, reference_strip
from pages.ui.figures.walk import walk
from pages.ui.figures.whatif import drawing
from pages.ui.figures.working_points import coverage, genre_curves

__all__ = [
    "Chart",
    "Row",
    "against_baselines",
    "before_after",
    "cells",
    "confusion",
    "coverage",
    "drawing",
    "embedding_map",
    "families",
    "families_over_time",
    "family_importance",
    "found_and_false",
    "genre_curves",
    "histogram",
    "judged_tables",
    "label_balance",
    "learning_curves",
    "lengths",
    "printed_matrix",
    "reference_strip",
    "reliability",
    "repeated_runs",
    "rules_compared",
    "runs_side_by_side",
    "score_curve",
    "segment",
    "share_matrix",
    "share_text",
    "shuffled",
    "simple_bars",
    "song_lengths",
    "spectrum",
    "trained_and_tested",
    "walk",
    "wave",
    "worth_of_columns",
]
