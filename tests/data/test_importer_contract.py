"""What holds for every layout, each on a made miniature with one broken file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.catalog import load_catalog
from genre_core.data.importers import (
    LAYOUTS,
    ImportOptions,
    ImportResult,
    detect_layout,
    import_source,
    save_import,
)
from genre_core.data.importers.kaggle_covers import GENRES
from genre_core.data.importers.mumu import MULTI_TABLE, SINGLE_TABLE
from genre_core.data.splits import find_leaks
from genre_core.errors import DatasetError, ParameterError
from tests import made_fma

Write = Callable[..., Path]
N = 24


@dataclass
class Made:
    """A miniature: what to import, with which options, and how many items it has."""

    source: Path
    broken: str
    n_items: int = N
    options: Mapping[str, object] = field(default_factory=dict)
    detected: bool = True


def folders(root: Path, cover: Write, song: Write) -> Made:
    for k in range(N):
        cover(root / ("Rock", "Pop")[k % 2] / f"{k}.png", seed=k)
    return Made(root, "Rock/bad.png")


def songs_in_folders(root: Path, cover: Write, song: Write) -> Made:
    for k in range(N):
        song(root / ("Rock", "Pop")[k % 2] / f"{k}.flac", seed=k, artist=f"Artist {k // 2}")
    return Made(root, "Rock/bad.flac")


def csv(root: Path, cover: Write, song: Write) -> Made:
    rows = ["path,genre,artist", "bad.png,Rock,nobody"]
    for k in range(N):
        cover(root / f"{k}.png", seed=k)
        rows.append(f"{k}.png,{('Rock', 'Pop')[k % 2]},artist {k // 2}")
    (root / "labels.csv").write_text("\n".join(rows))
    return Made(root, "bad.png")


def mumu(root: Path, cover: Write, song: Write, table: str = SINGLE_TABLE) -> Made:
    rows = ["amazon_id,artist_mbid,genres", "bad,a0,Jazz"]
    for k in range(N):
        cover(root / "covers" / f"B{k}.jpg", seed=k)
        genre = ("Jazz", "Metal")[k % 2]
        rows.append(f'B{k},a{k // 2},"{genre}{",Rock" if table == MULTI_TABLE else ""}"')
    (root / table).write_text("\n".join(rows))
    return Made(root, "covers/bad.jpg")


def mumu_multilabel(root: Path, cover: Write, song: Write) -> Made:
    return mumu(root, cover, song, MULTI_TABLE)


def mumu_s3(root: Path, cover: Write, song: Write) -> Made:
    made = mumu(root, cover, song, MULTI_TABLE)
    made.detected = False  # the same table as mumu-multilabel
    return made


def msd_i(root: Path, cover: Write, song: Write) -> Made:
    rows = ["msd_track_id\tgenre\talbum_index\tset", "bad\tJazz\tbad\ttrain"]
    for k in range(N):
        cover(root / "covers" / f"T{k}.jpg", seed=k)
        rows.append(f"T{k}\tJazz\t{k}\t{('train', 'train', 'val', 'test')[k % 4]}")
    (root / "MSD-I_dataset.tsv").write_text("\n".join(rows))
    return Made(root, "covers/bad.jpg")


def kaggle(root: Path, cover: Write, song: Write) -> Made:
    for k in range(2 * len(GENRES)):
        cover(root / "GAID" / GENRES[k % len(GENRES)] / f"{k}.jpg", seed=k)
    return Made(root, "GAID/Soul/bad.jpg", n_items=2 * len(GENRES))


def kaggle_flat(root: Path, cover: Write, song: Write) -> Made:
    for k in range(N):
        cover(root / "album_covers_512" / f"{k}.jpg", seed=k)
    return Made(root, "album_covers_512/bad.jpg", options={"label": "other"})


def prog(root: Path, cover: Write, song: Write) -> Made:
    for k in range(N):
        cover(root / ("prog", "others")[k % 2] / f"{k}.jpg", seed=k)
    others = {"others": root / "others"}
    return Made(root / "prog", "../others/bad.jpg", options=others, detected=False)


def fma(root: Path, cover: Write, song: Write) -> Made:
    broken = made_fma.row(98, artist_id="900", split="training", subset="small")
    made_fma.write_table(root, [broken])
    for k in range(20):
        song(root / "000" / f"{k:06d}.flac", seed=k)
    return Made(root, "000/000098.flac", n_items=20)


def fma_contest(root: Path, cover: Write, song: Write) -> Made:
    for name, numbers in (
        ("train_labels.txt", [*range(18), 98]),
        ("test_labels.txt", range(18, N)),
    ):
        lines = [f"{k}.npy\t{('Blues', 'Rock')[k % 2]}" for k in numbers]
        root.mkdir(exist_ok=True)
        (root / name).write_text("\n".join(["Id\tGenre", *lines]))
    for k in range(N):
        song(root / f"{k}.flac", seed=k)
    return Made(root, "98.flac")


def prog_songs(root: Path, cover: Write, song: Write) -> Made:
    for k in range(N):
        place = root / ("train", "test")[k > 15] / ("Prog", "NonProg")[k % 2]
        song(place / f"Band {k} - Song.flac", seed=k)
    return Made(root, "train/Prog/Band 98 - Bad.flac")


MINIATURES: dict[str, tuple[str, Callable[[Path, Write, Write], Made]]] = {
    "folders": ("folders", folders),
    "folders of songs": ("folders", songs_in_folders),
    "csv": ("csv", csv),
    "mumu": ("mumu", mumu),
    "mumu-multilabel": ("mumu-multilabel", mumu_multilabel),
    "mumu-s3": ("mumu-s3", mumu_s3),
    "msd-i": ("msd-i", msd_i),
    "kaggle": ("kaggle", kaggle),
    "kaggle, flat": ("kaggle", kaggle_flat),
    "prog": ("prog", prog),
    "fma": ("fma", fma),
    "fma-contest": ("fma-contest", fma_contest),
    "prog-songs": ("prog-songs", prog_songs),
}


@pytest.fixture(params=MINIATURES)
def made(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    own_home: Path,
    write_cover: Write,
    write_song: Write,
) -> tuple[str, Made]:
    layout, make = MINIATURES[request.param]
    miniature = make(tmp_path / "made", write_cover, write_song)
    (miniature.source / miniature.broken).write_bytes(b"neither a cover nor a song")
    return layout, miniature


def run(layout: str, made: Made, **more: object) -> ImportResult:
    return import_source(layout, made.source, ImportOptions.of({**made.options, **more}))


def test_every_layout_has_a_miniature() -> None:
    assert {layout for layout, _ in MINIATURES.values()} == set(LAYOUTS)


def test_the_contract(made: tuple[str, Made]) -> None:
    layout, miniature = made
    told: list[tuple[int, int]] = []
    result = import_source(
        layout,
        miniature.source,
        ImportOptions.of(miniature.options),
        progress=lambda done, total, text: told.append((done, total)),
    )
    catalog = result.catalog
    # A sound index, and no group or file in two splits.
    assert validate(catalog, check_files=True) == []
    assert find_leaks(catalog.frame) == []
    assert set(catalog.frame["split"]) == {"train", "val", "test"}
    assert catalog.frame["item_id"].is_monotonic_increasing
    assert catalog.head.citation
    assert catalog.head.licence
    # The broken file is listed with its reason and left out, the rest is there.
    assert len(catalog) == miniature.n_items
    broken = Path(miniature.broken).name
    assert [each.what.startswith("not a readable") for each in result.problems].count(True) == 1
    assert any(each.where.endswith(broken) for each in result.problems)
    # Progress ends at the total.
    assert told[-1] == (miniature.n_items + 1, miniature.n_items + 1)
    # A second import gives the same, and what is stored is read back the same.
    assert run(layout, miniature).catalog.digest == catalog.digest
    assert load_catalog(save_import(result)).digest == catalog.digest


def test_the_layout_is_told_by_its_files(made: tuple[str, Made]) -> None:
    layout, miniature = made
    if miniature.detected:
        assert detect_layout(miniature.source) == layout


def test_what_is_given_wins_over_the_head_of_the_layout(made: tuple[str, Made]) -> None:
    given = {"name": "mine", "title": "My own", "citation": "me", "licence": "CC0"}
    head = run(*made, **given).catalog.head
    assert {key: getattr(head, key) for key in given} == given
    assert run(*made).catalog.head.name not in ("", "mine")


def test_another_seed_makes_other_splits_but_keeps_those_of_the_data(
    made: tuple[str, Made],
) -> None:
    result = run(*made)
    has_own = made[0] in ("msd-i", "fma", "fma-contest", "prog-songs")
    assert result.has_own_splits is has_own
    other = run(*made, seed=1, new_splits=True).catalog
    assert other.digest != result.catalog.digest
    assert find_leaks(other.frame) == []


def test_a_bad_source_is_one_clear_error(made: tuple[str, Made], tmp_path: Path) -> None:
    layout, miniature = made
    empty = tmp_path / "empty"
    empty.mkdir()
    for source in (tmp_path / "nowhere", empty):
        miniature.source = source
        with pytest.raises(DatasetError, match="Received") as caught:
            run(layout, miniature)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "received"),
    [({"licens": "CC0"}, "'licens'"), ({"seed": -1}, "-1"), ({"seed": 2**32}, "4294967296")],
)
def test_bad_options_are_named(settings: dict[str, object], received: str) -> None:
    with pytest.raises(ParameterError, match=f"Received {received}"):
        ImportOptions.of(settings)
