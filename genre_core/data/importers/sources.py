"""Import whatever a data set comes as: a folder, a table or a zip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from genre_core.config import require
from genre_core.data.files import path_text
from genre_core.data.importers.archive import remove_unpacked, unpack
from genre_core.data.importers.contract import LEAK_CURE, ImportResult, import_layout, split_anew
from genre_core.data.importers.layouts import AUTO, LAYOUTS, detect_layout
from genre_core.data.importers.listing import plain_name
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.scan_cache import ScanCache, home_scans
from genre_core.data.importers.stored import find_stored, is_source_of, making_way
from genre_core.data.importers.zip_rules import is_zip_name
from genre_core.errors import DatasetError, GenreError, LeakError, Problem, StoppedError
from genre_core.progress import Progress

_BY_OPTION = {"others": "prog", "label": "kaggle", "subset": "fma"}  # Only these take it.
_MAX_NAMED = 200


def import_source(
    layout: str,
    source: str | Path,
    options: ImportOptions | None = None,
    *,
    scans: ScanCache | None = None,
    progress: Progress | None = None,
    need_name: Callable[[str], None] | None = None,
) -> ImportResult:
    """Import a data set by the name of its layout (or "auto"), from a folder, a table or a zip.

    What cannot be used is listed, the rest is imported. A zip is unpacked into the home folder
    first (`archive.unpack`). What `scans` knows is not read again; by default it is the home
    folder's. `progress` may raise to stop; `need_name` to refuse a data set's name.

    Raises `ParameterError`: unknown layout, or an option that the layout does not take. Raises
    `DatasetError` and `LeakError` as `contract.import_layout`; what was unpacked is gone again
    then, but not after a stop.

    Examples
    --------
    >>> import_source("auto", "no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Covers or songs lie in a folder with one folder a genre. \
    Received no folder no-such-folder. Put each genre's files into a folder of its own, and give \
    the folder above these.
    """
    options = options or ImportOptions()
    scans = scans or home_scans()
    if (place := path_text(Path(source).absolute())) != str(Path(source).absolute()):
        raise DatasetError(
            "A data set lies in folders whose names are text (UTF-8).",
            received=place,
            cure="Rename that folder or file.",
        )
    if not is_zip_name(source):
        chosen = LAYOUTS[_choose_layout(layout, source, options)]
        result = import_layout(
            chosen, Path(source), options, scans=scans, progress=progress, need_name=need_name
        )
        if not options.near_duplicates:
            return result
        return _keep_duplicates_together(result, options, chosen.parts, progress)
    options = replace(options, name=options.name or plain_name(Path(source).stem))
    if need_name is not None:
        need_name(options.name)
    stored = find_stored(options.name)
    may_go = options.replace or (stored is not None and is_source_of(stored, source))
    with making_way(options.name) as clear:
        unpacked = unpack(source, options.name, clear=clear if may_go else None, progress=progress)
        try:
            result = import_source(layout, unpacked.root, options, scans=scans, progress=progress)
        except StoppedError:
            raise  # It goes on from what is unpacked.
        except GenreError:
            remove_unpacked(options.name)
            raise
    return replace(result, problems=(*unpacked.problems, *result.problems))


def _choose_layout(layout: str, source: str | Path, options: ImportOptions) -> str:
    given = options.given()
    if layout == AUTO:
        only = next((name for option, name in _BY_OPTION.items() if option in given), None)
        layout = only or detect_layout(source)
    known = ", ".join((AUTO, *LAYOUTS))
    require(layout in LAYOUTS, f"layout must be one of {known}.", layout, "Choose one of these.")
    taken = LAYOUTS[layout].options
    of_others = {option for other in LAYOUTS.values() for option in other.options} - {*taken}
    strange = sorted(given & of_others)
    require(
        not strange,
        f"The layout {layout!r} takes {', '.join(taken) or 'none'} of the layouts' options.",
        strange[0] if strange else None,
        "Leave it out, or name the layout that it belongs to.",
    )
    return layout


def _keep_duplicates_together(
    result: ImportResult,
    options: ImportOptions,
    parts: tuple[float, float, float],
    progress: Progress | None,
) -> ImportResult:
    """Join near-duplicates into groups, and make or check the splits anew."""
    # Its loops take a second to load, which no page may cost that only names data sets.
    from genre_core.data.duplicates import find_duplicates, regroup

    catalog = result.catalog
    report = find_duplicates(catalog, progress=progress)
    problems = [*result.problems, *report.problems]
    if not report.groups:
        return replace(result, problems=tuple(problems))
    head, frame = catalog.head, catalog.frame.copy()
    frame["group"] = regroup(frame, report)
    frame["group"] = frame["group"].astype("str")
    if not result.has_own_splits:
        frame["split"] = split_anew(frame, problems, parts=parts, seed=options.seed)
    elif report.crossing:
        leaks = [
            Problem(group[0], f"is nearly the same as {', '.join(group[1:4])}, in another split")
            for group in report.crossing[:_MAX_NAMED]
        ]
        if not options.allow_leaks:
            raise LeakError(
                "No cover and no song may stand in two splits, not even nearly the same.",
                received=f"{len(report.crossing)} that do, first {leaks[0]}",
                cure=LEAK_CURE,
                problems=tuple(leaks),
            )
        head = replace(head, allows_leaks=True)
        what = f"leaks, as was insisted on: {len(report.crossing)} near-duplicates cross"
        problems.append(Problem("split", what))
    made = replace(catalog, head=head, frame=frame)
    return ImportResult(made, tuple(problems), result.has_own_splits)
