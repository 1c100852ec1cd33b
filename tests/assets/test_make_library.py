"""The example library is what the stored answers say of the built-in songs."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
import pytest

from assets.make import library as make
from genre_core.data.library import Wanted, example_library, file_of, find_rows, read_rows


def test_the_example_is_current(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made again it has the same rows; `python -m assets.make.library` brings it up to date."""
    monkeypatch.setattr(make, "EXAMPLE", tmp_path / "example.parquet")
    rows = make.rows
    monkeypatch.setattr(make, "rows", lambda: made)
    with monkeypatch.context() as patch:
        patch.setattr(make, "EXAMPLE", example_library().path)
        made = rows()
    make.main()
    again = pq.read_table(tmp_path / "example.parquet").to_pandas()
    stored = pq.read_table(example_library().path).to_pandas()
    pd.testing.assert_frame_equal(stored, again)


def test_its_songs_are_there_and_scored() -> None:
    library = example_library()
    frame = read_rows(library, find_rows(library, Wanted()))
    assert len(frame) == library.n_songs == 4
    assert all(file_of(library, path).is_file() for path in frame["path"])
    assert frame["prog_score"].is_monotonic_decreasing
    assert library.above
