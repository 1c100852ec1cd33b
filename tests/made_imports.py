"""Imports in one line, with the options as keywords."""

from __future__ import annotations

from pathlib import Path

from genre_core.data.importers import ImportOptions, ImportResult, import_source
from genre_core.progress import Progress


def import_as(
    layout: str, source: str | Path, *, progress: Progress | None = None, **options: object
) -> ImportResult:
    return import_source(layout, source, ImportOptions.of(options), progress=progress)
