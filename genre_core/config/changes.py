"""Change single settings of a recipe by their path, and tell two recipes apart by theirs."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from genre_core.config.experiment import Experiment
from genre_core.config.fields import NETWORK, Field, fields_of, with_changes
from genre_core.config.reading import from_dict, to_dict
from genre_core.errors import ParameterError, describe

_OPEN = (f"{NETWORK}.", "task.rules.")  # tables whose keys somebody else knows


def changed(
    experiment: Experiment, changes: Mapping[str, Any], *, reset_idle: bool = False
) -> Experiment:
    """Change settings of a recipe, checked as those of a TOML file are.

    Parameters
    ----------
    experiment : Experiment
        Stays as it is.
    changes : mapping of str to object
        By path, such as `{"training.epochs": 3}`; values as `tomllib` gives them. A key of
        `network` may be new: its builder knows it.
    reset_idle : bool
        Settings that lose their meaning by these changes go back to their defaults, such as
        `weight_decay` when the optimizer becomes Adam, which knows none.

    Returns
    -------
    Experiment

    Raises
    ------
    ParameterError
        Unknown path (the nearest known one is named), wrong type or range.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> changed(load_experiment("gaid5_lite2"), {"training.epochs": 3}).training.epochs
    3
    >>> changed(load_experiment("gaid5_lite2"), {"training.epoch": 3})
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A setting is named by its path in the recipe. \
Received 'training.epoch' (str). Did you mean 'training.epochs'?
    """
    known = {each.path: each for each in fields_of(experiment)}
    for path in changes:
        _need_known(path, known, experiment)
    values = to_dict(experiment)
    if reset_idle:
        changes = {**changes, **_idle(experiment, changes)}
    return from_dict(Experiment, with_changes(values, changes))


def difference(a: Experiment, b: Experiment) -> dict[str, tuple[Any, Any]]:
    """Tell only what differs between two recipes.

    Returns
    -------
    dict of str to tuple
        For each path the values of both, as TOML has them, in the order of the recipe; None where
        one has no such setting.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> a = load_experiment("gaid5_lite2")
    >>> difference(a, changed(a, {"training.epochs": 3, "augment.flip": False}))
    {'training.epochs': (12, 3), 'augment.flip': (True, False)}
    """
    left, right = _flat(to_dict(a)), _flat(to_dict(b))
    paths = [*left, *(path for path in right if path not in left)]
    both = {path: (left.get(path), right.get(path)) for path in paths}
    return {path: pair for path, pair in both.items() if pair[0] != pair[1]}


def read_settings(experiment: Experiment, words: Iterable[str]) -> dict[str, Any]:
    """Read `path=value` words, as the command line takes them.

    Parameters
    ----------
    experiment : Experiment
        Its settings are the known ones.
    words : iterable of str
        Values in TOML's notation; the quotes of a text without spaces may be left out.

    Returns
    -------
    dict of str to object
        For `changed`.

    Raises
    ------
    ParameterError
        No `=`, an unknown path, or no TOML value.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> words = ["training.batch_size=16", "augment.flip=false", "training.optimizer=sgd"]
    >>> read_settings(load_experiment("gaid5_lite2"), words)
    {'training.batch_size': 16, 'augment.flip': False, 'training.optimizer': 'sgd'}
    """
    known = {each.path: each for each in fields_of(experiment)}
    settings: dict[str, Any] = {}
    for word in words:
        path, equals, text = word.partition("=")
        path = path.strip()
        if not equals:
            raise ParameterError(
                "A setting is written as PATH=VALUE.",
                received=describe(word),
                cure="For example training.batch_size=16.",
            )
        _need_known(path, known, experiment)
        settings[path] = _value(path, text.strip(), known.get(path))
    return settings


def write_settings(base: Experiment, experiment: Experiment) -> list[str]:
    """Write what differs from a base as `path=value` words; `read_settings` reads them again.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> base = load_experiment("gaid5_lite2")
    >>> write_settings(base, changed(base, {"training.epochs": 3, "tag": "mine"}))
    ['tag="mine"', 'training.epochs=3']
    """
    pairs = difference(base, experiment)
    return [f"{path}={_toml(new)}" for path, (_, new) in pairs.items() if new is not None]


def _idle(experiment: Experiment, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Find the defaults of what loses its meaning; one may take another with it."""
    meant = {each.path for each in fields_of(experiment) if each.applies}
    defaults: dict[str, Any] = {}
    while True:
        more = {
            each.path: each.default
            for each in fields_of(experiment, {**changes, **defaults})
            if not each.applies and each.path in meant and each.default is not None
        }
        if more.keys() <= defaults.keys():
            return defaults
        defaults |= more


def _need_known(path: str, known: Mapping[str, Field], experiment: Experiment) -> None:
    if path in known or any(path.startswith(each) and path != each for each in _OPEN):
        return
    if path == "reports":
        return
    near = difflib.get_close_matches(path, known, n=1, cutoff=0.5)
    if not near:
        last = path.rpartition(".")[2]
        near = [each for each in known if each.rpartition(".")[2] == last]
    tables = ", ".join(sorted({each.rpartition(".")[0] for each in known} - {""}))
    raise ParameterError(
        "A setting is named by its path in the recipe.",
        received=describe(path),
        cure=f"Did you mean {near[0]!r}?" if near else f"Its tables are {tables}.",
    )


def _value(path: str, text: str, field: Field | None) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        table = {}
    if set(table) == {"value"}:
        return table["value"]
    is_text = field is None or field.kind in ("text", "choice")
    if is_text and text and not any(each.isspace() or each in "\"'[]{},=" for each in text):
        return text
    raise ParameterError(
        f"{path} must be a TOML value.",
        received=describe(text),
        cure='Write 16, 0.5, true, "text" or ["a", "b"]; quote the whole word for the shell.',
    )


def _flat(values: dict[str, Any], where: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        path = f"{where}{key}"
        # A rule's own name may hold a dot: the table of rules is one value.
        if isinstance(value, dict) and path != "task.rules":
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # A JSON text is a TOML text, but for the delete character, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
