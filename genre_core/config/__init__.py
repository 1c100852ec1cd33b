"""Frozen settings of an experiment, read from TOML and checked field by field."""

from genre_core.config.checks import require
from genre_core.config.experiment import Experiment, Report, Training
from genre_core.config.reading import (
    EXPERIMENTS_DIR,
    from_dict,
    list_experiments,
    load_experiment,
    to_dict,
)
from genre_core.config.task import Augment, CoverInput, Head, Task

__all__ = [
    "EXPERIMENTS_DIR",
    "Augment",
    "CoverInput",
    "Experiment",
    "Head",
    "Report",
    "Task",
    "Training",
    "from_dict",
    "list_experiments",
    "load_experiment",
    "require",
    "to_dict",
]
