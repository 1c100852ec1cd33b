"""Imports as runs: asked for, carried out in the background, and taken away again."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from genre_core.config import require
from genre_core.data.catalog import Catalog
from genre_core.data.demo import DRAWN_COVERS
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers import (
    AUTO,
    ImportOptions,
    ImportResult,
    find_dataset,
    import_source,
    save_import,
)
from genre_core.data.importers.embedded import covers_table, save_embedded_covers
from genre_core.data.importers.listing import check_name, plain_name
from genre_core.data.importers.scan_cache import home_scans
from genre_core.data.importers.stored import delete_stored, find_stored, need_own_name
from genre_core.data.importers.zip_rules import is_zip_name
from genre_core.errors import DatasetError, JobError, ParameterError, Problem
from genre_core.jobs.run_control import ACTIVE, launch, start
from genre_core.progress import Log, Progress
from genre_core.runs.run_folder import Request, RunFolder, list_runs, new_run

UPLOAD_FOLDER = "upload"
LEFT_OUT_FILE = "left_out.csv"
MAX_UPLOAD_BYTES = 500 * 2**20
"""Of an archive that comes through the browser, which keeps it in memory until it is stored."""

_CHUNK = 1 << 20
_LOGGED = 20
_PATHS = ("images", "others")
_READING = ("train", "evaluate", "audit")
"""Kinds of runs that read a data set."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made, and where it is kept.

    n_covers : int
        Pictures that were found in songs.
    n_known, n_read : int
        Files that were known from before, and that were read now.
    """

    result: ImportResult
    folder: Path
    n_covers: int
    n_known: int
    n_read: int


def import_request(source: str | Path, settings: Mapping[str, Any]) -> Request:
    """Write down an import as a run's request.

    `source` is a folder, a table or a zip; it becomes absolute, since the run works elsewhere.
    `settings` are fields of `ImportOptions`, and "layout"; what is empty is left out. Raises
    `ParameterError`: no source, or no plain name.

    Examples
    --------
    >>> request = import_request("covers.zip", {"licence": "", "seed": 3})
    >>> request.title, request.settings["name"], "licence" in request.settings
    ('Import of covers.zip', 'covers', False)
    """
    text = str(source).strip()
    require(bool(text), "An import needs a folder, a table or a zip.", text, "Name one.")
    place = Path(text).expanduser().absolute()
    given = {key: value for key, value in settings.items() if value not in ("", None, False)}
    for key in _PATHS:
        if key in given:
            given[key] = str(Path(str(given[key])).expanduser().absolute())
    given.setdefault("name", plain_name(place.stem if place.suffix else place.name))
    check_name(str(given["name"]))
    return Request("import", f"Import of {place.name}", {"source": str(place), **given})


def start_import(request: Request, upload: BinaryIO | None = None) -> RunFolder:
    """Start an import in a process of its own.

    `upload` is the archive that the source names, still to be stored: it is kept in the run's
    folder, and goes when the import is over.

    Raises
    ------
    DatasetError
        Another data set or another import has this name.
    ParameterError
        An upload that is no zip by its name, or too large.
    """
    name = str(request.settings["name"])
    source = request.settings["source"] if upload is None else ""
    check_name_is_free(name, source, replace=bool(request.settings.get("replace")))
    if upload is None:
        return start(request)
    archive = Path(request.settings["source"]).name
    require(is_zip_name(archive), "An upload must be a zip.", archive, "Pack the folder as a zip.")
    place = f"{UPLOAD_FOLDER}/{plain_name(Path(archive).stem)}.zip"
    settings = {**request.settings, "source": archive, "upload": place}
    run = new_run(Request("import", request.title, settings))
    try:
        _store(upload, run.path / place)
        launch(run)
    except BaseException:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    return run


def start_import_of_covers(name: str) -> RunFolder | None:
    """Start to import the covers that a data set's songs carry; None where they carry none."""
    table = covers_table(name)
    if not table.is_file():
        return None
    return start_import(import_request(table, {"name": f"{name} covers", "layout": "csv"}))


def check_name_is_free(name: str, source: str = "", *, replace: bool = False) -> None:
    """Refuse the name of an import at work, or of another source's data set unless it may go."""
    check_name(name)
    if _user(name, kinds=("import",)) is not None:
        raise DatasetError(
            "A new data set needs a name of its own.",
            received=f"{name!r}, which an import has",
            cure="Give another name, or wait until that import is over.",
        )
    if replace:
        _need_rest(name, kinds=_READING)
    else:
        need_own_name(name, source)


