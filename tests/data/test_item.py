from __future__ import annotations

import pytest

from genre_core.data.item import ITEM_COLUMNS, items_frame, read_split, read_year


def test_frame_has_every_column_and_type_even_without_rows() -> None:
    for rows in ([], [{"item_id": "a"}]):
        frame = items_frame(rows)
        assert tuple(frame.columns) == ITEM_COLUMNS
        assert frame["year"].dtype == "Int64"
        assert frame["item_id"].dtype == "str"
        assert len(frame) == len(rows)


def test_labels_are_copied() -> None:
    labels = ["Rock"]
    frame = items_frame([{"labels": labels}])
    labels.append("Pop")
    assert frame.loc[0, "labels"] == ["Rock"]


@pytest.mark.parametrize(
    ("text", "year"),
    [("1979", 1979), ("1979.0", 1979), (" 1979.00 ", 1979), ("1979-05", 1979),
     ("1979-05-01", 1979), ("", None), (" ", None), ("nan", None), ("NaN", None)],
)  # fmt: skip
def test_years(text: str, year: int | None) -> None:
    assert read_year(text) == year


@pytest.mark.parametrize("text", ["c. 1979", "79", "1979.5", "0", "3000", "-1979", "inf", "19790"])
def test_no_years(text: str) -> None:
    with pytest.raises(ValueError, match="is no year"):
        read_year(text)


def test_split_names() -> None:
    assert [read_split(name) for name in ("TRAIN", "valid", "dev", "Testing", " ")] == [
        "train", "val", "val", "test", "",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="is no split"):
        read_split("hold-out")
