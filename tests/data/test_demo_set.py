"""Drawn covers for a first training: a sound data set, the same every time."""

from pathlib import Path

from genre_core.data import demo_set
from genre_core.data.audit import validate
from genre_core.data.demo import STYLES
from genre_core.data.demo_set import N_A_STYLE, drawn_covers


def test_a_sound_data_set_of_every_style(genre_home: Path, monkeypatch) -> None:
    catalog = drawn_covers()
    assert validate(catalog, check_files=True) == []
    assert len(catalog) == N_A_STYLE * len(STYLES)
    assert set(catalog.head.labels) == set(STYLES)
    assert set(catalog.frame["split"]) == {"train", "val", "test"}
    assert catalog.frame["checksum"].is_unique
    # The second time it is found and not drawn again.
    monkeypatch.setattr(demo_set, "made_dataset", None)
    assert drawn_covers().digest == catalog.digest
