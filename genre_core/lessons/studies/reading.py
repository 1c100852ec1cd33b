"""Studies from their files, every text filled with the values that were just recomputed."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from genre_core.config import from_dict, require
from genre_core.errors import ParameterError, describe, did_you_mean
from genre_core.lessons.studies.recompute import recompute
from genre_core.lessons.studies.study import Study

STUDIES_DIR = Path(__file__).parent


@cache
def load_study(name: str) -> Study:
    """Read a study by its name, recompute, and fill its texts; the same object for the same name.

    A text names a recomputed value in braces, ``{majority}``, and gets it as
    `Recomputation.written` writes it. So no text can hold a result that does not follow.

    Raises
    ------
    ParameterError
        No such study (the nearest name is given), a wrong key or value in its file, or a text that
        names a value that is not recomputed.

    Examples
    --------
    >>> study = load_study("S3")
    >>> round(study.values["balanced_8"], 3)
    0.132
    >>> load_study("S33")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A study is named by its file in genre_core/lessons/studies. \
    Received 'S33' (str). Did you mean 'S3'?
    """
    known = list_studies()
    if name not in known:
        raise ParameterError(
            "A study is named by its file in genre_core/lessons/studies.",
            received=describe(name),
            cure=did_you_mean(name, known),
        )
    return read_study(STUDIES_DIR / f"{name.lower()}.toml")


def list_studies(*, media: str | None = None) -> list[str]:
    """Name every study that there is a file of, sorted; only those of a medium, where one is given.

    Examples
    --------
    >>> list_studies(media="cover")
    ['S1', 'S2', 'S3']
    """
    names = sorted(path.stem.upper() for path in STUDIES_DIR.glob("s*.toml"))
    return [name for name in names if media is None or load_study(name).media == media]


def read_study(path: Path) -> Study:
    """Read a study's file; what `load_study` says of errors holds here too."""
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(
            f"{path.name} must be a readable TOML file.",
            received=str(error),
            cure="Start from a copy of one in genre_core/lessons/studies.",
        ) from error
    require(
        "values" not in plain,
        "A study's file holds what was printed, never a result of ours.",
        "values",
        "Name a rule under `recomputed` instead.",
    )
    study = from_dict(Study, plain)
    values = recompute(study)
    written = {value.name: value.written(values[value.name]) for value in study.recomputed}
    return from_dict(Study, _filled(plain, written) | {"values": values})


def _filled(value: Any, written: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, written) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, written) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return value.format_map(written)
    except (KeyError, ValueError, IndexError) as error:
        raise ParameterError(
            "A text of a study may name only values that are recomputed.",
            received=f"{error} in {describe(value)}",
            cure="Add it under `recomputed`, or correct its name.",
        ) from error
