"""The studies that this project rebuilds: what they published, and what recomputing it gives."""

from genre_core.lessons.studies.layers import Layer, n_parameters, trace
from genre_core.lessons.studies.printed import EpochLog, Figure, Matrix, Misses, Network, ScoreCurve
from genre_core.lessons.studies.reading import STUDIES_DIR, list_studies, load_study
from genre_core.lessons.studies.share_matrix import ShareMatrix
from genre_core.lessons.studies.study import Recomputation, Slip, Study
from genre_core.lessons.studies.tables import Table

__all__ = [
    "STUDIES_DIR",
    "EpochLog",
    "Figure",
    "Layer",
    "Matrix",
    "Misses",
    "Network",
    "Recomputation",
    "ScoreCurve",
    "ShareMatrix",
    "Slip",
    "Study",
    "Table",
    "list_studies",
    "load_study",
    "n_parameters",
    "trace",
]
