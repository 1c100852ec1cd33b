"""References beside a bundle: written and read again, of that very network, numbers only."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.errors import CheckpointError
from genre_core.runs.bundle import REFERENCES_FILE, Bundle, open_bundle
from genre_core.runs.references import load_references
from tests.made_bundles import write_bundle
from tests.made_references import made_references, write_made_references


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_bundle(tmp_path)


def test_what_is_written_is_read(bundle: Bundle) -> None:
    assert load_references(bundle) is None
    stored = write_made_references(bundle)
    read = load_references(open_bundle(bundle.folder))
    assert read is not None
    for name in made_references().__slots__:
        written = getattr(stored.songs, name)
        assert getattr(read.songs, name).dtype.kind == written.dtype.kind
        if name == "scores":
            np.testing.assert_allclose(read.songs.scores, written, atol=5e-5)
        else:
            np.testing.assert_array_equal(getattr(read.songs, name), written)
    assert (read.data, read.high, read.told_apart) == (stored.data, stored.high, stored.told_apart)


def test_those_of_another_network_are_none(bundle: Bundle) -> None:
    write_made_references(bundle)
    other = dataclasses.replace(bundle.card, model_sha256="0" * 64)
    assert load_references(Bundle(bundle.folder, other)) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-40],
        lambda text: "[]",
        lambda text: text.replace('"scores"', '"score"'),
        lambda text: text.replace('"scores": [0.1, ', '"scores": [7, '),
        lambda text: text.replace('"scores": [0.1, ', '"scores": ['),
        lambda text: text.replace('"told_apart"', '"told"'),
    ],
)
def test_damage_is_said_with_the_command_that_mends_it(bundle: Bundle, damage) -> None:
    write_made_references(bundle)
    path = bundle.folder / REFERENCES_FILE
    changed = damage(path.read_text(encoding="utf-8"))
    assert changed != path.read_text(encoding="utf-8")
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(CheckpointError, match=f"genre_core references {bundle.name} --data"):
        load_references(bundle)


def test_a_column_is_a_line_of_plain_json(bundle: Bundle) -> None:
    write_made_references(bundle)
    text = (bundle.folder / REFERENCES_FILE).read_text(encoding="utf-8")
    assert set(json.loads(text)["songs"]) == set(made_references().__slots__)
    assert len(text.splitlines()) == 8
