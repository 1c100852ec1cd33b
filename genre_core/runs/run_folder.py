"""A run's own folder: what was asked for, how it stands and what it has made so far."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psutil  # type: ignore[import-untyped]

from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.errors import JobError

if TYPE_CHECKING:
    import pandas as pd

State = Literal["waiting", "running", "stopped", "done", "failed", "interrupted"]
"""How a run stands.

waiting : for its device.
running : at work.
stopped : somebody stopped it; it can be taken up again.
done : over.
failed : it ended with an error, which is kept.
interrupted : its process is gone without a word, as after a power cut.
"""

REQUEST_FILE = "request.json"
STATUS_FILE = "status.json"
LOG_FILE = "log.txt"
LIVE_FILE = "live.csv"
TAGS_FILE = "tags.json"
STOP_FILE = "stop"

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")
_START_TOLERANCE_S = 2.0
_STARTING_S = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked to do; never changed once it is written.

    `settings` is what the step needs, JSON alone; `device` where it computes, see
    `training.devices`.
    """

    kind: Literal["train", "import", "evaluate", "map", "audit", "patterns", "remove", "excite"]
    title: str
    settings: dict[str, Any]
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Status:
    """How a run stands, as its process last wrote it.

    state: see `State`
    text: what it is doing, or the one sentence that says what went wrong
    done, total: of what `unit` says; total is 0 where nobody knows
    unit: "steps", "files" or nothing
    place: where in the training: part, run and epoch in words
    items_per_s: training items a second, lately; 0 where nothing is trained
    remaining_s: estimate to the end of the training; 0 where nobody knows
    pid, pid_started: the process and when the system started it (seconds since 1970)
    started, updated: when this attempt began and when this was written (seconds since 1970)
    device: what it computes on
    memory_mb: what its process holds
    result: name of what was made
    """

    state: State
    text: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    place: str = ""
    items_per_s: float = 0.0
    remaining_s: float = 0.0
    pid: int = 0
    pid_started: float = 0.0
    started: float = 0.0
    updated: float = 0.0
    device: str = ""
    memory_mb: float = 0.0
    result: str = ""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run on disk; its folder's name is the run's."""

    path: Path

    @property
    def name(self) -> str:
        """Of the run: when it was asked for, and what."""
        return self.path.name

    @property
    def states(self) -> Path:
        """Folder of the training's states."""
        return self.path / "states"

    @property
    def made(self) -> Path:
        """Folder of the bundle that it made."""
        return self.path / "made"

    def request(self) -> Request:
        """Read what was asked for; `JobError` where the file is missing or not what was written."""
        try:
            return Request(**_read_json(self.path / REQUEST_FILE))
        except (OSError, ValueError, TypeError) as error:
            raise JobError(
                "A run must have the request that it was made with.",
                received=f"{self.name}: {error}",
                cure="Delete this run and start it again.",
            ) from error

    def status(self) -> Status:
        """Read how it stands; a process that is gone without a word is found out here."""
        try:
            status = Status(**_read_json(self.path / STATUS_FILE))
        except (OSError, ValueError, TypeError):
            status = Status("waiting", "about to start", updated=_changed(self.path))
        if status.state not in ("waiting", "running") or self._is_alive(status):
            return status
        held = f"; it held {status.memory_mb / 1000:.1f} GB" if status.memory_mb else ""
        return dataclasses.replace(
            status,
            state="interrupted",
            text="Its process ended without a word, as when the system stops one that needs too "
            f"much memory, or the machine is switched off{held}. Resume it: at most the epoch "
            "or the part it was in is done again.",
        )

    def write_status(self, status: Status) -> None:
        """Replace the status; whoever reads has the old one or the new one."""
        fields = dataclasses.asdict(dataclasses.replace(status, updated=time.time()))
        atomic_write(self.path / STATUS_FILE, json.dumps(fields) + "\n")

    def history(self) -> pd.DataFrame:
        """Read the figures so far, one row a part, run and epoch; empty before the first."""
        import pandas as pd

        try:
            table = pd.read_csv(self.path / LIVE_FILE, dtype={"part": str})
        except (OSError, ValueError, pd.errors.EmptyDataError):
            return pd.DataFrame()
        return table.assign(part=table["part"].fillna(""))  # the whole has no name

    def log_tail(self, n_lines: int = 40) -> str:
        """Read the last lines of the log, at most 64 kB of it."""
        try:
            with (self.path / LOG_FILE).open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - 65_536))
                lines = file.read().decode("utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-n_lines:])

    def tags(self) -> tuple[str, ...]:
        """Read the words that somebody put on it."""
        try:
            tags = _read_json(self.path / TAGS_FILE)["tags"]
        except (OSError, ValueError, KeyError, TypeError):
            return ()
        return tuple(str(tag) for tag in tags)

    def write_tags(self, tags: tuple[str, ...]) -> None:
        """Replace its tags."""
        atomic_write(self.path / TAGS_FILE, json.dumps({"tags": list(tags)}) + "\n")

    def _is_alive(self, status: Status) -> bool:
        if not status.pid:
            # The process has not written its first word yet: it needs some seconds to start.
            return time.time() - status.updated < _STARTING_S
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(status.pid)
            is_same = abs(process.create_time() - status.pid_started) < _START_TOLERANCE_S
            return is_same and process.status() != psutil.STATUS_ZOMBIE
        return False


def runs_dir() -> Path:
    """Return the folder of all runs, `GENRE_HOME/runs`."""
    return home() / "runs"


def new_run(request: Request) -> RunFolder:
    """Make a run's folder with its request, named by time and title, so that names sort by age.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest import mock
    >>> with tempfile.TemporaryDirectory() as folder, mock.patch.dict(
    ...     os.environ, {"GENRE_HOME": folder}
    ... ):
    ...     run = new_run(Request("train", "S1 on covers", {"epochs": 3}))
    ...     run.request().settings, run.status().state, len(list_runs())
    ({'epochs': 3}, 'waiting', 1)
    """
    stamp = f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}"
    words = re.sub(r"[^a-z0-9]+", "-", request.title.lower()).strip("-")[:60] or request.kind
    path = runs_dir() / f"{stamp}-{words}-{secrets.token_hex(2)}"
    path.mkdir(parents=True)
    run = RunFolder(path)
    atomic_write(path / REQUEST_FILE, json.dumps(dataclasses.asdict(request), indent=1) + "\n")
    return run


def list_runs() -> tuple[RunFolder, ...]:
    """Find all runs, the newest first."""
    return tuple(sorted(_runs(), key=lambda run: run.name, reverse=True))


def find_run(name: str) -> RunFolder:
    """Find a run by its name; `JobError` where there is none, or it is no plain name."""
    run = RunFolder(runs_dir() / name)
    if _PLAIN_ID.fullmatch(name) is None or not (run.path / REQUEST_FILE).is_file():
        known = ", ".join(run.name for run in list_runs()[:5])
        raise JobError(
            "A run is named by its folder in GENRE_HOME/runs.",
            received=repr(name[:100]),
            cure=f"The newest are: {known}." if known else "There are none yet.",
        )
    return run


def _runs() -> Iterator[RunFolder]:
    for path in runs_dir().glob(f"*/{REQUEST_FILE}"):
        yield RunFolder(path.parent)


def _read_json(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise TypeError("no JSON object")
    return value


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
