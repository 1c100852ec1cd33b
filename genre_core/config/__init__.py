"""Frozen settings of an experiment, read from TOML and checked field by field."""

from genre_core.config.checks import require
from genre_core.config.experiment import (
    Experiment,
    Report,
    Training,
    cover_input,
    song_input,
)
from genre_core.config.reading import (
    EXPERIMENTS_DIR,
    from_dict,
    list_experiments,
    load_experiment,
    to_dict,
)
from genre_core.config.song import PAD, SongInput
from genre_core.config.task import Augment, CoverInput, Head, Task

__all__ = [
    "EXPERIMENTS_DIR",
    "PAD",
    "Augment",
    "CoverInput",
    "Experiment",
    "Head",
    "Report",
    "SongInput",
    "Task",
    "Training",
    "cover_input",
    "from_dict",
    "list_experiments",
    "load_experiment",
    "require",
    "song_input",
    "to_dict",
]
