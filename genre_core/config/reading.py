"""Settings from plain values and from TOML, checked key by key and type by type."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, Literal, TypeVar

from genre_core.config.experiment import Experiment
from genre_core.errors import ParameterError, describe, require

EXPERIMENTS_DIR = Path(__file__).resolve().parents[1] / "experiments"

_T = TypeVar("_T")


def from_dict(cls: type[_T], values: dict[str, Any], where: str = "") -> _T:
    """Build a settings dataclass from plain values, checking every key and type.

    Values are as `tomllib` or `json` gives them; lists become tuples. `where` is their dotted
    place, for messages.

    Examples
    --------
    >>> from genre_core.config import CoverInput
    >>> from_dict(CoverInput, {"size": 128}).size
    128
    >>> from_dict(CoverInput, {"sise": 128})
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: CoverInput has no key 'sise'. Received sise. \
Did you mean 'size'?
    """
    hints = type_hints(cls)  # type: ignore[arg-type]
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    prefix = f"{where}." if where else ""
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            cure = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(fields)}."
            raise ParameterError(
                f"{cls.__name__} has no key {key!r}.", received=f"{prefix}{key}", cure=cure
            )
    for name, item in fields.items():
        is_optional = (
            item.default is not dataclasses.MISSING
            or item.default_factory is not dataclasses.MISSING
        )
        if name not in values and not is_optional:
            raise ParameterError(
                f"{cls.__name__} needs the key {name!r}.",
                received=f"only {', '.join(values) or 'nothing'}",
                cure=f"Add {prefix}{name}.",
            )
    ready = {key: _convert(hints[key], value, f"{prefix}{key}") for key, value in values.items()}
    return cls(**ready)


@functools.cache
def type_hints(cls: type) -> dict[str, Any]:
    """Evaluate a class's annotations, which are texts, once: each page reads dozens of recipes."""
    return typing.get_type_hints(cls)


def to_dict(settings: Any) -> dict[str, Any]:
    """Turn a settings dataclass into plain JSON values; the inverse of `from_dict`.

    Examples
    --------
    >>> from genre_core.config import CoverInput
    >>> to_dict(CoverInput(size=64))
    {'size': 64, 'fit': 'stretch', 'resample': 'bicubic'}
    """
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(settings)))
    return plain


def load_experiment(name_or_path: str | Path) -> Experiment:
    """Read an experiment by its name (`list_experiments`) or from a TOML file.

    A file may name a shipped experiment as its `base` and then holds only what differs from it:
    tables are merged key by key, everything else, lists too, is replaced.

    Examples
    --------
    >>> load_experiment("gaid5_lite2").task.genres
    ('Country', 'Electronic', 'Hip-Hop', 'Pop', 'Rock')
    >>> load_experiment("s3_model_6").network == load_experiment("s3_model_5").network
    True
    """
    return from_dict(Experiment, _read_values(name_or_path, ()))


def _read_values(name_or_path: str | Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """Read a file's values over those of its base; `above` are the files that led here."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        known = list_experiments()
        if str(name_or_path) not in known:
            near = difflib.get_close_matches(str(name_or_path), known, n=1, cutoff=0.4)
            cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            raise ParameterError(
                "An experiment is named by its file in genre_core/experiments.",
                received=describe(str(name_or_path)),
                cure=cure,
            )
        path = EXPERIMENTS_DIR / f"{name_or_path}.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(
            f"{path.name} must be a readable TOML file.",
            received=str(error),
            cure="Start from a copy of one in genre_core/experiments.",
        ) from error
    require(
        path not in above,
        "An experiment must not be its own base.",
        " > ".join(file.name for file in (*above, path)),
        "Take the line base out of one of them.",
    )
    base = values.pop("base", None)
    if base is None:
        return values
    _expect(isinstance(base, str), "the name of an experiment", base, "base")
    return _merged(_read_values(base, (*above, path)), values)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(base[key], value)
        if isinstance(value, dict) and isinstance(base.get(key), dict)
        else value
        for key, value in own.items()
    }
    return base | both


def list_experiments() -> list[str]:
    """Name every shipped experiment, sorted."""
    return sorted(path.stem for path in EXPERIMENTS_DIR.glob("*.toml"))


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint):
        _expect(isinstance(value, dict), "a table", value, where)
        return from_dict(hint, value, where)  # type: ignore[arg-type]
    if origin is Literal:
        options = typing.get_args(hint)
        _expect(value in options, "one of " + ", ".join(map(repr, options)), value, where)
        return value
    if origin is tuple:
        _expect(isinstance(value, list | tuple), "a list", value, where)
        inner = typing.get_args(hint)[0]
        return tuple(_convert(inner, part, f"{where}[{i}]") for i, part in enumerate(value))
    if origin is dict:
        _expect(isinstance(value, dict), "a table", value, where)
        inner = typing.get_args(hint)[1]
        return {str(k): _convert(inner, v, f"{where}.{k}") for k, v in value.items()}
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _convert(_fitting(typing.get_args(hint), value), value, where)
    if hint is Any:
        return value
    if hint is float:
        _expect(
            isinstance(value, int | float) and not isinstance(value, bool), "a number", value, where
        )
        return float(value)
    _expect(
        isinstance(value, hint) and not (hint is int and isinstance(value, bool)),
        f"of type {hint.__name__}",
        value,
        where,
    )
    return value


def _fitting(hints: tuple[Any, ...], value: Any) -> Any:
    """Choose among several settings classes the first that knows every key of a table."""
    for hint in hints:
        if dataclasses.is_dataclass(hint) and isinstance(value, dict):
            known = {field.name for field in dataclasses.fields(hint)}
            if set(value) <= known:
                return hint
    return hints[0]


def _expect(holds: bool, what: str, value: object, where: str) -> None:
    require(holds, f"{where} must be {what}.", value, "Correct the setting.")
