"""Tables of songs with people's labels: what is read, what is refused, what tells length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from genre_core.errors import DatasetError, GenreError, LeakError
from genre_core.lessons.song_table import (
    FILES,
    correlations,
    length_columns,
    read_song_table,
    whole_numbers,
)


def write(folder: Path, seed: int = 0, n: int = 40, **columns: object) -> Path:
    """Two tables with a length that says nothing and two columns of noise."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in enumerate(FILES.values()):
        draw = np.random.default_rng(10 * seed + part)
        frame = pd.DataFrame(
            {
                "prog": np.arange(n) % 2,
                "Duration": draw.uniform(60, 600, n).round(1),
                "Mean MFCC 1": draw.normal(size=n),
                "Contrast": draw.normal(size=n),
            }
        )
        for column, make in columns.items():
            frame[column] = make(frame) if callable(make) else make
        frame.to_csv(folder / name, index=False)
    return folder


def change(folder: Path, part: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = folder / FILES[part]
    edit(pd.read_csv(path)).to_csv(path, index=False)


def test_both_tables_are_read_as_they_stand(tmp_path: Path) -> None:
    folder = write(tmp_path / "made")
    table = read_song_table(folder)
    assert (table.name, table.duration) == ("made", "Duration")
    assert table.columns == ("Duration", "Mean MFCC 1", "Contrast")
    written = pd.read_csv(folder / FILES["test"])
    np.testing.assert_array_equal(table.column("Contrast", "test"), written["Contrast"])
    np.testing.assert_array_equal(table.is_prog["test"], written["prog"])
    assert len(table.values["train"]) == 40
    again = read_song_table(folder)
    assert again.digest == table.digest
    assert len(table.digest) == 64
    assert read_song_table(write(tmp_path / "other", seed=1)).digest != table.digest


def test_a_name_is_looked_for_below_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "data" / "made")
    monkeypatch.setenv("GENRE_DATA", str(tmp_path / "data"))
    assert read_song_table("made").name == "made"


def drop(column: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.drop(columns=column)


@pytest.mark.parametrize(
    ("part", "edit", "received"),
    [
        ("test", drop("Contrast"), r"different columns: \['Contrast'\]"),
        ("test", lambda f: f[f.columns[::-1]], "different columns: the order"),
        ("train", lambda f: f.assign(prog=2), r"the labels \['2'\]"),
        ("train", lambda f: f.assign(prog=0), "0 prog and 40 other songs in prog_train.csv"),
        ("test", lambda f: f.head(12), "6 prog and 6 other songs in prog_test.csv"),
        ("train", lambda f: f.head(0), "0 prog and 0 other songs"),
        (
            "train",
            lambda f: f.assign(Contrast=[np.nan, *f["Contrast"][1:]]),
            "1 that are not, first prog_train.csv line 2, Contrast: .*nan",
        ),
        (
            "test",
            lambda f: f.assign(Duration=["4:30", *map(str, f["Duration"][1:])]),
            "first prog_test.csv line 2, Duration: '4:30'",
        ),
        ("test", lambda f: f.assign(Contrast=np.inf), "40 that are not"),
    ],
)
def test_what_is_no_such_table(
    tmp_path: Path, part: str, edit: Callable[[pd.DataFrame], pd.DataFrame], received: str
) -> None:
    folder = write(tmp_path)
    change(folder, part, edit)
    with pytest.raises(DatasetError, match=f"Received .*{received}"):
        read_song_table(folder)


@pytest.mark.parametrize(
    ("column", "received"),
    [
        ("prog", "no column prog"),
        ("Duration", "0 columns of a length"),
    ],
)
def test_a_column_that_both_lack(tmp_path: Path, column: str, received: str) -> None:
    folder = write(tmp_path)
    for part in FILES:
        change(folder, part, drop(column))
    with pytest.raises(DatasetError, match=f"Received {received}"):
        read_song_table(folder)


def test_two_lengths_or_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Received 2 columns of a length"):
        read_song_table(write(tmp_path / "two", length=1.0))
    alone = write(tmp_path / "alone")
    for part in FILES:
        change(alone, part, lambda frame: frame[["prog", "Duration"]])
    with pytest.raises(DatasetError, match="at least one of something else"):
        read_song_table(alone)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,"b\n1'])
def test_what_is_no_table_at_all(tmp_path: Path, content: bytes) -> None:
    folder = write(tmp_path)
    (folder / FILES["train"]).write_bytes(content)
    with pytest.raises(GenreError, match="Received"):
        read_song_table(folder)
    (folder / FILES["train"]).unlink()
    with pytest.raises(DatasetError, match=r"Received no prog_train\.csv"):
        read_song_table(folder)


def test_a_song_in_both_tables_is_a_leak(tmp_path: Path) -> None:
    folder = write(tmp_path)
    first = pd.read_csv(folder / FILES["train"]).head(1)
    change(folder, "test", lambda frame: pd.concat([frame, first]))
    with pytest.raises(LeakError, match=r"Received 1 that do, first line 42 of prog_test.csv"):
        read_song_table(folder)


def test_what_grows_with_the_length_tells_it(tmp_path: Path) -> None:
    table = read_song_table(
        write(
            tmp_path,
            **{
                "Zero Crossings": lambda frame: (frame["Duration"] * 3_000).round(),
                "Beats": 7,
                "Mean of frames": 1.5,
                "Shrinks": lambda frame: 1 / frame["Duration"],
            },
        )
    )
    assert length_columns(table) == ("Duration", "Zero Crossings", "Beats", "Shrinks")
    assert whole_numbers(table) == ("Zero Crossings", "Beats")


def test_rank_correlations_are_scipy_s(tmp_path: Path) -> None:
    table = read_song_table(write(tmp_path, constant=3.0))
    found = {each["column"]: each for each in correlations(table)}
    assert set(found) == {"Mean MFCC 1", "Contrast", "constant"}
    assert found["constant"]["train"] == 0.0
    for part in FILES:
        expected = stats.spearmanr(
            table.column("Contrast", part), table.column("Duration", part)
        ).statistic
        assert found["Contrast"][part] == pytest.approx(expected, abs=5.1e-4)  # three digits
