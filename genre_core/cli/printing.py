"""Results on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from genre_core.runs.run_folder import RunFolder


def print_json(value: Any) -> None:
    """Print one JSON document and nothing else."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as aligned text.

    Examples
    --------
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


def print_started(run: RunFolder, *, as_json: bool) -> None:
    """Name a run that was started in the background."""
    if as_json:
        print_json({"run": run.name, "folder": str(run.path)})
    else:
        print(f"{run.name} is on its way: see `python -m genre_core runs`")


def log(line: str) -> None:
    """Tell of progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
