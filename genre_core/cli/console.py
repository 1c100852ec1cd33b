"""What commands share: results on standard output, progress on standard error, networks to use."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_core.config import require
from genre_core.errors import did_you_mean
from genre_core.jobs.engines import ENGINES, engine_settings
from genre_core.progress import Progress
from genre_core.runs.bundle import Bundle, find_bundle, list_bundles
from genre_core.runs.card import Card

if TYPE_CHECKING:
    from genre_core.inference.classifier import Classifier


def print_json(value: Any) -> None:
    """Print one JSON document and nothing else."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_json_rows(rows: Iterable[Any]) -> None:
    """Print a list as `print_json` does, a row at a time.

    >>> print_json_rows(iter([{"a": 1}, {}]))
    [
      {
        "a": 1
      },
      {}
    ]
    >>> print_json_rows([])
    []
    """
    end = "["
    for row in rows:
        print(end + json.dumps([row], indent=2, ensure_ascii=False)[1:-2], end="")
        end = ","
    print("[]" if end == "[" else "\n]")


def print_table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as aligned text.

    >>> print_table([{"name": "a", "n": 1}, {"name": "long", "n": 20}], ("name", "n"))
    name  n
    a     1
    long  20
    """
    lines = [list(columns), *([_text(row.get(column, "")) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def print_result(
    options: argparse.Namespace,
    result: Any,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str] = (),
    *,
    last: str = "",
) -> None:
    """Print a result as JSON where that is asked for, else its rows as a table and a last line."""
    if options.json:
        print_json(result)
        return
    print_table(rows, columns or tuple(rows[0]))
    if last:
        print(last)


def log(line: str) -> None:
    """Tell of progress, on standard error."""
    print(_plain(line), file=sys.stderr, flush=True)


def log_every(n: int) -> Progress:
    """Make a progress that tells of every n-th item and of the last."""

    def tell(done: int, total: int, text: str) -> None:
        if done % n == 0 or done == total:
            log(f"{done} of {total}: {text}")

    return tell


def command_line() -> str:
    """Give the command as it was typed, for a card."""
    # Folders are the user's own: the card keeps their names, not their places.
    words = [Path(word).name if Path(word).is_absolute() else word for word in sys.argv[1:]]
    return shlex.join(["python", "-m", "genre_core", *words])


def chosen_bundles(names: Sequence[str] | None, *, media: str = "cover") -> list[Bundle]:
    """Find the bundles of these names; every one there is where none is named."""
    bundles = (
        [find_bundle(name) for name in names]
        if names
        else list(list_bundles(media=media, need_network=True))
    )
    require(
        bool(bundles), "There must be a trained model.", "none", "Train one, or put one in models/."
    )
    return bundles


def load_classifiers(names: Sequence[str] | None) -> list[Classifier]:
    """Load the networks of covers of these names; every one there is where none is named."""
    bundles = chosen_bundles(names)
    load_tensorflow()
    from genre_core.inference.classifier import Classifier

    return [Classifier.load(bundle) for bundle in bundles]


def genre_place(genre: str, card: Card) -> int:
    """Find a genre among those that a network knows, however its letters are cased."""
    places = {known.casefold(): place for place, known in enumerate(card.genres)}
    require(
        genre.casefold() in places,
        f"genre must be one that {card.name} knows.",
        genre,
        did_you_mean(genre, card.genres),
    )
    return places[genre.casefold()]


def add_engine(command: argparse.ArgumentParser) -> None:
    """Add who does a command's steps: this machine, or those of a Ray cluster."""
    command.add_argument(
        "--engine",
        choices=ENGINES,
        default="local",
        help="ray shares its steps among the machines of a Ray cluster (requirements-cluster.txt)",
    )
    command.add_argument(
        "--address",
        default="",
        metavar="HOST:PORT",
        help="of the cluster's head, or auto; without one Ray is started on this machine",
    )
    command.add_argument(
        "--step-cpus", type=float, metavar="N", help="processors that each step on a cluster needs"
    )
    command.add_argument(
        "--step-memory", type=float, metavar="GB", help="memory that each step on a cluster needs"
    )


def engine_of(options: argparse.Namespace) -> dict[str, Any]:
    """Write down who was asked to do the steps, as `jobs.engines.engine_settings`."""
    return engine_settings(
        options.engine,
        address=options.address,
        cpus=options.step_cpus,
        memory_gb=options.step_memory,
    )


def load_tensorflow() -> None:
    """Import TensorFlow without its greetings, which no log level silences."""
    with _hushed():
        import tensorflow as tf

        tf.config.list_physical_devices()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    # Its C++ part writes to the descriptor itself, past sys.stderr.
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            # Whatever went wrong, the reason may stand in what was held back.
            kept.seek(0)
            os.write(saved, kept.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return _plain(str(value))


def _plain(text: str) -> str:
    # Names of files may hold line ends and the codes that steer a terminal.
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
