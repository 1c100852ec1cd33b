"""A grid of settings: several values for some settings of a recipe, and every combination."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genre_core.config.changes import changed, read_settings, toml_text
from genre_core.config.experiment import Experiment
from genre_core.errors import ParameterError, require

MAX_TRIALS = 200
"""Combinations of one grid at most: a slip of the hand must not start a year of trainings."""

_BARE_POINT = re.compile(r"(?<![\w.])\.(?=\d)")
_OPENING, _CLOSING = "[{", "]}"
_SAME_FOR_ALL = {
    "name": "it names the recipe",
    "title": "it names the recipe",
    "study": "it names the recipe",
    "tag": "it names the network that is kept",
    "notes": "it changes no training",
    "confounds": "it changes no training",
    "training.select": "figures that differ in kind cannot be compared",
    "training.train_on": "nothing would be left to choose on",
    "training.folds": "a grid is chosen on val, not by folds",
    "training.fold_groups": "a grid is chosen on val, not by folds",
    "training.repeats": "every combination is trained equally often; use --repeats",
    "training.seed": "the luckiest seed is no better setting; use --repeats",
}


def read_grid(experiment: Experiment, words: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Read `path=value,value` words, as `train --grid` takes them: the values of each setting.

    Values are in TOML's notation with commas between them; `.01` may stand for 0.01.

    Raises
    ------
    ParameterError
        No such setting, a word that is no list of values, the same setting or value twice, or a
        setting that must be the same for all combinations.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> recipe = load_experiment("gaid5_lite2")
    >>> words = ["training.learning_rate=.01,1e-3", "training.optimizer=adam,sgd"]
    >>> read_grid(recipe, words)
    {'training.learning_rate': (0.01, 0.001), 'training.optimizer': ('adam', 'sgd')}
    >>> read_grid(recipe, ["training.seed=1,2"])
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A setting of a grid must be one that combinations may differ \
in. Received 'training.seed' (str): the luckiest seed is no better setting; use --repeats. \
Leave it out of the grid.
    """
    grid: dict[str, tuple[Any, ...]] = {}
    for word in words:
        path, equals, text = word.partition("=")
        path = path.strip()
        texts = _apart(text)
        if not equals or not all(texts):
            raise ParameterError(
                "A setting of a grid is written as PATH=VALUE,VALUE.",
                received=repr(word[:100]),
                cure="For example training.learning_rate=0.01,0.001.",
            )
        values = [read_settings(experiment, [f"{path}={own}"])[path] for own in texts]
        _need_free(path)
        require(
            path not in grid and all(own not in values[:k] for k, own in enumerate(values)),
            "A grid names each setting and each of its values once.",
            word,
            "Leave out what is double.",
        )
        grid[path] = tuple(values)
    return grid


def trials_of(
    experiment: Experiment, grid: Mapping[str, Sequence[Any]]
) -> tuple[dict[str, Any], ...]:
    """Give every combination of a grid's values, the last setting changing fastest, each checked.

    Raises
    ------
    ParameterError
        No combination or more than `MAX_TRIALS`, one that the recipe cannot have (it is named), or
        a recipe that chooses nothing on val.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> recipe = load_experiment("gaid5_lite2")
    >>> trials_of(recipe, {"training.learning_rate": (0.01, 0.001), "training.batch_size": (8,)})
    ({'training.learning_rate': 0.01, 'training.batch_size': 8},
     {'training.learning_rate': 0.001, 'training.batch_size': 8})
    """
    for path in grid:
        _need_free(path)
    n_trials = math.prod(map(len, grid.values())) if grid else 0
    require(
        0 < n_trials <= MAX_TRIALS,
        f"A grid has 1 to {MAX_TRIALS} combinations.",
        f"{n_trials} of {len(grid)} settings",
        "Give fewer values, or settings that matter more.",
    )
    trials = tuple(
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    )
    for trial in trials:
        try:
            changed(experiment, trial)
        except ParameterError as error:
            raise ParameterError(
                "The recipe must allow every combination of a grid.",
                received=f"{trial_text(trial)}: {error}",
                cure="Leave that value out, or train it by itself.",
            ) from error
    settings = experiment.training
    require(
        settings.select != "last_epoch" and settings.method == "gradient" and not settings.folds,
        "A grid is chosen on val and tested once: the recipe must train by epochs, choose one of "
        "them on val, and have no folds.",
        f"method {settings.method!r}, select {settings.select!r}, folds {settings.folds}",
        "For example --set training.select=val_loss --folds 0.",
    )
    return trials


def trial_text(trial: Mapping[str, Any]) -> str:
    """Write a combination in one line.

    >>> trial_text({"training.learning_rate": 0.01, "augment.flip": True})
    'learning rate 0.01, flip True'
    """
    return ", ".join(
        f"{path.rpartition('.')[2].replace('_', ' ')} {value}" for path, value in trial.items()
    )


def write_grid(grid: Mapping[str, Sequence[Any]]) -> list[str]:
    """Write a grid as the words that `read_grid` reads.

    >>> write_grid({"training.optimizer": ("adam", "sgd"), "augment.flip": (True, False)})
    ['training.optimizer="adam","sgd"', 'augment.flip=true,false']
    """
    return [f"{path}={','.join(toml_text(value) for value in own)}" for path, own in grid.items()]


def _need_free(path: str) -> None:
    reason = _SAME_FOR_ALL.get(path)
    if path.partition(".")[0] in ("task", "reports"):
        reason = "what is learnt must be the same for all"
    if reason is not None:
        raise ParameterError(
            "A setting of a grid must be one that combinations may differ in.",
            received=f"{path!r} (str): {reason}",
            cure="Leave it out of the grid.",
        )


def _apart(text: str) -> list[str]:
    """Cut at the commas that stand in no brackets and no quotes."""
    texts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        depth += (sign in _OPENING) - (sign in _CLOSING) if not quote else 0
        if sign == "," and not depth and not quote:
            texts.append("")
        else:
            texts[-1] += sign
    return [_BARE_POINT.sub("0.", own.strip()) if _is_number(own) else own.strip() for own in texts]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
