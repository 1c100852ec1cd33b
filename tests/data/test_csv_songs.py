"""Songs listed in a table: what is read of it, and what is left out."""

import numpy as np
import pytest
import soundfile

from genre_core.data.audit import check
from genre_core.errors import DatasetError
from tests.made_imports import import_as

SR = 8_000


@pytest.fixture
def songs(tmp_path):
    """Write six short songs and a table that names two more."""
    tone = 0.1 * np.sin(np.arange(SR) / 9)
    for k in range(6):
        soundfile.write(tmp_path / f"{k}.ogg", tone * (k + 1) / 6, SR)
    (tmp_path / "broken.ogg").write_text("no song")
    rows = [f"{k}.ogg,set{k % 2},Rock,{'prog' if k else 'non-prog'},Artist {k}" for k in range(6)]
    rows += ["broken.ogg,set0,Rock,unknown,", "gone.ogg,set0,Rock,prog-leaning,"]
    table = tmp_path / "labels.csv"
    table.write_text("path,dataset,genre,prog,artist\n" + "\n".join(rows) + "\n")
    return table


def test_a_table_of_songs_becomes_a_data_set_of_tracks(songs):
    result = import_as("csv", songs)
    catalog = check(result.catalog)
    assert catalog.head.media == "track"
    assert catalog.frame["source"].tolist() == ["set0", "set1"] * 3
    assert catalog.frame["labels"].tolist()[0] == ["Rock", "non-prog"]
    assert sum(catalog.splits()[name] for name in ("train", "val", "test")) == 6


def test_what_is_no_song_is_listed_with_its_reason(songs):
    told = {problem.where: problem.what for problem in import_as("csv", songs).problems}
    assert set(told) == {"broken.ogg", "gone.ogg"}
    assert told["gone.ogg"] == "no such file"
    assert "not a readable song" in told["broken.ogg"]


def test_a_table_of_songs_that_are_all_gone_is_refused(songs):
    for path in songs.parent.glob("*.ogg"):
        path.unlink()
    with pytest.raises(DatasetError, match=r"usable track.*Received none"):
        import_as("csv", songs)


def test_artists_stay_together(songs):
    groups = import_as("csv", songs).catalog.frame["group"].tolist()
    assert groups == [f"artist:artist {k}" for k in range(6)]
