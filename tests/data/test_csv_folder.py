from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.files import sha256_file
from genre_core.errors import DatasetError, LeakError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]

HEADER = "path,genre,prog,prog_tier,artist,album,year,source_set,group,dup_group,split\n"


def write_table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    table = folder / "labels.csv"
    table.write_text(text, encoding=encoding)
    return table


def test_every_column_is_read(tmp_path: Path, write_cover: WriteCover) -> None:
    cover = write_cover(tmp_path / "im/a.jpg")
    write_cover(tmp_path / "im/b.jpg", seed=1)
    table = write_table(
        tmp_path,
        HEADER
        + 'im/a.jpg,Rock|Pop,1.0,core,"Yes, and",Album,1979.0,gems,s0,d0,train\n'
        + "im/b.jpg,Rock,,,,,,gems,s1,d0,test\n",
        encoding="utf-8-sig",
    )
    catalog, problems = (r := import_as("csv", table)).catalog, r.problems
    assert problems == ()
    assert validate(catalog, check_files=True) == []
    assert catalog.head.name == tmp_path.name
    assert catalog.head.labels == ("Pop", "Rock", "prog")
    first = catalog.frame.iloc[0].to_dict()
    assert first == {
        "item_id": "im/a.jpg",
        "path": "im/a.jpg",
        "checksum": sha256_file(cover),
        "labels": ["Rock", "Pop", "prog"],
        "title": "",
        "artist": "Yes, and",
        "album": "Album",
        "year": 1979,
        "source": "gems",
        "group": "s0",
        "split": "train",
    }
    assert catalog.frame.loc[1, "labels"] == ["Rock"]
    assert catalog.frame["year"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "file,label\na.png,Rock\nb.png,Pop\nc.png,Pop\n",
        "Filename ; GENRES\r\na.png;Rock\r\n./b.png;Pop\r\n\r\nc.png;Pop\r\n",
        "genre\tpath\nRock\ta.png\nPop\tb.png\nPop\tc.png",
    ],
)
def test_other_names_separators_and_line_ends(
    tmp_path: Path, write_cover: WriteCover, text: str
) -> None:
    for seed, name in enumerate("abc"):
        write_cover(tmp_path / "covers" / f"{name}.png", seed=seed)
    result = import_as("csv", write_table(tmp_path, text), images=tmp_path / "covers", name="mine")
    assert result.problems == ()
    assert result.catalog.frame["item_id"].tolist() == ["a.png", "b.png", "c.png"]
    assert [each for each, *_ in result.catalog.frame["labels"]] == ["Rock", "Pop", "Pop"]
    assert set(result.catalog.frame["split"]) == {"train", "val", "test"}


