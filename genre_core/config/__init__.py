"""Frozen settings of an experiment, read from TOML and checked field by field."""

from genre_core.config.changes import changed, difference, read_settings, write_settings
from genre_core.config.experiment import (
    Experiment,
    Report,
    Training,
    cover_input,
    song_input,
)
from genre_core.config.fields import Field, class_fields, fields_of
from genre_core.config.grid import MAX_TRIALS, read_grid, trial_text, trials_of, write_grid
from genre_core.config.reading import (
    EXPERIMENTS_DIR,
    from_dict,
    list_experiments,
    load_experiment,
    to_dict,
)
from genre_core.config.song import PAD, SongInput
from genre_core.config.task import Augment, CoverInput, Head, Task
from genre_core.errors import require

__all__ = [
    "EXPERIMENTS_DIR",
    "MAX_TRIALS",
    "PAD",
    "Augment",
    "CoverInput",
    "Experiment",
    "Field",
    "Head",
    "Report",
    "SongInput",
    "Task",
    "Training",
    "changed",
    "class_fields",
    "cover_input",
    "difference",
    "fields_of",
    "from_dict",
    "list_experiments",
    "load_experiment",
    "read_grid",
    "read_settings",
    "require",
    "song_input",
    "to_dict",
    "trial_text",
    "trials_of",
    "write_grid",
    "write_settings",
]
