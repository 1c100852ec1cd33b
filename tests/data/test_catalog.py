from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.config import Task
from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, Catalog, DatasetHead, load_catalog
from genre_core.data.item import items_frame
from genre_core.errors import DatasetError, ParameterError
from tests.made_counts import n_calls

ROWS = [
    ("a", ["Rock"], "shop"),
    ("b", ["Pop", "Rock"], "shop"),
    ("c", ["Prog", "prog"], "gems"),
    ("d", ["Rock", "non-prog"], "gems"),
    ("e", ["live:Rock"], "radio"),
    ("f", [], "radio"),
]


def make_catalog(root: Path = Path("covers"), **head: str) -> Catalog:
    rows = [
        {
            "item_id": name,
            "path": f"x/{name}.jpg",
            "checksum": name * 64,
            "labels": labels,
            "source": source,
            "group": name,
            "title": 'Ünï "quoted" \\ \x7f\n',
            "year": 1979 if name == "a" else None,
            "split": "train",
        }
        for name, labels, source in ROWS
    ]
    known = {"name": "mine", "title": "Mine 🎸", "citation": 'a "b" \x7f', "licence": "CC0"} | head
    return Catalog(DatasetHead(**known, labels=("Pop", "Prog", "Rock")), root, items_frame(rows))


def index_of(task: Task, **kwargs: bool) -> dict[str, int]:
    frame = make_catalog().select(task, **kwargs)
    return dict(zip(frame["item_id"], frame["genre_index"], strict=True))


def test_save_and_load_give_the_same(tmp_path: Path) -> None:
    catalog = make_catalog(tmp_path / "covers")
    again = load_catalog(catalog.save(tmp_path / "index"))
    assert again.head == catalog.head
    assert again.frame.equals(catalog.frame)
    assert (again.frame.dtypes == catalog.frame.dtypes).all()
    assert again.root.resolve() == (tmp_path / "covers").resolve()
    assert again.digest == catalog.digest
    assert isinstance(again.frame.loc[0, "labels"], list)


def test_folder_that_carries_its_catalog_can_be_moved(tmp_path: Path) -> None:
    make_catalog(tmp_path / "old" / "images").save(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    assert load_catalog(tmp_path / "new").root == tmp_path / "new" / "images"
    assert load_catalog(tmp_path / "new", root="elsewhere").root == Path("elsewhere")


def test_digest_ignores_order_and_root_but_no_value(tmp_path: Path) -> None:
    catalog = make_catalog()
    order = np.random.default_rng(0).permutation(len(catalog))
    shuffled = catalog.frame.iloc[order].reset_index(drop=True)
    assert Catalog(catalog.head, tmp_path, shuffled).digest == catalog.digest
    digests = {catalog.digest}
    for column, value in (("path", "y"), ("checksum", "z"), ("split", "test"), ("year", 1980)):
        frame = catalog.frame.copy()
        frame.loc[0, column] = value
        digests.add(Catalog(catalog.head, catalog.root, frame).digest)
    frame = catalog.frame.copy()
    frame.at[0, "labels"] = ["Pop"]
    digests.add(Catalog(catalog.head, catalog.root, frame).digest)
    assert len(digests) == 6


@pytest.mark.parametrize("name", [CATALOG_FILE, HEAD_FILE])
@pytest.mark.parametrize("damage", ["missing", "truncated", "garbage"])
def test_damaged_catalogs_are_refused(tmp_path: Path, name: str, damage: str) -> None:
    make_catalog().save(tmp_path)
    file = tmp_path / name
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:40] if damage == "truncated" else b"\xff\x00garbage")
    with pytest.raises(DatasetError, match="Received"):
        load_catalog(tmp_path)


def test_other_version_and_foreign_table_are_refused(tmp_path: Path) -> None:
    make_catalog().save(tmp_path / "a")
    head = tmp_path / "a" / HEAD_FILE
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace("format_version = 1", "format_version = 3"), encoding="utf-8")
    with pytest.raises(DatasetError, match="Received format_version 3"):
        load_catalog(tmp_path / "a")
    head.write_text(text, encoding="utf-8")
    catalog = make_catalog()
    Catalog(catalog.head, catalog.root, catalog.frame.iloc[:3]).save(tmp_path / "b")
    (tmp_path / "b" / CATALOG_FILE).replace(tmp_path / "a" / CATALOG_FILE)
    with pytest.raises(DatasetError, match=r"Received a catalog\.parquet that is not the one"):
        load_catalog(tmp_path / "a")


