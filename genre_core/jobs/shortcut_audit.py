"""The shortcut audit of a data set as a run: its files are measured, what they tell is kept."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.analysis.columns import groups_of
from genre_core.analysis.shortcuts import KINDS, ShortcutReport, find_shortcuts
from genre_core.audio.decode import decode_clip
from genre_core.audio.song_facts import SONG_FACTS, song_facts
from genre_core.config import require
from genre_core.data.catalog import Catalog
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.data.importers import dataset_of, find_dataset
from genre_core.data.media_files import Each, MediaFile, each_file, use_file
from genre_core.errors import Problem
from genre_core.image.colour import COLOUR_FEATURES, colour_statistics
from genre_core.image.decode import decode_cover
from genre_core.image.facts import COVER_FACTS, FILE_FACTS, cover_facts, file_facts
from genre_core.jobs.kept_parts import Arrays, KeptParts
from genre_core.jobs.run_control import data_place
from genre_core.progress import Log, Progress
from genre_core.runs.run_folder import Request, RunFolder

LIMIT = 1_000
"""Items of a data set that are read, unless somebody asks for others."""

_MIN_LIMIT = 20
_AT_ONCE = {"cover": 64, "song": 8}  # so many at most are read again after a stop
_VERSION = 1  # Raise it when parts would hold something else.
_LOGGED = 20
_MEASURED = {
    "cover": (*COVER_FACTS, *FILE_FACTS, *COLOUR_FEATURES),
    "song": SONG_FACTS,
}


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What an audit of a data set found.

    report: how far each kind of facts alone tells its labels
    left_out: files that could not be read
    made: when (ISO 8601, UTC)
    """

    report: ShortcutReport
    left_out: tuple[Problem, ...]
    made: str


def audit_request(data: str, *, limit: int = LIMIT, digest: str = "") -> Request:
    """Write down the audit of a data set as a run's request.

    Parameters
    ----------
    data : str
        What `data.importers.find_dataset` takes; a path becomes absolute.
    limit : int
        So many items at most are read, whole groups drawn at random; at least 20.
    digest : str
        Of the very data set that is meant, whatever its name is now; "" where the name decides.

    Raises
    ------
    ParameterError
        No name, or a limit below 20.

    Examples
    --------
    >>> request = audit_request("mine")
    >>> request.kind, request.settings["limit"]
    ('audit', 1000)
    """
    require(
        limit >= _MIN_LIMIT,
        f"An audit reads {_MIN_LIMIT} items or more.",
        limit,
        f"Leave it at {LIMIT:,}.",
    )
    settings = {"data": data_place(data, "An audit"), "digest": digest, "limit": limit}
    return Request("audit", f"Audit of {Path(data).name}", settings)


def carry_out_audit(run: RunFolder, progress: Progress, log: Log) -> str:
    """Do what an audit's run asks for, keep what it finds, and return the data set's name.

    What is measured is kept, some files at a time: a run that is resumed reads on.
    """
    settings = run.request().settings
    name, limit = settings["data"], int(settings["limit"])
    catalog = dataset_of(settings["digest"], name) if settings["digest"] else None
    catalog = catalog or find_dataset(name)
    media = "song" if catalog.head.media == "track" else "cover"
    key = [_VERSION, catalog.digest, limit]
    parts = KeptParts(run.states, key, _AT_ONCE[media], progress, log)
    frame, groups = _drawn(catalog, limit)
    log(f"{len(frame):,} of {len(catalog):,} {media}s of {catalog.head.name}")
    places, facts, left_out = _measure(catalog, frame, media, parts)
    for problem in left_out[:_LOGGED]:
        log(f"left out: {problem}")
    labels = np.array([own[0] for own in frame["labels"]], str)[places]
    log("what these facts tell, and what shuffled labels would")
    report = find_shortcuts(facts, labels, groups[places], KINDS[media])
    kept = report.to_dict() | {
        "left_out": [[problem.where, problem.what] for problem in left_out],
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    atomic_write(_file_of(catalog.digest), json.dumps(kept, ensure_ascii=False) + "\n")
    return str(name) if Path(name).name == name else catalog.head.name


def find_audit(digest: str) -> Audit | None:
    """Read the newest audit of the data set that has this digest; None where there is none.

    It lies in `GENRE_HOME/audits`, wherever the data set does; one that cannot be read is none.
    """
    if not digest.isalnum():
        return None
    try:
        kept = json.loads(_file_of(digest).read_text(encoding="utf-8"))
        left_out = tuple(Problem(str(where), str(what)) for where, what in kept["left_out"])
        return Audit(ShortcutReport.from_dict(kept), left_out, str(kept["made"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file_of(digest: str) -> Path:
    return home() / "audits" / f"{digest}.json"


def _drawn(catalog: Catalog, limit: int) -> tuple[pd.DataFrame, NDArray[np.str_]]:
    """Draw items with labels, whole groups at random, as many as `limit`; and their groups."""
    frame = catalog.frame[catalog.frame["labels"].map(len) > 0].reset_index(drop=True)
    groups = groups_of(frame).astype(str)
    _, owner = np.unique(groups, return_inverse=True)
    place = np.random.default_rng(0).permutation(owner.max(initial=0) + 1)[owner]
    rows = np.sort(np.argsort(place, kind="stable")[:limit])
    return frame.iloc[rows].reset_index(drop=True), groups[rows]


def _measure(
    catalog: Catalog, frame: pd.DataFrame, media: str, parts: KeptParts
) -> tuple[NDArray[np.int64], pd.DataFrame, list[Problem]]:
    """Measure files: places in the frame of those that can be read, their facts, and the others."""
    names = _MEASURED[media]

    def see(content: bytes) -> NDArray[np.float32]:
        picture = decode_cover(content, name="cover")
        n_bytes = len(content)
        blocks = (cover_facts(picture, n_bytes), file_facts(picture, n_bytes))
        return np.concatenate([*blocks, colour_statistics(picture)])

    def hear(content: bytes) -> NDArray[np.float32]:
        return song_facts(decode_clip(content, name="song"))

    def look(file: MediaFile) -> NDArray[np.float32] | Problem:
        return use_file(file, see if media == "cover" else hear)

    def measure(some: pd.DataFrame, each: Each) -> Arrays:
        places, rows, left_out = each_file(look, catalog, some, each)
        facts = np.array(rows, np.float32).reshape(-1, len(names))
        return {"place": places, "facts": facts, "left_out": left_out}

    made = list(parts.make("facts", frame, measure, f"{media}s"))
    none = np.zeros((0, len(names)), np.float32)
    facts = np.concatenate([none, *(own["facts"] for _, own in made)])
    places = np.concatenate([np.zeros(0, np.int64), *(at + own["place"] for at, own in made)])
    table = pd.DataFrame(facts, columns=list(names))
    left_out = [Problem(*pair) for _, own in made for pair in own["left_out"].tolist()]
    return places, table.loc[:, ~table.columns.duplicated()], left_out