def test_broken_rows_and_files_are_left_out_and_listed(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    root = tmp_path / "root"
    for seed in range(4):
        write_cover(root / f"{seed}.png", seed=seed)
    (root / "text.jpg").write_text("this is no picture")
    (root / "empty.jpg").write_bytes(b"")
    (root / "folder.jpg").mkdir()
    write_cover(root / "tiny.png", side=1)
    write_cover(tmp_path / "outside.png", seed=9)
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    rows = [
        "0.png,Rock,1,1979,train",
        "1.png,Rock,0,,val",
        "2.png,Rock,,c. 1970,test",
        "3.png,Rock,maybe,1980,hold-out",
        "0.png,Pop,,,",
        "text.jpg,Rock,,,",
        "empty.jpg,Rock,,,",
        "folder.jpg,Rock,,,",
        "tiny.png,Rock,,,",
        "link.png,Rock,,,",
        "missing.png,Rock,,,",
        "../outside.png,Rock,,,",
        f"{tmp_path}/outside.png,Rock,,,",
        ",Rock,,,",
        "4.png,,,,",
        "short",
    ]
    table = write_table(root, "path,genre,prog,year,split\n" + "\n".join(rows))
    result = import_as("csv", table)
    assert result.catalog.frame["item_id"].tolist() == ["0.png", "1.png", "2.png", "3.png"]
    assert validate(result.catalog, check_files=True) == []
    found = {each.where: each.what for each in result.problems if each.where != "row 5"}
    listed = [str(each) for each in result.problems]
    assert "row 4: year left empty: 'c. 1970' is no year from 1000 to 2999" in listed
    assert "row 5: prog is 'maybe', not 1, 0 or empty" in listed
    assert "row 5: split left empty: 'hold-out' is no split (train, val or test)" in listed
    assert found["row 6"] == "repeats 0.png; the first row is kept"
    for name in ("text.jpg", "empty.jpg"):
        assert found[name].startswith("not a readable picture")
    assert found["folder.jpg"] == "no such file"
    assert found["missing.png"] == "no such file"
    assert found["tiny.png"] == "1 x 1 px, smaller than 8 px"
    for where in ("link.png", "row 13", "row 14", "row 15"):
        assert found[where].startswith("path leaves the data set's folder"), where
    assert found["row 16"] == "4.png has no genre"
    assert found["row 17"] == "short has no genre"
    assert len(listed) == 15


def test_truncated_cover_is_found_by_verify(tmp_path: Path, write_cover: WriteCover) -> None:
    for seed in range(3):
        write_cover(tmp_path / f"{seed}.png", seed=seed)
    content = (tmp_path / "0.png").read_bytes()
    (tmp_path / "0.png").write_bytes(content[: len(content) // 2])
    table = write_table(tmp_path, "path,genre\n0.png,Rock\n1.png,Rock\n2.png,Rock\n")
    assert len(import_as("csv", table).catalog) == 3
    result = import_as("csv", table, verify=True)
    assert result.catalog.frame["item_id"].tolist() == ["1.png", "2.png"]
    assert [each.where for each in result.problems] == ["0.png", "split"]


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "the columns"),
        (b"path,artist\na,b\n", "the columns .*artist"),
        (b"genre\nRock\n", "the columns"),
        (b"path,genre\n", "none, and 0 problems"),
        (b"path,genre\nno.png,Rock\n", "none, and 1 problems"),
        (b"path,genre\n\xff\xfe.png,Rock\n", "labels.csv: .*decode"),
        (b'path,genre\n"' + b"a" * 200_000 + b'",Rock\n', "labels.csv: field larger"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, content: bytes, received: str) -> None:
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=f"Received .*{received}"):
        import_as("csv", tmp_path / "labels.csv")


def test_given_splits_that_leak_are_refused(tmp_path: Path, write_cover: WriteCover) -> None:
    for name, seed in (("a", 0), ("b", 1), ("c", 0)):
        write_cover(tmp_path / f"{name}.png", seed=seed)
    by_group = "path,genre,group,split\na.png,R,g,train\nb.png,R,g,test\n"
    with pytest.raises(LeakError, match=r"Received 1 that do, first group 'g'"):
        import_as("csv", write_table(tmp_path, by_group))
    by_artist = "path,genre,artist,split\na.png,R,Yes,train\nb.png,R,yes ,test\n"
    with pytest.raises(LeakError, match=r"first group 'artist:yes'"):
        import_as("csv", write_table(tmp_path, by_artist))
    by_file = "path,genre,split\na.png,R,train\nb.png,R,val\nc.png,R,test\n"
    with pytest.raises(LeakError, match=r"Received 2 that do"):
        import_as("csv", write_table(tmp_path, by_file))


def test_made_splits_keep_artists_and_identical_files_together(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    rows = ["path,genre,artist"]
    for k in range(40):
        # Every fifth cover is the same picture as the one before it, by another artist.
        write_cover(tmp_path / f"{k}.png", seed=k - (k % 5 == 4))
        rows.append(f"{k}.png,{'Rock' if k % 2 else 'Pop'},artist {k // 2}")
    table = write_table(tmp_path, "\n".join(rows))
    result = import_as("csv", table, seed=1)
    assert validate(result.catalog) == []
    assert len(set(result.catalog.frame["group"])) < 20
    header, *body = rows
    again = import_as("csv", write_table(tmp_path, "\n".join([header, *reversed(body)])), seed=1)
    assert again.catalog.digest == result.catalog.digest
    assert import_as("csv", table, seed=2).catalog.digest != result.catalog.digest


def test_progress_is_told_and_ends_at_the_total(tmp_path: Path, write_cover: WriteCover) -> None:
    rows = ["path,genre"]
    for k in range(120):
        write_cover(tmp_path / f"{k}.png", seed=k, side=8)
        rows.append(f"{k}.png,Rock")
    seen: list[tuple[int, int]] = []
    import_as(
        "csv",
        write_table(tmp_path, "\n".join(rows)),
        progress=lambda done, total, text: seen.append((done, total)),
    )
    assert seen == [(50, 120), (100, 120), (120, 120)]


def test_memory_does_not_grow_with_the_files(tmp_path: Path, write_cover: WriteCover) -> None:
    content = write_cover(tmp_path / "0.png", side=8).read_bytes()
    rows = ["path,genre"]
    for k in range(300):
        # A quarter of a megabyte behind each picture: 75 MB in all, 19 MB a batch of 256 if kept.
        (tmp_path / f"{k}.png").write_bytes(content + k.to_bytes(4, "big") * 65_536)
        rows.append(f"{k}.png,Rock")
    table = write_table(tmp_path, "\n".join(rows))
    tracemalloc.start()
    import_as("csv", table)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6
