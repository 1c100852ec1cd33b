"""The built-in covers and songs as they are listed."""

from __future__ import annotations

import shutil

import pytest

from genre_core.data.demo import COVERS_DIR, SONGS_DIR, demo_covers, demo_songs
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
