"""Import whatever a data set comes as: a folder, a table or a zip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from genre_core.data.duplicates import find_duplicates, regroup
from genre_core.data.folds import make_strata
from genre_core.data.importers.archive import remove_unpacked, unpack
from genre_core.data.importers.asked import Asked, asking
from genre_core.data.importers.layouts import import_as
from genre_core.data.importers.memory import ScanMemory, home_memory
from genre_core.data.importers.names import plain_name
from genre_core.data.importers.scan import ImportResult
from genre_core.data.importers.zip_rules import is_zip_name
from genre_core.data.item import SPLITS
from genre_core.data.splits import make_splits
from genre_core.errors import GenreError, LeakError, Problem, StoppedError
from genre_core.progress import Progress

_MAX_NAMED = 200


def import_source(
    layout: str,
    source: str | Path,
    *,
    allow_leaks: bool = False,
    near_duplicates: bool = False,
    memory: ScanMemory | None = None,
    progress: Progress | None = None,
    **options: object,
) -> ImportResult:
    """Import a data set by the name of its layout, from a folder, a table or a zip.

    Parameters
    ----------
    layout : str
        A key of `LAYOUTS`, or "auto".
    source : str or Path
        A zip is unpacked into the home folder first (`archive.unpack`).
    allow_leaks : bool
        Take the data's own splits even where they share a group or a file.
    near_duplicates : bool
        Look for covers or songs that are nearly the same too: they come into one group, and splits
        of the data's own that part them leak.
    memory : ScanMemory, optional
        What was read before; the home folder's by default.
    progress : callable, optional
        `progress(done, total, text)`; may raise to stop.
    **options
        What the layout's importer takes.

    Returns
    -------
    ImportResult

    Raises
    ------
    ParameterError, DatasetError, LeakError
        As the importer says; what was unpacked is gone again then, but not after a stop.

    Examples
    --------
    >>> import_source("auto", "no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Covers or songs lie in a folder with one folder a genre. \
Received no folder no-such-folder. Give the folder above the genre folders.
    """
    wishes = Asked(allow_leaks, memory or home_memory())
    if not is_zip_name(source):
        with asking(wishes):
            result = import_as(layout, source, progress=progress, **options)
        return _apart(result, wishes, options, progress) if near_duplicates else result
    name = str(options.pop("name", "")) or plain_name(Path(source).stem)
    unpacked = unpack(source, name, progress=progress)
    try:
        result = import_source(
            layout,
            unpacked.root,
            allow_leaks=allow_leaks,
            near_duplicates=near_duplicates,
            memory=wishes.memory,
            progress=progress,
            name=name,
            **options,
        )
    except StoppedError:
        raise  # It goes on from what is unpacked.
    except GenreError:
        remove_unpacked(name)
        raise
    return replace(result, problems=(*unpacked.problems, *result.problems))


def _apart(
    result: ImportResult, wishes: Asked, options: dict[str, object], progress: Progress | None
) -> ImportResult:
    """Join near-duplicates into groups, and make or check the splits anew."""
    catalog = result.catalog
    report = find_duplicates(catalog, progress=progress)
    problems = [*result.problems, *report.problems]
    if not report.groups:
        return replace(result, problems=tuple(problems))
    head, frame = catalog.head, catalog.frame.copy()
    frame["group"] = regroup(frame, report)
    n_own = frame["group"].nunique()
    if result.has_own_splits and report.crossing:
        leaks = [
            Problem(group[0], f"is nearly the same as {', '.join(group[1:4])}, in another split")
            for group in report.crossing[:_MAX_NAMED]
        ]
        if not wishes.allow_leaks:
            raise LeakError(
                "No cover and no song may stand in two splits, not even nearly the same.",
                received=f"{len(report.crossing)} that do, first {leaks[0]}",
                cure="Correct the splits, or insist on them (--allow-leaks).",
                problems=tuple(leaks),
            )
        head = replace(head, allows_leaks=True)
        what = f"leaks, as was insisted on: {len(report.crossing)} near-duplicates cross"
        problems.append(Problem("split", what))
    elif not result.has_own_splits and n_own >= len(SPLITS):
        seed = options.get("seed", 0)
        strata = make_strata(frame["labels"])
        frame["split"] = make_splits(
            strata, frame["group"], seed=seed if isinstance(seed, int) else 0
        )
        frame["split"] = frame["split"].astype("str")
    elif not result.has_own_splits:
        frame["split"] = ""
        problems.append(Problem("split", f"left empty: fewer than {len(SPLITS)} groups"))
    frame["group"] = frame["group"].astype("str")
    made = replace(catalog, head=head, frame=frame)
    return ImportResult(made, tuple(problems), result.has_own_splits)
