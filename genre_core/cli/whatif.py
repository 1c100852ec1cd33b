"""The command that changes a cover and says what every network makes of the change."""

from __future__ import annotations

import argparse
import dataclasses
import io
from pathlib import Path
from typing import Any

from PIL import Image

from genre_core.cli.loading import load_classifiers
from genre_core.cli.printing import log, print_json, print_table
from genre_core.data.files import atomic_write
from genre_core.errors import ParameterError, describe
from genre_core.image.decode import decode_cover
from genre_core.image.edits import (
    HIDE_WITH,
    MAX_EDIT_PX,
    Box,
    CoverEdit,
    edit_cover,
    shrink_to_edit,
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of an edit, named like the fields of `CoverEdit`."""
    box = "L,T,R,B"
    command.add_argument("source", type=Path, metavar="FILE")
    command.add_argument(
        "--model", action="append", metavar="NAME", help="may be repeated; every model by default"
    )
    command.add_argument(
        "--hide", metavar=box, help="region to hide: left, top, right, bottom, parts from 0 to 1"
    )
    command.add_argument("--hide-with", default="mean", help=f"{', '.join(HIDE_WITH)}")
    command.add_argument("--crop", metavar=box, help="region to keep")
    command.add_argument("--rotate", type=float, default=0.0, help="degrees, anticlockwise")
    command.add_argument("--mirror", action="store_true", help="swap left and right")
    command.add_argument("--grey", action="store_true", help="take the colours out")
    command.add_argument("--blur", type=float, default=0.0, help="per cent of the shorter side")
    command.add_argument(
        "--rescale", type=float, default=1.0, metavar="PART", help="scale down to this and up again"
    )
    command.add_argument("--jpeg", type=int, metavar="QUALITY", help="store as a JPEG, 1 to 100")
    command.add_argument("--out", type=Path, metavar="PNG", help="where the changed cover is put")


def edit_of(options: argparse.Namespace) -> CoverEdit:
    """Read an edit from its options.

    Parameters
    ----------
    options : argparse.Namespace
        With the options of `add_options`.

    Returns
    -------
    CoverEdit

    Raises
    ------
    ParameterError
        A value out of its range, or a region that is not four numbers.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_options(parser)
    >>> edit_of(parser.parse_args(["a.jpg", "--hide", "0.1,0.1,0.4,0.4"])).hide
    (0.1, 0.1, 0.4, 0.4)
    >>> edit_of(parser.parse_args(["a.jpg", "--hide", "0.1,0.4"]))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: --hide must be four numbers. Received '0.1,0.4' (str). \
Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4.
    """
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(CoverEdit)}
    for name in ("hide", "crop"):
        values[name] = _read_box(name, values[name])
    return CoverEdit(**values)


def what_if(options: argparse.Namespace) -> int:
    """Say what every network makes of a cover before and after an edit."""
    edit = edit_of(options)
    picture = shrink_to_edit(decode_cover(options.source))
    changed = edit_cover(picture, edit)
    rows: list[dict[str, Any]] = []
    models = []
    for classifier in load_classifiers(options.model):
        before, after = classifier.classify(picture), classifier.classify(changed)
        models.append(
            {
                "model": classifier.name,
                "before": before.to_dict()["probs"],
                "after": after.to_dict()["probs"],
                "changes_its_mind": before.genre != after.genre,
            }
        )
        rows += [
            {
                "model": classifier.name,
                "genre": genre,
                "before": float(was),
                "after": float(now),
                "change": f"{now - was:+.3f}",
            }
            for genre, was, now in zip(classifier.genres, before.probs, after.probs, strict=True)
        ]
    if options.out:
        buffer = io.BytesIO()
        Image.fromarray(changed).save(buffer, "PNG")
        atomic_write(options.out, buffer.getvalue())
    if options.json:
        print_json(
            {
                "path": str(options.source),
                "edit": dataclasses.asdict(edit),
                "steps": list(edit.words),
                "longest_side_px": MAX_EDIT_PX,
                "models": models,
                "out": str(options.out) if options.out else None,
            }
        )
    else:
        log("; ".join(edit.words) or "nothing is changed")
        print_table(rows, ("model", "genre", "before", "after", "change"))
    return 0


def _read_box(name: str, text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ParameterError(
            f"--{name} must be four numbers.",
            received=describe(text),
            cure="Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4.",
        ) from error
    return left, top, right, bottom
