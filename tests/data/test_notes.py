"""Notes: every change is kept, the newest holds, and ten writers at once lose nothing."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.data.notes import (
    MAX_TEXT,
    NOTE_COLUMNS,
    Note,
    history,
    note,
    noted_files,
    noted_items,
    notes_of,
    undo,
)
from genre_core.data.notes_csv import export_csv, import_csv
from genre_core.data.notes_file import NOTES_FILE, last_change, reading
from genre_core.errors import DatasetError, JobError, ParameterError
from tests.made_counts import n_calls
from tests.made_forks import FORKS, PROJECT

LABELS = ("Hip-Hop", "Pop", "Rock", "a|b")
WRITERS = """
import multiprocessing
from genre_core.data.notes import note
from tests.data.test_notes import made_set

def write(who):
    start.wait()
    for k in range(5):
        note(made_set(), "0.jpg", text=f"{who} {k}", who=str(who))
        note(made_set(), f"{who}.jpg", text=f"{k}", who=str(who))

fork = multiprocessing.get_context("fork")
start = fork.Barrier(10)
processes = [fork.Process(target=write, args=(who,)) for who in range(1, 11)]
for process in processes:
    process.start()
for process in processes:
    process.join()
print([process.exitcode for process in processes])
"""


def made_set(n: int = 12, name: str = "mine") -> Catalog:
    rows = [
        {
            "item_id": f"{k}.jpg",
            "path": f"{k}.jpg",
            "checksum": f"{k:064x}",
            "labels": [LABELS[k % 3]],
        }
        for k in range(n)
    ]
    head = DatasetHead(name, "Mine", "unknown", "unknown", labels=LABELS)
    return Catalog(head, Path(), items_frame(rows))


def test_what_is_noted_is_there_and_the_rest_stays() -> None:
    mine = made_set()
    assert notes_of(mine).empty
    assert history(mine, "1.jpg") == ()
    note(mine, "1.jpg", text="  A café,\r\nnot rock ", who="Ann")
    note(mine, "1.jpg", flag=True, who="Bo")
    made = note(mine, "1.jpg", weights={"Rock": 0.25, "Pop": 0.75, "Hip-Hop": 0})
    note(mine, "0.jpg", labels=["Pop"])
    notes = notes_of(mine)
    assert tuple(notes.columns) == NOTE_COLUMNS
    assert notes["item_id"].tolist() == ["0.jpg", "1.jpg"]
    assert notes["labels"].tolist() == [("Pop",), ("Rock", "Pop")]
    assert notes["weights"].tolist() == [(), (0.25, 0.75)]
    assert notes["flag"].tolist() == [False, True]
    assert notes["text"].tolist() == ["", "A café,\nnot rock"]
    assert [past.who for past in history(mine, "1.jpg")] == ["Ann", "Bo", ""]
    assert history(mine, "1.jpg")[-1] == made
    assert made.at.endswith("+00:00")
    assert notes_of(made_set(name="other")).empty


def test_same_note_again_is_no_change() -> None:
    mine = made_set()
    first = note(mine, "1.jpg", text="x", who="Ann")
    assert note(mine, "1.jpg", text="x", flag=False, who="Bo") == first
    assert len(history(mine, "1.jpg")) == 1


def test_new_labels_without_shares_count_whole() -> None:
    mine = made_set()
    note(mine, "1.jpg", weights={"Rock": 0.5, "Pop": 0.5})
    assert note(mine, "1.jpg", weights={}).labels == ("Rock", "Pop")
    note(mine, "1.jpg", weights={"Rock": 0.5, "Pop": 0.5})
    assert note(mine, "1.jpg", labels=["Pop"]).weights == ()
    assert note(mine, "1.jpg", labels=[]).is_empty
    assert notes_of(mine).empty


def test_undo_goes_back_step_by_step_and_forgets_nothing() -> None:
    mine = made_set()
    for text in ("a", "b", "c"):
        note(mine, "1.jpg", text=text)
    assert undo(mine, "1.jpg", who="Ann").text == "b"
    note(mine, "1.jpg", text="d")
    assert [undo(mine, "1.jpg").text for _ in range(4)] == ["b", "a", "", ""]
    assert undo(mine, "2.jpg") == Note()
    assert [past.text for past in history(mine, "1.jpg")] == [*"abcbdba", ""]
    assert history(mine, "1.jpg")[3].who == "Ann"


def test_note_outlives_a_reimport_under_another_path() -> None:
    note(made_set(), "1.jpg", text="x")
    moved = made_set()
    frame = moved.frame.assign(item_id="new/" + moved.frame["item_id"])
    again = Catalog(moved.head, moved.root, frame)
    assert notes_of(again)["item_id"].tolist() == ["new/1.jpg"]
    gone = Catalog(moved.head, moved.root, frame[2:])
    assert notes_of(gone).empty
    assert len(noted_files("mine")) == 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"text": "x" * (MAX_TEXT + 1)}, "2,001 characters"),
        ({"text": "a\0b"}, "cannot be seen"),
        ({"text": "a\ud800b"}, "cannot be seen"),
        ({"text": "x", "who": "x" * 101}, "who must"),
        ({"labels": ["Rok"]}, "Did you mean 'Rock'"),
        ({"weights": {"Rok": 1.0}}, "Did you mean 'Rock'"),
        ({"weights": {"Rock": 0.5, "Pop": 0.6}}, "sum to 1"),
        ({"weights": {"Rock": 1.5, "Pop": -0.5}}, "sum to 1"),
        ({"weights": {"Rock": float("nan")}}, "sum to 1"),
        ({"weights": {"Rock": 1.0}, "labels": ["Pop"]}, "name the labels"),
    ],
)
def test_what_cannot_be_noted_is_refused(change: dict[str, Any], match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        note(made_set(), "1.jpg", **change)
    with pytest.raises(ParameterError, match=r"Received 'no\.jpg'"):
        note(made_set(), "no.jpg", text="x")
    assert history(made_set(), "1.jpg") == ()


@pytest.mark.skipif(not FORKS, reason="processes are forked, which takes a tenth of the time")
def test_ten_writers_at_once_lose_nothing() -> None:
    command = [sys.executable, "-c", WRITERS]
    assert subprocess.check_output(command, cwd=PROJECT, text=True).split() == [
        "[0,",
        *["0,"] * 8,
        "0]",
    ]
    with reading() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    shared = [past.text for past in history(made_set(), "0.jpg")]
    assert sorted(shared) == sorted(f"{who} {k}" for who in range(1, 11) for k in range(5))
    for who in range(1, 11):
        assert [text for text in shared if text.startswith(f"{who} ")] == [
            f"{who} {k}" for k in range(5)
        ]
        assert [past.text for past in history(made_set(), f"{who}.jpg")] == list("01234")


def test_changes_of_two_fields_at_once_both_hold() -> None:
    def change(k: int) -> Note:
        if k % 2:
            return note(made_set(), "1.jpg", text=f"{k}")
        return note(made_set(), "1.jpg", labels=[LABELS[k % 3]], flag=k % 4 == 0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(40)))
    past = history(made_set(), "1.jpg")
    texts = {before.text != after.text for before, after in itertools.pairwise(past)}
    assert texts == {True, False}
    for before, after in itertools.pairwise(past):
        # No change took another's back: a row differs from the one before in its own fields.
        assert before.text == after.text or before.labels == after.labels


def test_csv_round_trip_is_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = made_set()
    note(mine, "1.jpg", text='a "b", c;\nd|e\n\nf,g,h,i,j,k,l,m\n1.jpg', who="Ann, Bo")
    note(mine, "2.jpg", weights={"Rock": 0.1, "a|b": 0.9}, flag=True)
    note(mine, "3.jpg", labels=["Pop", "Hip-Hop"], text="=1+1")
    before = notes_of(mine)
    assert export_csv(mine, tmp_path / "notes.csv") == 3
    assert import_csv(mine, tmp_path / "notes.csv") == 0  # all of it is there already
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "another"))
    assert import_csv(mine, tmp_path / "notes.csv") == 3
    assert notes_of(mine).equals(before)
    assert export_csv(mine, tmp_path / "again.csv") == 3
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "notes.csv").read_bytes()


def test_every_change_is_told_by_its_number_and_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, states = made_set(), [last_change()]
    for home in ("one", "two"):
        monkeypatch.setenv("GENRE_HOME", str(tmp_path / home))
        for flag in (True, False):
            note(mine, "1.jpg", flag=flag)
            states.append(last_change())
            note(mine, "1.jpg", flag=flag)  # the same again
            assert last_change() == states[-1]
    assert len(set(states)) == 5


def test_only_what_changed_is_read_and_gives_the_same() -> None:
    mine, other = made_set(), made_set(name="other")
    twins = replace(mine, frame=mine.frame.assign(checksum=["f" * 64, *mine.frame["checksum"][1:]]))
    twins.frame.loc[1, "checksum"] = "f" * 64  # two items of one file share a note
    kept: dict[str, Note] = {}
    since = 0
    changes = (
        lambda: note(twins, "5.jpg", text="first", flag=True),
        lambda: note(twins, "0.jpg", labels=["Pop"]),
        lambda: note(other, "5.jpg", text="of another set"),
        lambda: note(twins, "5.jpg", text="second"),
        lambda: undo(twins, "5.jpg"),
        lambda: note(twins, "5.jpg", text="", flag=False),  # nothing is noted any more
        lambda: note(twins, "1.jpg", labels=[]),
    )
    n_noted = []
    for change in changes:
        change()
        kept, since = noted_items(twins, before=kept, since=since), last_change()[2]
        assert list(kept.items()) == list(noted_items(twins).items())
        n_noted.append(len(kept))
    assert n_noted == [1, 3, 3, 3, 3, 2, 0]
    # What is older is not looked at.
    note(twins, "7.jpg", text="older")
    as_it_was = {"2.jpg": Note("as it was")}
    assert noted_items(twins, before=as_it_was, since=last_change()[2]) == as_it_was


def test_part_of_a_table_changes_that_alone(tmp_path: Path) -> None:
    mine, table = made_set(), tmp_path / "notes.csv"
    note(mine, "1.jpg", text="x", weights={"Rock": 0.5, "Pop": 0.5}, who="Ann")
    table.write_text("Item_ID;flag;labels\n1.jpg;yes;Rock|Pop\n2.jpg;;Pop\n3.jpg;;\n")
    assert import_csv(mine, table, who="Bo") == 2
    notes = notes_of(mine)
    assert notes["weights"].tolist() == [(0.5, 0.5), ()]
    assert notes["text"].tolist() == ["x", ""]
    assert notes["who"].tolist() == ["Bo", "Bo"]
    assert len(history(mine, "1.jpg")) == 2


BAD_ROWS = (
    ("no.jpg,x,,,,,", "'no.jpg' is no item"),
    ("1.jpg,x,,,,,", "1.jpg has a row above"),
    ("2.jpg,x,maybe,,,,", "flag 'maybe' is not 1"),
    ("3.jpg,x,,Rok,,,", "must be one of the data set's. Received 'Rok'"),
    ("1.jpg,y,,,,,", "1.jpg has a row above"),
    ("4.jpg,x,,Rock|Pop,1.0,,", "1 weights for 2 labels"),
    ("5.jpg,x,,Rock|Pop,.3|.3,,", "sum to 1"),
    ("6.jpg,x,,Rock,a,,", "weights 'a' is no list of shares"),
    ("7.jpg,x,,,,,2026-01-01T12:00", "at '2026-01-01T12:00' is no time"),
    (f"8.jpg,{'x' * 2_001},,,,,", "2,001 characters"),
)


def test_each_bad_row_is_named_and_nothing_noted(tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    lines = ["item_id,text,flag,labels,weights,who,at", "1.jpg,good,,,,,"]
    table.write_text("\n".join([*lines, *(row for row, _ in BAD_ROWS)]))
    with pytest.raises(DatasetError, match=r"10 that do not, first line 3") as caught:
        import_csv(made_set(), table)
    assert notes_of(made_set()).empty
    for k, (problem, (_, what)) in enumerate(zip(caught.value.problems, BAD_ROWS, strict=True)):
        assert problem.where == f"line {k + 3}"
        assert what in problem.what


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "the columns"),
        (b"item_id,labelling\n1.jpg,Rock\n", "the columns"),
        (b"text,flag\nx,1\n", "the columns"),
        (b"item_id,text,text\n1.jpg,x,y\n", "the columns"),
        (b"item_id,text\n1.jpg\n", "1 cells in line 2, and 2 columns"),
        (b'item_id,text\n1.jpg,"x\n', "unexpected end"),
        (b"item_id,text\n1.jpg,caf\xe9\n", "no UTF-8 text"),
    ],
)
def test_what_is_no_table_of_notes_is_one_error(content: bytes, match: str, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=f"Received .*{match}"):
        import_csv(made_set(), tmp_path / "notes.csv")
    with pytest.raises(DatasetError, match="No such file"):
        import_csv(made_set(), tmp_path / "none.csv")


def test_damaged_and_newer_files_of_notes_are_one_error(genre_home: Path) -> None:
    genre_home.mkdir()
    (genre_home / NOTES_FILE).write_bytes(b"no database" * 500)
    with pytest.raises(JobError, match=r"Received .*it is no file of notes"):
        note(made_set(), "1.jpg", text="x")
    (genre_home / NOTES_FILE).unlink()
    with sqlite3.connect(genre_home / NOTES_FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JobError, match="Received version 99"):
        notes_of(made_set())


def test_thousands_of_notes_come_in_and_out_each_at_the_same_cost(tmp_path: Path) -> None:
    come_in, go_out = [], []
    for n in (500, 2_000):
        mine, table = made_set(n, f"set {n}"), tmp_path / "notes.csv"
        rows = (f"{k}.jpg,text {k},1,Rock|Pop,0.25|0.75" for k in range(n))
        table.write_text("\n".join(["item_id,text,flag,labels,weights", *rows]))
        come_in.append(n_calls(lambda mine=mine, table=table: import_csv(mine, table)))
        go_out.append(n_calls(lambda mine=mine: notes_of(mine)))
        assert len(notes_of(mine)) == n
    assert come_in[1] <= 4.2 * come_in[0], come_in
    assert go_out[1] <= 4.2 * go_out[0], go_out
    assert replace(history(mine, "7.jpg")[0], at="") == Note(
        "text 7", True, ("Rock", "Pop"), (0.25, 0.75)
    )
