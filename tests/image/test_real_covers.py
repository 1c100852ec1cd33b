"""Real covers under GENRE_DATA: every one decodes, and neutralising hides how it was made."""

import csv

import numpy as np
import pytest

from genre_core.config import CoverInput
from genre_core.image import (
    colour_statistics,
    decode_cover,
    file_facts,
    neutralise_cover,
    prepare_cover,
)

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def covers(data_folder):
    """Return 12 covers of each source set as (source set, path), spread over the table."""
    table = data_folder / "covers" / "labels.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = [(row["source_set"], table.parent / row["path"]) for row in csv.DictReader(file)]
    sources = sorted({source for source, _ in rows})
    spread = {source: [row for row in rows if row[0] == source] for source in sources}
    return [row for some in spread.values() for row in some[:: max(1, len(some) // 12)][:12]]


def test_every_cover_becomes_the_network_s_input(covers):
    pictures = [decode_cover(path) for _, path in covers]
    assert len(pictures) >= 12
    assert all(min(picture.shape[:2]) >= 100 for picture in pictures)
    batch = np.stack([prepare_cover(picture, CoverInput(size=64)) for picture in pictures])
    assert batch.shape == (len(pictures), 64, 64, 3)
    assert batch.std() > 30, "covers are no flat squares"


def test_numbers_of_real_covers_are_finite_and_differ(covers):
    colours, facts = [], []
    for _, path in covers:
        picture = decode_cover(path)
        colours.append(colour_statistics(picture))
        facts.append(file_facts(picture, path.stat().st_size))
    for table in (np.array(colours), np.array(facts)):
        assert np.isfinite(table).all()
        assert len(np.unique(table, axis=0)) == len(table)


def test_neutralising_hides_how_a_source_made_its_files(covers):
    """Sources differ less in their files' facts (in standard deviations) than before."""
    names = np.array([source for source, _ in covers])
    pictures = [decode_cover(path) for _, path in covers]
    rng = np.random.default_rng(0)
    spread = []
    for batch in (pictures, [neutralise_cover(picture, rng) for picture in pictures]):
        facts = np.array([file_facts(picture, 10_000) for picture in batch])[:, 3:]
        means = np.array([facts[names == source].mean(axis=0) for source in np.unique(names)])
        spread.append((means.std(axis=0) / facts.std(axis=0)).mean())
    assert len(np.unique(names)) >= 2
    assert spread[1] < spread[0]
