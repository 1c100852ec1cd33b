"""Which kind of recipe an experiment is, and what each kind needs."""

from __future__ import annotations

from typing import Literal

from genre_core.config import Experiment, SongInput, require
from genre_core.data.catalog import Catalog
from genre_core.errors import ParameterError

Kind = Literal["covers", "song labels", "song head", "tagger", "pupil"]
"""A recipe's kind: networks of covers, of songs' labels, a head on songs' features, a tagger with
weights of its own, and a pupil that learns a teacher's prog scores."""

_MEDIA = {True: ("track", "songs"), False: ("cover", "covers")}


def kind_of(experiment: Experiment) -> Kind:
    """Tell which kind of recipe an experiment is, and check the settings that this kind needs.

    Raises `ParameterError`: a setting that the kind cannot have.
    """
    settings, task = experiment.training, experiment.task
    if not isinstance(experiment.input, SongInput):
        require(
            not settings.folds,
            "Folds are for networks of songs: those of covers have a test split.",
            settings.folds,
            "Set folds = 0.",
        )
        require(
            settings.method != "none",
            "A network of covers is fitted: method must be 'gradient' or 'logistic'.",
            settings.method,
            "Set method = 'gradient'.",
        )
        is_plain = task.head != "multilabel" and settings.train_on == "train"
        require(
            settings.method == "gradient" or is_plain,
            "A logistic head on covers names one genre and is chosen on val: with that method head "
            "must be 'softmax' or 'binary', and train_on 'train'.",
            (task.head, settings.train_on),
            "Set train_on = 'train'.",
        )
        return "covers"
    if settings.method == "logistic":
        require(
            settings.folds >= 2,
            "A head is estimated by folds: folds must be at least 2.",
            settings.folds,
            "Set folds = 5.",
        )
        require(
            task.head != "multilabel",
            "A head on songs names one genre of several: head must be 'softmax' or 'binary'.",
            task.head,
            "Set head = 'softmax'.",
        )
        return "song head"
    if settings.method == "none":
        require(
            bool(experiment.prog_genre) and experiment.prog_quantile > 0,
            "A tagger needs prog_genre and a prog_quantile above 0.",
            (experiment.prog_genre, experiment.prog_quantile),
            "Set prog_genre to its tag and prog_quantile = 0.95.",
        )
        return "tagger"
    if settings.is_taught:
        require(
            task.head == "binary" and experiment.prog_genre == task.genres[1],
            "A network that learns prog scores has a binary head, its second genre being prog.",
            (task.head, experiment.prog_genre),
            "Set head = 'binary', genres = ['non-prog', 'prog'] and prog_genre = 'prog'.",
        )
        return "pupil"
    require(
        task.head != "multilabel",
        "A network of songs learns one genre a song: head must be 'softmax' or 'binary'.",
        task.head,
        "Set head = 'softmax'.",
    )
    return "song labels"


def need_medium(experiment: Experiment, catalog: Catalog) -> None:
    """Raise `ParameterError` where a recipe of covers meets a data set of songs, or the reverse."""
    media, items = _MEDIA[isinstance(experiment.input, SongInput)]
    if catalog.head.media != media:
        raise ParameterError(
            f"{experiment.name} learns from {items}.",
            received=f"{catalog.head.name}, a data set of {catalog.head.media}s",
            cure=f"Choose a data set of {items}, or another recipe.",
        )