@pytest.mark.parametrize("column", ["labels", "year"])
def test_a_column_of_another_kind_is_one_sentence(tmp_path: Path, column: str) -> None:
    make_catalog().save(tmp_path / "a")
    table = pd.read_parquet(tmp_path / "a" / CATALOG_FILE)
    table[column] = 7 if column == "labels" else "long ago"
    table.to_parquet(tmp_path / "a" / CATALOG_FILE)
    with pytest.raises(DatasetError, match="Received"):
        load_catalog(tmp_path / "a")


def test_path_of_stays_inside(tmp_path: Path) -> None:
    catalog = make_catalog(tmp_path)
    assert catalog.path_of("a") == (tmp_path / "x" / "a.jpg").resolve()
    with pytest.raises(ParameterError, match="Received 'nobody'"):
        catalog.path_of("nobody")
    frame = catalog.frame.copy()
    frame.loc[0, "path"] = "../a.jpg"
    with pytest.raises(ParameterError, match="Received"):
        Catalog(catalog.head, catalog.root, frame).path_of("a")


def test_rules_by_label_source_and_both() -> None:
    assert index_of(Task(genres=("Prog", "Pop"))) == {"b": 1, "c": 0}
    rules = {"Shop": ("shop:*",), "Gems": ("gems:Rock", "prog")}
    task = Task(genres=("Shop", "Gems"), rules=rules)
    assert index_of(task) == {"a": 0, "b": 0, "c": 1, "d": 1}
    one_source = Task(genres=("Rock", "Prog"), sources=("gems",))
    assert index_of(one_source) == {"c": 1, "d": 0}
    binary = Task(genres=("non-prog", "prog"), head="binary")
    assert index_of(binary) == {"c": 1, "d": 0}


def test_label_with_a_colon_counts_where_no_source_has_that_name() -> None:
    task = Task(genres=("Live", "Pop"), rules={"Live": ("live:Rock",)})
    assert index_of(task) == {"e": 0, "b": 1}


def test_select_keeps_rows_and_leaves_the_catalog_alone() -> None:
    catalog = make_catalog()
    before = catalog.frame.copy()
    frame = catalog.select(Task(genres=("Rock", "Prog")))
    assert frame.index.tolist() == [0, 1, 2, 3]
    assert frame["genre_index"].dtype == np.int64
    assert frame.drop(columns="genre_index").equals(before.loc[frame.index])
    assert catalog.frame.equals(before)


def test_two_genres_of_one_item() -> None:
    task = Task(genres=("Rock", "Pop"))
    with pytest.raises(DatasetError, match="Received 1 items that match two") as caught:
        index_of(task)
    assert [str(each) for each in caught.value.problems] == ["b: counts as Rock and Pop"]
    multi = Task(genres=("Rock", "Pop"), head="multilabel")
    frame = make_catalog().select(multi)
    assert frame["genre_indices"].tolist() == [(0,), (0, 1), (0,)]
    assert frame["genre_index"].tolist() == [0, 0, 0]


def test_genre_without_items_is_named() -> None:
    task = Task(genres=("Rock", "Polka"))
    with pytest.raises(DatasetError, match=r"Received no item for Polka.*non-prog"):
        index_of(task)
    assert set(index_of(task, need_all=False)) == {"a", "b", "d"}
    with pytest.raises(DatasetError, match="Received no item"):
        index_of(Task(genres=("Polka", "Waltz")), need_all=False)


def test_labels_of_other_sources_are_not_said_to_be_there() -> None:
    rows = [("a", "Pop", "one"), ("b", "Rock", "two")]
    head = DatasetHead("mine", "Mine", "unknown", "unknown")
    frame = items_frame([{"item_id": i, "labels": [g], "source": s} for i, g, s in rows])
    task = Task(genres=("Pop", "Rock"), sources=("one",))
    with pytest.raises(DatasetError, match=r"no item for Rock.*Labels in one: Pop\.$"):
        Catalog(head, Path(), frame).select(task)


def test_four_times_as_many_rows_are_at_most_four_times_the_work() -> None:
    small = make_catalog()
    task = Task(genres=("Shop", "Gems"), rules={"Shop": ("shop:*",), "Gems": ("gems:Rock", "prog")})
    counts = []
    for n in (1_000, 4_000):
        frame = small.frame.iloc[np.arange(n) % len(ROWS)].reset_index(drop=True)
        frame["item_id"] = [str(i) for i in range(n)]
        catalog = Catalog(small.head, small.root, frame)
        assert len(catalog.select(task)) == sum(i % 6 < 4 for i in range(n))
        counts.append(n_calls(lambda catalog=catalog: catalog.select(task)))
    assert counts[1] <= 4 * counts[0], counts
