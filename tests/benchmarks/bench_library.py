"""A library of a million songs: what it costs to score, to sort, to look through and to open.

The rows are made: a scorer gives them in no time, so that what is measured is everything but the
hearing. The pages Data and Errors are opened on made songs too. Of the hearing 1,000 real files are
decoded, and what a million would take is arithmetic.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.memory import memory_kb
from tests.benchmarks.timing import print_rows, row

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("scoring", "opening", "decoding")
SIZES = (10_000, 100_000, 1_000_000)
N_REAL = 1_000
OPEN_S = 2.0
MAX_MB = 1_500.0

_CODE = (
    "import json, sys; from pathlib import Path; from tests.benchmarks import bench_library as b; "
)
_CODE += "print('FACTS', json.dumps(getattr(b, sys.argv[1])(int(sys.argv[2]), Path(sys.argv[3]))))"


def measure(part: str) -> list[dict[str, Any]]:
    """Measure a part, each size in a process of its own.

    Seconds are of the processor, threads summed, but where the clock is named.
    """
    with tempfile.TemporaryDirectory() as folder:
        return {"scoring": _scored, "opening": _opened, "decoding": _decoded}[part](folder)


def _scored(folder: str) -> list[dict[str, Any]]:
    rows, facts = [], {}
    for n in SIZES:
        facts[n] = _apart("scoring", n, folder) | _apart("looking", n, folder)
        for what in ("scored", "one new"):
            rows.append(row(f"{n:,} made songs: {what}, s", facts[n][what]))
        for what in ("peak scoring, MB", "peak looking, MB"):
            rows.append(row(f"{n:,} made songs: {what}", facts[n][what], at_most=MAX_MB))
    least, most = SIZES[1], SIZES[-1]
    each = facts[most]["scored"] / most / (facts[least]["scored"] / least)
    rows.append(row(f"a song of {most:,} against one of {least:,}: linear is 1", each, at_most=1.5))
    for what, seconds in facts[most].items():
        if what.startswith("find"):
            rows.append(row(f"{most:,}: {what}, s", seconds, at_most=OPEN_S))
    return rows + [
        row(f"{most:,}: the page Library {what}, s", seconds, at_most=OPEN_S)
        for what, seconds in _apart("page", most, folder).items()
    ]


def _opened(folder: str) -> list[dict[str, Any]]:
    rows = []
    for n in SIZES:
        _apart("write", n, folder)
        for name in ("data", "errors"):
            facts = _apart(f"{name}_page", n, folder)
            for what in ("opened", "again"):
                rows.append(
                    row(f"{n:,} made songs: {name}, {what}, s", facts[what], at_most=OPEN_S)
                )
            rows.append(
                row(f"{n:,} made songs: {name}, peak, MB", facts["peak, MB"], at_most=MAX_MB)
            )
    return rows


def _apart(what: str, n: int, folder: str) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GENRE_HOME": folder}
    done = subprocess.run(
        [sys.executable, "-c", _CODE, what, str(n), folder],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("FACTS ")]
    if not lines:
        raise SystemExit(f"{what} of {n} failed:\n{done.stderr[-3000:]}")
    facts: dict[str, float] = json.loads(lines[-1].removeprefix("FACTS "))
    print(what, n, facts, file=sys.stderr, flush=True)
    return facts


def table_of(n: int, folder: Path) -> Path:
    """Give where the library of `n` songs lies."""
    return folder / "libraries" / f"made {n:07}.parquet"


def scoring(n: int, folder: Path) -> dict[str, float]:
    """Score `n` made songs, and again with one more."""
    from genre_core.jobs.library import score_library
    from tests.made_libraries import PROG
    from tests.made_references import made_references

    files = [Path(f"/music/Artist {k // 20:05}/{k:07}.mp3") for k in range(n + 1)]
    references = {PROG[0]: made_references()}

    def score(some: list[Path]) -> Callable[[], object]:
        out = table_of(n, folder)
        return lambda: score_library(some, [], out=out, references=references, scorer=made_rows)

    return {
        "scored": _cpu_s(score(files[:n])),
        "one new": _cpu_s(score(files)),
        "peak scoring, MB": memory_kb("VmHWM") / 1_000,
    }


def made_rows(songs: Iterable[tuple[Path, dict[str, Any]]]) -> Iterator[tuple[Path, Any]]:
    """Score songs as `made_scores` draws them, a thousand at a time."""
    from tests.made_libraries import made_scores

    drawn: list[dict[str, Any]] = []
    for k, (path, row_of_song) in enumerate(songs):
        if k % 1_000 == 0:
            table = made_scores(1_000, start=k)
            drawn = table.drop_columns(["path", "n_bytes", "changed_ns", "models"]).to_pylist()
        yield path, row_of_song | drawn[k % 1_000]


def looking(n: int, folder: Path) -> dict[str, float]:
    """Ask for what a visitor asks for: each once, with the first page of its rows."""
    from genre_core.data.library import Wanted, find_rows, genre_counts, open_library, read_rows

    library = open_library(table_of(n, folder))
    network = library.genres[0]
    asked = {
        "all": Wanted(),
        "a word": Wanted(text="song 77"),
        "a genre": Wanted(network=network, genre="Jazz"),
        "scores": Wanted(low=0.3, high=0.4),
        "a place": Wanted(place=library.above[0], at_least=0.9),
        "by genre": Wanted(network=network, order="genre"),
        "by artist": Wanted(order="artist"),
    }
    facts = {}
    for name, wanted in asked.items():
        started = time.process_time()
        read_rows(library, find_rows(library, wanted)[:25])
        facts[f"find {name}"] = time.process_time() - started
    facts["find the genres"] = _cpu_s(lambda: genre_counts(library, network))
    return facts | {"peak looking, MB": memory_kb("VmHWM") / 1_000}


def write(n: int, folder: Path) -> dict[str, float]:
    """Write the index of `n` songs and what a network answered on each, in place of the last."""
    from tests.made_large import NAME, write_made_evaluation, write_made_index

    index = folder / "datasets" / NAME
    shutil.rmtree(index, ignore_errors=True)
    digest = write_made_index(index, n, is_checked=False)
    write_made_evaluation(n, digest=digest)
    return {}


def data_page(n: int, folder: Path) -> dict[str, float]:
    """Open the page Data on that set; built-in songs were shown before."""
    link = {"data_of": "Imported here", "data_set": "large"}
    return _page("make/data.py", {"data_of": "Built in"}, link, f"{n:,}")


def errors_page(n: int, folder: Path) -> dict[str, float]:
    """Open the page Errors on that evaluation; a network's own was shown before."""
    from genre_core.runs.evaluations import list_evaluations

    other = next(record.name for record in list_evaluations() if not record.is_stored)
    link = {"evaluation": "made.large@large"}
    return _page("judge/errors.py", {"evaluation": other}, link, f"{n:,} songs")