def import_and_save(
    source: str | Path,
    settings: Mapping[str, Any],
    *,
    progress: Progress | None = None,
    note: str | Path | None = None,
) -> Imported:
    """Import a data set and keep it in the home folder, with the covers that its songs carry.

    `settings` are as for `import_request`; `progress(done, total, text)` may raise to stop; `note`
    is kept as its source, `source` itself by default.
    """
    paths = {key: str(Path(settings[key]).absolute()) for key in _PATHS if settings.get(key)}
    settings = {**settings, **paths}
    options = ImportOptions.of({key: settings[key] for key in settings if key != "layout"})
    layout, scans = str(settings.get("layout", AUTO)), home_scans()
    place = source if note is None else note

    def need_name(name: str) -> None:
        if options.replace:
            _need_rest(name, kinds=_READING)
        else:
            need_own_name(name, place)

    result = import_source(
        layout, source, options, scans=scans, progress=progress, need_name=need_name
    )
    kept = {key: value for key, value in settings.items() if key not in ("name", "replace")}
    folder = save_import(result, source=place, settings=kept)
    n_covers = 0
    if result.catalog.head.media == "track":
        n_covers = save_embedded_covers(result.catalog, folder, progress=progress)
    return Imported(result, folder, n_covers, scans.n_recalled, scans.n_read)


def import_drawn_covers() -> Catalog:
    """Import the drawn covers that ship for a first training, or find those imported before.

    They show how a training goes; what a network learns from them says nothing of real covers.
    """
    stored = find_stored(DRAWN_COVERS.stem)
    if stored is not None and stored.is_complete:
        return find_dataset(DRAWN_COVERS.stem)
    settings = {
        "layout": "folders",
        "title": "Covers drawn by this program",
        "citation": "Genre Explorer",
        "licence": "CC0",
    }
    return import_and_save(DRAWN_COVERS, settings).result.catalog


def carry_out_import(run: RunFolder, progress: Progress, log: Log) -> str:
    """Do what an import's run asks for, and return the data set's name."""
    settings = dict(run.request().settings)
    source, upload = Path(settings.pop("source")), settings.pop("upload", "")
    try:
        made = import_and_save(
            run.path / upload if upload else source,
            settings,
            progress=progress,
            note="" if upload else source,
        )
    except DatasetError as error:
        _list_left_out(run, error.problems, log)
        raise
    _list_left_out(run, made.result.problems, log)
    if made.n_known:
        log(f"{made.n_known} files were known from before, {made.n_read} were read")
    if made.n_covers:
        log(f"{made.n_covers} covers found in the songs")
    shutil.rmtree(run.path / UPLOAD_FOLDER, ignore_errors=True)
    name = made.result.catalog.head.name
    log(f"{name}: {len(made.result.catalog)} items, {len(made.result.problems)} notes")
    return name


def delete_dataset(name: str) -> None:
    """Take a data set out of the home folder; `JobError` where an import or a training uses it."""
    _need_rest(name, kinds=("import", *_READING))
    delete_stored(name)


def _need_rest(name: str, *, kinds: tuple[str, ...]) -> None:
    run = _user(name, kinds=kinds)
    if run is not None:
        raise JobError(
            "A data set must be at rest before it is deleted.",
            received=f"{name!r}, which {run.name} works with",
            cure="Stop that run first.",
        )


def _user(name: str, *, kinds: tuple[str, ...]) -> RunFolder | None:
    """Find a run at work that uses a data set."""
    at_work = (run for run in list_runs() if run.status().state in ACTIVE)
    return next((run for run in at_work if _uses(run, name, kinds=kinds)), None)


def _uses(run: RunFolder, name: str, *, kinds: tuple[str, ...]) -> bool:
    try:
        request = run.request()
    except JobError:
        return False
    if request.kind not in kinds:
        return False
    key = "name" if request.kind == "import" else "data"
    used = str(request.settings.get(key, ""))
    return used in (name, str(home() / "datasets" / name))


def _store(upload: BinaryIO, path: Path) -> None:
    path.parent.mkdir(parents=True)
    n_bytes = 0
    upload.seek(0)
    with path.open("xb") as file:
        while chunk := upload.read(_CHUNK):
            n_bytes += len(chunk)
            if n_bytes > MAX_UPLOAD_BYTES:
                raise ParameterError(
                    f"An upload must have at most {MAX_UPLOAD_BYTES // 2**20} MB.",
                    received="more",
                    cure="Type the path of the folder on this machine instead.",
                )
            file.write(chunk)


def _list_left_out(run: RunFolder, problems: tuple[Problem, ...], log: Log) -> None:
    """List everything in a table of the run, and the first of it in the log."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([("where", "what"), *((problem.where, problem.what) for problem in problems)])
    atomic_write(run.path / LEFT_OUT_FILE, text.getvalue().encode("utf-8", "replace"))
    for problem in problems[:_LOGGED]:
        log(f"{'note' if problem.is_note else 'problem'}: {problem}")
    if len(problems) > _LOGGED:
        log(f"and {len(problems) - _LOGGED} more: see {LEFT_OUT_FILE}")
