from __future__ import annotations

import tracemalloc
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.files import sha256_file
from genre_core.data.importers import import_source
from genre_core.data.taxonomy import split_labels
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
    assert [str(problem)[:21] for problem in problems] == ["split: no item in val"]
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
    assert result.catalog.frame["item_id"].tolist() == [
        "0.png",
        "1.png",
        "2.png",
        "3.png",
        "link.png",
    ]
    assert validate(result.catalog, check_files=True) == []
    found = {each.where: each.what for each in result.problems if each.where != "row 5"}
    listed = [str(each) for each in result.problems]
    assert "row 4: year left empty: 'c. 1970' is no year from 1000 to 2999" in listed
    assert "row 5: prog is 'maybe', not 1, 0, between them or empty" in listed
    assert "row 5: split left empty: 'hold-out' is no split (train, val or test)" in listed
    assert found["row 6"].startswith("0.png is Pop here but Rock and prog in row 2, which is kept")
    for name in ("text.jpg", "empty.jpg"):
        assert found[name].startswith("not a readable picture")
    assert found["folder.jpg"] == "no such file"
    assert found["missing.png"] == "no such file"
    assert found["tiny.png"].startswith("not a readable picture: 1 x 1 px")
    for where in ("row 13", "row 14"):
        assert found[where].startswith("path leaves the data set's folder"), where
    assert found["row 15"] == "has no path"
    assert found["row 16"] == "4.png has no genre"
    assert found["row 17"] == "short has no genre"
    assert len(listed) == 15
    assert listed[-1].startswith("split: 2 of 5 items have none and take no part in a training")


def test_a_truncated_cover_is_found(tmp_path: Path, write_cover: WriteCover) -> None:
    for seed in range(3):
        write_cover(tmp_path / f"{seed}.png", seed=seed)
    content = (tmp_path / "0.png").read_bytes()
    (tmp_path / "0.png").write_bytes(content[: len(content) // 2])
    table = write_table(tmp_path, "path,genre\n0.png,Rock\n1.png,Rock\n2.png,Rock\n")
    result = import_as("csv", table)
    assert result.catalog.frame["item_id"].tolist() == ["1.png", "2.png"]
    assert [each.where for each in result.problems] == ["0.png", "split"]


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "the columns"),
        (b"path,artist\na,b\n", "the columns .*artist"),
        (b"genre\nRock\n", "the columns"),
        (b"path,genre\n", "labels.csv with a first row alone"),
        (b"sep=,\npath,genre\n\n , \n", "labels.csv with a first row alone"),
        (b"path,genre\nno.png,Rock\n", "none, and 1 problems"),
        (b"path,genre\n\xff\xfe.png,Rock\n", "none, and 1 problems"),
        (b'path,genre\n"' + b"a" * 200_000 + b'",Rock\n', "none, and 2 problems"),
        (b"\0\0\0\3" * 9, "labels.csv: no text"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, content: bytes, received: str) -> None:
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=f"Received .*{received}"):
        import_as("csv", tmp_path / "labels.csv")


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("Rock", ["Rock"]),
        ("Rock | Pop|Rock", ["Rock", "Pop"]),
        ("Rock;NaN", ["Rock"]),
        ("['Rock', 'Prog']", ["Rock", "Prog"]),
        ('["Rock", "R\\u00fcb"]', ["Rock", "R\u00fcb"]),
        ("""["Rock'n'Roll", 'Pop, Soul']""", ["Rock'n'Roll", "Pop, Soul"]),
        ("['Rock' 'Prog']", ["Rock", "Prog"]),
        ("[Rock, Prog]", ["Rock", "Prog"]),
        ("('Rock', 'Prog')", ["Rock", "Prog"]),
        ("{'Rock'}", ["Rock"]),
        ("(What's the Story)", ["(What's the Story)"]),
        ("['Rock', None, 'nan']", ["Rock"]),
        ("[21, 45]", ["21", "45"]),
        ("array(['Rock', 'Prog'], dtype=object)", ["Rock", "Prog"]),
        ("frozenset({'Rock'})", ["Rock"]),
        ("Rock\r\nProg", ["Rock", "Prog"]),
        *(
            (word, [])
            for word in ('""', "''", "()", "{}", "set()", "array([], dtype=object)", "n.a.", "?")
        ),
        *((word, []) for word in ("NaN", "none", "N/A", "NULL", "-", "[]", "[nan]", "['']", "")),
    ],
)
def test_a_cell_of_genres(cell: str, labels: list[str]) -> None:
    assert split_labels(cell) == labels


