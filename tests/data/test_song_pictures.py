"""Songs of which only pictures are there, as a catalog and as inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genre_core.config import SongInput
from genre_core.data.importers import find_dataset
from genre_core.data.media_files import need_files
from genre_core.data.song_inputs import read_songs
from genre_core.errors import DatasetError, ParameterError
from tests.made_pictures import SPEC, write_pictures


def test_a_folder_of_pictures_is_a_catalog(tmp_path: Path) -> None:
    write_pictures(tmp_path / "set", n_each=2)
    catalog = find_dataset(tmp_path / "set")
    assert catalog.head.media == "track"
    assert catalog.frame["labels"].tolist() == [["prog"], ["non-prog"], ["prog"], ["non-prog"]]
    assert catalog.frame["source"].tolist() == ["Prog", "NonProgOther"] * 2
    assert catalog.frame["path"].tolist() == [f"spectrograms.npz/{k}" for k in range(4)]
    assert catalog.digest == find_dataset(tmp_path / "set").digest
    need_files(catalog, catalog.frame)


def test_its_songs_are_the_pictures_upright_and_scaled_like_any_other(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path, n_each=2)
    catalog = find_dataset(tmp_path)
    songs = list(read_songs(catalog, catalog.frame, SPEC))
    np.testing.assert_array_equal(
        np.stack([song.inputs[0, :, :, 0] for song in songs]), pictures.astype(np.float32)
    )
    assert {(len(song), song.start_s[0], song.n_valid[0]) for song in songs} == {(1, 0.0, 153)}


def test_a_network_that_hears_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path, n_each=1)
    catalog = find_dataset(tmp_path)
    heard = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    with pytest.raises(ParameterError, match="Received 'mel_128'"):
        list(read_songs(catalog, catalog.frame, heard))


@pytest.mark.parametrize(
    "change",
    [
        {"S": np.zeros((4, 10, 153), np.float16)},
        {"S": np.full((4, 149, 153), 2, np.float16)},
        {"prog": np.array([0, 1, 2, 0])},
        {"kind": np.array(["a"])},
        {"S": None},
    ],
)
def test_another_file_of_that_name_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_pictures(tmp_path, n_each=2, **change)
    with pytest.raises(DatasetError, match="Received"):
        find_dataset(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spectrograms.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(DatasetError, match="Received"):
        find_dataset(tmp_path)