def _page(page: str, before: dict[str, str], link: dict[str, str], shown: str) -> dict[str, float]:
    from tests.app_words import everything

    open_ = _opener()
    open_(page, before)  # what is loaded once
    app = []
    seconds = _cpu_s(lambda: app.append(open_(page, link)))
    assert shown in everything(app[0]) + str([metric.value for metric in app[0].metric]), page
    again = _cpu_s(lambda: open_(page, link))
    return {"opened": seconds, "again": again, "peak, MB": memory_kb("VmHWM") / 1_000}


def page(n: int, folder: Path) -> dict[str, float]:
    """Open the page Library in this process: the first time, and with another genre."""
    open_ = _opener()
    open_("inspect/library.py", {"library": "example"})  # what Streamlit loads once
    name = table_of(n, folder).stem
    app = []
    opened = _cpu_s(lambda: app.append(open_("inspect/library.py", {"library": name})))

    def choose() -> None:
        app[0].selectbox("library_genre").select("Jazz").run()
        assert not app[0].exception

    return {"opened": opened, "another genre": _cpu_s(choose)}


def _opener() -> Callable[[str, dict[str, str]], Any]:
    """Give what opens a page in this process, as a visitor on this machine."""
    from streamlit.components.v2 import manifest_scanner
    from streamlit.testing.v1 import AppTest

    from pages.ui import permission
    from pages.ui.permission import Visit

    manifest_scanner.scan_component_manifests = lambda: []  # AppTest's own, not the server's
    permission.visitor = lambda: Visit(None, {"Host": "localhost:8501"})
    from pages import loading

    loading.end()

    def open_(page: str, link: dict[str, str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=300)
        for name, value in link.items():
            app.query_params[name] = value
        app.switch_page(page)
        app.run()
        assert not app.exception, app.exception
        return app

    return open_


def decoding(n: int, folder: Path) -> dict[str, float]:
    """Let `score_library` decode `n` real files, without a network."""
    from genre_core.audio.containers import SONG_SUFFIXES
    from genre_core.guarded import worker
    from genre_core.jobs.library import score_library

    source = Path(os.environ["GENRE_DATA"])
    every = sorted(p for p in source.rglob("*") if p.suffix.lower() in SONG_SUFFIXES)
    files = every[:n]
    for k in range(n - len(files)):
        one = every[k % len(every)]
        files.append(Path(shutil.copy(one, folder / f"copy {k}{one.suffix}")))
    started, before = time.perf_counter(), _with_children_s()
    scored = score_library(files, [], out=folder / "real.parquet")
    clock_s = time.perf_counter() - started
    worker.stop()
    cpu_s = _with_children_s() - before
    minutes = sum(float(frame["duration_s"].sum()) for frame in scored.frames("duration_s")) / 60
    return {
        "copies of others": max(0, n - len(every)),
        "could not be read": scored.n_broken,
        "minutes of music": minutes,
        "seconds of the clock": clock_s,
        "seconds of the processor": cpu_s,
        "a million such songs, hours of a processor (arithmetic)": cpu_s / n * 1e6 / 3_600,
    }


def _with_children_s() -> float:
    """Processor seconds of this process and of those that it started and that are over."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _decoded(folder: str) -> list[dict[str, Any]]:
    if "GENRE_DATA" not in os.environ:
        print("No GENRE_DATA: no real files are decoded.", file=sys.stderr)
        return [row("real files decoded: left out, GENRE_DATA was not set", 0)]
    facts = _apart("decoding", N_REAL, folder)
    return [row(f"{N_REAL:,} real files decoded: {what}", value) for what, value in facts.items()]


def _cpu_s(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(print_rows([each for part in PARTS for each in measure(part)]))