@pytest.mark.parametrize("path", ["img/../img/a.png", "{root}/img/../img/a.png", "./img//a.png"])
def test_a_path_may_take_a_way_round(path: str, tmp_path: Path, write_cover: WriteCover) -> None:
    (tmp_path / "img").mkdir()
    write_cover(tmp_path / "img" / "a.png", seed=1)
    table = tmp_path / "labels.csv"
    table.write_text(f"path,genre\n{path.format(root=tmp_path)},Rock\nimg/../../b.png,Rock\n")
    result = import_source("csv", table)
    assert list(result.catalog.frame["path"]) == ["img/a.png"]
    [why] = [problem.what for problem in result.problems if problem.where == "row 3"]
    assert "leaves the data set's folder" in why


def test_words_for_nothing_are_no_genre_no_artist_no_group_and_no_split(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    words = ["NaN", "None", "N/A", "null", "-"]
    rows = ["path,genre,artist,group,year,split"]
    for k, word in enumerate(words):
        write_cover(tmp_path / f"{k}.png", seed=k)
        write_cover(tmp_path / f"{k}no.png", seed=9 + k)
        rows += [f"{k}.png,Rock,{word},{word},{word},{word}", f"{k}no.png,{word},,,,"]
    result = import_as("csv", write_table(tmp_path, "\n".join(rows)))
    assert [problem.what for problem in result.problems] == [
        f"{k}no.png has no genre" for k in range(5)
    ]
    assert result.catalog.head.labels == ("Rock",)
    assert result.catalog.frame["group"].is_unique
    assert not result.catalog.frame["artist"].any()


def test_a_genre_called_unknown_is_named_and_nobody_is_no_artist(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    rows = ["path,genre,artist"]
    for k, (genre, artist) in enumerate(
        [("Rock", "Unknown"), ("Rock", "V.A."), ("Rock|unknown", "Yes")]
    ):
        write_cover(tmp_path / f"{k}.png", seed=k)
        rows.append(f"{k}.png,{genre},{artist}")
    result = import_as("csv", write_table(tmp_path, "\n".join(rows)))
    frame = result.catalog.frame
    assert list(frame["artist"]) == ["", "", "Yes"]
    assert frame["group"].is_unique
    assert [str(problem) for problem in result.problems] == [
        "row 2: artist left empty: 'Unknown' names nobody",
        "row 3: artist left empty: 'V.A.' names nobody",
        "genre 'unknown' (1): names no genre, but counts as one: leave it empty where that is not "
        "meant",
    ]


def test_a_file_that_stands_there_twice_is_named_with_its_other_genre(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    write_cover(tmp_path / "a.png")
    table = write_table(tmp_path, "path,genre\na.png,Rock|Pop\n./a.png,Pop|Rock\na.png,Jazz\n")
    result = import_as("csv", table)
    assert [str(problem) for problem in result.problems[:2]] == [
        "row 3: repeats a.png; the first row is kept",
        "row 4: a.png is Jazz here but Rock and Pop in row 2, which is kept (several genres stand "
        "in one cell: Rock|Pop)",
    ]


def test_a_row_with_too_many_cells_is_named(tmp_path: Path, write_cover: WriteCover) -> None:
    for k in range(2):
        write_cover(tmp_path / f"{k}.png", seed=k)
    text = "path,artist,genre\n0.png,Yes, and,Rock\n1.png,Yes,Rock,,\n"
    result = import_as("csv", write_table(tmp_path, text))
    assert result.catalog.frame["item_id"].tolist() == ["1.png"]
    assert str(result.problems[0]).startswith("row 2: has 4 cells and the first row 3")


@pytest.mark.parametrize("folder", ["Beyonc\u00e9", "Beyonce\u0301"])
@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "form", ["{path}", "./{path}", "{root}/{path}", "{root}/./x/../{path}", "back"]
)
def test_every_spelling_of_a_path_leads_to_the_file(
    tmp_path: Path, write_cover: WriteCover, folder: str, listed: str, form: str
) -> None:
    root = tmp_path / "M\u00fcsik"
    own = [f"{folder}/{folder}.png", f"{folder}/b.png"]
    for seed, path in enumerate(own):
        write_cover(root / path, seed=seed)
    paths = [unicodedata.normalize(listed, path) for path in own]
    paths = [
        path.replace("/", "\\") if form == "back" else form.format(root=root, path=path)
        for path in paths
    ]
    table = write_table(root, "path,genre\n" + "".join(f"{path},Pop\n" for path in paths))
    result = import_as("csv", table)
    assert sorted(result.catalog.frame["item_id"]) == sorted(own)
    assert validate(result.catalog, check_files=True) == []


def test_of_two_spellings_that_are_both_there_each_is_its_own_file(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    own = ["\u00e9.png", "e\u0301.png"]
    for seed, path in enumerate(own):
        write_cover(tmp_path / path, seed=seed)
    table = write_table(tmp_path, f"path,genre\n{own[0]},Pop\n{own[1]},Rock\n")
    frame = import_as("csv", table).catalog.frame
    assert dict(zip(frame["item_id"], frame["labels"], strict=True)) == {
        own[0]: ["Pop"],
        own[1]: ["Rock"],
    }


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
