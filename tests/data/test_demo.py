"""The built-in covers and songs as listed, and the drawn covers for a first training."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from genre_core.data import demo
from genre_core.data.audit import validate
from genre_core.data.demo import COVERS_DIR, SONGS_DIR, demo_covers, demo_songs, drawn_covers
from genre_core.errors import DatasetError


@pytest.mark.parametrize(
    ("read", "folder", "kind", "suffix"),
    [(demo_covers, COVERS_DIR, "covers", "jpg"), (demo_songs, SONGS_DIR, "songs", "ogg")],
)
def test_a_missing_file_or_list_is_named(read, folder, kind, suffix, tmp_path):
    with pytest.raises(DatasetError, match="Received"):
        read(tmp_path)
    shutil.copy(folder / f"{kind}.json", tmp_path)
    with pytest.raises(DatasetError, match=rf"Received a folder without .*\.{suffix}"):
        read(tmp_path)
    (tmp_path / f"{kind}.json").write_text(f'{{"{kind}": [3]}}', encoding="utf-8")
    with pytest.raises(DatasetError, match="Received"):
        read(tmp_path)


def test_drawn_covers_are_a_sound_data_set_of_every_style(genre_home: Path, monkeypatch) -> None:
    catalog = drawn_covers()
    assert validate(catalog, check_files=True) == []
    assert catalog.root.is_relative_to(genre_home)
    assert len(catalog) == 240
    assert set(catalog.head.labels) == {cover.style for cover in demo_covers()}
    assert set(catalog.frame["split"]) == {"train", "val", "test"}
    assert catalog.frame["checksum"].is_unique
    # The second time it is found and not imported again.
    monkeypatch.setattr(demo, "import_source", None)
    assert drawn_covers().digest == catalog.digest
