"""The command what-if: change a cover or a song, and see what the networks say of it then."""

from __future__ import annotations

import argparse
import dataclasses
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from genre_core.audio.decode import decode_clip
from genre_core.audio.edits import HEARD_SR, PARTS, SongEdit, at_rate, edit_song
from genre_core.cli.console import chosen_bundles, load_classifiers, log, print_result
from genre_core.cli.explain import write_png
from genre_core.cli.songs import load_songs
from genre_core.config import require
from genre_core.data.files import atomic_write
from genre_core.data.media_walk import medium_by_name, medium_of
from genre_core.errors import ParameterError, describe
from genre_core.image.decode import decode_cover
from genre_core.image.edits import (
    HIDE_WITH,
    MAX_EDIT_PX,
    CoverEdit,
    edit_cover,
    shrink_to_edit,
)

_BOX, _PAIR = "L,T,R,B", "A,B"
_NUMBERS = {
    "hide": (4, "Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4."),
    "crop": (4, "Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4."),
    "trim": (2, "Give seconds at the start and at the end, such as 5,0."),
    "band": (2, "Give the lowest and the highest frequency in Hz, such as 0,4000."),
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What one network says before and after, in the order of `genres`."""

    model: str
    is_calibrated: bool
    genres: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    changes_its_mind: bool


def add_what_if(command: argparse.ArgumentParser) -> None:
    """Add the options of an edit, named like the fields of `CoverEdit` and `SongEdit`."""
    command.add_argument("source", type=Path, metavar="FILE")
    command.add_argument(
        "--model", action="append", metavar="NAME", help="may be repeated; every model by default"
    )
    covers = command.add_argument_group("covers")
    covers.add_argument(
        "--hide", metavar=_BOX, help="region to hide: left, top, right, bottom, parts from 0 to 1"
    )
    covers.add_argument("--hide-with", default="mean", help=f"{', '.join(HIDE_WITH)}")
    covers.add_argument("--crop", metavar=_BOX, help="region to keep")
    covers.add_argument("--rotate", type=float, default=0.0, help="degrees, anticlockwise")
    covers.add_argument("--mirror", action="store_true", help="swap left and right")
    covers.add_argument("--grey", action="store_true", help="take the colours out")
    covers.add_argument("--blur", type=float, default=0.0, help="per cent of the shorter side")
    covers.add_argument(
        "--rescale", type=float, default=1.0, metavar="PART", help="scale down to this and up again"
    )
    covers.add_argument("--jpeg", type=int, metavar="QUALITY", help="store as a JPEG, 1 to 100")
    songs = command.add_argument_group("songs")
    songs.add_argument("--trim", metavar=_PAIR, help="seconds to cut off at the start and the end")
    songs.add_argument("--part", default="all", help=f"{', '.join(PARTS)}")
    songs.add_argument("--band", metavar=_PAIR, help="lowest and highest frequency, in Hz")
    songs.add_argument("--band-use", default="keep", help="keep the band alone, or mute it")
    songs.add_argument("--tempo", type=float, default=1.0, help="times as fast, 0.94 to 1.06")
    songs.add_argument("--pitch", type=float, default=1.0, help="times as high, 0.94 to 1.06")
    songs.add_argument("--gain", type=float, default=0.0, help="louder by so many dB")
    songs.add_argument("--mp3", type=int, metavar="KBPS", help="store as an MP3, 64 to 320 kbit/s")
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="where the changed cover (PNG) or song (WAV) goes"
    )


def what_if(options: argparse.Namespace) -> int:
    """Say what every network makes of a cover or a song before and after an edit."""
    # What neither is, is told by its name what it would have to be.
    medium = medium_of(options.source)[0] or medium_by_name(options.source.name)
    ask = _ask_of_song if medium == "song" else _ask_of_cover
    edit, facts, every, write = ask(options)
    said = list(every)
    if options.out:
        require(
            options.out.resolve() != options.source.resolve(),
            f"--out must be another file than the {facts.pop('what')}.",
            str(options.out),
            "Give another name.",
        )
        write(options.out)
    facts.pop("what", None)
    rows = [
        {
            "model": one.model,
            "genre": genre,
            "kind": "probability" if one.is_calibrated else "score",
            "before": float(was),
            "after": float(now),
            "change": f"{now - was:+.3f}",
        }
        for one in said
        for genre, was, now in zip(one.genres, one.before, one.after, strict=True)
    ]
    models = [
        {
            "model": one.model,
            "calibrated": one.is_calibrated,
            "before": dict(zip(one.genres, map(float, one.before), strict=True)),
            "after": dict(zip(one.genres, map(float, one.after), strict=True)),
            "changes_its_mind": one.changes_its_mind,
        }
        for one in said
    ]
    facts |= {
        "path": str(options.source),
        "edit": dataclasses.asdict(edit),
        "steps": list(edit.words),
        "models": models,
        "out": str(options.out) if options.out else None,
    }
    if not options.json:
        log("; ".join(edit.words) or "nothing is changed")
    print_result(options, facts, rows)
    return 0


_Asked = tuple[Any, dict[str, Any], Iterator[_Said], Callable[[Path], None]]


def _ask_of_cover(options: argparse.Namespace) -> _Asked:
    _refuse(options, SongEdit, "cover")
    edit = edit_of(options, CoverEdit)
    picture = shrink_to_edit(decode_cover(options.source))
    changed = edit_cover(picture, edit)

    def every() -> Iterator[_Said]:
        for network in load_classifiers(options.model):
            was, now = network.classify(picture), network.classify(changed)
            yield _Said(
                network.name,
                was.is_calibrated,
                was.genres,
                was.probs,
                now.probs,
                was.genre != now.genre,
            )

    facts = {"what": "cover", "longest_side_px": MAX_EDIT_PX}
    return edit, facts, every(), lambda out: write_png(out, changed)


def _ask_of_song(options: argparse.Namespace) -> _Asked:
    _refuse(options, CoverEdit, "song")
    edit = edit_of(options, SongEdit)
    clip = decode_clip(options.source, sr=HEARD_SR)
    changed = edit_song(clip, edit)

    def every() -> Iterator[_Said]:
        for network in load_songs(chosen_bundles(options.model, media="song")):
            was, now = (
                network.classify(at_rate(each, network.spec.sr)) for each in (clip, changed)
            )
            is_calibrated = was.calibration is not None
            genres, before, after = was.genres, was.mean_probs, now.mean_probs
            if was.prog_score is not None and now.prog_score is not None:
                genres = ("prog score", *genres)
                before = np.append(was.prog_score, before)
                after = np.append(now.prog_score, after)
            yield _Said(network.name, is_calibrated, genres, before, after, was.genre != now.genre)

    def write(out: Path) -> None:
        file = io.BytesIO()
        soundfile.write(file, changed.y, changed.sr, format="WAV")
        atomic_write(out, file.getvalue())

    return edit, {"what": "song", "sample_rate": HEARD_SR}, every(), write


def edit_of(options: argparse.Namespace, kind: Any) -> Any:
    """Read a `CoverEdit` or a `SongEdit` from its options.

    >>> parser = argparse.ArgumentParser()
    >>> add_what_if(parser)
    >>> edit_of(parser.parse_args(["a.jpg", "--hide", "0.1,0.1,0.4,0.4"]), CoverEdit).hide
    (0.1, 0.1, 0.4, 0.4)
    >>> edit_of(parser.parse_args(["a.jpg", "--hide", "0.1,0.4"]), CoverEdit)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: --hide must be four numbers. Received '0.1,0.4' (str). \
Give left, top, right and bottom, such as 0.1,0.1,0.4,0.4.
    """
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(kind)}
    for name in values.keys() & _NUMBERS.keys():
        values[name] = _read_numbers(name, values[name])
    return kind(**values)


def _read_numbers(name: str, text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    n, cure = _NUMBERS[name]
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != n:
        raise ParameterError(
            f"--{name} must be {'four' if n == 4 else 'two'} numbers.",
            received=describe(text),
            cure=cure,
        )
    return numbers


def _refuse(options: argparse.Namespace, other: Any, what: str) -> None:
    """Refuse options of the other kind of file: they would change nothing."""
    given = [
        f"--{field.name.replace('_', '-')}"
        for field in dataclasses.fields(other)
        if getattr(options, field.name) != field.default
    ]
    require(
        not given,
        f"A {what} is changed by the options for {what}s.",
        ", ".join(given),
        "See what-if --help.",
    )
