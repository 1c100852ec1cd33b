"""Data sets by an address: s3://BUCKET/FOLDER or http(s)://HOST/FOLDER, fetched once and checked.

The folder there is that of an imported data set: `dataset.toml`, `catalog.parquet` and the files
at the paths that the catalog names. pyarrow reads S3, fsspec the web, both loaded when an address
is met.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, Catalog, load_catalog
from genre_core.data.files import atomic_path, path_inside
from genre_core.data.home import home
from genre_core.errors import DatasetError, GenreError, JobError, Problem, require
from genre_core.progress import Progress, map_in_order

MAX_FILE_BYTES = 2 * 10**9
"""Of one cover or song."""
MAX_SET_BYTES = 500 * 10**9
"""Of all files of a data set; `GENRE_MAX_REMOTE_GB` sets another bound."""

_MAX_INDEX_BYTES = 10**9
_ADDRESS = re.compile(r"(s3|https?)://[^/\s]+/?\S*")
_CHUNK = 1 << 20
_N_TRIES = 3
_N_THREADS = 8
_WAIT_S = 0.5
_MAX_NAMED = 200


def is_address(text: str) -> bool:
    """Tell whether a text is the address of a data set elsewhere.

    >>> is_address("s3://music/set"), is_address("https://example.org/set"), is_address("mine")
    (True, True, False)
    """
    return _ADDRESS.fullmatch(text) is not None


def fetch_dataset(address: str, *, progress: Progress | None = None) -> Catalog:
    """Fetch a data set to `GENRE_HOME/remote`, or take what is there.

    Its catalog is fetched each time, and each file once: it must have the checksum that the catalog
    names. The folder is named by the catalog's digest, so that a set that has changed never meets
    old files. S3 takes the credentials, region and `AWS_ENDPOINT_URL` of the environment; without
    credentials it asks as anybody.

    Parameters
    ----------
    address : str
        Of the folder, see `is_address`.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    Catalog
        Its root is the folder here. An item without a checksum cannot be fetched.

    Raises
    ------
    DatasetError
        No data set there, a file that is missing, too large or another than the catalog's, or no
        room here; every file is named.
    JobError
        The package that reads such an address is not installed.
    ParameterError
        GENRE_MAX_REMOTE_GB is no number above 0.
    """
    place = address.rstrip("/")
    open_stream = _opener(place)
    budget = _Budget(_max_set_bytes())
    with tempfile.TemporaryDirectory(prefix="remote-") as scratch:
        for name in (HEAD_FILE, CATALOG_FILE):
            try:
                _fetch(
                    partial(open_stream, name), Path(scratch) / name, "", _MAX_INDEX_BYTES, budget
                )
            except (OSError, DatasetError) as error:
                raise DatasetError(
                    f"At an address lies the folder of an imported data set, with {HEAD_FILE} and "
                    f"{CATALOG_FILE}.",
                    received=f"{place}/{name}: {_reason(error)}",
                    cure="Import it, and copy the folder that holds these two files and the covers "
                    "or songs.",
                ) from error
        fetched = load_catalog(scratch)
        folder = home() / "remote" / fetched.digest[:32]  # its name is a stranger's word
        catalog = Catalog(fetched.head, folder, fetched.frame)
        catalog.save(folder)
    problems = list(_fetch_files(catalog, open_stream, budget, progress))
    if problems:
        raise DatasetError(
            "Every file of a data set must be there, and be the one that its catalog names.",
            received=f"{len(problems)} of {len(catalog)} that are not, first {problems[0]}",
            cure="Copy the folder there again; what was fetched need not be fetched again.",
            problems=tuple(problems[:_MAX_NAMED]),
        )
    return load_catalog(folder, root=folder)


def _fetch_files(
    catalog: Catalog, open_stream: Any, budget: _Budget, progress: Progress | None
) -> Iterator[Problem]:
    rows = list(
        zip(catalog.frame["item_id"], catalog.frame["path"], catalog.frame["checksum"], strict=True)
    )

    def fetch(row: tuple[str, str, str]) -> Problem | None:
        item_id, path, checksum = row
        try:
            file = path_inside(catalog.root, path)
            if file.is_file():
                budget.spend(file.stat().st_size)
                return None
            if not checksum:
                return Problem(item_id, "has no checksum in the catalog")
            _fetch(partial(open_stream, path), file, checksum, MAX_FILE_BYTES, budget)
        except (OSError, GenreError) as error:
            return Problem(item_id, _reason(error))
        return None

    for done, problem in enumerate(map_in_order(fetch, rows, n_threads=_N_THREADS), start=1):
        if progress is not None:
            progress(done, len(rows), "files fetched")
        if problem is not None:
            yield problem


class _Budget:
    """Bytes that may still be fetched. Threads may together overdraw it by a chunk each."""

    def __init__(self, n_bytes: int) -> None:
        self._n_bytes = n_bytes

    def spend(self, n_bytes: int) -> None:
        self._n_bytes -= n_bytes
        if self._n_bytes < 0:
            raise DatasetError(
                "A data set that is fetched must keep within its bound.",
                received="more than GENRE_MAX_REMOTE_GB, 500 by default",
                cure="Set it higher where there is room.",
            )


def _fetch(open_stream: Any, file: Path, checksum: str, max_bytes: int, budget: _Budget) -> None:
    """Fetch one file whole or not at all; a line that broke is tried again."""
    for left in reversed(range(_N_TRIES)):
        try:
            with atomic_path(file) as part, open_stream() as stream, part.open("wb") as out:
                digest, n_bytes = hashlib.sha256(), 0
                while chunk := stream.read(_CHUNK):
                    n_bytes += len(chunk)
                    if n_bytes > max_bytes:
                        raise DatasetError(
                            "A file that is fetched must keep within its bound.",
                            received=f"more than {max_bytes:,} bytes",
                            cure="Leave it out.",
                        )
                    budget.spend(len(chunk))
                    digest.update(chunk)
                    out.write(chunk)
                if checksum and digest.hexdigest() != checksum:
                    raise DatasetError(
                        "A file that is fetched must be the one that the catalog names.",
                        received=f"SHA-256 {digest.hexdigest()[:12]}, not {checksum[:12]}",
                        cure="Copy it there again.",
                    )
            return
        except (FileNotFoundError, GenreError):
            raise
        except Exception as error:  # whatever the library that reads calls a line that broke
            if not left:
                raise OSError(_reason(error)) from error
            time.sleep(_WAIT_S * (_N_TRIES - left))


def _opener(place: str) -> Any:
    """Give `open(path)`, a stream of a file below an address."""
    scheme, _, rest = place.partition("://")
    if scheme == "s3":
        system = _s3()
        return lambda path: system.open_input_stream(f"{rest}/{path}")
    try:
        import fsspec
        from pyarrow.fs import FSSpecHandler, PyFileSystem

        web = PyFileSystem(FSSpecHandler(fsspec.filesystem("http")))
    except ImportError as error:
        raise JobError(
            "Data by an http address needs the package fsspec with its part for http.",
            received=str(error),
            cure="Install it with pip install -r requirements-cluster.txt.",
        ) from error
    from urllib.parse import quote

    return lambda path: web.open_input_stream(f"{place}/{quote(path)}")


def _s3() -> Any:
    from pyarrow.fs import S3FileSystem

    settings: dict[str, Any] = {"anonymous": "AWS_ACCESS_KEY_ID" not in os.environ}
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        scheme, _, host = endpoint.rpartition("://")
        settings |= {"endpoint_override": host, "scheme": scheme or "https"}
    if region := os.environ.get("AWS_REGION"):
        settings["region"] = region
    return S3FileSystem(connect_timeout=10, request_timeout=60, **settings)


def _max_set_bytes() -> int:
    text = os.environ.get("GENRE_MAX_REMOTE_GB", "")
    if not text:
        return MAX_SET_BYTES
    try:
        gb = float(text)
    except ValueError:
        gb = math.nan
    require(
        math.isfinite(gb) and gb > 0,
        "GENRE_MAX_REMOTE_GB must be a number above 0.",
        text,
        "For example 500.",
    )
    return int(gb * 1e9)


def _reason(error: BaseException) -> str:
    text = error.received if isinstance(error, GenreError) else str(error)
    return (text.splitlines() or [type(error).__name__])[0][:200]
