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
    """Change settings of a recipe by path, `{"training.epochs": 3}`, checked as a TOML file's are.

    Values are as `tomllib` gives them; a key of `network` may be new: its builder knows it. With
    `reset_idle`, settings that lose their meaning by these changes go back to their defaults, such
    as `weight_decay` when the optimizer becomes Adam, which knows none.

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
    known = {field.path: field for field in fields_of(experiment)}
    for path in changes:
        _need_known(path, known, experiment)
    values = to_dict(experiment)
    if reset_idle:
        changes = {**changes, **_idle(experiment, changes)}
    return from_dict(Experiment, with_changes(values, changes))


def difference(a: Experiment, b: Experiment) -> dict[str, tuple[Any, Any]]:
    """Tell only what differs between two recipes, in the order of the recipe.

    For each path the values of both, as TOML has them; None where one has no such setting.

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
    """Read `path=value` words, as the command line takes them, for `changed`.

    Values are in TOML's notation; the quotes of a text without spaces may be left out.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> words = ["training.batch_size=16", "augment.flip=false", "training.optimizer=sgd"]
    >>> read_settings(load_experiment("gaid5_lite2"), words)
    {'training.batch_size': 16, 'augment.flip': False, 'training.optimizer': 'sgd'}
    """
    known = {field.path: field for field in fields_of(experiment)}
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
    return [f"{path}={toml_text(new)}" for path, (_, new) in pairs.items() if new is not None]


def _idle(experiment: Experiment, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Find the defaults of what loses its meaning; one may take another with it."""
    meant = {field.path for field in fields_of(experiment) if field.applies}
    defaults: dict[str, Any] = {}
    while True:
        more = {
            field.path: field.default
            for field in fields_of(experiment, {**changes, **defaults})
            if not field.applies and field.path in meant and field.default is not None
        }
        if more.keys() <= defaults.keys():
            return defaults
        defaults |= more


def _need_known(path: str, known: Mapping[str, Field], experiment: Experiment) -> None:
    if path in known or any(path.startswith(table) and path != table for table in _OPEN):
        return
    if path == "reports":
        return
    near = difflib.get_close_matches(path, known, n=1, cutoff=0.5)
    if not near:
        last = path.rpartition(".")[2]
        near = [other for other in known if other.rpartition(".")[2] == last]
    tables = ", ".join(sorted({other.rpartition(".")[0] for other in known} - {""}))
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
    if is_text and text and not any(sign.isspace() or sign in "\"'[]{},=" for sign in text):
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


def toml_text(value: Any) -> str:
    """Write a value in TOML's notation."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{toml_text(str(k))} = {toml_text(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_text, value)) + "]"
    # A JSON text is a TOML text, but for the delete character, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
