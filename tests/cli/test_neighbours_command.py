"""The command neighbours, and classify --neighbours: stored once, listed afterwards."""

import json
from pathlib import Path

import pytest

from genre_core.cli import main
from genre_core.data.catalog import Catalog
from genre_core.data.home import home
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import VECTORS_FILE
from tests.made_bundles import write_bundle, write_dataset


@pytest.fixture
def catalog(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A stored data set, a network trained on it, and one that was not."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    catalog = write_dataset(tmp_path / "files")
    catalog.save(home() / "datasets" / "made")
    data = {"name": "made", "digest": catalog.digest}
    write_bundle(genre_home / "models", name="made.one", data=data)
    write_bundle(genre_home / "models", name="made.other")
    return catalog


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_they_are_stored_once_and_listed_by_classify(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    cover = catalog.path_of("003.png")
    code, out, err = run(capsys, "neighbours", "made.one", "--data", "made", "--json")
    facts = json.loads(out)
    assert code == 0
    assert (facts["name"], facts["data"], facts["n_covers"]) == ("made.one", "made", 8)
    assert "8 training covers" in err
    code, out, err = run(capsys, "classify", cover, "--neighbours", 3, "--json")
    one, other = json.loads(out)[0]["predictions"]
    assert code == 0
    assert one["neighbours"][0]["item_id"] == "003.png"
    assert [each["is_duplicate"] for each in one["neighbours"]] == [True, False, False]
    assert one["neighbours"][0]["title"] == "Title 3"
    assert "neighbours" not in other
    assert "made.other has no training covers" in err
    code, out, _ = run(capsys, "classify", cover, "--neighbours", 3, "--model", "made.one")
    assert code == 0
    listed = out.split("\n\n")[1].splitlines()
    assert listed[0].split()[2:] == ["similarity", "labels", "title", "artist", "item_id"]
    assert len(listed) == 4
    assert "1.000" in listed[1]


def test_without_the_option_nothing_of_it_is_said(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "neighbours", "made.one", "--data", "made")
    code, out, err = run(capsys, "classify", catalog.path_of("003.png"), "--json")
    assert code == 0
    assert "neighbours" not in out + err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("classify", "COVER", "--neighbours", "-1"), 2, "--neighbours"),
        (("classify", "COVER", "--neighbours", "3", "--model", "made.other"), 1, "made.other"),
        (("neighbours", "made.other", "--data", "made"), 1, "data set on the card"),
        (("neighbours", "none", "--data", "made"), 1, "Received"),
        (("neighbours", "made.one", "--data", "nowhere"), 1, "nowhere"),
    ],
)
def test_wrong_calls(
    catalog: Catalog,
    words: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cover = str(catalog.path_of("003.png"))
    found, out, err = run(capsys, *(cover if word == "COVER" else word for word in words))
    assert found == code
    assert said in err
    assert out == ""


def test_damaged_files_are_an_error_and_no_wrong_neighbour(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "neighbours", "made.one", "--data", "made")
    path = home() / "models" / "made.one" / VECTORS_FILE
    path.write_bytes(path.read_bytes()[:-2] + b"xx")
    code, out, err = run(capsys, "classify", catalog.path_of("003.png"), "--neighbours", "3")
    assert (code, out) == (1, "")
    assert "checksum" in err
