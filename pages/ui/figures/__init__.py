"""Plotly figures of the pages: transparent, coloured by the theme, each with words for a reader."""

from pages.ui.figures.bars import ranking
from pages.ui.figures.chart import Chart
from pages.ui.figures.curves import learning_curves, runs_side_by_side
from pages.ui.figures.datasets import label_balance, song_lengths
from pages.ui.figures.dots import against_baselines, repeated_runs
from pages.ui.figures.duplicates import found_and_false
from pages.ui.figures.length import lengths, worth_of_columns
from pages.ui.figures.lessons import trained_and_tested
from pages.ui.figures.matrix import confusion, printed_matrix
from pages.ui.figures.segments import segment
from pages.ui.figures.tables import judged_tables, score_curve, share_matrix
from pages.ui.figures.whatif import before_after, drawing

__all__ = [
    "Chart",
    "against_baselines",
    "before_after",
    "confusion",
    "drawing",
    "found_and_false",
    "judged_tables",
    "label_balance",
    "learning_curves",
    "lengths",
    "printed_matrix",
    "ranking",
    "repeated_runs",
    "runs_side_by_side",
    "score_curve",
    "segment",
    "share_matrix",
    "song_lengths",
    "trained_and_tested",
    "worth_of_columns",
]
